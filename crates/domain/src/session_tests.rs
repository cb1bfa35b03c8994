use alloc::{format, vec};

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::office::{By, Role};

const DAY: Date = date(2026, 11, 20);

fn at(day: Date) -> Timestamp {
    let moment = day.at(10, 0, 0, 0);
    jiff::tz::Offset::constant(8)
        .to_timestamp(moment)
        .unwrap_or_default()
}

fn plan() -> Plan {
    Plan {
        authority: "9900".into(),
        on: DAY,
        begins: "09:00".into(),
        place: "一号楼".into(),
        items: vec!["2.1".into()],
        invigilators: vec!["试监".into()],
        assessors: vec!["a1".into(), "a2".into()],
        seats: 3,
    }
}

fn event(act: Act, record: u64, on: Date) -> Event {
    let role = act.roles()[0];
    let officer = if role == Role::Assessor { "a1" } else { "x" };
    Event {
        at: at(on),
        by: By {
            officer: officer.into(),
            office: "9901".into(),
            role,
        },
        law: law::on(DAY).name,
        record: RecordId::from_raw(record),
        act,
    }
}

fn planned() -> Session {
    let act = Act::SessionPlanned(plan().into());
    Session::begun(&event(act, 9, date(2026, 11, 2))).expect("a plan")
}

fn seat(number: u16) -> Act {
    Act::Enrolled(
        Enrolment {
            session: RecordId::from_raw(9),
            on: DAY,
            item: "2.1".into(),
            seat: number,
            ticket: format!("T{number}"),
            schooling: None,
            healthy: true,
            remarks: vec![],
        }
        .into(),
    )
}

fn changed(change: impl FnOnce(&mut Plan)) -> Act {
    let mut next = plan();
    change(&mut next);
    Act::SessionChanged {
        plan: next.into(),
        reason: "an invented reason".into(),
    }
}

fn given_up() -> Act {
    Act::SeatGivenUp {
        session: RecordId::from_raw(9),
        reason: "an invented reason".into(),
    }
}

#[test]
fn a_plan_is_registered_before_its_day() {
    let begun = |act: Act, on| Session::begun(&event(act, 9, on)).map(|s| s.word());
    let act = || Act::SessionPlanned(plan().into());
    assert_eq!(begun(act(), date(2026, 11, 19)), Ok("planned"));
    assert_eq!(begun(act(), DAY), Err(Refusal::DayHasCome));
    assert_eq!(begun(act(), date(2026, 11, 21)), Err(Refusal::DayHasCome));
    let opened = Act::SessionOpened {
        institution: "9901".into(),
        on: DAY,
    };
    assert_eq!(begun(opened, date(2026, 11, 21)), Ok("unplanned"));
}

#[test]
fn a_plan_lacks_nothing() {
    let refused: [fn(&mut Plan); 10] = [
        |p| p.place = " ".into(),
        |p| p.begins = "9:00".into(),
        |p| p.begins = "24:00".into(),
        |p| p.begins = "0900".into(),
        |p| p.items.clear(),
        |p| p.invigilators = vec![" ".into()],
        |p| p.assessors.truncate(1),
        |p| p.assessors = vec!["a1".into(), "a1".into()],
        |p| p.seats = 0,
        |p| p.seats = MOST_SEATS + 1,
    ];
    assert_eq!(plan().check(), Ok(()));
    for (n, spoil) in refused.into_iter().enumerate() {
        let mut plan = plan();
        spoil(&mut plan);
        assert_eq!(plan.check(), Err(Refusal::PlanIncomplete), "{n}");
    }
    let mut theory_only = plan();
    theory_only.assessors.clear();
    assert_eq!(theory_only.check(), Ok(()));
}

#[test]
fn what_candidates_were_told_stands() {
    let before = date(2026, 11, 5);
    let empty = planned();
    let later = changed(|p| p.on = date(2026, 11, 27));
    let moved = empty.clone().after(&event(later.clone(), 9, before));
    assert_eq!(moved.map(|s| s.on), Ok(date(2026, 11, 27)));
    let seated = empty.after(&event(seat(2), 1, before)).expect("a seat");
    for act in [
        later,
        changed(|p| p.seats = 1),
        changed(|p| p.items = vec!["2.2".into()]),
    ] {
        let found = seated.clone().after(&event(act, 9, before));
        assert_eq!(found.err(), Some(Refusal::SeatsTaken));
    }
    for act in [
        changed(|p| p.seats = 2),
        changed(|p| p.place = "二号楼".into()),
        changed(|p| p.items.push("2.2".into())),
    ] {
        assert!(seated.clone().after(&event(act, 9, before)).is_ok());
    }
    let on_the_day = changed(|p| p.place = "二号楼".into());
    let late = seated.clone().after(&event(on_the_day, 9, DAY));
    assert_eq!(late.err(), Some(Refusal::DayHasCome));
    let why = |reason: &str| Act::SessionCancelled {
        reason: reason.into(),
    };
    let blank = seated.clone().after(&event(why("  "), 9, before));
    assert_eq!(blank.err(), Some(Refusal::GroundMissing));
    let off = seated
        .after(&event(why("a storm"), 9, before))
        .expect("off");
    assert_eq!(off.word(), "called_off");
    let seat_there = off.clone().after(&event(seat(1), 2, before));
    assert_eq!(seat_there.err(), Some(Refusal::SessionCancelled));
    assert!(off.after(&event(given_up(), 1, before)).is_ok());
}

#[test]
fn a_panel_is_the_one_that_was_planned() {
    let seated = planned().after(&event(seat(1), 1, date(2026, 11, 5)));
    let seated = seated.expect("a seat");
    let assessed = |of: u8, record: u64, officer: &str| {
        let act = Act::PracticalAssessed {
            session: RecordId::from_raw(9),
            on: DAY,
            score: 90,
            of,
        };
        let mut event = event(act, record, DAY);
        event.by.officer = officer.into();
        seated.clone().after(&event).err()
    };
    assert_eq!(assessed(2, 1, "a1"), None);
    assert_eq!(assessed(2, 1, "a3"), Some(Refusal::NotOnPanel));
    assert_eq!(assessed(1, 1, "a1"), Some(Refusal::SessionDiffers));
    assert_eq!(assessed(2, 2, "a1"), Some(Refusal::NotEnrolled));
}

#[test]
fn only_the_institution_itself() {
    let mut foreign = event(seat(1), 1, date(2026, 11, 5));
    foreign.by.office = "9902".into();
    let found = planned().after(&foreign);
    assert_eq!(found.err(), Some(Refusal::NotThisOffice));
}

proptest! {
    /// Whatever is asked in whatever order: nobody sits twice, no seat holds two, none lies beyond
    /// the plan, and what is free is what is not taken.
    #[test]
    fn seats_are_given_once(asked in proptest::collection::vec((0_u16..6, 1_u64..6), 0..40)) {
        let mut session = planned();
        for (number, case) in asked {
            let act = if number == 0 { given_up() } else { seat(number) };
            if let Ok(next) = session.clone().after(&event(act, case, date(2026, 11, 5))) {
                session = next;
            }
            let people: BTreeSet<_> = session.seated.values().collect();
            prop_assert_eq!(people.len(), session.seated.len());
            prop_assert!(session.seated.keys().all(|seat| (1..=3).contains(seat)));
            prop_assert_eq!(session.seats_left() + session.seated.len(), 3);
            prop_assert_eq!(session.free_seat().is_none(), session.seats_left() == 0);
        }
    }
}
