//! `kecha case`: what officers do to cases, from the machine itself.

mod after;
mod done;

use std::error::Error;

use domain::{event::Material, exam::Part, material::MaterialKind, record::RecordId};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::ask::{self, As, ChosenArgs, DOC_TYPES, Folder, Whom, coded, json, read, say};
use crate::{
    clock,
    registry::{Becomes, Command, Due, Filter, Lost, Officer, Purpose, Registry},
};

/// Arguments of `kecha case`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    by: As,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List the cases of the officer's own office, first what is due first: number, state, first day
    /// of the stage, item, name, day due, working days left
    List {
        /// Only these states (docs/states.md), such as reported,accepted
        #[arg(long, value_delimiter = ',')]
        state: Vec<String>,
        /// Only what is due this week, or what was due before today
        #[arg(long, value_parser = ["week", "passed"])]
        due: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u16,
    },
    /// Print one case with its story and the limits of the law at work in it
    Show {
        /// Its number
        case: RecordId,
    },
    /// Institution: confirm scores that another entered
    Confirm(Which),
    /// Institution: a candidate asks for a score to be checked again
    AskScoreRecheck {
        #[command(flatten)]
        which: Which,
        /// theory or practical
        #[arg(long, value_parser = ["theory", "practical"])]
        part: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Institution: the answer
    AnswerScoreRecheck {
        #[command(flatten)]
        which: Which,
        /// theory or practical
        #[arg(long, value_parser = ["theory", "practical"])]
        part: String,
        /// The score that stands
        #[arg(long)]
        score: u8,
    },
    /// Institution: report passed candidates to the authority
    Report {
        #[command(flatten)]
        which: Which,
        /// Files handed in; their digests go into the story
        #[arg(long)]
        material: Vec<std::path::PathBuf>,
    },
    /// Institution: register and report the reissue of a lost card. Number and name are read from
    /// standard input
    Reissue {
        #[command(flatten)]
        whom: Whom,
        /// The item on the card, such as 2.1
        #[arg(long)]
        item: String,
        /// Files handed in
        #[arg(long)]
        material: Vec<std::path::PathBuf>,
    },
    /// Institution: register and report the replacement of a card whose holder's name or document
    /// became another. Number and name as they stand on the card, then the new number and name are
    /// read from standard input
    Replace {
        #[command(flatten)]
        whom: Whom,
        /// Which kind the new document is
        #[arg(long, default_value = "resident_id", value_parser = DOC_TYPES)]
        new_doc_type: String,
        /// The item on the card, such as 2.1
        #[arg(long)]
        item: String,
        /// Files handed in
        #[arg(long)]
        material: Vec<std::path::PathBuf>,
    },
    /// Institution: hand in again after a return
    Resubmit {
        #[command(flatten)]
        which: Which,
        /// Files handed in
        #[arg(long)]
        material: Vec<std::path::PathBuf>,
    },
    /// Authority: accept
    Accept(Which),
    /// Authority: return, with everything that is missing, told once
    Return {
        #[command(flatten)]
        which: Which,
        /// One missing item; repeat for each
        #[arg(long, required = true)]
        missing: Vec<String>,
    },
    /// Authority: do not accept
    Refuse {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// Authority: a hearing, an inspection or an expert review begins, and the decision's limit
    /// stands still
    BeginProcedure {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        /// hearing, inspection or expert_review
        #[arg(long, value_parser = ["hearing", "inspection", "expert_review"])]
        procedure: String,
        /// The day by which it will be over, as the applicant was told
        #[arg(long, value_name = "DAY", value_parser = ask::day)]
        until: Date,
        /// The written notice that told the applicant so
        #[arg(long)]
        notice: String,
    },
    /// Authority: it is over, and the limit runs on
    EndProcedure {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
    },
    /// Authority: the head puts the decision off, once
    Extend {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        /// Working days
        #[arg(long)]
        days: u8,
        /// The head who approved it
        #[arg(long)]
        head: String,
        /// Why, as the applicant was told
        #[arg(long)]
        reason: String,
    },
    /// Authority: first officer
    Review(Which),
    /// Authority: second officer approves
    Approve(Which),
    /// Authority: second officer rejects
    Reject {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// Authority: make the cards, as one run
    Make {
        #[command(flatten)]
        which: Which,
        /// The run's number; the next one of the year when it is left out
        #[arg(long, default_value = "")]
        batch: String,
    },
    /// Authority: issue
    Issue(Which),
    /// Authority: the card was printed
    Print(Which),
    /// Deem accepted what was reported and not answered in time
    Deem,
    #[command(flatten)]
    After(after::What),
}

#[derive(clap::Args, Clone)]
struct Which {
    /// Case numbers
    #[arg(required_unless_present = "all")]
    cases: Vec<RecordId>,
    /// Every case of the officer's office in this state (docs/states.md), 5,000 in a transaction
    #[arg(long, value_name = "STATE", conflicts_with = "cases")]
    all: Option<String>,
}

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    match &args.what {
        What::List { state, due, limit } => {
            let today = clock::today();
            let due = match due.as_deref() {
                Some("week") => Due::Week(today),
                Some(_) => Due::Passed(today),
                None => Due::Any,
            };
            let filter = Filter {
                states: state.clone(),
                due,
                limit: *limit,
                ..Filter::default()
            };
            list(&node.registry, &by, &filter)
        }
        What::Show { case } => {
            let file = node.registry.case_file(&by, *case, clock::today())?;
            node.registry
                .record_reading(&by, *case, Purpose::CommandLine);
            node.registry.write_readings()?;
            let events = file.story.iter().map(|(_, e)| e);
            let story: Vec<_> = events.filter(|e| !file.case.hides(&e.act)).collect();
            json(&serde_json::json!({
                "case": file.case.clone().shown(),
                "story": story,
                "deadlines": file.deadlines,
            }))
        }
        What::Reissue {
            whom,
            item,
            material,
        } => {
            let lost = card(whom, item, material)?;
            let case = node.registry.ask_reissue(&lost, &by, clock::now())?;
            say(&format!("{case}\treported"))
        }
        What::Replace {
            whom,
            new_doc_type,
            item,
            material,
        } => {
            let card = card(whom, item, material)?;
            let (document, name) = ask::details(new_doc_type, "new ")?;
            let becomes = Becomes { document, name };
            let case = node
                .registry
                .ask_replacement(&card, &becomes, &by, clock::now())?;
            say(&format!("{case}\treported"))
        }
        What::Deem => {
            let deemed = node.registry.deem_accepted(clock::now())?;
            say(&format!("{} deemed accepted", deemed.len()))
        }
        What::After(after::What::Offered) => after::offered(&node.registry, &by),
        act => match act.command()? {
            Some((which, command)) => done::do_to(&node.registry, &by, &which, &command),
            None => Ok(()),
        },
    }
}

/// What stands on a card that is to be made again.
fn card(whom: &Whom, item: &str, material: &[std::path::PathBuf]) -> Result<Lost, Box<dyn Error>> {
    let materials = materials(material)?;
    let (document, name) = whom.ask()?;
    Ok(Lost {
        document,
        name,
        item: item.into(),
        materials,
        appointment: None,
    })
}

fn list(registry: &Registry, by: &Officer, filter: &Filter) -> Result<(), Box<dyn Error>> {
    for line in registry.cases(by, filter, clock::today())? {
        let c = &line.case;
        let deadline = line.deadline.as_ref();
        let due = deadline.and_then(|d| d.due).map(|day| day.to_string());
        let left = deadline.and_then(|d| d.left).map(|left| left.to_string());
        say(&format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            c.id,
            c.state.word(),
            c.stage_since,
            line.item,
            c.registration.person.name,
            due.unwrap_or_else(|| "-".to_owned()),
            left.unwrap_or_else(|| "-".to_owned())
        ))?;
    }
    Ok(())
}

impl What {
    /// Which cases, and what is done to them; none for what only looks.
    #[expect(clippy::too_many_lines, reason = "one arm for each command")]
    fn command(&self) -> Result<Option<(Which, Command)>, Box<dyn Error>> {
        if let Some(found) = self.timed() {
            return Ok(Some(found));
        }
        let (which, command) = match self {
            Self::List { .. }
            | Self::Show { .. }
            | Self::Reissue { .. }
            | Self::Replace { .. }
            | Self::Deem
            | Self::BeginProcedure { .. }
            | Self::EndProcedure { .. }
            | Self::Extend { .. }
            | Self::After(after::What::Offered) => {
                return Ok(None);
            }
            Self::After(what) => return Ok(what.command()),
            Self::Confirm(w) => (w, Command::Confirm),
            Self::AskScoreRecheck {
                which,
                part,
                reason,
            } => {
                let (part, reason) = (self::part(part), reason.clone());
                (which, Command::AskScoreRecheck { part, reason })
            }
            Self::AnswerScoreRecheck { which, part, score } => {
                let (part, score) = (self::part(part), *score);
                (which, Command::AnswerScoreRecheck { part, score })
            }
            Self::Report { which, material } => {
                let materials = materials(material)?;
                (which, Command::Report { materials })
            }
            Self::Resubmit { which, material } => {
                let materials = materials(material)?;
                let answers = Vec::new();
                (which, Command::Resubmit { materials, answers })
            }
            Self::Accept(w) => (w, Command::Accept),
            Self::Return { which, missing } => {
                let missing = missing.clone();
                (which, Command::Return { missing })
            }
            Self::Refuse { which, ground } => {
                let ground = ground.ground();
                (which, Command::Refuse { ground })
            }
            Self::Review(w) => (w, Command::Review),
            Self::Approve(w) => (w, Command::Approve),
            Self::Reject { which, ground } => {
                let ground = ground.ground();
                (which, Command::Reject { ground })
            }
            Self::Make { which, batch } => {
                let batch = batch.clone();
                (which, Command::Make { batch })
            }
            Self::Issue(w) => (w, Command::Issue),
            Self::Print(w) => (w, Command::Print),
        };
        Ok(Some((which.clone(), command)))
    }

    /// What stops the decision's limit or adds to it: told to each applicant, so never to a whole
    /// queue.
    fn timed(&self) -> Option<(Which, Command)> {
        let (cases, command) = match self {
            Self::BeginProcedure {
                cases,
                procedure,
                until,
                notice,
            } => (
                cases,
                Command::BeginProcedure {
                    procedure: coded(procedure)?,
                    until: *until,
                    notice: notice.clone(),
                },
            ),
            Self::EndProcedure { cases } => (cases, Command::EndProcedure),
            Self::Extend {
                cases,
                days,
                head,
                reason,
            } => (
                cases,
                Command::Extend {
                    days: *days,
                    head: head.clone(),
                    reason: reason.clone(),
                },
            ),
            _ => return None,
        };
        let which = Which {
            cases: cases.clone(),
            all: None,
        };
        Some((which, command))
    }
}

fn part(word: &str) -> Part {
    // Cannot fail: clap admits the two words only.
    coded(word).unwrap_or(Part::Theory)
}

/// `photo=a.jpg`, or a path alone for what has no kind. The file stays where it is.
fn materials(paths: &[std::path::PathBuf]) -> Result<Vec<Material>, Box<dyn Error>> {
    paths
        .iter()
        .map(|given| {
            let text = given.to_string_lossy();
            let kind = text.split_once('=').and_then(|(word, path)| {
                let kind = MaterialKind::from_words(word)?;
                Some((kind, std::path::PathBuf::from(path)))
            });
            let (kind, path) = kind.unwrap_or_else(|| (MaterialKind::default(), given.clone()));
            let digest = Sha256::digest(read(&path)?);
            let sha256 = digest.iter().map(|b| format!("{b:02x}")).collect();
            // The file's own name may be a person's: only its kind is kept.
            let title = match kind {
                MaterialKind::OtherMaterial => path
                    .extension()
                    .map_or_else(String::new, |e| e.to_string_lossy().into_owned()),
                known => known.title().to_owned(),
            };
            Ok(Material {
                title,
                sha256,
                kind,
            })
        })
        .collect()
}
