//! What a run was like: durations in working days, where cases waited, how busy officers were.

use std::collections::BTreeMap;

use domain::verdict::{Kind, Stage};
use jiff::civil::Date;

use super::{
    case::{Case, End, Step, What},
    days::Days,
    desk::Load,
    province::Play,
};

/// How many took so many working days.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u64,
}

impl Histogram {
    /// One more that took so long.
    pub fn add(&mut self, workdays: u32) {
        let at = usize::try_from(workdays).unwrap_or(usize::MAX).min(5_000);
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += 1;
        self.total += 1;
        self.sum += u64::from(workdays);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The mean; 0 of none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        ratio(self.sum, self.total)
    }

    /// The working days within which so many of a hundred were done; 0 of none.
    #[must_use]
    pub fn within(&self, percent: u64) -> u32 {
        let wanted = (self.total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (workdays, count) in (0..).zip(&self.counts) {
            seen += count;
            if seen >= wanted {
                return workdays;
            }
        }
        0
    }

    /// The 10, 50 and 90 % points.
    #[must_use]
    pub fn span(&self) -> Span {
        let [low, median, high] = [10, 50, 90].map(|p| self.within(p));
        Span { low, median, high }
    }
}

/// From the 10 % to the 90 % point, in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// One in ten is done by then.
    pub low: u32,
    /// Half are.
    pub median: u32,
    /// Nine in ten are.
    pub high: u32,
}

/// How it went in one step.
#[derive(Clone, Debug, Default)]
pub struct StepTally {
    /// Working days from entering to leaving it.
    pub inside: Histogram,
    /// Working days it lay ready on desks, in all; while candidates came.
    pub waited: u64,
    /// What its officers could have done then, and did.
    pub offered: u64,
    /// What they did.
    pub handled: u64,
    /// Evenings of desks with something undone for want of officers, and all their evenings.
    pub short_days: u64,
    /// Days that desks worked.
    pub desk_days: u64,
}

impl StepTally {
    /// How busy the officers were, from 0 to 1.
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        ratio(self.handled, self.offered)
    }

    /// The working days that a case lay ready on a desk.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        ratio(self.waited, self.handled)
    }
}

/// The age of what is under way, in working days in its stage: the upper ends of the bars.
pub const AGES: [u32; 4] = [5, 10, 20, 40];

/// A run, or a part of one, in figures.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Cases that began on a day that counts.
    pub cases: u64,
    /// Of them, found by the national query.
    pub queryable: u64,
    /// Exam not passed.
    pub not_passed: u64,
    /// Rejected.
    pub rejected: u64,
    /// Still under way at the end.
    pub under_way: u64,
    /// By stage.
    pub stages: [Histogram; 4],
    /// From the exam to the end of each stage, of cases with an exam that came so far.
    pub ends: [Histogram; 4],
    /// From the exam to the query.
    pub whole: Histogram,
    /// The same by kind, as `KINDS` has them.
    pub kinds: [Histogram; 5],
    /// By step.
    pub steps: [StepTally; 9],
    /// By the month in which the stage ended.
    pub months: BTreeMap<(i16, i8), [Histogram; 4]>,
    /// For each day of the run, how many were in each step.
    pub inside: Vec<[u64; 9]>,
    /// For each day, how many of them lay ready.
    pub queued: Vec<[u64; 9]>,
    /// On the last day on which candidates came: what was under way, by stage and age.
    pub ageing: [[u64; 5]; 4],
    /// Every desk, with its province.
    pub loads: Vec<(u16, Load)>,
}

/// The kinds, in the order of the chain's speed.
pub const KINDS: [Kind; 5] = [
    Kind::Initial,
    Kind::Recheck,
    Kind::Renewal,
    Kind::Replacement,
    Kind::Reissue,
];

/// The stages, in order.
pub const STAGES: [Stage; 4] = [
    Stage::Scoring,
    Stage::Qualification,
    Stage::Making,
    Stage::Sync,
];

impl Summary {
    /// Takes a province in.
    pub fn add(&mut self, days: &Days, play: &Play) {
        for case in &play.cases {
            self.add_case(days, case);
        }
        add_days(&mut self.inside, &play.inside);
        add_days(&mut self.queued, &play.queued);
        for load in &play.loads {
            let step = &mut self.steps[load.step as usize];
            step.waited += load.waited;
            step.offered += load.offered;
            step.handled += load.handled;
            step.short_days += u64::from(load.short_days);
            step.desk_days += u64::from(load.days);
            self.loads.push((play.province, load.clone()));
        }
    }

    fn add_case(&mut self, days: &Days, case: &Case) {
        self.cases += 1;
        match case.end {
            Some(End::Queryable) => self.queryable += 1,
            Some(End::NotPassed) => self.not_passed += 1,
            Some(End::Rejected) => self.rejected += 1,
            None => self.under_way += 1,
        }
        self.add_stages(days, case);
        self.add_steps(days, case);
        let last = days.date(days.closes().saturating_sub(1));
        if let Some((stage, since)) = open_on(case, last) {
            let age = days.workdays(since, last);
            let bar = AGES.iter().filter(|end| age > **end).count();
            self.ageing[stage as usize][bar] += 1;
        }
    }

    fn add_stages(&mut self, days: &Days, case: &Case) {
        let ends = [
            case.day_of(What::ScoresConfirmed),
            case.day_of(What::Approved),
            case.day_of(What::Granted),
            case.day_of(What::Queryable),
        ];
        let mut since = case.exam_date;
        let without = Case::without_exam(case.kind);
        for (stage, end) in ends.into_iter().enumerate().skip(usize::from(without)) {
            let Some(end) = end else { return };
            let workdays = days.workdays(since, end);
            self.stages[stage].add(workdays);
            let month = self.months.entry((end.year(), end.month())).or_default();
            month[stage].add(workdays);
            if !without && case.end != Some(End::NotPassed) {
                self.ends[stage].add(days.workdays(case.exam_date, end));
            }
            since = end;
        }
        let all = days.workdays(case.exam_date, since);
        self.whole.add(all);
        if let Some(at) = KINDS.iter().position(|kind| *kind == case.kind) {
            self.kinds[at].add(all);
        }
    }

    fn add_steps(&mut self, days: &Days, case: &Case) {
        let mut since = case.exam_date;
        for event in &case.events {
            let step = match event.what {
                What::ScoresConfirmed => Step::Scoring,
                What::Reported => Step::Reporting,
                What::Returned | What::Accepted => Step::Acceptance,
                What::Resubmitted => Step::Correction,
                What::Reviewed => Step::Review,
                What::Approved | What::Rejected => Step::Approval,
                What::Made => Step::Making,
                What::Granted => Step::Issue,
                What::Queryable => Step::Sync,
                What::Registered | What::TheoryScored | What::PracticalScored => continue,
            };
            let workdays = days.workdays(since, event.on);
            self.steps[step as usize].inside.add(workdays);
            since = event.on;
        }
    }

    /// The step whose officers keep cases waiting longest, where they do at all.
    #[must_use]
    pub fn bottleneck(&self) -> Option<Step> {
        let waited = |step: &Step| self.steps[*step as usize].waited;
        let worst = Step::ALL.into_iter().max_by_key(waited)?;
        (waited(&worst) > 0).then_some(worst)
    }

    /// The desk of that step on which a case lay longest: its province and its figures.
    #[must_use]
    pub fn slowest_desk(&self, step: Step) -> Option<&(u16, Load)> {
        let desks = self.loads.iter().filter(|(_, l)| l.step == step);
        desks.max_by(|(_, a), (_, b)| a.mean_wait().total_cmp(&b.mean_wait()))
    }

    /// Working days a case spends in a step, spread over all that finished: returns count twice.
    #[must_use]
    pub fn mean_in(&self, step: Step) -> f64 {
        ratio(self.steps[step as usize].inside.sum, self.queryable.max(1))
    }
}

/// The stage a case was in at the end of a day, and since when; none when it had ended.
fn open_on(case: &Case, day: Date) -> Option<(Stage, Date)> {
    if case.exam_date > day {
        return None;
    }
    let first = if Case::without_exam(case.kind) {
        Stage::Qualification
    } else {
        Stage::Scoring
    };
    let mut at = (first, case.exam_date);
    for event in case.events.iter().filter(|event| event.on <= day) {
        match event.what {
            What::ScoresConfirmed => at = (Stage::Qualification, event.on),
            What::Approved => at = (Stage::Making, event.on),
            What::Granted => at = (Stage::Sync, event.on),
            What::Queryable | What::Rejected => return None,
            _ => {}
        }
    }
    let failed = case.end == Some(End::NotPassed) && at.0 == Stage::Qualification;
    (!failed).then_some(at)
}

fn add_days(sums: &mut Vec<[u64; 9]>, days: &[[u32; 9]]) {
    if sums.len() < days.len() {
        sums.resize(days.len(), [0; 9]);
    }
    for (sum, day) in sums.iter_mut().zip(days) {
        for (sum, count) in sum.iter_mut().zip(day) {
            *sum += u64::from(*count);
        }
    }
}

/// A share to read; 0 of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}
