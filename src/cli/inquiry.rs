//! `kecha inquiry`: what an authority does with inquiries, from the machine itself.

use std::error::Error;

use domain::{inquiry::Words, office::OfficeCode, record::RecordId};

use super::ask::{As, Folder, json, line, say};
use crate::clock;

/// Arguments of `kecha inquiry`.
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
    /// The inquiries that wait for the officer's authority, the first due first: record, reference,
    /// state, subject, last day for the answer
    List {
        /// Those that are answered, the latest first
        #[arg(long)]
        done: bool,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u16,
    },
    /// Print one inquiry with its story
    Show {
        /// Its record
        inquiry: RecordId,
    },
    /// Answer. The words are read from standard input, one line
    Answer {
        /// Its record
        inquiry: RecordId,
    },
    /// Pass it on to another authority. The reason is read from standard input, one line
    Forward {
        /// Its record
        inquiry: RecordId,
        /// The code of the other authority
        #[arg(long)]
        to: String,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    let registry = &node.registry;
    let today = clock::today();
    match &args.what {
        What::List { done, limit } => {
            for l in registry.inquiries(&by, !done, *limit, today)? {
                let due = l.due.map(|(day, _)| day.to_string()).unwrap_or_default();
                let late = if l.overdue { "\toverdue" } else { "" };
                let (i, q) = (&l.inquiry, &l.inquiry.question);
                let (state, subject) = (i.state.word(), q.subject.code());
                let reference = q.reference;
                say(&format!(
                    "{}\t{reference}\t{state}\t{subject}\t{due}{late}",
                    i.id
                ))?;
            }
            Ok(())
        }
        What::Show { inquiry } => {
            let file = registry.inquiry_file(&by, *inquiry, today)?;
            let story: Vec<_> = file.story.iter().map(|(_, e)| e).collect();
            let cases: Vec<_> = file.cases.iter().map(|c| c.id).collect();
            let due = file.line.due.map(|(day, _)| day);
            let inquiry = &file.line.inquiry;
            let mut told = serde_json::json!({
                "inquiry": inquiry, "due": due, "cases": cases, "story": story
            });
            // Short as a passcode is, it could be tried out on what proves it.
            for question in ["/inquiry/question", "/story/0/act/inquiry_asked"] {
                let question = told.pointer_mut(question).and_then(|q| q.as_object_mut());
                question.map(|q| q.remove("proof"));
            }
            json(&told)
        }
        What::Answer { inquiry } => {
            let words = Words::parse(&line("answer: ")?)?;
            registry.answer_inquiry(*inquiry, words, &by, clock::now())?;
            say(&format!("{inquiry}\tanswered"))
        }
        What::Forward { inquiry, to } => {
            let reason = Words::parse(&line("reason: ")?)?;
            let to = OfficeCode::from(to.as_str());
            registry.forward_inquiry(*inquiry, to, reason, &by, clock::now())?;
            say(&format!("{inquiry}\tforwarded"))
        }
    }
}
