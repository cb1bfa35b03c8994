//! The card of a case: printed once, printed again only with a reason, and handed to somebody.

use domain::{
    case::{Card, Handover},
    event::Act,
    refusal::Refusal,
};
use jiff::civil::date;

use super::{
    acts,
    story::{Story, duty},
};

fn issued() -> Story {
    Story::of(domain::verdict::Kind::Initial, date(2026, 11, 2)).issued()
}

fn refused(story: &Story, act: Act) -> Option<Refusal> {
    let by = duty(&act);
    story.tries(act, by, 1).err()
}

#[test]
fn a_card_goes_its_way() {
    let step = |story: &Story| {
        story
            .case
            .state
            .card()
            .map(|(run, card)| (run.to_owned(), card))
    };
    let at = |card| Some(("2026-7".to_owned(), card));
    let story = Story::of(domain::verdict::Kind::Initial, date(2026, 11, 2)).reviewed();
    assert_eq!(step(&story), None);
    assert_eq!(step(&issued()), at(Card::Issued));
    let printed = issued().then(Act::Printed);
    assert_eq!(step(&printed), at(Card::Printed));
    let spoiled = printed.then(acts::spoiled());
    assert_eq!(step(&spoiled), at(Card::Issued));
    let fetched = spoiled.then(Act::Printed).then(acts::delivered());
    assert_eq!(step(&fetched), at(Card::Delivered));
    for card in Card::ALL {
        assert_eq!(Card::from_word(card.word()), Some(card));
    }
}

#[test]
fn nothing_is_printed_twice_without_a_reason() {
    let printed = issued().then(Act::Printed);
    assert_eq!(refused(&printed, Act::Printed), Some(Refusal::WrongState));
    for reason in ["", " \u{3000}\n"] {
        let reason = reason.to_owned();
        let act = Act::CardSpoiled { reason };
        assert_eq!(refused(&printed, act), Some(Refusal::NoteMissing));
    }
    assert_eq!(refused(&printed, acts::spoiled()), None);
    // What was not printed cannot be spoiled, and what was handed over is reissued instead.
    assert_eq!(
        refused(&issued(), acts::spoiled()),
        Some(Refusal::WrongState)
    );
    let gone = printed.then(acts::delivered());
    for act in [Act::Printed, acts::spoiled(), acts::delivered()] {
        assert_eq!(refused(&gone, act), Some(Refusal::WrongState));
    }
}

#[test]
fn it_can_be_told_who_has_the_card() {
    let printed = issued().then(Act::Printed);
    for (to, note, wanted) in [
        (Handover::Holder, "", None),
        (Handover::Institution, "", None),
        (Handover::Agent, "", Some(Refusal::NoteMissing)),
        (Handover::Agent, " ", Some(Refusal::NoteMissing)),
        (Handover::Agent, "an agent", None),
        (Handover::Post, "", Some(Refusal::NoteMissing)),
        (Handover::Post, "EX 1", None),
    ] {
        let note = note.to_owned();
        let act = Act::Delivered { to, note };
        assert_eq!(refused(&printed, act), wanted, "{to:?}");
    }
    for to in Handover::ALL {
        assert_eq!(Handover::from_word(to.word()), Some(to));
    }
}

/// The limit to deliver runs while a spoiled card is printed again, and ends with the handing over.
#[test]
fn a_spoiled_card_gives_no_more_time() {
    let open = |story: &Story| {
        let last = story.case.timing.spans.last();
        last.filter(|span| span.end.is_none()).map(|span| span.from)
    };
    let printed = issued().then(Act::Printed);
    let from = open(&printed);
    assert!(from.is_some());
    let again = printed.then(acts::spoiled()).then(Act::Printed);
    assert_eq!(open(&again), from);
    assert_eq!(open(&again.then(acts::delivered())), None);
}
