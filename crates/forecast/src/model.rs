//! What is learnt from a stream of stays, place under place, and asked for forecasts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    axis::{Axis, Week},
    cell::{Cell, Memory},
    chain::Chain,
    number::real,
    walk::{Forecast, Situation, Speed, forecast, stays, within},
};

/// The memory of the last days alone.
fn lately(memory: Memory) -> Memory {
    Memory {
        half_life: memory.lately,
        ..memory
    }
}

/// A place of a model: the whole, or a part of another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(usize);

struct Part {
    above: Option<Place>,
    below: Vec<Place>,
    cells: Vec<Cell>,
    /// What a schedule tells of a step, for this place and those below.
    slots: Vec<Option<Axis>>,
    /// The chance of leaving a step at each slot, where a schedule tells that, too.
    waits: Vec<Option<Vec<f64>>>,
}

/// How fast each step goes at one place: hazards, made once and then good for every case there.
#[derive(Debug)]
pub struct Speeds {
    speeds: Vec<Speed>,
    /// For each level from the whole down: its finished stays, by step.
    finished: Vec<Vec<usize>>,
}

/// A forecast with what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// When.
    pub forecast: Forecast,
    /// How deep in the path of places the figures come from: 0 is the whole. None when nothing was
    /// seen and the prior speaks alone.
    pub level: Option<usize>,
    /// So many finished cases stand behind it, at that level: the least of the steps ahead whose
    /// end no schedule tells.
    pub sample: usize,
}

/// A level speaks for itself from so many finished cases on.
pub const SPEAKS: usize = 20;

/// Learns from stays and answers with forecasts.
///
/// Days are numbers; for offices they are working days, and [`Week`] says which weekday each is.
/// Nothing in here depends on the order in which places were named or on chance.
pub struct Model {
    chain: Chain,
    memory: Memory,
    week: Week,
    parts: Vec<Part>,
    names: HashMap<(Place, Box<str>), Place>,
    today: i32,
    /// Steps whose end a schedule tells somewhere.
    told: Vec<bool>,
    made: Mutex<HashMap<Place, Arc<Speeds>>>,
}

impl Model {
    /// A model that knows the chain's priors and nothing else.
    #[must_use]
    pub fn new(chain: Chain, memory: Memory) -> Self {
        let mut model = Self {
            told: vec![false; chain.steps.len()],
            chain,
            memory,
            week: Week::default(),
            parts: Vec::new(),
            names: HashMap::new(),
            today: i32::MIN / 2,
            made: Mutex::default(),
        };
        model.add(None);
        model
    }

    /// The whole.
    #[must_use]
    pub fn whole(&self) -> Place {
        Place(0)
    }

    /// The chain.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The place at the end of a path from the whole: province, authority, institution. New names
    /// make new places.
    pub fn place(&mut self, path: &[&str]) -> Place {
        let mut at = self.whole();
        for name in path {
            let key = (at, Box::from(*name));
            at = match self.names.get(&key) {
                Some(place) => *place,
                None => {
                    let place = self.add(Some(at));
                    self.names.insert(key, place);
                    place
                }
            };
        }
        at
    }

    /// The deepest known place on a path: where to ask when a part of it was never seen.
    #[must_use]
    pub fn known(&self, path: &[&str]) -> Place {
        let mut at = self.whole();
        for name in path {
            match self.names.get(&(at, Box::from(*name))) {
                Some(place) => at = *place,
                None => break,
            }
        }
        at
    }

    fn add(&mut self, above: Option<Place>) -> Place {
        let steps = self.chain.steps.len();
        self.parts.push(Part {
            above,
            below: Vec::new(),
            cells: vec![Cell::default(); steps],
            slots: vec![None; steps],
            waits: vec![None; steps],
        });
        let place = Place(self.parts.len() - 1);
        if let Some(above) = above {
            self.parts[above.0].below.push(place);
        }
        place
    }

    /// Tells which weekday each day is.
    pub fn set_week(&mut self, week: Week) {
        self.week = week;
        self.renew();
    }

    /// Tells the days on which a step can be left at a place and below it: the slots of a feed.
    /// They are given as far ahead as they are known; beyond, every day counts.
    pub fn set_slots(&mut self, place: Place, step: usize, mut days: Vec<i32>) {
        days.sort_unstable();
        days.dedup();
        self.parts[place.0].slots[step] = Some(Axis::Slots(days.into()));
        self.renew();
    }

    /// Tells how a step is left at a place and below it before anything was seen there: the chance
    /// of leaving at the slot of the very day, at the next one, and so on; the last goes on.
    pub fn set_waits(&mut self, place: Place, step: usize, leave: &[f64]) {
        self.parts[place.0].waits[step] = Some(leave.to_vec()).filter(|leave| !leave.is_empty());
        self.told[step] = true;
        self.renew();
    }

    /// A case enters a step.
    pub fn enter(&mut self, place: Place, step: usize, day: i32) {
        self.each(place, |part| part.cells[step].enter(day));
    }

    /// A case leaves a step by an outcome, counted as the chain counts its outcomes.
    pub fn leave(&mut self, place: Place, step: usize, entered: i32, left: i32, outcome: usize) {
        let most = self.chain.steps[step].outcomes.len() - 1;
        let outcome = u8::try_from(outcome.min(most)).unwrap_or(0);
        let left = left.max(entered);
        self.each(place, |part| part.cells[step].leave(entered, left, outcome));
    }

    /// A case that had entered a step on that day is gone: it ended in what the chain does not know.
    pub fn withdraw(&mut self, place: Place, step: usize, entered: i32) {
        self.each(place, |part| part.cells[step].withdraw(entered));
    }

    fn each(&mut self, place: Place, mut act: impl FnMut(&mut Part)) {
        let mut at = Some(place);
        while let Some(Place(place)) = at {
            let part = &mut self.parts[place];
            act(part);
            at = part.above;
        }
    }

    /// A new day begins: what was told up to the day before is learnt, and what is too old is
    /// forgotten. Forecasts before this speak from what was known the day before.
    pub fn begin(&mut self, today: i32) {
        self.today = today;
        // Forgetting a part at a time keeps a day's work even.
        let oldest = today.saturating_sub(self.memory.window);
        for part in &mut self.parts {
            for cell in &mut part.cells {
                cell.forget(oldest);
            }
        }
        self.renew();
    }

    fn renew(&mut self) {
        self.made
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The path from the whole to a place.
    fn path(&self, place: Place) -> Vec<Place> {
        let mut path = vec![place];
        while let Some(above) = self.parts[path[path.len() - 1].0].above {
            path.push(above);
        }
        path.reverse();
        path
    }

    /// How fast a place is; made at the first question of a day and kept until the next day.
    #[must_use]
    pub fn speeds(&self, place: Place) -> Arc<Speeds> {
        let kept = |made: &HashMap<Place, Arc<Speeds>>| made.get(&place).cloned();
        if let Some(speeds) = kept(&self.made.lock().unwrap_or_else(PoisonError::into_inner)) {
            return speeds;
        }
        let path = self.path(place);
        let steps = 0..self.chain.steps.len();
        let speeds = Arc::new(Speeds {
            speeds: steps.map(|step| self.speed(&path, step)).collect(),
            finished: path
                .iter()
                .map(|place| {
                    self.parts[place.0]
                        .cells
                        .iter()
                        .map(Cell::finished)
                        .collect()
                })
                .collect(),
        });
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(place, Arc::clone(&speeds));
        speeds
    }

    /// One step: from the prior down the path, each level moved by what it saw itself and its
    /// child did not.
    fn speed(&self, path: &[Place], step: usize) -> Speed {
        let outcomes = self.chain.steps[step].outcomes.len();
        let mut axis = Axis::Every;
        let mut told = false;
        let mut hazard = self.chain.steps[step].prior.clone();
        for (depth, place) in path.iter().enumerate() {
            let part = &self.parts[place.0];
            let cell = &part.cells[step];
            let next = match &part.slots[step] {
                Some(slots) => {
                    told = true;
                    slots.clone()
                }
                None if told => axis.clone(),
                None => cell
                    .learnt(&self.week, self.today, self.memory)
                    .unwrap_or_else(|| axis.clone()),
            };
            if next != axis {
                hazard = hazard.in_slots((next.gap() / axis.gap()).max(1.0));
                axis = next;
            }
            if let Some(leave) = &part.waits[step] {
                hazard = hazard.told(leave);
            }
            let below = path.get(depth + 1).copied();
            let akin = self.akin(*place, below, step);
            for memory in [self.memory, lately(self.memory)] {
                let minus = below.map(|place| &self.parts[place.0].cells[step]);
                let mut counts =
                    cell.counts(minus, &axis, &self.week, self.today, memory, outcomes);
                counts.scale(akin);
                if counts.risk.iter().any(|risk| *risk > 0.0) {
                    hazard = hazard.moved(&counts, hazard.strength(&counts));
                }
            }
        }
        Speed::new(axis, hazard)
    }

    /// The weight of what the other places below say, when one of them is asked about: a hundred
    /// cases of one of them say less of the rest than one case each of a hundred.
    fn akin(&self, place: Place, asked: Option<Place>, step: usize) -> f64 {
        let Some(asked) = asked else {
            return 1.0;
        };
        let others = self.parts[place.0].below.iter().filter(|p| **p != asked);
        let sizes = others.map(|p| real(self.parts[p.0].cells[step].finished()));
        let (mut sum, mut squares) = (0.0, 0.0);
        for size in sizes {
            sum += size;
            squares += size * size;
        }
        if sum <= 0.0 {
            return 1.0;
        }
        1.0 / (1.0 + self.memory.akin * (squares / sum - 1.0).max(0.0))
    }

    /// How probable it is that a case is still in its step when day `until` is over.
    #[must_use]
    pub fn stays(&self, place: Place, at: Situation, until: i32) -> f64 {
        let speeds = self.speeds(place);
        stays(&speeds.speeds[at.step], &self.week, at, until)
    }

    /// When a case at this place is done.
    #[must_use]
    pub fn estimate(&self, place: Place, at: Situation) -> Estimate {
        self.estimate_with(&self.speeds(place), at)
    }

    /// The same when only the stage is known: it was entered by the step of `at` on `since`, and it
    /// is not over. In which of its steps the case stands is not known.
    #[must_use]
    pub fn estimate_in_stage(&self, place: Place, at: Situation) -> Estimate {
        let speeds = self.speeds(place);
        let known = within(&self.chain, &speeds.speeds, &self.week, at);
        let strict = self.estimate_with(&speeds, at);
        // So long that nothing is left of the forecast: then it may as well be the first step.
        Estimate {
            forecast: known.unwrap_or(strict.forecast),
            ..strict
        }
    }

    /// The same with speeds that were fetched before: for many cases of one place.
    #[must_use]
    pub fn estimate_with(&self, speeds: &Speeds, at: Situation) -> Estimate {
        // What a schedule tells needs no cases that show it, unless nothing else is ahead.
        let usual = self.chain.usual(at.step);
        let shown: Vec<usize> = usual
            .iter()
            .copied()
            .filter(|step| !self.told[*step])
            .collect();
        let ahead = if shown.is_empty() { usual } else { shown };
        let least = |finished: &Vec<usize>| {
            let counts = ahead.iter().map(|step| finished[*step]);
            counts.min().unwrap_or(0)
        };
        let samples: Vec<usize> = speeds.finished.iter().map(least).collect();
        let deepest = |enough: usize| samples.iter().rposition(|sample| *sample >= enough);
        let level = deepest(SPEAKS).or_else(|| deepest(1));
        Estimate {
            forecast: forecast(&self.chain, &speeds.speeds, &self.week, at),
            level,
            sample: level.map_or(0, |level| samples[level]),
        }
    }
}
