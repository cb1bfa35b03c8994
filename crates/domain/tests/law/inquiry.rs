//! An inquiry: every act in every state, as in `states`, and what it refuses beside.

use domain::{
    event::{Act, legal_day},
    inquiry::{Inquiry, Question, State},
    office::By,
    refusal::Refusal,
};
use jiff::civil::{Date, date};

use super::{
    acts::{self, INQUIRY, every, record},
    states::{compare, names_no_act_that_does_not_exist, said, table},
    story::{at, duty, later},
};

const EXAM: Date = date(2026, 11, 2);

const INQUIRY_STATES: &str = "
asked: inquiry_forwarded>asked inquiry_answered>answered
answered: inquiry_reopened>reopened
reopened: inquiry_forwarded>reopened inquiry_answered>settled
settled:
";

#[test]
fn an_inquiry() {
    let table = table(INQUIRY_STATES);
    names_no_act_that_does_not_exist(&table);
    let day = date(2026, 11, 2);
    let all = every(day, &acts::grant(day));
    let one = |kind: &str| {
        all.iter()
            .find(|a| a.kind() == kind)
            .expect("an act")
            .clone()
    };
    let does = |inquiry: Inquiry, act: &Act| {
        let by = By {
            office: inquiry.office.clone(),
            ..duty(act)
        };
        inquiry.act(act.clone(), by, at(day)).map(|(next, _)| next)
    };
    let asked = asked(day);
    let answered = does(asked.clone(), &one("inquiry_answered")).expect("answered");
    let reopened = does(answered.clone(), &one("inquiry_reopened")).expect("reopened");
    let settled = does(reopened.clone(), &one("inquiry_answered")).expect("settled");
    let forwarded = does(reopened.clone(), &one("inquiry_forwarded")).expect("forwarded");
    assert_eq!(forwarded.office.as_str(), acts::ELSEWHERE);
    let states = [
        ("asked", asked),
        ("answered", answered),
        ("reopened", reopened),
        ("settled", settled),
    ];
    for (state, inquiry) in states {
        assert_eq!(inquiry.is_open(), State::OPEN.contains(&state));
        for act in &all {
            let found = does(inquiry.clone(), act).map(|i| i.state.word());
            compare(&table, state, act, &said(found));
        }
        // The authority that has it acts on it, and nobody else.
        for act in &all[all.len() - 4..] {
            let by = By {
                office: acts::INSTITUTION.into(),
                ..duty(act)
            };
            let found = inquiry.clone().act(act.clone(), by, at(day)).err();
            assert_eq!(
                found,
                Some(Refusal::NotThisOffice),
                "{} in {state}",
                act.kind()
            );
        }
    }
}

fn asked(day: Date) -> Inquiry {
    let asked = Inquiry::ask(record(INQUIRY), *acts::question(day), at(day));
    asked.expect("an inquiry").0
}

fn to(office: &str) -> Act {
    Act::InquiryForwarded {
        to: office.into(),
        reason: acts::words("an invented reason"),
    }
}

/// What an inquiry refuses beside an act that does not follow.
#[test]
fn an_inquiry_is_asked_and_passed_on_lawfully() {
    let day = EXAM;
    let ask = |question: Question| Inquiry::ask(record(INQUIRY), question, at(day));
    let tomorrow = Question {
        exam_day: day.tomorrow().ok(),
        ..*acts::question(day)
    };
    assert_eq!(ask(tomorrow).err(), Some(Refusal::ExamInFuture));
    let (inquiry, mut elsewhere) = ask(*acts::question(day)).expect("an inquiry");
    elsewhere.by.office = acts::ELSEWHERE.into();
    let begun = Inquiry::begun(&elsewhere).err();
    assert_eq!(begun, Some(Refusal::NotThisOffice));
    let by = duty(&to(""));
    let back = inquiry
        .clone()
        .act(to(acts::AUTHORITY), by.clone(), at(day));
    assert_eq!(back.err(), Some(Refusal::AlreadyThisOffice));
    let before = at(day) - jiff::SignedDuration::from_secs(1);
    let earlier = inquiry.act(to(acts::ELSEWHERE), by, before);
    assert_eq!(earlier.err(), Some(Refusal::OutOfOrder));
}

/// The limit runs on while it is passed on, and anew when the asker asks back; what was said is
/// told with the passcode only, and no officer is named in any case.
#[test]
fn an_inquiry_that_goes_to_and_fro() {
    let day = EXAM;
    let does = |inquiry: Inquiry, act: Act, after: i64| {
        let by = By {
            office: inquiry.office.clone(),
            ..duty(&act)
        };
        inquiry
            .act(act, by, later(at(day), after))
            .expect("lawful")
            .0
    };
    let inquiry = does(asked(day), to(acts::ELSEWHERE), 2);
    assert_eq!((inquiry.since, inquiry.forwarded.len()), (day, 1));
    let words = acts::words("an invented answer");
    let inquiry = does(inquiry, Act::InquiryAnswered { words }, 3);
    let words = acts::words("an invented doubt");
    let inquiry = does(inquiry, Act::InquiryReopened { words }, 9);
    assert_eq!(inquiry.since, legal_day(later(at(day), 9)));
    let inquiry = does(inquiry, to(acts::AUTHORITY), 9);
    for proved in [false, true] {
        let steps = inquiry.steps(proved);
        let told: Vec<_> = steps
            .iter()
            .map(|s| (s.what, s.office.as_str(), s.words.is_some()))
            .collect();
        let wanted = [
            ("inquiry_asked", acts::AUTHORITY, proved),
            ("inquiry_forwarded", acts::ELSEWHERE, false),
            ("inquiry_answered", acts::ELSEWHERE, proved),
            ("inquiry_reopened", acts::ELSEWHERE, proved),
            ("inquiry_forwarded", acts::AUTHORITY, false),
        ];
        assert_eq!(told, wanted);
    }
}
