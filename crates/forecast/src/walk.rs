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

/// Everything under way of one forecast.
struct Walk<'a> {
    chain: &'a Chain,
    /// What enters each step on each day.
    enters: Vec<Vec<f64>>,
    /// What passes the end of each stage on each day.
    passes: Vec<Vec<f64>>,
    /// What leaves the chain by the end of each stage.
    out: Vec<f64>,
}

pub(crate) fn forecast(chain: &Chain, speeds: &[Speed], week: &Week, at: Situation) -> Forecast {
    let first = at.today.max(at.since);
    let mut walk = Walk {
        chain,
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
    walk.done(at.step, first)
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
