//! A feed that stands still, and goes on.

use domain::{
    event::Act,
    hold::{Halt, Held},
    refusal::Refusal,
};
use jiff::civil::{Date, date};

use super::{
    super::{
        acts::{self, HALT, every},
        story::{at, later},
    },
    compare, event, names_no_act_that_does_not_exist, said, table,
};

const HALT_STATES: &str = "
held: feed_resumed>resumed
resumed:
";

#[test]
fn a_halt() {
    let table = table(HALT_STATES);
    names_no_act_that_does_not_exist(&table);
    let day = date(2026, 11, 2);
    let tomorrow = day.tomorrow().expect("a day");
    let held = |on: Date| Act::FeedHeld(Box::new(acts::held(on)));
    let halt = Halt::begun(&event(held(day), HALT, at(day))).expect("a halt");
    let resumed = |ground: &str| Act::FeedResumed {
        ground: ground.into(),
    };
    let over = halt
        .clone()
        .after(&event(resumed("restored"), HALT, at(tomorrow)));
    for (state, halt) in [
        ("held", halt.clone()),
        ("resumed", over.clone().expect("it goes on")),
    ] {
        for act in every(day, &acts::grant(day)) {
            // A day later, so that only the state speaks against it.
            let found = halt.clone().after(&event(act.clone(), HALT, at(tomorrow)));
            compare(&table, state, &act, &said(found.map(|h| h.word())));
        }
    }
    let refused = |act: Act, id, when| halt.clone().after(&event(act, id, when)).err();
    let blank = refused(resumed(" \n"), HALT, at(tomorrow));
    assert_eq!(blank, Some(Refusal::GroundMissing));
    let other = refused(resumed("restored"), HALT + 1, at(tomorrow));
    assert_eq!(other, Some(Refusal::Unknown));
    let early = refused(resumed("restored"), HALT, later(at(day), -1));
    assert_eq!(early, Some(Refusal::OutOfOrder));
    let ahead = Halt::begun(&event(held(tomorrow), HALT, at(day)));
    assert_eq!(ahead, Err(Refusal::OutOfOrder));
    // Written down later than it was seen: so it is where nothing could be written.
    let late = Held {
        since: at(day),
        ..acts::held(day)
    };
    let late = event(Act::FeedHeld(Box::new(late)), HALT, at(tomorrow));
    assert!(Halt::begun(&late).is_ok_and(|h| h.held.since < h.last));
}
