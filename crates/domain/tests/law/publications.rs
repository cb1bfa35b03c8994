//! A pack and an announcement, from the proposal on.

use domain::{
    event::Act,
    office::OfficerId,
    publication::{Content, Publication},
    refusal::Refusal,
};
use jiff::civil::{Date, date};

use super::{
    acts::{self, PUBLICATION, every},
    states::{compare, event, names_no_act_that_does_not_exist, said, table},
    story::at,
};

/// An announcement that is shown can be taken off; a pack that was approved is only followed.
const PUBLICATION_STATES: &str = "
proposed: publication_approved>approved publication_withdrawn>withdrawn
approved: publication_withdrawn>withdrawn
approved_pack:
withdrawn:
";

#[test]
fn a_publication() {
    let table = table(PUBLICATION_STATES);
    names_no_act_that_does_not_exist(&table);
    let day = date(2026, 11, 2);
    let tomorrow = day.tomorrow().expect("a day");
    let begun = |content: Content| {
        Publication::begun(&event(acts::published(content), PUBLICATION, at(day)))
    };
    let by = |officer: &str, act: Act, on: Date| {
        let mut event = event(act, PUBLICATION, at(on));
        event.by.officer = OfficerId::from(officer);
        event
    };
    let approve = |p: &Publication, officer: &str, on: Date| {
        p.clone().after(&by(officer, Act::PublicationApproved, on))
    };
    let news = begun(acts::announcement(tomorrow)).expect("proposed");
    let pack = begun(acts::pack(tomorrow)).expect("proposed");
    let withdrawn = Act::PublicationWithdrawn {
        ground: "not so".into(),
    };
    let withdrawn = news.clone().after(&by("another", withdrawn, day));
    for (state, publication) in [
        ("proposed", news.clone()),
        (
            "approved",
            approve(&news, "another", day).expect("approved"),
        ),
        (
            "approved_pack",
            approve(&pack, "another", day).expect("approved"),
        ),
        ("withdrawn", withdrawn.expect("withdrawn")),
    ] {
        for act in every(day, &acts::grant(day)) {
            let found = publication.clone().after(&by("third", act.clone(), day));
            compare(&table, state, &act, &said(found.map(|p| p.word())));
        }
    }
    let alone = approve(&news, news.proposed_by.as_str(), day).err();
    assert_eq!(alone, Some(Refusal::SecondPersonRequired));
    let passed = Some(Refusal::FirstDayPassed);
    assert_eq!(begun(acts::pack(day)).err(), passed);
    assert_eq!(approve(&pack, "another", tomorrow).err(), passed);
    assert!(approve(&news, "another", tomorrow).is_ok());
    assert_eq!(begun(acts::announcement(date(2026, 11, 1))).err(), passed);
    let blank = Act::PublicationWithdrawn { ground: " ".into() };
    let blank = news.clone().after(&by("another", blank, day)).err();
    assert_eq!(blank, Some(Refusal::GroundMissing));
}
