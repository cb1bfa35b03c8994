//! The track record: every estimate that was shown for a case is remembered, at most one for a case
//! and a day, and compared with what then happened.
//!
//! What is shown is noted in memory and written by the job that learns, so no question waits for
//! the writer's turn. A process that dies forgets what it showed in the last seconds.

mod board;
mod code;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use domain::{calendar::Calendar, event::legal_day, record::RecordId, verdict::Stage};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

pub use board::{Board, ENOUGH, LAST, Score, Share, State, Watch};

use crate::{
    estimate::{Answer, number},
    outlook::Outlook,
    registry::{Behind, Registry, Remembered, Result},
};

/// So many estimates wait to be written; what is shown beyond that is not remembered.
const MOST: usize = 50_000;
/// The record reaches so many months back.
const MONTHS: i32 = 12;
/// The record is read anew this often at most, but for a new day.
const ANEW: SignedDuration = SignedDuration::from_secs(60);
/// An end is kept in mind for so many days, in case an estimate is written after it.
const LATE: i32 = 7;

/// What was shown and is not written yet, and the record of what was.
#[derive(Default)]
pub struct Keeper {
    shown: Mutex<Shown>,
    board: RwLock<Arc<Board>>,
}

#[derive(Default)]
struct Shown {
    /// The day of which `cases` tells.
    day: Option<Date>,
    /// What was noted on that day, so that it is noted once.
    cases: HashSet<RecordId>,
    waiting: Vec<Remembered>,
}

impl Keeper {
    /// Notes what was shown for a case on a day, unless one was noted that day. `province` is asked
    /// for only then.
    pub fn shown(
        &self,
        (case, stage): (RecordId, Stage),
        (day, calendar): (Date, &Calendar),
        answer: &Answer,
        province: impl FnOnce() -> String,
    ) {
        if !self.lock().is_new(case, day) {
            return;
        }
        let by = [&answer.by.p50, &answer.by.p80, &answer.by.p95];
        // Cannot fail: the estimator wrote these days itself.
        let Ok(by) = by.map(|day| day.parse::<Date>()).into_iter().collect() else {
            return;
        };
        let by: Vec<Date> = by;
        let Ok(by) = <[Date; 3]>::try_from(by) else {
            return;
        };
        let first = number(calendar, day);
        let remembered = Remembered {
            case,
            shown: day,
            province: province(),
            kind: answer.kind,
            stage,
            by,
            told: code::write(&answer.whole, first),
            plain: code::write(&answer.plain, first),
            ended: None,
        };
        let mut shown = self.lock();
        if shown.is_new(case, day) {
            shown.cases.insert(case);
            shown.waiting.push(remembered);
        }
    }

    /// The record as it stands.
    #[must_use]
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes what was noted; what cannot be written waits on. Gives the cases.
    ///
    /// # Errors
    /// What the database says.
    pub fn write(&self, registry: &Registry) -> Result<Vec<RecordId>> {
        let batch = std::mem::take(&mut self.lock().waiting);
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let kept = registry.keep_estimates(&batch);
        let cases = batch.iter().map(|one| one.case).collect();
        if kept.is_err() {
            self.lock().waiting.splice(0..0, batch);
        }
        kept.map(|_| cases)
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn is_new(&mut self, case: RecordId, day: Date) -> bool {
        if self.day != Some(day) {
            self.day = Some(day);
            self.cases.clear();
        }
        self.waiting.len() < MOST && !self.cases.contains(&case)
    }
}

/// Writes, ends and scores; used by one job at a time.
pub struct Scorer {
    keeper: Arc<Keeper>,
    /// The cases whose estimates wait for an end; none until they were read.
    open: Option<HashSet<RecordId>>,
    /// Cases that ended lately, or that could not be written down as ended.
    ended: HashMap<RecordId, Date>,
    /// The day for which the outlook was steered.
    steered: Option<Date>,
    /// Whether more has ended than the record shows.
    stale: bool,
    /// When it was read.
    read: Timestamp,
}

impl Scorer {
    /// One for what this keeper notes.
    #[must_use]
    pub fn new(keeper: Arc<Keeper>) -> Self {
        Self {
            keeper,
            open: None,
            ended: HashMap::new(),
            steered: None,
            stale: true,
            read: Timestamp::UNIX_EPOCH,
        }
    }

    /// Cases became queryable. They are remembered until they are written down as ended.
    pub fn arrive(&mut self, arrived: Vec<(RecordId, Date)>) {
        for (case, day) in arrived {
            self.ended.entry(case).or_insert(day);
        }
    }

    /// Writes what was shown, ends what has ended, and steers the outlook once a day by what became
    /// of it until yesterday.
    ///
    /// # Errors
    /// What the database says; nothing is lost by it.
    pub fn step(
        &mut self,
        registry: &Registry,
        outlook: &RwLock<Outlook>,
        now: Timestamp,
    ) -> Result<()> {
        let today = legal_day(now);
        let written = self.keeper.write(registry)?;
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(registry.open_estimates()?.into_iter().collect()),
        };
        open.extend(written);
        let over = self.ended.iter().filter(|(case, _)| open.contains(case));
        let over: Vec<(RecordId, Date)> = over.map(|(case, day)| (*case, *day)).collect();
        if !over.is_empty() {
            self.stale |= registry.end_estimates(&over)? > 0;
            for (case, _) in &over {
                open.remove(case);
            }
        }
        let since = today.saturating_sub(LATE.days());
        self.ended.retain(|_, day| *day >= since);
        let again = self.stale && now.duration_since(self.read).abs() >= ANEW;
        if again || self.steered != Some(today) {
            self.score(registry, outlook, today)?;
            self.read = now;
        }
        Ok(())
    }

    /// Reads the record anew. From the same rows it is the same, whenever the node was started.
    fn score(&mut self, registry: &Registry, outlook: &RwLock<Outlook>, today: Date) -> Result<()> {
        let from = today.first_of_month().saturating_sub(MONTHS.months());
        let mut board = Board::since(from, today);
        let mut at = Some(Behind::day(from));
        while let Some(behind) = at {
            let page;
            (page, at) = registry.ended_estimates(behind)?;
            let scores = page
                .iter()
                .filter_map(|row| score(row, registry.calendar()));
            scores.for_each(|score| board.add(score));
        }
        let steering = board.finish();
        *self
            .keeper
            .board
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(board);
        self.stale = false;
        if self.steered != Some(today) {
            let mut outlook = outlook.write().unwrap_or_else(PoisonError::into_inner);
            outlook.steer(steering);
            self.steered = Some(today);
        }
        Ok(())
    }
}

/// What became of an estimate; none while it waits, or where it cannot be read.
#[must_use]
pub fn score(row: &Remembered, calendar: &Calendar) -> Option<Score> {
    let ended = row.ended?;
    let after = calendar.count_workdays(row.shown, ended).days;
    let after = i32::try_from(after).ok()?;
    let bracket = |bytes: &[u8]| Some(code::read(bytes)?.bracket(after));
    Some(Score {
        ended,
        province: row.province.clone(),
        kind: row.kind,
        stage: row.stage,
        inside: row.by.map(|by| ended <= by),
        told: bracket(&row.told)?,
        plain: bracket(&row.plain)?,
    })
}

#[cfg(test)]
mod tests;
