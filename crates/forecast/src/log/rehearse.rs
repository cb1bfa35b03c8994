//! Rehearsals: the back-test's question put to earlier days of the training part.

use super::{
    Case, Grid,
    fit::{Fit, STRUCTURES, Seen, Way, below, score},
    prefix::{Prefix, mean},
};
use crate::number::real;

/// Where rehearsals stand, as shares of the training cases.
const STAGES: [f64; 4] = [0.5, 0.6, 0.7, 0.8];
/// A rehearsal looks so far on, as a share of the training cases.
const AHEAD: f64 = 0.2;
/// The most prefixes a rehearsal takes; more are thinned out by case.
const MOST: usize = 60_000;
/// A bent level weighs as much as the plain one at so many rehearsed cases.
const TRUST: f64 = 40.0;

/// A map from the level one wants to the level one asks the hazards for.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// Rehearsed outcomes' places, ascending, with the share that lies below.
    points: Vec<(f64, f64)>,
    weight: f64,
}

impl Levels {
    /// No change.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            points: Vec::new(),
            weight: 0.0,
        }
    }

    /// From the places of outcomes in their forecasts, some of which are only known to lie above:
    /// (place, weight, known).
    fn new(mut places: Vec<(f64, f64, bool)>, cases: usize) -> Self {
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut risk: f64 = places.iter().map(|place| place.1).sum();
        let (mut left, mut points) = (1.0, Vec::new());
        for (place, weight, known) in places {
            if known && risk > 0.0 {
                left *= 1.0 - (weight / risk).min(1.0);
                points.push((place, 1.0 - left));
            }
            risk -= weight;
        }
        Self {
            points,
            weight: real(cases) / (real(cases) + TRUST),
        }
    }

    /// The level to ask for.
    #[must_use]
    pub fn bent(&self, p: f64) -> f64 {
        let at = self.points.partition_point(|point| point.1 < p);
        let Some(high) = self.points.get(at) else {
            return p;
        };
        // Just above the place, so that an outcome there is reached.
        let bent = (high.0 + 1e-9).min(0.9999);
        p + self.weight * (bent - p)
    }
}

/// What the rehearsals decided.
pub(super) struct Decided {
    pub way: Way,
    pub levels: Levels,
}

/// One earlier day, and the prefixes of the cases that began in the days after.
struct Rehearsal<'a> {
    now: f64,
    train: Vec<&'a Prefix>,
    test: Vec<&'a Prefix>,
    cases: usize,
}

/// The rehearsals the training part allows. `starts` are the first moments of its cases, ascending.
fn rehearsals<'a>(
    cases: &[Case],
    all: &'a [Prefix],
    starts: &[f64],
    now: f64,
) -> Vec<Rehearsal<'a>> {
    let count = starts.len();
    let at = |share: f64| {
        starts
            .get(crate::number::index(real(count) * share, count))
            .copied()
    };
    let thin = (all.len() / MOST).max(1);
    let kept: Vec<&Prefix> = all
        .iter()
        .filter(|p| usize::try_from(p.case).unwrap_or(0) % thin == 0)
        .collect();
    let begun = |p: &Prefix| cases[usize::try_from(p.case).unwrap_or(0)].start();
    let each = STAGES.iter().filter_map(|stage| {
        let (from, to) = (at(*stage)?, at(stage + AHEAD).unwrap_or(now));
        let train: Vec<_> = kept
            .iter()
            .copied()
            .filter(|p| p.at < from && begun(p) < from)
            .collect();
        let test: Vec<_> = kept
            .iter()
            .copied()
            .filter(|p| from <= begun(p) && begun(p) < to && p.at < now)
            .collect();
        let finished = train.iter().any(|p| p.at + p.remaining < from);
        let mut tested: Vec<u32> = test.iter().map(|p| p.case).collect();
        tested.dedup();
        (finished && !test.is_empty()).then(|| Rehearsal {
            now: from,
            train,
            cases: tested.len(),
            test,
        })
    });
    each.collect()
}

/// Tries every way on every rehearsal. `progress` is told the share that is done.
pub(super) fn rehearse(
    cases: &[Case],
    all: &[Prefix],
    now: f64,
    grid: &Grid,
    progress: &mut dyn FnMut(f64),
) -> Decided {
    let mut starts: Vec<f64> = cases.iter().map(Case::start).filter(|t| *t < now).collect();
    starts.sort_by(f64::total_cmp);
    let span = now - starts.first().copied().unwrap_or(now);
    let rehearsals = rehearsals(cases, all, &starts, now);
    let mut best = (f64::NEG_INFINITY, plainest());
    let ways: Vec<Way> = ways(span).collect();
    for (done, way) in ways.iter().enumerate() {
        let mean = mean(rehearsals.iter().map(|one| one.score(now, grid, way)));
        if !rehearsals.is_empty() && mean > best.0 {
            best = (mean, *way);
        }
        progress(real(done + 1) / real(ways.len()));
    }
    let mut places = Vec::new();
    for one in &rehearsals {
        one.places(now, grid, &best.1, &mut places);
    }
    let cases = rehearsals.iter().map(|one| one.cases).sum();
    Decided {
        way: best.1,
        levels: Levels::new(places, cases),
    }
}

/// What is used when there is nothing to rehearse with.
fn plainest() -> Way {
    Way {
        structure: STRUCTURES[1],
        half_life: None,
        strength: 8.0,
    }
}

fn ways(span: f64) -> impl Iterator<Item = Way> {
    let fading = [None, Some(span / 3.0), Some(span / 8.0)];
    STRUCTURES.into_iter().flat_map(move |structure| {
        fading.into_iter().flat_map(move |half_life| {
            [6.0, 24.0].into_iter().map(move |strength| Way {
                structure,
                half_life,
                strength,
            })
        })
    })
}

impl Rehearsal<'_> {
    fn fit(&self, grid: &Grid, way: &Way) -> Fit {
        Fit::new(self.train.iter().copied(), self.now, grid, way)
    }

    /// The mean log score of what is known on the day `now`.
    fn score(&self, now: f64, grid: &Grid, way: &Way) -> f64 {
        let fit = self.fit(grid, way);
        mean(self.test.iter().filter_map(|prefix| {
            let seen = Seen::at(prefix, now)?;
            Some(score(grid, fit.curve(prefix), seen))
        }))
    }

    /// Where the outcomes lay in their forecasts; each rehearsal weighs the same.
    fn places(&self, now: f64, grid: &Grid, way: &Way, places: &mut Vec<(f64, f64, bool)>) {
        let fit = self.fit(grid, way);
        for prefix in &self.test {
            if let Some(seen) = Seen::at(prefix, now) {
                let place = below(grid, fit.curve(prefix), seen.time);
                places.push((place, 1.0 / real(self.test.len()), seen.finished));
            }
        }
    }
}
