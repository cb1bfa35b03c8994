//! Rehearsals: the back-test's question put to earlier days of the training part.

use super::{
    Case, Grid, QUANTILES,
    fit::{Fit, Marks, STRUCTURES, Seen, Way, below},
    prefix::{Prefix, mean},
};
use crate::number::real;

/// Where rehearsals stand, as shares of the training cases.
const STAGES: [f64; 4] = [0.5, 0.6, 0.7, 0.8];
/// A rehearsal looks so far on, as a share of the training cases.
const AHEAD: f64 = 0.2;
/// The most prefixes a rehearsal takes; more are thinned out by case.
const MOST: usize = 60_000;
/// So many structures are looked at more closely.
const FINALISTS: usize = 3;
/// How far the level that is needed lies from the one that is wanted, before any rehearsal, in
/// standard deviations of a single outcome.
const DOUBT: f64 = 0.16;

/// The levels one asks the hazards for, in place of those one wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// For each of the [`QUANTILES`].
    pub asked: [f64; QUANTILES.len()],
}

/// Where one outcome lay in its forecast, how much it weighs, and whether it is known or only known
/// to lie above.
type PlaceIn = (f64, f64, bool);

impl Levels {
    /// From the outcomes of rehearsals.
    ///
    /// Each rehearsal says which level it would have needed. Their mean is taken as far as they
    /// agree: what a level needs is believed to differ from the level by [`DOUBT`] before any
    /// rehearsal, and the mean has the error their spread shows.
    fn new(rehearsals: &[Vec<PlaceIn>]) -> Self {
        let asked = QUANTILES.map(|p| {
            let needed: Vec<f64> = rehearsals.iter().filter_map(|one| needed(one, p)).collect();
            let count = real(needed.len());
            if needed.is_empty() {
                return p;
            }
            let middle = mean(needed.iter().copied());
            let spread = needed.iter().map(|n| (n - middle).powi(2)).sum::<f64>();
            let doubt = DOUBT.powi(2) * p * (1.0 - p);
            // One rehearsal alone is as uncertain as the belief.
            let error = if needed.len() > 1 {
                spread / (count - 1.0) / count
            } else {
                doubt
            };
            let believed = doubt / (doubt + error);
            (p + believed * (middle - p)).clamp(0.001, 0.9995)
        });
        Self { asked }
    }
}

/// The level that would have held the share `p` of these outcomes: the quantile of their places by
/// the product-limit estimate. None when too many are only known to lie above.
fn needed(places: &[PlaceIn], p: f64) -> Option<f64> {
    let mut places = places.to_vec();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut risk: f64 = places.iter().map(|place| place.1).sum();
    let mut left = 1.0;
    for (place, weight, known) in places {
        if known && risk > 0.0 {
            left *= 1.0 - (weight / risk).min(1.0);
            if 1.0 - left >= p - 1e-9 {
                // Just above the place, so that an outcome there is reached.
                return Some((place + 1e-9).min(1.0));
            }
        }
        risk -= weight;
    }
    None
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
        (finished && !test.is_empty()).then_some(Rehearsal {
            now: from,
            train,
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
    let marks = marks(all, now, grid);
    let rehearsals = rehearsals(cases, all, &starts, now);
    let mut tried = Vec::new();
    let mut attempt = |way: Way, done: f64| {
        let score = mean(
            rehearsals
                .iter()
                .map(|one| one.score(now, grid, &marks, &way)),
        );
        tried.push((score, way));
        tried.sort_by(|a: &(f64, Way), b| b.0.total_cmp(&a.0));
        progress(done);
        tried.clone()
    };
    let mut best = plainest();
    if !rehearsals.is_empty() {
        // First which structure, then for the best of them how to learn.
        let mut order = Vec::new();
        for (at, structure) in STRUCTURES.into_iter().enumerate() {
            let way = Way { structure, ..best };
            order = attempt(way, real(at) / real(STRUCTURES.len()) / 2.0);
        }
        order.truncate(FINALISTS);
        let ways: Vec<Way> = order.iter().flat_map(|one| ways(one.1, span)).collect();
        for (at, way) in ways.iter().enumerate() {
            best = attempt(*way, 0.5 + real(at) / real(ways.len()) / 2.0)[0].1;
        }
    }
    let places = rehearsals.iter().map(|one| one.places(now, grid, &best));
    Decided {
        way: best,
        levels: Levels::new(&places.collect::<Vec<_>>()),
    }
}

fn marks(all: &[Prefix], now: f64, grid: &Grid) -> Marks {
    let seen = all.iter().filter_map(|prefix| Seen::at(prefix, now));
    let times: Vec<f64> = seen.filter(|s| s.finished).map(|s| s.time).collect();
    Marks::new(grid, &times)
}

/// What is used when there is nothing to rehearse with.
fn plainest() -> Way {
    Way {
        structure: STRUCTURES[1],
        half_life: None,
        strength: 24.0,
    }
}

/// Other ways to learn with the same structure.
fn ways(way: Way, span: f64) -> Vec<Way> {
    let mut ways = Vec::new();
    for half_life in [None, Some(span / 3.0), Some(span / 8.0)] {
        for strength in [6.0, 24.0] {
            ways.push(Way {
                structure: way.structure,
                half_life,
                strength,
            });
        }
    }
    ways
}

impl Rehearsal<'_> {
    fn fit(&self, grid: &Grid, way: &Way) -> Fit {
        Fit::new(self.train.iter().copied(), self.now, grid, way)
    }

    /// The mean score of what is known on the day `now`.
    fn score(&self, now: f64, grid: &Grid, marks: &Marks, way: &Way) -> f64 {
        let fit = self.fit(grid, way);
        mean(self.test.iter().filter_map(|prefix| {
            let seen = Seen::at(prefix, now)?;
            Some(marks.score(grid, fit.curve(prefix), seen))
        }))
    }

    /// Where the outcomes lay in their forecasts.
    fn places(&self, now: f64, grid: &Grid, way: &Way) -> Vec<PlaceIn> {
        let fit = self.fit(grid, way);
        let each = self.test.iter().filter_map(|prefix| {
            let seen = Seen::at(prefix, now)?;
            let place = below(grid, fit.curve(prefix), seen.time);
            Some((place, 1.0, seen.finished))
        });
        each.collect()
    }
}
