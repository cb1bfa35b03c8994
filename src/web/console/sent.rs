//! A form about cases, read as the command that it names.

use domain::{deadline::Procedure, event::Material, exam::Part, law::Ground, record::RecordId};
use jiff::civil::Date;

use super::{accepting, stops};
use crate::{clock, registry::Command};

/// What the form sends: the fields of every command, and any number of cases.
pub(in crate::web) struct Sent {
    pub fields: Vec<(String, String)>,
}

/// What belongs to a command and not to the cases it is given to.
const OF_COMMAND: [&str; 2] = ["batch", "materials"];

impl Sent {
    /// What a command to many needs beside the cases.
    pub fn of_command(&self) -> Vec<(String, String)> {
        let own = self.fields.iter();
        let own = own.filter(|(name, value)| {
            OF_COMMAND.contains(&name.as_str()) && !value.trim().is_empty()
        });
        own.cloned().collect()
    }

    pub fn one(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.trim().to_owned())
            .unwrap_or_default()
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> Vec<String> {
        let fields = self.fields.iter().filter(|(n, _)| n == name);
        fields.map(|(_, value)| value.clone()).collect()
    }

    pub fn cases(&self) -> Vec<RecordId> {
        let all = self.all("case");
        all.iter().filter_map(|v| v.parse().ok()).collect()
    }

    fn ground(&self) -> Ground {
        let code = self.one("ground_code");
        if code.is_empty() {
            Ground::new(&self.one("article"), &self.one("ground"))
        } else {
            Ground::of(&code, &self.one("ground"))
        }
    }

    /// One line of the form is one thing. Two commands may have the field; one of the two is empty.
    fn lines(&self, name: &str) -> Vec<String> {
        self.all(name)
            .join("\n")
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

fn procedure(code: &str) -> Option<Procedure> {
    match code {
        "hearing" => Some(Procedure::Hearing),
        "inspection" => Some(Procedure::Inspection),
        "expert_review" => Some(Procedure::ExpertReview),
        _ => None,
    }
}

pub(super) fn command(sent: &Sent) -> Option<Command> {
    // Each of the two forms has a field of its own, since one officer may be shown both.
    let part = |field: &str| match sent.one(field).as_str() {
        "theory" => Some(Part::Theory),
        "practical" => Some(Part::Practical),
        _ => None,
    };
    let materials = || {
        sent.lines("materials")
            .into_iter()
            .map(|title| Material::named(&title))
            .collect()
    };
    Some(match sent.one("command").as_str() {
        "confirm" => Command::Confirm,
        "report" => Command::Report {
            materials: materials(),
        },
        "resubmit" => Command::Resubmit {
            materials: materials(),
            answers: Vec::new(),
        },
        "ask_recheck" => Command::AskScoreRecheck {
            part: part("ask_recheck_part")?,
            reason: sent.one("reason"),
        },
        "answer_recheck" => Command::AnswerScoreRecheck {
            part: part("answer_recheck_part")?,
            score: sent.one("score").parse().ok()?,
        },
        "accept" => Command::Accept,
        "return" => Command::Return {
            missing: accepting::list(sent.all("missing_item"), sent.lines("missing")),
        },
        "refuse" => Command::Refuse {
            ground: sent.ground(),
        },
        "review" => Command::Review,
        "approve" => Command::Approve,
        "reject" => Command::Reject {
            ground: sent.ground(),
        },
        "make" => Command::Make {
            batch: sent.one("batch"),
        },
        "issue" => Command::Issue,
        _ => return timed(sent),
    })
}

/// The same, with a batch of the day's name where none was said.
pub(in crate::web) fn command_of(sent: &Sent) -> Option<Command> {
    Some(match command(sent)? {
        Command::Make { batch } if batch.is_empty() => Command::Make {
            batch: format!("B{}", clock::today().strftime("%Y%m%d")),
        },
        other => other,
    })
}

/// What stops the decision's limit or adds to it. What is no day and no number is refused as one
/// that was not told.
fn timed(sent: &Sent) -> Option<Command> {
    Some(match sent.one("command").as_str() {
        "begin_procedure" => Command::BeginProcedure {
            procedure: procedure(&sent.one("procedure"))?,
            until: sent.one("until").parse().unwrap_or(Date::ZERO),
            notice: sent.one("notice"),
        },
        "end_procedure" => Command::EndProcedure,
        "extend" => Command::Extend {
            days: sent.one("days").parse().unwrap_or(0),
            head: sent.one("head"),
            reason: sent.one("extend_reason"),
        },
        other => return stops::command(other, &|field| sent.one(field), sent.ground()),
    })
}
