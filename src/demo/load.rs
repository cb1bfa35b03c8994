//! Fills a demonstration with many people, for measurements: whole stories, or certificates of a
//! former register.

use std::ops::Range;

use domain::{roster::Row, verdict::Kind};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use sha2::{Digest, Sha256};

use super::{PLACES, Staff, operations, people, play, secret};
use crate::{
    clock::Chance,
    node::NodeError,
    registry::{Command, FormerRow, Officer, Registry},
};

/// People in one turn: their events fill one page of the journal.
const TURN: u64 = 150;
/// Certificates of a former register in one turn.
const FORMERS: u64 = 20_000;
/// Cases under way began at most so many days ago.
const DAYS: i64 = 42;
/// A batch holds at most so many.
const BATCH: u64 = 1_000_000;

/// Enters the offices where they are missing, and admits a new key for programs.
///
/// # Errors
/// What the register says.
pub fn prepare(registry: &Registry) -> Result<String, NodeError> {
    if registry.offices().is_empty() {
        Staff::new(PLACES[0]).enter_offices(registry)?;
    }
    let key = secret(&Chance::system(), 32);
    registry.admit_key(&key, "bench")?;
    Ok(key)
}

/// How many people the register knows: the number of the next one.
///
/// # Errors
/// What the register says.
pub fn count(registry: &Registry) -> Result<u64, NodeError> {
    Ok(registry.people()?)
}

/// The first so many steps of the way from confirmed scores to the delivered card, each with the
/// officer whose step it is.
fn steps(staff: &Staff, count: usize) -> Vec<(Command, &Officer)> {
    let all = [
        Command::Confirm,
        Command::Report {
            materials: Vec::new(),
        },
        Command::Accept,
        Command::Review,
        Command::Approve,
        Command::Make {
            batch: "bench".to_owned(),
        },
        Command::Issue,
        Command::Print,
        super::situation::HANDED_OVER,
    ];
    let some = all.into_iter().take(count);
    some.map(|c| {
        let officer = staff.whose(&c, 0);
        (c, officer)
    })
    .collect()
}

/// Whole stories, from the sheet to the delivered card. Tells how many events that were.
///
/// # Errors
/// What the register says.
pub fn stories(
    registry: &Registry,
    seed: u64,
    numbers: Range<u64>,
    today: Date,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, NodeError> {
    let staff = Staff::new(PLACES[0]);
    let steps = steps(&staff, 9);
    // A turn lasts half a minute of the story; it ends before today.
    let turns = (numbers.end - numbers.start).div_ceil(TURN);
    let days = i64::try_from(turns / 2_880 + 2).unwrap_or(i64::MAX);
    let mut now = play::at(today.saturating_sub(days.days()), 0);
    let mut events = 0;
    let mut next = numbers.start;
    while next < numbers.end {
        let end = numbers.end.min(next + TURN);
        let exam = domain::event::legal_day(now);
        let rows: Vec<Row> = (next..end).map(|n| row(seed, n, exam)).collect();
        events += registry.play(&rows, staff.clerk(0), &steps, now)?;
        now = now
            .saturating_add(SignedDuration::from_secs(30))
            .unwrap_or(now);
        next = end;
        progress(next - numbers.start);
    }
    Ok(events)
}

/// People whose card is made and waits to be issued.
///
/// # Errors
/// What the register says.
pub fn made(
    registry: &Registry,
    seed: u64,
    numbers: Range<u64>,
    today: Date,
) -> Result<(), NodeError> {
    let staff = Staff::new(PLACES[0]);
    let day = today.saturating_sub(3.days());
    for first in numbers.clone().step_by(usize::try_from(TURN).unwrap_or(1)) {
        let end = numbers.end.min(first + TURN);
        let rows: Vec<Row> = (first..end).map(|n| row(seed, n, day)).collect();
        let steps = steps(&staff, 6);
        registry.play(&rows, staff.clerk(0), &steps, play::at(day, 0))?;
    }
    Ok(())
}

/// Cases under way, as they lie at an authority in a bad year: of ten turns seven wait for
/// acceptance, the others a step before or behind it. The last day of each follows from the law, so
/// many are overdue.
///
/// # Errors
/// What the register says.
pub fn waiting(
    registry: &Registry,
    seed: u64,
    numbers: Range<u64>,
    today: Date,
    progress: &mut dyn FnMut(u64),
) -> Result<(), NodeError> {
    let staff = Staff::new(PLACES[0]);
    let begin = today.saturating_sub(DAYS.days());
    let mut next = numbers.start;
    while next < numbers.end {
        let turn = next / TURN;
        // Turns are not counted from where this run began: a run that goes on is like one whole.
        let end = numbers.end.min((turn + 1) * TURN);
        let share = u128::from(next) * 40 * 86_400 / u128::from(numbers.end);
        let ahead = i64::try_from(share).unwrap_or(0);
        let now = play::at(begin, 0);
        let now = now.saturating_add(SignedDuration::from_secs(ahead));
        let now = now.unwrap_or_else(|_| play::at(begin, 0));
        let exam = domain::event::legal_day(now);
        let which = usize::try_from(turn % 2).unwrap_or(0);
        let rows: Vec<Row> = (next..end).map(|n| row_at(seed, n, exam, which)).collect();
        let count = match turn / 2 % 10 {
            0 => 1,
            1 => 3,
            2 => 4,
            _ => 2,
        };
        let mut steps = steps(&staff, count);
        for (command, officer) in &mut steps {
            *officer = staff.whose(command, which);
        }
        registry.play(&rows, staff.clerk(which), &steps, now)?;
        next = end;
        progress(next - numbers.start);
    }
    Ok(())
}

fn row(seed: u64, number: u64, exam: Date) -> Row {
    row_at(seed, number, exam, 0)
}

fn row_at(seed: u64, number: u64, exam: Date, institution: usize) -> Row {
    let person = people::person(seed, number);
    let items = operations(institution);
    Row {
        item: items[usize::try_from(number).unwrap_or(0) % items.len()].into(),
        name: person.name,
        sex: person.sex,
        document: person.document,
        kind: Kind::Initial,
        exam_date: exam,
        theory: Some(90),
        practical: Some(85),
        ticket: Some(format!("{}{number:08}", exam.strftime("%y%m%d"))),
        appointment: None,
    }
}

/// Certificates of a former register, one event each.
///
/// # Errors
/// What the register says.
pub fn formers(
    registry: &Registry,
    seed: u64,
    numbers: Range<u64>,
    now: Timestamp,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, NodeError> {
    let staff = Staff::new(PLACES[0]);
    let mut next = numbers.start;
    while next < numbers.end {
        let batch_end = numbers.end.min(next + BATCH);
        let digest = Sha256::digest(format!("{seed} {next} {batch_end}"));
        let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        let count = u32::try_from(batch_end - next).unwrap_or(u32::MAX);
        let batch = registry.propose_batch(&digest, count, staff.issuer(), now)?;
        registry.release_batch(batch, staff.approver(), now)?;
        while next < batch_end {
            let end = batch_end.min(next + FORMERS);
            let mut rows = (next..end).map(|n| former(seed, n));
            registry.take_over(batch, &mut rows, staff.issuer(), now)?;
            next = end;
            progress(next - numbers.start);
        }
    }
    Ok(numbers.end - numbers.start)
}

/// The certificate of that number in a former register.
#[must_use]
pub fn former(seed: u64, number: u64) -> FormerRow {
    let holder = people::person(seed, number);
    let spread = i64::try_from(number % 2_000).unwrap_or(0);
    let valid_from = super::OPENING.saturating_sub(spread.days());
    let items = operations(0);
    FormerRow {
        holder,
        item: items[usize::try_from(number).unwrap_or(0) % items.len()].into(),
        first_issued: valid_from,
        valid_from,
        valid_until: valid_from.saturating_add(6.years()).saturating_sub(1.day()),
        recheck_due: None,
        appointment: None,
    }
}
