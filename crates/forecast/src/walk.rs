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
const DUST: f64 = 1e-5;
/// When so much is ruled out, a forecast has nothing left to say.
const GONE: f64 = 0.999;
/// What is left of a flow when it ends.
const REST: f64 = 1e-4;
/// A loop may be gone through so many times in one day.
const ROUNDS: usize = 2;

/// What a step does at one place.
#[derive(Clone, Debug)]
pub(crate) struct Speed {
    axis: Axis,
    hazard: Hazard,
    /// For each outcome the share that leaves by it in each bin, of what enters on an open day.
    flows: Vec<Vec<f64>>,
    /// The same for what enters on a day that is not open: nothing leaves in bin 0.
    late: Vec<Vec<f64>>,
}

impl Speed {
    pub(crate) fn new(axis: Axis, hazard: Hazard) -> Self {
        let flow = flows(&hazard, 0);
        let late = if axis == Axis::Every {
            Vec::new()
        } else {
            flows(&hazard, 1)
        };
        Self {
            axis,
            hazard,
            flows: flow,
            late,
        }
    }
}

/// The share that leaves by each outcome in each bin from `first` on. Where next to nothing is
/// left, it leaves at once.
fn flows(hazard: &Hazard, first: usize) -> Vec<Vec<f64>> {
    let last = hazard.leave.len() - 1;
    let mut flows = vec![Vec::new(); hazard.share.len()];
    let mut left = 1.0;
    for bin in first..first + HORIZON {
        let bin = bin.min(last);
        let leaving = if left < REST {
            left
        } else {
            left * hazard.leave[bin]
        };
        for (flow, share) in flows.iter_mut().zip(&hazard.share) {
            flow.push(leaving * share[bin]);
        }
        left -= leaving;
        if left <= 0.0 {
            break;
        }
    }
    flows
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
        if gone >= GONE {
            return None;
        }
        // Whoever reached the end before had passed the stage before, too.
        let stages = self.stages.iter();
        Some(Self {
            whole: since(&self.whole, gone, today),
            stages: stages
                .map(|(stage, d)| (*stage, since(d, gone, today)))
                .collect(),
            out: self.out,
        })
    }
}

/// Everything under way of one forecast.
struct Walk<'a> {
    chain: &'a Chain,
    /// For each step the days on which it can be left, counted from the first; none for every day.
    open: Vec<Option<Vec<usize>>>,
    /// What enters each step on each day.
    enters: Vec<Vec<f64>>,
    /// What passes the end of each stage on each day.
    passes: Vec<Vec<f64>>,
    /// What leaves the chain by the end of each stage.
    out: Vec<f64>,
}

pub(crate) fn forecast(chain: &Chain, speeds: &[Speed], week: &Week, at: Situation) -> Forecast {
    let first = at.today.max(at.since);
    let mut walk = Walk::new(chain, speeds, week, first);
    let axis = &speeds[at.step].axis;
    let spent = if first > at.since {
        let past = axis.walk(at.since, first - 1, week).last();
        past.map_or(1, |past| past.1 + 1)
    } else {
        usize::from(!axis.is_open(first, week))
    };
    let begun = flows(&speeds[at.step].hazard, spent);
    walk.spread(at.step, &begun, 0, 1.0);
    walk.run(speeds);
    walk.done(chain.steps[at.step].stage, first)
}

/// The share that is still in the step when day `until` is over, of what is in it as today begins:
/// the days already lived through are given, whatever the outcome that ends the stay.
pub(crate) fn stays(speed: &Speed, week: &Week, at: Situation, until: i32) -> f64 {
    let last = speed.hazard.leave.len() - 1;
    let ahead = speed.axis.walk(at.since, until, week);
    let ahead = ahead.filter(|(day, _)| *day >= at.today);
    ahead
        .map(|(_, bin)| 1.0 - speed.hazard.leave[bin.min(last)])
        .product()
}

/// The same when only the stage is known: it was entered by this step, and is not over.
pub(crate) fn within(
    chain: &Chain,
    speeds: &[Speed],
    week: &Week,
    at: Situation,
) -> Option<Forecast> {
    let from = Situation {
        today: at.since,
        ..at
    };
    let begun = forecast(chain, speeds, week, from);
    let (stage, ends) = &begun.stages[0];
    let ends = later(ends, at.today)?;
    let mut stages = vec![(*stage, ends.clone())];
    let mut out = begun.out;
    if let Some(step) = chain.first_of(stage + 1) {
        let mut walk = Walk::new(chain, speeds, week, ends.first());
        let mut before = 0.0;
        for (day, done) in walk.enters[step].iter_mut().zip(ends.done()) {
            *day = done - before;
            before = *done;
        }
        walk.run(speeds);
        let rest = walk.done(stage + 1, ends.first());
        out += (1.0 - out) * rest.out;
        stages.extend(rest.stages);
    }
    Some(Forecast {
        whole: stages[stages.len() - 1].1.clone(),
        stages,
        out,
    })
}

/// A distribution when it is known that the day lies not before `today`. None when that could
/// hardly be.
fn later(d: &Distribution, today: i32) -> Option<Distribution> {
    let gone = d.by(today.saturating_sub(1));
    (gone < GONE).then(|| since(d, gone, today))
}

/// The share done from `today` on, when the share `gone` is ruled out.
fn since(d: &Distribution, gone: f64, today: i32) -> Distribution {
    let skip = steps(d.first(), today).min(d.done().len());
    let mut before = 0.0;
    let weights = d.done()[skip..].iter().map(|done| {
        let done = ((done - gone) / (1.0 - gone)).clamp(0.0, 1.0);
        let weight = done - before;
        before = done;
        weight
    });
    Distribution::new(today.max(d.first()), weights.collect())
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

impl<'a> Walk<'a> {
    fn new(chain: &'a Chain, speeds: &[Speed], week: &Week, first: i32) -> Self {
        let open = speeds.iter().map(|speed| slots(&speed.axis, first, week));
        Self {
            chain,
            open: open.collect(),
            enters: vec![vec![0.0; HORIZON + 1]; chain.steps.len()],
            passes: vec![vec![0.0; HORIZON]; chain.stages.len()],
            out: vec![0.0; chain.stages.len()],
        }
    }

    /// Sends everything on, day by day.
    fn run(&mut self, speeds: &[Speed]) {
        for day in 0..HORIZON {
            for round in 0..=ROUNDS {
                let mut moved = false;
                for (step, speed) in speeds.iter().enumerate() {
                    let mass = std::mem::take(&mut self.enters[step][day]);
                    if mass < DUST || round == ROUNDS {
                        self.enters[step][day + 1] += mass;
                        continue;
                    }
                    moved = true;
                    let open = self.open[step].as_ref();
                    let shut = open.is_some_and(|open| open.binary_search(&day).is_err());
                    let flows = if shut { &speed.late } else { &speed.flows };
                    self.spread(step, flows, day, mass);
                }
                if !moved {
                    break;
                }
            }
        }
    }

    /// Lets `mass` that is in a step on `day` leave it by its flows, on the days that are open.
    fn spread(&mut self, step: usize, flows: &[Vec<f64>], day: usize, mass: f64) {
        let open = self.open[step].as_deref();
        let chain = self.chain;
        let here = &chain.steps[step];
        for (outcome, flow) in here.outcomes.iter().zip(flows) {
            let next = match outcome.to {
                To::Step(next) => {
                    add(&mut self.enters[next], flow, open, day, mass);
                    chain.steps[next].stage
                }
                To::Done => self.passes.len(),
                To::Out => {
                    let out = mass * flow.iter().sum::<f64>();
                    self.out[here.stage..]
                        .iter_mut()
                        .for_each(|sum| *sum += out);
                    continue;
                }
            };
            for passed in &mut self.passes[here.stage..next.max(here.stage)] {
                add(passed, flow, open, day, mass);
            }
        }
    }

    /// The distributions, each given that its end is reached.
    fn done(self, from: usize, first: i32) -> Forecast {
        let last = self.passes.len() - 1;
        let out = self.out[last];
        let of = |(stage, days): (usize, Vec<f64>)| {
            let reached = (1.0 - self.out[stage]).max(1e-9);
            let days = days.into_iter().map(|mass| mass / reached).collect();
            (stage, unforeseen(&Distribution::new(first, days)))
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

/// Adds a flow to the days it reaches.
fn add(days: &mut [f64], flow: &[f64], open: Option<&[usize]>, from: usize, mass: f64) {
    match open {
        None => {
            for (day, share) in days[from..].iter_mut().zip(flow) {
                *day += mass * share;
            }
        }
        Some(open) => {
            let first = open.partition_point(|day| *day < from);
            for (day, share) in open[first..].iter().zip(flow) {
                days[*day] += mass * share;
            }
        }
    }
}

/// How probable it is that something comes between that no stay has shown so far: a system that is
/// rebuilt, an office that stops over new year.
const UNFORESEEN: f64 = 0.04;

/// The distribution with a heavier tail: with a small probability everything takes twice or four
/// times as long (Huber's contaminated distribution). Without it no date would hold when an office
/// stops, however high a level is asked for.
fn unforeseen(plain: &Distribution) -> Distribution {
    let done = plain.done();
    let mut before = 0.0;
    let weights = (0..done.len()).map(|day| {
        let slower = f64::midpoint(done[day / 2], done[day / 4]);
        let by = (1.0 - UNFORESEEN) * done[day] + UNFORESEEN * slower.min(done[day]);
        let weight = by - before;
        before = by;
        weight
    });
    Distribution::new(plain.first(), weights.collect())
}
