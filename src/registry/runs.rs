//! Runs 制证批次: cards that were made together. A run is the number its cards carry; what it holds,
//! how far it is and what happened to it follow from its cases.

use domain::{
    case::{Card, Case},
    certificate::Certificate,
    deadline::{self, Deadline},
    event::{Act, Event},
    record::RecordId,
};
use jiff::{Timestamp, civil::Date};

use super::{
    Command, Error, Officer, Registry, Result,
    store::{Ask, Param, Reader, Row},
    tables,
    work::{OWN, Work},
};

/// A run with its cards counted: made, issued, printed, delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub number: String,
    /// How many cards stand at each step, in the order of [`Card::ALL`].
    pub cards: [i64; 4],
}

impl Run {
    /// How many cards there are.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.cards.iter().sum()
    }

    /// Whether every card was handed over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.all() == self.cards[3]
    }
}

/// One card of a run, or of the cupboard.
#[derive(Clone, Debug)]
pub struct RunCard {
    /// The number of its run.
    pub run: String,
    /// Its line there, from 1.
    pub line: usize,
    /// How far it is.
    pub card: Card,
    /// Its case.
    pub case: Case,
    /// What it says, once issued.
    pub certificate: Option<Certificate>,
    /// What is due by law, if anything is.
    pub deadline: Option<Deadline>,
}

/// Of the runs that are over, at most so many are looked for.
pub const MOST_RUNS: i64 = 500;

/// What happened to cards of a run at one time by one officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub officer: String,
    /// Which act, by its permanent name.
    pub kind: &'static str,
    /// The lines of the cards, in order.
    pub lines: Vec<usize>,
    /// Why a card was spoiled, or what shows that it was handed over.
    pub note: String,
}

/// A run with its cards and what happened to them.
#[derive(Clone, Debug)]
pub struct RunFile {
    /// The run.
    pub run: Run,
    /// Its cards, in the order of their lines.
    pub cards: Vec<RunCard>,
    /// What happened, oldest first; none when only the cards were asked for.
    pub steps: Vec<RunStep>,
}

/// What an authority has to do with its cards.
#[derive(Clone, Debug)]
pub struct Cupboard {
    /// Cards at the asked step, first what is due first.
    pub cards: Vec<RunCard>,
    /// How many there are at each step, in the order of [`Card::ALL`]; those that were handed over
    /// are not counted.
    pub counts: [i64; 4],
}

/// Each run's number of a year, found one after the other: an authority has a hundred times as many
/// cards as runs.
const NUMBERS: &str = "-- runs::numbers
WITH RECURSIVE runs (number) AS (
SELECT (SELECT made_in FROM cases WHERE authority = $1 AND feed = 0 AND made_in >= $2
AND made_in < $3 ORDER BY made_in LIMIT 1)
UNION ALL
SELECT (SELECT made_in FROM cases WHERE authority = $1 AND feed = 0 AND made_in > runs.number
AND made_in < $3 ORDER BY made_in LIMIT 1) FROM runs WHERE runs.number IS NOT NULL)
SELECT number FROM runs WHERE number IS NOT NULL";
/// The last runs, in the same way.
const LAST: &str = "-- runs::last
WITH RECURSIVE runs (number) AS (
SELECT (SELECT made_in FROM cases WHERE authority = $1 AND feed = 0 AND made_in IS NOT NULL
ORDER BY made_in DESC LIMIT 1)
UNION ALL
SELECT (SELECT made_in FROM cases WHERE authority = $1 AND feed = 0 AND made_in < runs.number
ORDER BY made_in DESC LIMIT 1) FROM runs WHERE runs.number IS NOT NULL)
SELECT number FROM runs WHERE number IS NOT NULL LIMIT $2";
const OPEN: &str = "-- runs::open
SELECT DISTINCT made_in FROM cases WHERE authority = $1 AND feed = 0
AND card IN ('made', 'issued', 'printed') ORDER BY made_in DESC";
const RUN: &str = "-- runs::of_number
SELECT card, COUNT(*) FROM cases WHERE authority = $1 AND feed = 0 AND made_in = $2 GROUP BY card";
const CARDS: &str = "-- runs::cards
SELECT record, dossier FROM cases WHERE authority = $1 AND feed = 0 AND made_in = $2
ORDER BY record";
const BY_CARD: &str = "-- runs::by_card
SELECT record, dossier, made_in FROM cases WHERE authority = $1 AND feed = 0 AND card = $2
ORDER BY due, record LIMIT $3";
const COUNTS: &str = "-- runs::counts
SELECT card, COUNT(*) FROM cases WHERE authority = $1 AND feed = 0
AND card IN ('made', 'issued', 'printed') GROUP BY card";
const LINE: &str = "-- runs::line
SELECT COUNT(*) FROM cases WHERE authority = $1 AND feed = 0 AND made_in = $2 AND record <= $3";

/// The command with the number the program gives, where cards are made and no number is named.
pub(super) fn numbered(
    work: &mut Work<'_>,
    what: &Command,
    by: &Officer,
    now: Timestamp,
) -> Result<Option<Command>> {
    let Command::Make { batch } = what else {
        return Ok(None);
    };
    if !batch.trim().is_empty() {
        return Ok(None);
    }
    let year = domain::event::legal_day(now).year();
    let (prefix, end) = (format!("{year}-"), format!("{}-", year + 1));
    let asked = [by.office.as_str().into(), (&prefix).into(), (&end).into()];
    let mut last = 0_u32;
    for row in work.tx.query(NUMBERS, &asked)? {
        let running = row.text(0)?.strip_prefix(&prefix).unwrap_or_default();
        last = last.max(running.parse().unwrap_or(0));
    }
    let batch = format!("{prefix}{:04}", last.saturating_add(1));
    Ok(Some(Command::Make { batch }))
}

impl Registry {
    /// The runs of the officer's own authority, the last one first: those with cards that are not
    /// handed over yet, or those that are over among the last [`MOST_RUNS`].
    ///
    /// # Errors
    /// What the database says.
    pub fn runs(&self, officer: &Officer, over: bool) -> Result<Vec<Run>> {
        let office = officer.office.as_str();
        self.store.read(|r| {
            let numbers = if over {
                r.query(LAST, &[office.into(), MOST_RUNS.into()])?
            } else {
                r.query(OPEN, &[office.into()])?
            };
            let mut runs = Vec::with_capacity(numbers.len());
            for row in &numbers {
                let number = row.text(0)?.to_owned();
                let mut cards = [0; 4];
                for row in r.query(RUN, &[office.into(), (&number).into()])? {
                    count(&mut cards, row.text(0)?, row.int(1)?);
                }
                runs.push(Run { number, cards });
            }
            runs.retain(|run| run.is_over() == over);
            Ok(runs)
        })
    }

    /// One run of the officer's own authority, with its story where `told`.
    ///
    /// # Errors
    /// `NotFound` when no card of the authority has that number.
    pub fn run(&self, officer: &Officer, number: &str, told: bool, today: Date) -> Result<RunFile> {
        self.store.read(|r| {
            let rows = r.query(CARDS, &[officer.office.as_str().into(), number.into()])?;
            let mut cards = Vec::with_capacity(rows.len());
            for (line, row) in (1..).zip(&rows) {
                cards.push(self.run_card(r, row, (number, line), today)?);
            }
            if cards.is_empty() {
                return Err(Error::NotFound);
            }
            let mut run = Run {
                number: number.to_owned(),
                cards: [0; 4],
            };
            for card in &cards {
                count(&mut run.cards, card.card.word(), 1);
            }
            let steps = if told {
                self.steps(r, &cards)?
            } else {
                Vec::new()
            };
            Ok(RunFile { run, cards, steps })
        })
    }

    /// The cards of the officer's own authority at one step, first what is due first.
    ///
    /// # Errors
    /// What the database says.
    pub fn cupboard(
        &self,
        officer: &Officer,
        card: Card,
        limit: u16,
        today: Date,
    ) -> Result<Cupboard> {
        let office = officer.office.as_str();
        self.store.read(|r| {
            let mut counts = [0; 4];
            for row in r.query(COUNTS, &[office.into()])? {
                count(&mut counts, row.text(0)?, row.int(1)?);
            }
            let asked = [office.into(), card.word().into(), i64::from(limit).into()];
            let rows = r.query(BY_CARD, &asked)?;
            let mut cards = Vec::with_capacity(rows.len());
            for row in &rows {
                let run = row.text(2)?;
                let line = r.query_one(LINE, &[office.into(), run.into(), row.int(0)?.into()])?;
                let line = usize::try_from(line.int(0)?).unwrap_or_default();
                cards.push(self.run_card(r, row, (run, line), today)?);
            }
            Ok(Cupboard { cards, counts })
        })
    }

    fn run_card(
        &self,
        r: &mut Reader<'_>,
        row: &Row,
        (run, line): (&str, usize),
        today: Date,
    ) -> Result<RunCard> {
        const FAULT: Error = Error::Internal("runs::run_card");
        let id = RecordId::from_i64(row.int(0)?);
        let key = row.bytes(1)?;
        let sealed = r
            .query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?
            .ok_or(FAULT)?;
        let dossier = self.open_dossier(OWN, &key, sealed.blob(0)?)?;
        let case = dossier.case(id).cloned().ok_or(FAULT)?;
        let (_, card) = case.state.card().ok_or(FAULT)?;
        let certificate = case.state.certificate();
        Ok(RunCard {
            run: run.to_owned(),
            line,
            card,
            certificate: certificate.and_then(|id| dossier.certificate(id).cloned()),
            deadline: deadline::current(&case, self.calendar(), today),
            case,
        })
    }

    /// What was done to the cards, what was done together as one step.
    fn steps(&self, r: &mut Reader<'_>, cards: &[RunCard]) -> Result<Vec<RunStep>> {
        let mut steps: Vec<RunStep> = Vec::new();
        for card in cards {
            for (_, event) in self.story(r, card.case.id)? {
                let Some(step) = step(event, card.line) else {
                    continue;
                };
                let same = |s: &&mut RunStep| {
                    (s.at, s.kind, &s.officer, &s.note)
                        == (step.at, step.kind, &step.officer, &step.note)
                };
                match steps.iter_mut().find(same) {
                    Some(s) => s.lines.extend(step.lines),
                    None => steps.push(step),
                }
            }
        }
        steps.sort_by_key(|step| step.at);
        Ok(steps)
    }
}

/// What an event says about the card.
fn step(event: Event, line: usize) -> Option<RunStep> {
    let note = match &event.act {
        Act::CardSpoiled { reason } => reason.clone(),
        Act::Delivered { note, .. } => note.clone(),
        Act::Made { .. } | Act::Printed => String::new(),
        act if act.grant().is_some() => String::new(),
        _ => return None,
    };
    Some(RunStep {
        at: event.at,
        kind: event.act.kind(),
        officer: event.by.officer.to_string(),
        lines: vec![line],
        note,
    })
}

fn count(counts: &mut [i64; 4], word: &str, n: i64) {
    let at = Card::ALL.into_iter().position(|card| card.word() == word);
    if let Some(slot) = at.and_then(|at| counts.get_mut(at)) {
        *slot += n;
    }
}
