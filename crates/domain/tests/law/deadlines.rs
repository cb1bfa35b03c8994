//! The limits of the law at work in a case, counted out by table. The days were counted by hand on
//! the State Council's calendars: the first day is not counted, holidays are not, weekends that are
//! worked for them are.

use domain::{
    calendar::Calendar,
    case::Case,
    deadline::{self, Course, Deadline, Duty, Follows},
    event::Act,
    law::{self, LawName},
    office::OfficeKind,
    pack::RulePack,
    refusal::Refusal,
    verdict::Kind,
};
use jiff::civil::{Date, date};

use super::{
    acts::{extended, ground, hearing, practical, theory},
    story::{Story, at, duty},
};

/// A story of which each act has its day.
struct Told(Case);

impl Told {
    fn sat(day: Date) -> Self {
        let case = Story::of(Kind::Initial, day).case;
        Self(case)
            .on(day, theory(day, 90))
            .on(day, practical(day, 90))
    }

    fn tried(&self, day: Date, act: Act) -> Result<Case, Refusal> {
        let by = duty(&act);
        Ok(self.0.clone().act(act, by, at(day))?.0)
    }

    fn on(self, day: Date, act: Act) -> Self {
        let kind = act.kind();
        Self(
            self.tried(day, act)
                .unwrap_or_else(|e| panic!("{kind}: {e}")),
        )
    }

    fn reported(exam: Date, day: Date) -> Self {
        let report = Act::Reported { materials: vec![] };
        Self::sat(exam)
            .on(day, Act::ScoresConfirmed)
            .on(day, report)
    }

    /// Sat, reported and accepted on one day.
    fn accepted(day: Date) -> Self {
        Self::reported(day, day).on(day, Act::Accepted)
    }

    fn deadlines(&self, today: Date) -> Vec<Deadline> {
        deadline::of(&self.0, &Calendar::shipped(), today)
    }

    /// The last limit of that duty.
    fn last(&self, duty: Duty, today: Date) -> Deadline {
        let mut all = self.deadlines(today).into_iter();
        all.rfind(|d| d.duty == duty).expect("the limit is at work")
    }

    fn next(&self) -> Option<Date> {
        let calendar = Calendar::shipped();
        let next = deadline::next(&self.0, &calendar).map(|reached| reached.date);
        let current = deadline::current(&self.0, &calendar, date(2026, 11, 2));
        assert_eq!(next, current.and_then(|deadline| deadline.due));
        next
    }
}

/// A version that was approved counts from its own first day: what ran before keeps the number it
/// began with, whoever looks at it whenever.
#[test]
fn a_version_counts_from_its_first_day() {
    let first = date(2026, 11, 16);
    let mut pack = RulePack::of(law::named(LawName::R19));
    (pack.version, pack.from) = (2, first);
    let decide = pack.limits.get_mut("decide").expect("a limit");
    (decide.value, decide.text) = (10, "an invented article".into());
    let calendar = Calendar::shipped().with_pack(&pack);
    for (day, version, limit, due) in [
        (date(2026, 11, 13), 1, 20, date(2026, 12, 11)),
        (first, 2, 10, date(2026, 11, 30)),
    ] {
        let told = Told::accepted(day);
        let found = deadline::current(&told.0, &calendar, day).expect("a limit");
        assert_eq!((found.duty, found.version), (Duty::Decide, version));
        assert_eq!((found.limit, found.due), (Some(limit), Some(due)));
        assert_eq!(found.article == "an invented article", version == 2);
        let shipped = told.last(Duty::Decide, day);
        assert_eq!(shipped.limit, Some(20), "without the version");
    }
}

/// Each limit of the pack of its own day, to either side of 2026-06-01 and across the holidays.
#[test]
fn each_limit_from_its_day_by_its_law() {
    let (r30, r19) = (LawName::R30, LawName::R19);
    for (day, law, scores, accept, decide, deliver) in [
        // Friday before the change of the law. 19 to 21 June are off (端午节).
        ((2026, 5, 29), r30, (6, 12), (6, 5), (6, 29), (6, 12)),
        // Sunday, the last day of R30.
        ((2026, 5, 31), r30, (6, 12), (6, 5), (6, 29), (6, 12)),
        // Monday, the first day of R19.
        ((2026, 6, 1), r19, (6, 15), (6, 8), (6, 30), (6, 15)),
        // Friday before the Spring Festival; the 14th and the 28th are worked.
        ((2026, 2, 13), r30, (3, 5), (2, 27), (3, 19), (3, 5)),
    ] {
        let date_of = |(month, day)| Some(date(2026, month, day));
        let day = date(day.0, day.1, day.2);
        let told = Told::accepted(day)
            .on(day, Act::Reviewed)
            .on(day, Act::Approved);
        let all = told.deadlines(day);
        let pack = law::named(law);
        for (found, (duty, due, limit)) in all.iter().zip([
            (Duty::PublishScores, scores, pack.publish_scores),
            (Duty::Accept, accept, pack.accept),
            (Duty::Decide, decide, pack.decide),
            (Duty::Deliver, deliver, pack.deliver),
        ]) {
            assert_eq!((found.duty, found.law, found.from), (duty, law, day));
            assert_eq!(found.due, date_of(due), "{duty:?} from {day}");
            assert_eq!(found.limit, Some(limit.value));
            assert_eq!(found.source, limit.source);
            assert_eq!(found.verified, limit.verified);
            assert!(!found.article.is_empty() && !found.due_provisional);
        }
        assert_eq!(all.len(), 4);
        assert_eq!(told.next(), date_of(deliver));
    }
}

/// Which office must act, what follows, and how a limit ends.
#[test]
fn running_done_and_missed() {
    let monday = date(2026, 11, 2);
    let told = Told::sat(monday);
    // Ten working days: Monday the 16th.
    for (today, course, left) in [
        (monday, Course::Running, 10),
        (date(2026, 11, 16), Course::Running, 0),
        (date(2026, 11, 17), Course::Missed, -1),
        (date(2026, 11, 22), Course::Missed, -4),
    ] {
        let found = told.last(Duty::PublishScores, today);
        assert_eq!((found.course, found.left), (course, Some(left)), "{today}");
        assert_eq!(found.who, OfficeKind::Institution);
        assert_eq!(found.follows, Follows::ComplainToAuthority);
        assert_eq!(found.done, None);
    }
    for (day, course) in [(16, Course::InTime), (17, Course::Late)] {
        let day = date(2026, 11, day);
        let done = Told::sat(monday).on(day, Act::ScoresConfirmed);
        let found = done.last(Duty::PublishScores, date(2027, 1, 1));
        assert_eq!((found.course, found.done), (course, Some(day)));
        assert_eq!((found.left, done.next()), (None, None));
    }
}

/// The limit runs from the last part, and anew from a resit.
#[test]
fn every_sitting_has_its_own_limit() {
    let (first, second) = (date(2026, 11, 2), date(2026, 11, 5));
    let case = Story::of(Kind::Initial, first).case;
    let told = Told(case)
        .on(first, theory(first, 90))
        .on(second, practical(second, 70));
    assert_eq!(told.deadlines(second).len(), 1);
    assert_eq!(told.last(Duty::PublishScores, second).from, second);
    let told = told.on(second, Act::ScoresConfirmed);
    assert_eq!(told.next(), None);
    let again = date(2026, 11, 20);
    let told = told.on(again, practical(again, 90));
    let all = told.deadlines(again);
    let courses: Vec<_> = all.iter().map(|d| d.course).collect();
    assert_eq!(courses, [Course::InTime, Course::Running]);
    assert_eq!(told.next(), Some(date(2026, 12, 4)));
}

/// 视为受理: the decision is then due from the day of receipt.
#[test]
fn silence_counts_from_the_day_of_receipt() {
    let monday = date(2026, 11, 2);
    let told = Told::reported(monday, monday);
    let missed = told.last(Duty::Accept, date(2026, 11, 10));
    assert_eq!((missed.course, missed.left), (Course::Missed, Some(-1)));
    assert_eq!(missed.follows, Follows::DeemedAccepted);
    let told = told.on(date(2026, 11, 10), Act::DeemedAccepted);
    let accept = told.last(Duty::Accept, date(2026, 11, 10));
    assert_eq!(
        (accept.course, accept.done),
        (Course::BySilence, Some(date(2026, 11, 10)))
    );
    let decide = told.last(Duty::Decide, date(2026, 11, 10));
    assert_eq!(
        (decide.from, decide.due),
        (monday, Some(date(2026, 11, 30)))
    );
}

/// What is put right before acceptance has its own limit each time, and stops none of a decision.
#[test]
fn a_correction_comes_before_the_decisions_limit() {
    let monday = date(2026, 11, 2);
    let missing = vec!["照片".to_owned()];
    let told = Told::reported(monday, monday).on(date(2026, 11, 4), Act::Returned { missing });
    assert_eq!(told.next(), None, "it is the applicant's turn");
    let back = date(2026, 11, 23);
    let told = told.on(
        back,
        Act::Resubmitted {
            materials: vec![],
            answers: vec![],
        },
    );
    assert_eq!(told.next(), Some(date(2026, 11, 30)));
    let told = told.on(date(2026, 11, 25), Act::Accepted);
    let all = told.deadlines(back);
    let accepts: Vec<_> = all.iter().filter(|d| d.duty == Duty::Accept).collect();
    assert_eq!(accepts.len(), 2);
    assert!(accepts.iter().all(|d| d.course == Course::InTime));
    let decide = told.last(Duty::Decide, back);
    assert_eq!((decide.from, decide.paused), (date(2026, 11, 25), 0));
}

/// The law of a limit is that of the day it runs from, act by act inside one case.
#[test]
fn one_case_under_two_laws() {
    let told = Told::reported(date(2026, 5, 25), date(2026, 5, 28))
        .on(date(2026, 6, 2), Act::Accepted)
        .on(date(2026, 6, 3), Act::Reviewed)
        .on(date(2026, 6, 3), Act::Rejected(ground()));
    let laws: Vec<_> = told
        .deadlines(date(2026, 6, 3))
        .iter()
        .map(|d| d.law)
        .collect();
    assert_eq!(laws, [LawName::R30, LawName::R30, LawName::R19]);
}

/// 行政许可法 art. 45: what a hearing takes is not counted.
#[test]
fn a_hearing_stops_the_decisions_limit() {
    let monday = date(2026, 11, 2);
    let told = Told::accepted(monday);
    assert_eq!(told.next(), Some(date(2026, 11, 30)));
    let until = date(2026, 11, 20);
    let told = told.on(date(2026, 11, 9), hearing(until));
    assert_eq!(told.next(), Some(until), "the day the applicant was told");
    let decide = told.last(Duty::Decide, date(2026, 11, 18));
    assert_eq!(
        (decide.course, decide.due, decide.left),
        (Course::Paused, None, Some(15))
    );
    let promised = told.last(Duty::Procedure, date(2026, 11, 23));
    assert_eq!(
        (promised.course, promised.due),
        (Course::Missed, Some(until))
    );
    assert_eq!(
        (promised.limit, promised.follows),
        (None, Follows::AskAuthority)
    );
    // Over on Wednesday the 18th: seven working days after the 9th do not count.
    let told = told.on(date(2026, 11, 18), Act::ProcedureEnded);
    let decide = told.last(Duty::Decide, date(2026, 11, 18));
    assert_eq!((decide.course, decide.paused), (Course::Running, 7));
    assert_eq!(decide.due, Some(date(2026, 12, 9)));
    assert_eq!(decide.left, Some(15), "as many as were left when it began");
    // Another, begun and ended on one day, takes no day.
    let day = date(2026, 11, 19);
    let told = told.on(day, hearing(day)).on(day, Act::ProcedureEnded);
    assert_eq!(told.next(), Some(date(2026, 12, 9)));
    assert_eq!(told.deadlines(day).len(), 5);
}

/// 行政许可法 art. 42: once, and by no more than the pack allows.
#[test]
fn an_extension_adds_days_once() {
    let monday = date(2026, 11, 2);
    let told = Told::accepted(monday);
    let most = law::on(monday).extend.value;
    for (act, refusal) in [
        (extended(0), Refusal::ExtensionTooLong),
        (extended(most + 1), Refusal::ExtensionTooLong),
    ] {
        assert_eq!(told.tried(monday, act).err(), Some(refusal));
    }
    let Act::DecisionExtended { days, head, .. } = extended(most) else {
        panic!("an extension")
    };
    let silent = Act::DecisionExtended {
        days,
        head,
        reason: " ".into(),
    };
    assert_eq!(
        told.tried(monday, silent).err(),
        Some(Refusal::NoticeMissing)
    );
    let told = told.on(date(2026, 11, 30), extended(most));
    let decide = told.last(Duty::Decide, monday);
    assert_eq!(decide.extended, u32::from(most));
    assert_eq!(decide.due, Some(date(2026, 12, 14)));
    let again = told.tried(date(2026, 12, 1), extended(1)).err();
    assert_eq!(again, Some(Refusal::AlreadyExtended));
}

/// Both together: an extension after a hearing, then a hearing in the time that was added.
#[test]
fn pauses_and_the_extension_add_up_in_their_order() {
    let told = Told::accepted(date(2026, 11, 2))
        .on(date(2026, 11, 9), hearing(date(2026, 11, 11)))
        .on(date(2026, 11, 11), Act::ProcedureEnded)
        .on(date(2026, 12, 2), extended(10))
        .on(date(2026, 12, 10), hearing(date(2026, 12, 14)))
        .on(date(2026, 12, 14), Act::ProcedureEnded);
    let decide = told.last(Duty::Decide, date(2026, 12, 14));
    assert_eq!((decide.paused, decide.extended), (4, 10));
    assert_eq!(decide.due, Some(date(2026, 12, 18)));
}

/// A limit that has passed cannot be healed by an order that a copying node is sent.
#[test]
fn what_comes_too_late_changes_nothing() {
    let passed = date(2026, 11, 30);
    let late = date(2026, 12, 1);
    let extended = Told::accepted(date(2026, 11, 2)).on(late, extended(10));
    let found = extended.last(Duty::Decide, late);
    assert_eq!((found.due, found.extended), (Some(passed), 0));
    let heard = Told::accepted(date(2026, 11, 2)).on(late, hearing(late));
    let found = heard.last(Duty::Decide, late);
    assert_eq!((found.course, found.due), (Course::Missed, Some(passed)));
    assert_eq!(heard.next(), Some(passed));
    let heard = heard.on(date(2026, 12, 8), Act::ProcedureEnded);
    assert_eq!(heard.last(Duty::Decide, late).paused, 0);
}

/// A procedure needs its notice, and a day that has not gone by.
#[test]
fn the_applicant_is_told_in_writing() {
    let monday = date(2026, 11, 2);
    let told = Told::accepted(monday);
    let past = told.tried(date(2026, 11, 3), hearing(monday)).err();
    assert_eq!(past, Some(Refusal::NoticeMissing));
    let Act::ProcedureBegun { procedure, .. } = hearing(monday) else {
        panic!("a procedure")
    };
    let silent = Act::ProcedureBegun {
        procedure,
        until: monday,
        notice: String::new(),
    };
    assert_eq!(
        told.tried(monday, silent).err(),
        Some(Refusal::NoticeMissing)
    );
}

/// The make-up days of a year that is not published may move a day.
#[test]
fn a_day_in_a_year_without_a_notice_is_provisional() {
    let told = Told::accepted(date(2026, 12, 14));
    let decide = told.last(Duty::Decide, date(2026, 12, 14));
    assert!(decide.due_provisional && decide.due > Some(date(2027, 1, 1)));
    assert!(!told.last(Duty::Accept, date(2026, 12, 14)).due_provisional);
}
