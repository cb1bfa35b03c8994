//! The shape of a chain: steps, what each can end in, and where that leads.

use crate::hazard::Hazard;

/// Where an outcome leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To another step, which may be an earlier one: that is a loop.
    Step(usize),
    /// To the end that is asked for.
    Done,
    /// Out of the chain: the end that is asked for will not come.
    Out,
}

/// One way a step can end.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its name.
    pub name: &'static str,
    /// What follows.
    pub to: To,
}

/// One step: a case is in exactly one at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// The stage it belongs to, by number; loops stay within a stage.
    pub stage: usize,
    /// How it ends; the first outcome is the usual one.
    pub outcomes: Vec<Outcome>,
    /// How long it lasts before anything was seen, with the shares of its outcomes.
    pub prior: Hazard,
}

/// The bins of elapsed days a step has; past the last one its hazard goes on.
pub const BINS: usize = 90;

impl Step {
    /// A step that usually lasts from `low` to `high` days (its 10 % and 90 % points), with its
    /// outcomes and their shares.
    #[must_use]
    pub fn new(
        name: &'static str,
        stage: usize,
        (low, high): (f64, f64),
        outcomes: &[(&'static str, To, f64)],
    ) -> Self {
        let shares: Vec<f64> = outcomes.iter().map(|outcome| outcome.2).collect();
        let named = outcomes
            .iter()
            .map(|(name, to, _)| Outcome { name, to: *to });
        Self {
            name,
            stage,
            outcomes: named.collect(),
            prior: Hazard::between(low, high, BINS, &shares),
        }
    }
}

/// A semi-Markov chain: how long a step lasts and what it ends in depend on the step and on the
/// time spent in it, not on what was before.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The stages' names, in their order.
    pub stages: Vec<&'static str>,
    /// The steps, in the order in which a case usually goes through them.
    pub steps: Vec<Step>,
}

impl Chain {
    /// The number of a step.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// The first step of a stage.
    #[must_use]
    pub fn first_of(&self, stage: usize) -> Option<usize> {
        self.steps.iter().position(|step| step.stage == stage)
    }

    /// The steps a case usually goes through from here, this one included.
    #[must_use]
    pub fn usual(&self, from: usize) -> Vec<usize> {
        let mut path = vec![from];
        while let Some(To::Step(next)) = path
            .last()
            .and_then(|at| self.steps.get(*at))
            .and_then(|step| step.outcomes.first())
            .map(|outcome| outcome.to)
        {
            if path.contains(&next) {
                break;
            }
            path.push(next);
        }
        path
    }
}
