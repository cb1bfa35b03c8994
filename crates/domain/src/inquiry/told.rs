//! What the asker is told of an inquiry: with the reference what happened when, with the passcode
//! what was said.

use alloc::{vec, vec::Vec};

use jiff::civil::Date;

use super::{Again, Answer, Inquiry, State, Words};
use crate::office::OfficeCode;

/// One step of the story. It names no officer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The word of the act.
    pub what: &'static str,
    /// When.
    pub on: Date,
    /// The authority that was asked, has it from then on, or answered.
    pub office: &'a OfficeCode,
    /// What was said; none without the passcode.
    pub words: Option<&'a Words>,
}

impl State {
    /// What was said so far: the first answer, what was said to it, and the last answer.
    fn said(&self) -> (Option<&Answer>, Option<&Again>, Option<&Answer>) {
        match self {
            Self::Asked => (None, None, None),
            Self::Answered { answer } => (Some(answer), None, None),
            Self::Reopened { answer, again } => (Some(answer), Some(again), None),
            Self::Settled {
                answer,
                again,
                last,
            } => (Some(answer), Some(again), Some(last)),
        }
    }
}

impl Inquiry {
    /// The story as the asker may know it; `proved` with the passcode.
    #[must_use]
    pub fn steps(&self, proved: bool) -> Vec<Step<'_>> {
        let step = |what, on, office, words: Option<_>| Step {
            what,
            on,
            office,
            words: words.filter(|_| proved),
        };
        let to = &self.question.to;
        let words = Some(&self.question.words);
        let mut steps = vec![step("inquiry_asked", self.asked, to, words)];
        let forwards = |again: bool| {
            let some = self.forwarded.iter().filter(move |f| f.again == again);
            some.map(|f| step("inquiry_forwarded", f.on, &f.to, None))
        };
        let (first, again, last) = self.state.said();
        steps.extend(forwards(false));
        if let Some(a) = first {
            steps.push(step("inquiry_answered", a.on, &a.office, Some(&a.words)));
            if let Some(again) = again {
                let words = Some(&again.words);
                steps.push(step("inquiry_reopened", again.on, &a.office, words));
            }
        }
        steps.extend(forwards(true));
        if let Some(a) = last {
            steps.push(step("inquiry_answered", a.on, &a.office, Some(&a.words)));
        }
        steps
    }
}
