//! A strict split, the estimator, and two baselines beside it.

use std::{collections::HashMap, fmt};

use super::{
    Case, Grid, QUANTILES,
    fit::{Curve, Fit, Seen, below, quantile},
    prefix::{Prefix, prefixes},
    rehearse::rehearse,
};
use crate::{
    distribution::pinball,
    number::{index, real},
};

/// How the cases were divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Finished before the first case of the test began: learnt from.
    pub train: usize,
    /// Begun before and not finished then: only known to last at least so long.
    pub censored: usize,
    /// Begun later: forecast.
    pub test: usize,
}

/// The same figure for the estimator and for the two baselines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The estimator.
    pub model: f64,
    /// The median remaining time of all finished prefixes, whatever is asked.
    pub global: f64,
    /// That of the finished prefixes with the same last activity.
    pub last_activity: f64,
}

/// What a back-test found.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// The cases.
    pub cases: Split,
    /// How many events of test cases, their last ones apart, were asked at.
    pub prefixes: usize,
    /// The share of true remaining times at or below each of [`QUANTILES`].
    pub coverage: [f64; 5],
    /// The pinball loss, averaged over [`QUANTILES`].
    pub pinball: Score,
    /// The mean absolute error of the median.
    pub error: Score,
}

/// Why there is nothing to back-test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There are fewer than two cases that begin at different times.
    OneStart,
    /// No case was finished before the first test case began.
    NothingFinished,
    /// No test case has a second event.
    NothingToAsk,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneStart => "all cases begin at the same moment, so none comes after another",
            Self::NothingFinished => {
                "no case with two events was finished before the first test case began"
            }
            Self::NothingToAsk => "no test case has a second event, so nothing remains to forecast",
        })
    }
}

impl std::error::Error for Fault {}

/// Splits the log: the last `share` of the cases by their first event are the test; everything is
/// learnt from what was known at the moment the first of them began. `progress` is told the share
/// that is done. Times in the result are in the unit of the log.
///
/// # Errors
/// When a part of the split is empty.
pub fn backtest(
    cases: &[Case],
    share: f64,
    progress: &mut dyn FnMut(f64),
) -> Result<Backtest, Fault> {
    let now = first_test(cases, share)?;
    let split = Split {
        train: cases.iter().filter(|c| c.end() < now).count(),
        censored: cases
            .iter()
            .filter(|c| c.start() < now && c.end() >= now)
            .count(),
        test: cases.iter().filter(|c| c.start() >= now).count(),
    };
    let all = prefixes(cases, now);
    let begun = |p: &Prefix| cases[usize::try_from(p.case).unwrap_or(0)].start();
    let (test, train): (Vec<Prefix>, Vec<Prefix>) = all.iter().partition(|p| begun(p) >= now);
    let times: Vec<f64> = train
        .iter()
        .filter_map(|p| Seen::at(p, now))
        .filter(|seen| seen.finished)
        .map(|seen| seen.time)
        .collect();
    if times.is_empty() {
        return Err(Fault::NothingFinished);
    }
    if test.is_empty() {
        return Err(Fault::NothingToAsk);
    }
    let grid = Grid::new(&times);
    let decided = rehearse(cases, &train, now, &grid, &mut |done| progress(done * 0.8));
    let fit = Fit::new(train.iter(), now, &grid, &decided.way);
    progress(0.9);
    let baseline = Baseline::new(&train, now);
    let last = cases.iter().map(Case::end).fold(now, f64::max);
    let found = ask(&test, &fit, &grid, last, decided.levels.asked, &baseline);
    progress(1.0);
    Ok(Backtest {
        cases: split,
        ..found
    })
}

/// The moment the first test case begins.
fn first_test(cases: &[Case], share: f64) -> Result<f64, Fault> {
    let mut starts: Vec<f64> = cases.iter().map(Case::start).collect();
    starts.sort_by(f64::total_cmp);
    let at = index(real(starts.len()) * (1.0 - share), starts.len());
    let now = starts.get(at.min(starts.len().saturating_sub(1))).copied();
    // Many may begin at one moment: then the test is what begins there or later, and if that is
    // everything, what begins later.
    let later = |now: f64| starts.iter().copied().find(|start| *start > now);
    match now {
        Some(now) if now > starts[0] => Ok(now),
        Some(now) => later(now).ok_or(Fault::OneStart),
        None => Err(Fault::OneStart),
    }
}

/// Asks at every prefix of the test. The counts of cases are filled in by the caller.
///
/// A log ends somewhere, and shows of late cases only what fits into it. So every forecast, those
/// of the baselines too, is one for a case that is over by the last moment of the log.
fn ask(
    test: &[Prefix],
    fit: &Fit,
    grid: &Grid,
    last: f64,
    bent: [f64; 5],
    baseline: &Baseline,
) -> Backtest {
    let mut reached = [0_usize; 5];
    let mut loss = [0.0; 3];
    let mut error = [0.0; 3];
    for prefix in test {
        let curve = fit.curve(prefix);
        let room = last - prefix.at;
        let mut most = 0.0_f64;
        let quantiles = bent.map(|p| {
            most = most.max(shown(grid, curve, room, p));
            most
        });
        let true_time = prefix.remaining;
        let points = [baseline.all.min(room), baseline.of(prefix.last).min(room)];
        for (at, p) in QUANTILES.into_iter().enumerate() {
            // A millionth part is the accuracy of times, not a forecast.
            reached[at] += usize::from(true_time <= quantiles[at] * (1.0 + 1e-6) + 1e-9);
            loss[0] += pinball(p, quantiles[at], true_time);
            loss[1] += pinball(p, points[0], true_time);
            loss[2] += pinball(p, points[1], true_time);
        }
        error[0] += (quantiles[1] - true_time).abs();
        error[1] += (points[0] - true_time).abs();
        error[2] += (points[1] - true_time).abs();
    }
    let count = real(test.len());
    let three = |sums: [f64; 3], by: f64| Score {
        model: sums[0] / by,
        global: sums[1] / by,
        last_activity: sums[2] / by,
    };
    Backtest {
        cases: Split {
            train: 0,
            censored: 0,
            test: 0,
        },
        prefixes: test.len(),
        coverage: reached.map(|n| real(n) / count),
        pinball: three(loss, count * real(QUANTILES.len())),
        error: three(error, count),
    }
}

/// What becomes of a case that would last beyond the end of the log is not told by the log: it may
/// be missing, it may stand there with its last event so far, or with an event at the very end.
const BEYOND: [f64; 2] = [0.35, 0.45];

/// The time below which the share `p` of the recorded remaining times lies, when only `room` is
/// left until the log ends.
///
/// The weight beyond the end is spread over what can be recorded: a part like the rest (cases that
/// last longer are not in the log), a part evenly (their last event so far), the rest at the end.
fn shown(grid: &Grid, curve: &Curve, room: f64, p: f64) -> f64 {
    let within = below(grid, curve, room);
    if within >= 1.0 - 1e-6 || room <= 0.0 {
        return quantile(grid, curve, p).min(room.max(0.0));
    }
    let [alike, evenly] = BEYOND.map(|share| share * (1.0 - within));
    let recorded = |time: f64| {
        let done = below(grid, curve, time);
        done + alike * done / within.max(1e-9) + evenly * time / room
    };
    if recorded(0.0) >= p {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, room);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if recorded(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Medians of finished prefixes.
struct Baseline {
    all: f64,
    by: HashMap<u32, f64>,
}

impl Baseline {
    fn new(train: &[Prefix], now: f64) -> Self {
        let mut all = Vec::new();
        let mut by: HashMap<u32, Vec<f64>> = HashMap::new();
        for prefix in train {
            if let Some(Seen {
                time,
                finished: true,
            }) = Seen::at(prefix, now)
            {
                all.push(time);
                by.entry(prefix.last).or_default().push(time);
            }
        }
        let by = by.into_iter().map(|(last, times)| (last, median(times)));
        Self {
            by: by.collect(),
            all: median(all),
        }
    }

    fn of(&self, last: u32) -> f64 {
        self.by.get(&last).copied().unwrap_or(self.all)
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = |at: usize| times.get(at).copied().unwrap_or(0.0);
    // The middle one, or the mean of the two around the middle.
    let (low, high) = (times.len().saturating_sub(1) / 2, times.len() / 2);
    f64::midpoint(at(low), at(high))
}
