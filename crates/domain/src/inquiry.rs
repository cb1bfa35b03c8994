//! An inquiry 查询异议: somebody of the public asks an authority, and the authority answers.
//!
//! It is a record of its own with a story of its own, and changes no case: what an answer promises
//! is done to the case by its own acts. It is answered by the authority it lies with; the asker may
//! ask back once, and then it is settled. [`Inquiry::act`] is the command, [`Inquiry::after`] the
//! same step from the other side, with every check of the law.

mod reference;
mod text;
mod told;

use alloc::{boxed::Box, string::String, vec::Vec};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    reference::{NoNumber, Passcode, Reference},
    text::{Line, TextError, Words},
    told::Step,
};
use crate::{
    document::Document,
    event::{Act, Event, legal_day},
    law::{self, LawName},
    name::Name,
    office::{By, OfficeCode, OfficerId},
    record::RecordId,
    refusal::Refusal,
};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// 催办: why it is not there yet.
    Delay,
    /// 信息有误: something is registered wrongly, and a correction is asked for.
    Details,
    /// Anything else.
    Other,
}

impl Subject {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 3] = [Self::Delay, Self::Details, Self::Other];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Details => "details",
            Self::Other => "other",
        }
    }

    /// The subject with that code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// Whom it is about, as the asker typed it; nobody has checked that there is such a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whom {
    /// Name.
    pub name: Name,
    /// Document.
    pub document: Document,
}

/// What somebody asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The number the asker follows it by.
    pub reference: Reference,
    /// SHA-256 of reference and passcode, hexadecimal.
    pub proof: String,
    /// The authority that is asked.
    pub to: OfficeCode,
    /// About what.
    pub subject: Subject,
    /// In the asker's words.
    pub words: Words,
    /// How the asker wants to be reached beside the page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<Line>,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub whom: Option<Whom>,
    /// The admission-ticket number, as typed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticket: Option<Line>,
    /// The case it is about; named by the register where the asker came from its answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<RecordId>,
    /// The institution it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub institution: Option<OfficeCode>,
    /// The day of the exam.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exam_day: Option<Date>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who.
    pub by: OfficerId,
    /// For which authority.
    pub office: OfficeCode,
    /// When.
    pub on: Date,
    /// What.
    pub words: Words,
}

/// What the asker said to the first answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// When.
    pub on: Date,
    /// What.
    pub words: Words,
}

/// That it went to another authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// When.
    pub on: Date,
    /// To which.
    pub to: OfficeCode,
    /// After the asker had asked back.
    pub again: bool,
}

/// Where an inquiry stands, with what only that state knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for an answer.
    Asked,
    /// Answered; the asker may ask back once.
    Answered {
        /// The answer.
        answer: Answer,
    },
    /// Asked back; waits for the last answer.
    Reopened {
        /// The first answer.
        answer: Answer,
        /// What was said to it.
        again: Again,
    },
    /// Answered for the second time; nothing follows.
    Settled {
        /// The first answer.
        answer: Answer,
        /// What was said to it.
        again: Again,
        /// The last answer.
        last: Answer,
    },
}

impl State {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Answered { .. } => "answered",
            Self::Reopened { .. } => "reopened",
            Self::Settled { .. } => "settled",
        }
    }

    /// Every word, in the order of the story.
    pub const WORDS: [&'static str; 4] = ["asked", "answered", "reopened", "settled"];

    /// The words of the states that wait for an answer.
    pub const OPEN: [&'static str; 2] = ["asked", "reopened"];
}

/// The story of one inquiry so far, folded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    /// Its record.
    pub id: RecordId,
    /// What was asked.
    pub question: Question,
    /// The day it was asked.
    pub asked: Date,
    /// The authority it lies with now.
    pub office: OfficeCode,
    /// The authorities it was forwarded to.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub forwarded: Vec<Forward>,
    /// The day the limit of the answer runs from.
    pub since: Date,
    /// When the last event happened.
    pub last: Timestamp,
    /// Where it stands.
    pub state: State,
}

impl Inquiry {
    /// Somebody asks.
    ///
    /// # Errors
    /// The refusals of [`Inquiry::begun`].
    pub fn ask(id: RecordId, question: Question, at: Timestamp) -> Result<(Self, Event), Refusal> {
        let by = By::asker(&question.to);
        let act = Act::InquiryAsked(Box::new(question));
        let event = event(id, act, by, at);
        Ok((Self::begun(&event)?, event))
    }

    /// Folds the question.
    ///
    /// # Errors
    /// `WrongState` for any other event, `RoleNotAllowed`, `WrongLaw`, `NotThisOffice` for one that
    /// is laid before another authority than it names, `ExamInFuture`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::InquiryAsked(question) = &event.act else {
            return Err(Refusal::WrongState);
        };
        if event.by.office != question.to {
            return Err(Refusal::NotThisOffice);
        }
        if question.exam_day.is_some_and(|day| day > event.day()) {
            return Err(Refusal::ExamInFuture);
        }
        Ok(Self {
            id: event.record,
            question: (**question).clone(),
            asked: event.day(),
            office: question.to.clone(),
            forwarded: Vec::new(),
            since: event.day(),
            last: event.at,
            state: State::Asked,
        })
    }

    /// Does something to the inquiry now.
    ///
    /// # Errors
    /// Why the law does not allow it; the inquiry given in is then gone, so load it anew.
    pub fn act(self, act: Act, by: By, at: Timestamp) -> Result<(Self, Event), Refusal> {
        let event = event(self.id, act, by, at);
        Ok((self.after(&event)?, event))
    }

    /// Folds one more event, with every check of the law.
    ///
    /// # Errors
    /// `Unknown` for another record's event, `RoleNotAllowed`, `OutOfOrder`, `WrongLaw`,
    /// `NotThisOffice`, `AlreadyThisOffice`, `WrongState`.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        if event.record != self.id {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        event.check_law_of_day()?;
        if event.by.office != self.office {
            return Err(Refusal::NotThisOffice);
        }
        let day = event.day();
        self.state = match (&event.act, self.state) {
            (Act::InquiryForwarded { to, .. }, state @ (State::Asked | State::Reopened { .. })) => {
                if *to == self.office {
                    return Err(Refusal::AlreadyThisOffice);
                }
                self.office = to.clone();
                self.forwarded.push(Forward {
                    on: day,
                    to: to.clone(),
                    again: matches!(state, State::Reopened { .. }),
                });
                state
            }
            (Act::InquiryAnswered { words }, State::Asked) => State::Answered {
                answer: answer(event, words),
            },
            (Act::InquiryReopened { words }, State::Answered { answer }) => {
                self.since = day;
                let words = words.clone();
                State::Reopened {
                    answer,
                    again: Again { on: day, words },
                }
            }
            (
                Act::InquiryAnswered { words },
                State::Reopened {
                    answer: first,
                    again,
                },
            ) => State::Settled {
                answer: first,
                again,
                last: answer(event, words),
            },
            _ => return Err(Refusal::WrongState),
        };
        self.last = event.at;
        Ok(self)
    }

    /// Whether an answer is owed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        State::OPEN.contains(&self.state.word())
    }

    /// The pack that sets the limit of the answer that is owed.
    #[must_use]
    pub fn law(&self) -> LawName {
        law::on(self.since).name
    }
}

fn answer(event: &Event, words: &Words) -> Answer {
    Answer {
        by: event.by.officer.clone(),
        office: event.by.office.clone(),
        on: event.day(),
        words: words.clone(),
    }
}

fn event(record: RecordId, act: Act, by: By, at: Timestamp) -> Event {
    Event {
        at,
        by,
        law: law::on(legal_day(at)).name,
        record,
        act,
    }
}
