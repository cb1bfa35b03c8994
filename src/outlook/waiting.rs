//! Where cases wait, how long stays took, and which running limits will likely be missed.
//!
//! Finished stays are kept as counts by working days, for each month and office: what they need does
//! not grow with the cases. The rest is counted as running cases come and go.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

use domain::{office::OfficeCode, record::RecordId};
use forecast::brief;
use jiff::civil::Date;

/// The steps of the chain, by their numbers in [`brief`].
pub const STEPS: [&str; 7] = [
    "scoring",
    "report",
    "acceptance",
    "correction",
    "decision",
    "making",
    "sync",
];
/// The steps that wait for the institution.
pub const OF_INSTITUTION: [usize; 3] = [brief::SCORING, brief::REPORT, brief::CORRECTION];
/// Stays of more working days than this are counted as one day more.
pub const LONGEST: usize = 60;
/// So many months are kept.
pub const MONTHS: usize = 12;
/// Ages are counted up to each of these numbers of working days, and above the last.
pub const AGES: [u32; 4] = [5, 10, 20, 40];
/// Limits that run out within so many working days are looked at.
pub const AHEAD: u32 = 5;
/// From this probability on a limit counts as likely missed.
pub const LIKELY: f64 = 0.5;
/// At most so many single cases are shown.
pub(super) const SHOWN: usize = 50;

/// Year and month.
pub type Month = (i16, i8);

/// The stage a step belongs to.
#[must_use]
pub fn stage(step: usize) -> usize {
    match step {
        brief::SCORING => 0,
        brief::MAKING => 2,
        brief::SYNC => 3,
        _ => 1,
    }
}

/// How many stays took how many working days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stays(Vec<u32>);

impl Stays {
    /// One more.
    pub fn add(&mut self, days: i32) {
        let at = usize::try_from(days).unwrap_or(0).min(LONGEST + 1);
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] += 1;
    }

    /// Takes in what others counted.
    pub fn join(&mut self, others: &Self) {
        if self.0.len() < others.0.len() {
            self.0.resize(others.0.len(), 0);
        }
        for (count, more) in self.0.iter_mut().zip(&others.0) {
            *count += more;
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }

    /// So many working days or fewer took that share of the stays; none of nothing.
    #[must_use]
    pub fn within(&self, percent: u64) -> Option<u32> {
        let wanted = (self.count() * percent).div_ceil(100).max(1);
        let mut sum = 0;
        let found = self.0.iter().position(|count| {
            sum += u64::from(*count);
            sum >= wanted
        });
        found.and_then(|days| u32::try_from(days).ok())
    }

    /// So many working days or less took at least half of them.
    #[must_use]
    pub fn median(&self) -> Option<u32> {
        self.within(50)
    }
}

/// Stays in each step, and in each stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paces {
    /// By step.
    pub steps: [Stays; 7],
    /// By stage.
    pub stages: [Stays; 4],
}

impl Paces {
    /// Those of another as well.
    pub fn join(&mut self, others: &Self) {
        let steps = self.steps.iter_mut().zip(&others.steps);
        let stages = self.stages.iter_mut().zip(&others.stages);
        for (own, more) in steps.chain(stages) {
            own.join(more);
        }
    }
}

/// Finished stays by the month in which they ended and by office.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<Month, HashMap<OfficeCode, Paces>>);

impl Tally {
    /// What an office did in a month; a month older than those that are kept is not taken in.
    pub fn of(&mut self, month: Date, office: &OfficeCode) -> Option<&mut Paces> {
        let month = (month.year(), month.month());
        self.0.entry(month).or_default();
        while self.0.len() > MONTHS {
            self.0.pop_first();
        }
        let offices = self.0.get_mut(&month)?;
        Some(offices.entry(office.clone()).or_default())
    }

    /// Each month of some offices, oldest first.
    pub fn months(&self, is_meant: &dyn Fn(&OfficeCode) -> bool) -> Vec<(Month, Paces)> {
        let months = self.0.iter().map(|(month, offices)| {
            let mut all = Paces::default();
            let meant = offices.iter().filter(|(office, _)| is_meant(office));
            meant.for_each(|(_, paces)| all.join(paces));
            (*month, all)
        });
        months.collect()
    }

    /// The last so many months of one office together.
    pub(super) fn lately(&self, office: &OfficeCode, months: usize) -> Paces {
        let mut all = Paces::default();
        for offices in self.0.values().rev().take(months) {
            if let Some(paces) = offices.get(office) {
                all.join(paces);
            }
        }
        all
    }
}

/// The desk at which a case lies whose state says so: the role whose turn it is, and the step.
#[must_use]
pub fn desk(state: &str) -> Option<(&'static str, usize)> {
    match state {
        "registered" | "examined" => Some(("institution_lead", brief::SCORING)),
        "reported" => Some(("acceptance_officer", brief::ACCEPTANCE)),
        "accepted" => Some(("reviewer", brief::DECISION)),
        "reviewed" => Some(("approver", brief::DECISION)),
        _ => None,
    }
}

/// A running limit, and how probable it is that it is missed.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// The case.
    pub case: RecordId,
    /// Who decides it.
    pub authority: OfficeCode,
    /// Who examined it.
    pub institution: OfficeCode,
    /// The state of the case.
    pub state: String,
    /// The role whose turn it is.
    pub desk: &'static str,
    /// The step it is in.
    pub step: usize,
    /// The day it entered the step.
    pub since: Date,
    /// The last day.
    pub due: Date,
    /// How probable it is that the step is not left by then; 1 where the day has passed.
    pub missed: f64,
    /// The day has passed.
    pub passed: bool,
}

/// Which part of the whole is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    All,
    /// The cases of one authority.
    Authority(OfficeCode),
    /// What waits for one institution.
    Institution(OfficeCode),
}

impl Scope {
    pub(super) fn holds(
        &self,
        authority: &OfficeCode,
        institution: &OfficeCode,
        step: usize,
    ) -> bool {
        match self {
            Self::All => true,
            Self::Authority(own) => own == authority,
            Self::Institution(own) => own == institution && OF_INSTITUTION.contains(&step),
        }
    }
}

/// Running limits of one desk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// Their last day has passed.
    pub passed: u64,
    /// They run out soon.
    pub due: u64,
    /// Of those, how many will likely be missed.
    pub likely: u64,
    /// How many are expected to be missed: the sum of the probabilities.
    pub missed: f64,
}

impl Desk {
    pub(super) fn add(&mut self, risk: &Risk) {
        if risk.passed {
            self.passed += 1;
            return;
        }
        self.due += 1;
        self.likely += u64::from(risk.missed >= LIKELY);
        self.missed += risk.missed;
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.passed += other.passed;
        self.due += other.due;
        self.likely += other.likely;
        self.missed += other.missed;
        self
    }
}

/// One authority, or one institution.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The province's code; empty where none is known.
    pub province: String,
    /// The office.
    pub office: OfficeCode,
    /// How many wait in each step, by age.
    pub waiting: [[u64; AGES.len() + 1]; 7],
    /// Its running limits, by state.
    pub desks: BTreeMap<String, Desk>,
    /// How long finished stays took in the last three months.
    pub lately: Paces,
}

impl Group {
    pub(super) fn new(province: String, office: OfficeCode, tally: &Tally) -> Self {
        Self {
            lately: tally.lately(&office, 3),
            province,
            office,
            waiting: Default::default(),
            desks: BTreeMap::new(),
        }
    }

    /// How many wait in a step.
    #[must_use]
    pub fn in_step(&self, step: usize) -> u64 {
        self.waiting[step].iter().sum()
    }

    /// How many wait, by age.
    #[must_use]
    pub fn by_age(&self) -> [u64; AGES.len() + 1] {
        let mut ages = [0; AGES.len() + 1];
        for step in &self.waiting {
            for (sum, count) in ages.iter_mut().zip(step) {
                *sum += count;
            }
        }
        ages
    }

    /// Its running limits together.
    #[must_use]
    pub fn limits(&self) -> Desk {
        let desks = self.desks.values();
        desks.fold(Desk::default(), |all, desk| all.with(desk))
    }
}

/// The place of an age among [`AGES`].
#[must_use]
pub fn age(days: i32) -> usize {
    let days = u32::try_from(days).unwrap_or(0);
    let over = AGES.iter().position(|up_to| days <= *up_to);
    over.unwrap_or(AGES.len())
}

/// What somebody sees who looks where it waits.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The day it is seen from.
    pub today: Date,
    /// Limits are looked at that run out by this day.
    pub until: Date,
    /// By office, in the order of province and office.
    pub groups: Vec<Group>,
    /// How long stays took, by the month in which they ended.
    pub months: Vec<(Month, Paces)>,
    /// The single cases that are likeliest to miss their limit.
    pub risks: Vec<Risk>,
}

/// The likelier to be missed comes first, and of two alike the one due first.
pub(super) fn likelier(a: &Risk, b: &Risk) -> Ordering {
    let order = b.missed.total_cmp(&a.missed);
    order.then_with(|| (a.due, a.case.as_i64()).cmp(&(b.due, b.case.as_i64())))
}

/// The likeliest to be missed first; at most so many as are shown.
#[must_use]
pub fn likeliest(mut risks: Vec<Risk>) -> Vec<Risk> {
    risks.retain(|risk| !risk.passed);
    risks.sort_by(likelier);
    risks.truncate(SHOWN);
    risks
}

#[cfg(test)]
mod tests;
