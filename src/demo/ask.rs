//! What the public asks the authority of the demonstration: one question that waits and is overdue,
//! one that is answered.

use domain::{
    calendar::Calendar,
    inquiry::{Subject, Whom, Words},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Staff, cast::Member, play};
use crate::{
    node::NodeError,
    registry::{Inquiring, Registry},
};

/// An inquiry to follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InquirySample {
    /// What it is about, by its code.
    pub subject: String,
    /// Its reference.
    pub reference: String,
    /// Its passcode.
    pub passcode: String,
}

/// A step of these two stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Why is it not there yet?
    AskLate,
    /// Something is registered wrongly.
    AskDetails,
    /// The answer to that.
    AnswerDetails,
}

/// So many working days before today, at so many minutes after nine, each is done.
const STEPS: [(i32, i64, Step); 3] = [
    (8, 45, Step::AskLate),
    (4, 75, Step::AskDetails),
    (2, 105, Step::AnswerDetails),
];

/// The steps, each at its moment.
pub(super) fn steps(calendar: &Calendar, today: Date) -> Vec<(Timestamp, Step)> {
    let moment = |(days, minutes, step): (i32, i64, Step)| {
        let mut day = today;
        for _ in 0..days {
            day = day.saturating_sub(1.day());
            while !calendar.is_workday(day) {
                day = day.saturating_sub(1.day());
            }
        }
        (play::at(day, minutes), step)
    };
    STEPS.map(moment).into()
}

/// Takes one step; what was asked is told.
pub(super) fn take(
    registry: &Registry,
    staff: &Staff,
    members: &[Member],
    step: Step,
    now: Timestamp,
) -> Result<Option<InquirySample>, NodeError> {
    let (situation, subject, words) = match step {
        Step::AskLate => (
            "accepted",
            Subject::Delay,
            "考试已经过去很久，工地等着上岗，请问卡在哪一步？",
        ),
        Step::AskDetails => (
            "certificate_valid",
            Subject::Details,
            "证书上的初领日期好像不对，请核实。",
        ),
        Step::AnswerDetails => return answer(registry, staff, now).map(|()| None),
    };
    let member = members.iter().find(|m| m.situation.name == situation);
    let member = member.ok_or_else(|| play::lost("somebody who asks"))?;
    let inquiring = Inquiring {
        to: Some(staff.place.authority().as_str().into()),
        subject,
        words: text(words)?,
        contact: None,
        whom: Some(Whom {
            name: member.person.name.clone(),
            document: member.person.document.clone(),
        }),
        ticket: None,
        case: member.case,
        institution: Some(staff.place.institution(member.institution).as_str().into()),
        exam_day: None,
    };
    let taken = registry.inquire(&inquiring, now)?;
    let passcode = taken.passcode.ok_or_else(|| play::lost("a passcode"))?;
    Ok(Some(InquirySample {
        subject: subject.code().to_owned(),
        reference: taken.reference.spelled(),
        passcode: passcode.spelled(),
    }))
}

fn answer(registry: &Registry, staff: &Staff, now: Timestamp) -> Result<(), NodeError> {
    let officer = staff.acceptance();
    let today = domain::event::legal_day(now);
    let words = text(
        "已核对：初领日期与考试档案一致，没有错误。如对个别信息仍有疑问，请携带证件到窗口办理更正。",
    )?;
    for line in registry.inquiries(officer, true, u16::MAX, today)? {
        if line.inquiry.question.subject == Subject::Details {
            registry.answer_inquiry(line.inquiry.id, words.clone(), officer, now)?;
        }
    }
    Ok(())
}

fn text(words: &str) -> Result<Words, NodeError> {
    Words::parse(words).map_err(|_| play::lost("words"))
}
