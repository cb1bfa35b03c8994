//! `kecha run`: making cards in runs, from the machine itself.

use std::{error::Error, fs, path::PathBuf};

use domain::{
    case::{Card, Handover},
    record::RecordId,
};

use super::ask::{As, Folder, say};
use crate::{
    clock,
    node::Node,
    printing::{Font, OFFICIAL, Printer},
    registry::{Command, Officer, RunCard, RunFile},
};

/// Arguments of `kecha run`.
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
    /// List the runs: number, cards to be issued, to be printed, to be fetched, handed over
    List,
    /// List what is not handed over, first what is due first: run, line, step, day due
    Cupboard,
    /// List the cards of a run: line, case, step
    Show {
        /// Its number
        run: String,
    },
    /// Issue every certificate of a run that is not issued
    Issue {
        /// Its number
        run: String,
    },
    /// Print cards that are issued and not printed, to a PDF
    Print {
        /// Its number
        run: String,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
        /// From this line
        #[arg(long, default_value_t = 1)]
        from: usize,
        /// To this line
        #[arg(long, default_value_t = usize::MAX)]
        to: usize,
    },
    /// Write the cover and the list to sign, to a PDF
    SignList {
        /// Its number
        run: String,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
    },
    /// A card was spoiled: it waits for the printer again
    Spoil {
        #[command(flatten)]
        lines: Lines,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Cards were handed over
    Deliver {
        #[command(flatten)]
        lines: Lines,
        /// To whom
        #[arg(long, value_parser = ["holder", "agent", "institution", "post"])]
        to: String,
        /// The agent's name, or the parcel's number
        #[arg(long, default_value = "")]
        note: String,
    },
}

#[derive(clap::Args)]
struct Lines {
    /// The run's number
    run: String,
    /// Its lines, such as 3,7; all that lie in the cupboard when it is left out
    #[arg(long, value_delimiter = ',')]
    line: Vec<usize>,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let by = args.by.sign_in(&node)?;
    match &args.what {
        What::List => list(&node, &by),
        What::Cupboard => cupboard(&node, &by),
        What::Show { run } => {
            for card in load(&node, &by, run)?.cards {
                say(&format!(
                    "{}\t{}\t{}",
                    card.line,
                    card.case.id,
                    card.card.word()
                ))?;
            }
            Ok(())
        }
        What::Issue { run } => {
            let file = load(&node, &by, run)?;
            let made = file.cards.iter().filter(|c| c.card == Card::Made);
            let cases = made.map(|c| c.case.id).collect::<Vec<_>>();
            act(&node, &by, (&cases, &Command::Issue))
        }
        What::Print { run, out, from, to } => print(&node, &by, run, (*from, *to), out),
        What::SignList { run, out } => {
            let file = load(&node, &by, run)?;
            let bytes = with_printer((&node, &by), |p| p.sign_list(&file))?;
            Ok(fs::write(out, bytes).map_err(|e| format!("{}: {e}", out.display()))?)
        }
        What::Spoil { lines, reason } => {
            let reason = reason.clone();
            on_lines(&node, &by, lines, &Command::Spoil { reason })
        }
        What::Deliver { lines, to, note } => {
            let note = note.clone();
            // Cannot fail: clap admits the words only.
            let to = Handover::from_word(to).unwrap_or(Handover::Holder);
            on_lines(&node, &by, lines, &Command::Deliver { to, note })
        }
    }
}

fn list(node: &Node, by: &Officer) -> Result<(), Box<dyn Error>> {
    let open = node.registry.runs(by, false)?;
    for run in open.into_iter().chain(node.registry.runs(by, true)?) {
        let counts = run.cards.map(|n| n.to_string()).join("\t");
        say(&format!("{}\t{counts}", run.number))?;
    }
    Ok(())
}

fn cupboard(node: &Node, by: &Officer) -> Result<(), Box<dyn Error>> {
    for step in [Card::Made, Card::Issued, Card::Printed] {
        let found = node.registry.cupboard(by, step, u16::MAX, clock::today())?;
        for card in found.cards {
            let due = card.deadline.and_then(|d| d.due);
            let due = due.map(|day| day.to_string()).unwrap_or_default();
            say(&format!(
                "{}\t{}\t{}\t{due}",
                card.run,
                card.line,
                step.word()
            ))?;
        }
    }
    Ok(())
}

fn load(node: &Node, by: &Officer, run: &str) -> Result<RunFile, Box<dyn Error>> {
    Ok(node.registry.run(by, run, false, clock::today())?)
}

fn with_printer(
    (node, officer): (&Node, &Officer),
    print: impl FnOnce(&Printer<'_>) -> Result<Vec<u8>, crate::printing::Trouble>,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let set = node.config.as_ref().and_then(|c| c.print_font.as_deref());
    let font = Font::new(set);
    let config = node.config.as_ref();
    let official = config.map_or(OFFICIAL, |c| c.official_url.as_str());
    let paper = print(&Printer {
        registry: &node.registry,
        officer,
        on: clock::today(),
        face: font.face()?,
        official,
        specimen: node.is_demo(),
    })?;
    node.registry.write_readings()?;
    Ok(paper)
}

/// The paper first, then the record: a file that cannot be written is not recorded as printed.
fn print(
    node: &Node,
    by: &Officer,
    run: &str,
    (from, to): (usize, usize),
    out: &PathBuf,
) -> Result<(), Box<dyn Error>> {
    let file = load(node, by, run)?;
    let fits = |c: &&RunCard| c.card == Card::Issued && (from..=to).contains(&c.line);
    let chosen: Vec<&RunCard> = file.cards.iter().filter(fits).collect();
    if chosen.is_empty() {
        return Err("no card of these lines is issued and not printed".into());
    }
    let cases: Vec<RecordId> = chosen.iter().map(|c| c.case.id).collect();
    let bytes = with_printer((node, by), |p| p.cards(&file, &chosen))?;
    fs::write(out, bytes).map_err(|e| format!("{}: {e}", out.display()))?;
    let done = node
        .registry
        .command_whole(&cases, &Command::Print, by, clock::now())?;
    match done
        .into_iter()
        .find_map(|d| Some((d.case, d.state.err()?)))
    {
        Some((case, refusal)) => {
            let _ = fs::remove_file(out);
            Err(format!("{case}\trefused: {refusal}; nothing was printed").into())
        }
        None => say(&format!("{}\tprinted", cases.len())),
    }
}

fn on_lines(
    node: &Node,
    by: &Officer,
    lines: &Lines,
    command: &Command,
) -> Result<(), Box<dyn Error>> {
    let file = load(node, by, &lines.run)?;
    let missing = lines
        .line
        .iter()
        .find(|l| !file.cards.iter().any(|c| c.line == **l));
    if let Some(line) = missing {
        return Err(format!("run {} has no line {line}", lines.run).into());
    }
    let all = lines.line.is_empty();
    let fits = |c: &&RunCard| {
        if all {
            c.card == Card::Printed
        } else {
            lines.line.contains(&c.line)
        }
    };
    let cases: Vec<RecordId> = file.cards.iter().filter(fits).map(|c| c.case.id).collect();
    act(node, by, (&cases, command))
}

fn act(
    node: &Node,
    by: &Officer,
    (cases, command): (&[RecordId], &Command),
) -> Result<(), Box<dyn Error>> {
    if cases.is_empty() {
        return Err("no card of the run is at that step".into());
    }
    let mut refused = 0;
    for done in node.registry.command(cases, command, by, clock::now())? {
        match done.state {
            Ok(word) => say(&format!("{}\t{word}", done.case))?,
            Err(refusal) => {
                refused += 1;
                say(&format!("{}\trefused: {refusal}", done.case))?;
            }
        }
    }
    if refused > 0 {
        return Err(format!("{refused} refused").into());
    }
    Ok(())
}
