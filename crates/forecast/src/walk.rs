//! From hazards to a forecast: the probability is carried forward day by day.

use crate::{
    axis::{Axis, Week},
    chain::{Chain, To},
    distribution::Distribution,
    hazard::Hazard,
    number::steps,
};

/// So many days ahead does a forecast look.
pub const HORIZON: usize = 260;
/// What is less than this is left where it is for a day.
const DUST: f64 = 1e-6;
/// A loop may be gone through so many times in one day.
const ROUNDS: usize = 2;

/// What a step does at one place.
#[derive(Clone, Debug)]
pub(crate) struct Speed {
    pub axis: Axis,
    pub hazard: Hazard,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The step it is in.
    pub step: usize,
    /// The day it entered it.
    pub since: i32,
    /// The first day of which nothing is known yet: today. A step that is still to begin begins
    /// on `since`.
    pub today: i32,
}

/// When a case is done, stage by stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The end of the chain, given that it is reached.
    pub whole: Distribution,
    /// For each stage from the present one on the end of the stage, given that it is passed.
    pub stages: Vec<(usize, Distribution)>,
    /// How probable it is that the chain is left without reaching its end.
    pub out: f64,
}

impl Forecast {
    /// The same forecast when nothing more is learnt than that the end was not reached before
    /// `today`. None when that could hardly be. A stage may have ended before; then it ended
    /// "today" at the latest.
    #[must_use]
    pub fn not_before(&self, today: i32) -> Option<Self> {
        let gone = self.whole.by(today.saturating_sub(1));
        if gone > 1.0 - 1e-6 {
            return None;
        }
        // Whoever reached the end before had passed the stage before, too.
        let of = |d: &Distribution| {
            let skip = steps(d.first(), today).min(d.done().len());
            let later = d.done()[skip..].iter();
            let done = later.map(|done| ((done - gone) / (1.0 - gone)).clamp(0.0, 1.0));
            let mut before = 0.0;
            let weights = done.map(|done| {
                let weight = done - before;
                before = done;
                weight
            });
            Distribution::new(today.max(d.first()), weights.collect())
        };
        Some(Self {
            whole: of(&self.whole),
            stages: self
                .stages
                .iter()
                .map(|(stage, d)| (*stage, of(d)))
                .collect(),
            out: self.out,
        })
    }
}

/// Everything under way of one forecast.
struct Walk<'a> {
    chain: &'a Chain,
    /// Before that day, only in these steps.
    kept: (usize, &'a [usize]),
    /// What enters each step on each day.
    enters: Vec<Vec<f64>>,
    /// What passes the end of each stage on each day.
    passes: Vec<Vec<f64>>,
    /// What leaves the chain by the end of each stage.
    out: Vec<f64>,
}

pub(crate) fn forecast(chain: &Chain, speeds: &[Speed], week: &Week, at: Situation) -> Forecast {
    let first = at.today.max(at.since);
    walk(chain, speeds, week, at, (0, &[])).done(at.step, first)
}

/// The least share of cases that may still be where one looks for them.
const LEAST: f64 = 1e-3;

/// The same when all that is known is that the case entered its step on that day and is today in
/// one of the steps of `among`: it is followed from that day on, and whatever would have led
/// elsewhere before today did not happen. None when that could hardly be.
pub(crate) fn forecast_among(
    chain: &Chain,
    speeds: &[Speed],
    week: &Week,
    at: Situation,
    among: &[usize],
) -> Option<Forecast> {
    let waited = steps(at.since, at.today);
    if waited == 0 {
        return Some(forecast(chain, speeds, week, at));
    }
    if waited >= HORIZON {
        return None;
    }
    let from = Situation {
        today: at.since,
        ..at
    };
    let walk = walk(chain, speeds, week, from, (waited, among));
    let kept = walk.passes[walk.passes.len() - 1].iter().sum::<f64>() + walk.out[walk.out.len() - 1];
    (kept > LEAST).then(|| walk.kept(kept, waited).done(at.step, at.today))
}

/// Carries the probability forward from the first day on. Before the day numbered by the first of
/// `kept`, what leaves the steps that are the second is dropped.
fn walk<'a>(
    chain: &'a Chain,
    speeds: &[Speed],
    week: &Week,
    at: Situation,
    kept: (usize, &'a [usize]),
) -> Walk<'a> {
    let first = at.today.max(at.since);
    let mut walk = Walk {
        chain,
        kept,
        enters: vec![vec![0.0; HORIZON + 1]; chain.steps.len()],
        passes: vec![vec![0.0; HORIZON]; chain.stages.len()],
        out: vec![0.0; chain.stages.len()],
    };
    // The days on which each step that does not run every day can be left, counted from `first`.
    let open: Vec<Option<Vec<usize>>> = speeds
        .iter()
        .map(|speed| slots(&speed.axis, first, week))
        .collect();
    let axis = &speeds[at.step].axis;
    let spent = if first > at.since {
        let past = axis.walk(at.since, first - 1, week).last();
        past.map_or(1, |past| past.1 + 1)
    } else {
        usize::from(!axis.is_open(first, week))
    };
    walk.spread(
        at.step,
        &speeds[at.step],
        open[at.step].as_deref(),
        0,
        1.0,
        spent,
    );
    for day in 0..HORIZON {
        for round in 0..=ROUNDS {
            let mut moved = false;
            for step in 0..speeds.len() {
                let mass = std::mem::take(&mut walk.enters[step][day]);
                if mass < DUST || round == ROUNDS {
                    walk.enters[step][day + 1] += mass;
                    continue;
                }
                moved = true;
                let (speed, open) = (&speeds[step], open[step].as_deref());
                let bin = usize::from(open.is_some_and(|open| open.binary_search(&day).is_err()));
                walk.spread(step, speed, open, day, mass, bin);
            }
            if !moved {
                break;
            }
        }
    }
    walk
}

/// The open days of an axis from `first` on; none when every day is open.
fn slots(axis: &Axis, first: i32, week: &Week) -> Option<Vec<usize>> {
    if *axis == Axis::Every {
        return None;
    }
    let last = crate::number::after(first, HORIZON - 1);
    let days = (first..=last).filter(|day| axis.is_open(*day, week));
    Some(days.map(|day| steps(first, day)).collect())
}

impl Walk<'_> {
    /// Lets `mass` that is in a step on `day`, in bin `bin`, leave it day by day.
    fn spread(
        &mut self,
        step: usize,
        speed: &Speed,
        open: Option<&[usize]>,
        day: usize,
        mass: f64,
        bin: usize,
    ) {
        match open {
            None => self.drain(step, speed, day..HORIZON, mass, bin),
            Some(open) => {
                let from = open.partition_point(|at| *at < day);
                self.drain(step, speed, open[from..].iter().copied(), mass, bin);
            }
        }
    }

    fn drain(
        &mut self,
        step: usize,
        speed: &Speed,
        days: impl Iterator<Item = usize>,
        mass: f64,
        bin: usize,
    ) {
        let chain = self.chain;
        let here = &chain.steps[step];
        let last = speed.hazard.leave.len() - 1;
        let mut left = mass;
        for (more, day) in days.enumerate() {
            let bin = (bin + more).min(last);
            let leaving = left * speed.hazard.leave[bin];
            left -= leaving;
            for (outcome, share) in here.outcomes.iter().zip(&speed.hazard.share) {
                self.arrive(here.stage, outcome.to, day, leaving * share[bin]);
            }
            if left < DUST * mass {
                break;
            }
        }
    }

    fn arrive(&mut self, stage: usize, to: To, day: usize, mass: f64) {
        let (until, among) = self.kept;
        if day < until && !matches!(to, To::Step(step) if among.contains(&step)) {
            return;
        }
        let next = match to {
            To::Step(step) => {
                self.enters[step][day] += mass;
                self.chain.steps[step].stage
            }
            To::Done => self.passes.len(),
            To::Out => {
                self.out[stage..].iter_mut().for_each(|out| *out += mass);
                return;
            }
        };
        for passed in &mut self.passes[stage..next.max(stage)] {
            passed[day] += mass;
        }
    }

    /// The same with what was kept as the whole, counted from a later day: a stage that ended
    /// before ended on that day at the latest.
    fn kept(mut self, all: f64, from: usize) -> Self {
        for passed in &mut self.passes {
            let before: f64 = passed.drain(..from).sum();
            passed[0] += before;
            passed.iter_mut().for_each(|mass| *mass /= all);
        }
        self.out.iter_mut().for_each(|out| *out /= all);
        self
    }

    /// The distributions, each given that its end is reached.
    fn done(self, step: usize, first: i32) -> Forecast {
        let from = self.chain.steps[step].stage;
        let last = self.passes.len() - 1;
        let out = self.out[last];
        let of = |(stage, days): (usize, Vec<f64>)| {
            let reached = (1.0 - self.out[stage]).max(1e-9);
            let days = days.into_iter().map(|mass| mass / reached).collect();
            (stage, Distribution::new(first, days))
        };
        let stages: Vec<_> = self
            .passes
            .into_iter()
            .enumerate()
            .skip(from)
            .map(of)
            .collect();
        Forecast {
            whole: stages[stages.len() - 1].1.clone(),
            stages,
            out,
        }
    }
}
