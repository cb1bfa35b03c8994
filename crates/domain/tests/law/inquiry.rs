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
    let asked = Inquiry::ask(record(INQUIRY), *acts::question(day), at(day));
    let (asked, _) = asked.expect("an inquiry");
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

/// What an inquiry refuses beside an act that does not follow.
#[test]
fn an_inquiry_is_asked_and_passed_on_lawfully() {
    let day = date(2026, 11, 2);
    let ask = |question: Question| Inquiry::ask(record(INQUIRY), question, at(day));
    let tomorrow = Question {
        exam_day: day.tomorrow().ok(),
        ..*acts::question(day)
    };
    assert_eq!(ask(tomorrow).err(), Some(Refusal::ExamInFuture));
    let (inquiry, mut event_) = ask(*acts::question(day)).expect("an inquiry");
    event_.by.office = acts::ELSEWHERE.into();
    assert_eq!(Inquiry::begun(&event_).err(), Some(Refusal::NotThisOffice));
    let to = |office: &str| Act::InquiryForwarded {
        to: office.into(),
        reason: acts::words("an invented reason"),
    };
    let back = inquiry
        .clone()
        .act(to(acts::AUTHORITY), duty(&to("")), at(day));
    assert_eq!(back.err(), Some(Refusal::AlreadyThisOffice));
    let earlier = inquiry
        .clone()
        .act(to(acts::ELSEWHERE), duty(&to("")), at(EXAM) - SECOND);
    assert_eq!(earlier.err(), Some(Refusal::OutOfOrder));
    // The limit runs on while it is passed on, and anew when the asker asks back.
    let next = inquiry.act(to(acts::ELSEWHERE), duty(&to("")), later(at(day), 2));
    let next = next.expect("forwarded").0;
    assert_eq!((next.since, next.forwarded.len()), (day, 1));
    let answer = Act::InquiryAnswered {
        words: acts::words("an invented answer"),
    };
    let there = By {
        office: acts::ELSEWHERE.into(),
        ..duty(&answer)
    };
    let next = next
        .act(answer, there, later(at(day), 3))
        .expect("answered")
        .0;
    let doubt = Act::InquiryReopened {
        words: acts::words("an invented doubt"),
    };
    let asker = By::asker(&acts::ELSEWHERE.into());
    let next = next
        .act(doubt, asker, later(at(day), 9))
        .expect("reopened")
        .0;
    assert_eq!(next.since, legal_day(later(at(day), 9)));
    let there = By {
        office: acts::ELSEWHERE.into(),
        ..duty(&to(""))
    };
    let next = next.act(to(acts::AUTHORITY), there, later(at(day), 9));
    let next = next.expect("forwarded back").0;
    // Without the passcode nothing that was said is told, and no officer is named in any case.
    for proved in [false, true] {
        let steps = next.steps(proved);
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

const SECOND: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);
