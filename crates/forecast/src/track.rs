//! What became of earlier forecasts, and what is to be made of it.

use std::collections::BTreeMap;

use crate::{distribution::Distribution, number::real};

/// The levels a track record steers; in between is interpolated.
pub const LEVELS: [f64; 7] = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95];
/// How far a day's misses move a level.
const STEP: f64 = 0.03;
/// A level may be pushed so far: a little beyond certainty, so that a stop is remembered for some
/// weeks after it (the integral part of the controller), and not so far that dates stay absurd.
const MOST: f64 = 1.07;
/// So many forecasts of a day count as a full day.
const FULL: f64 = 8.0;

/// Steers the levels of forecasts by their misses: adaptive conformal inference (Gibbs and Candès
/// 2021), one controller for each of [`LEVELS`].
///
/// If fewer outcomes than promised lay below the 80 % date, the 80 % date is from then on asked
/// for at a higher level, and the other way round. Whatever the world does, the long-run share of
/// dates that hold then goes to what was promised.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    asked: [f64; LEVELS.len()],
    /// Scores of a day that is not yet over: misses by level, and how many.
    waiting: BTreeMap<i32, ([f64; LEVELS.len()], f64)>,
}

impl Default for Track {
    fn default() -> Self {
        Self {
            asked: LEVELS,
            waiting: BTreeMap::new(),
        }
    }
}

impl Track {
    /// A forecast came to its end on `day`. `bracket` is where its outcome lay in the distribution
    /// as it was made, before it was steered ([`Distribution::bracket`]).
    pub fn score(&mut self, day: i32, bracket: (f64, f64)) {
        let asked = self.asked;
        let entry = self.waiting.entry(day).or_default();
        for ((sum, asked), level) in entry.0.iter_mut().zip(asked).zip(LEVELS) {
            // The chance that a randomised outcome lies below: whole days have edges.
            let width = (bracket.1 - bracket.0).max(1e-9);
            let held = ((asked - bracket.0) / width).clamp(0.0, 1.0);
            *sum += level - held;
        }
        entry.1 += 1.0;
    }

    /// A new day begins: the days before it are taken into account.
    pub fn begin(&mut self, today: i32) {
        let later = self.waiting.split_off(&today);
        for (sums, count) in std::mem::replace(&mut self.waiting, later).into_values() {
            let weight = STEP * (count / FULL).min(1.0) / count;
            for (asked, sum) in self.asked.iter_mut().zip(sums) {
                *asked = (*asked + weight * sum).clamp(0.002, MOST);
            }
        }
    }

    /// The level to ask for where `p` is wanted.
    #[must_use]
    pub fn asked(&self, p: f64) -> f64 {
        between(&self.points(), p, |point| point)
    }

    /// The distribution whose quantiles are those that are asked for.
    #[must_use]
    pub fn steer(&self, distribution: &Distribution) -> Distribution {
        let points = self.points();
        distribution.mapped(|done| between(&points, done, |(wanted, asked)| (asked, wanted)))
    }

    /// Wanted and asked, both ascending, with both ends.
    fn points(&self) -> Vec<(f64, f64)> {
        let mut points = vec![(0.0, 0.0)];
        let mut most = 0.0_f64;
        for (wanted, asked) in LEVELS.into_iter().zip(self.asked) {
            most = (most + 1e-4).max(asked).min(0.9995);
            points.push((wanted, most));
        }
        points.push((1.0, 1.0));
        points
    }
}

/// Linear interpolation between points, each turned by `turn` first.
fn between(points: &[(f64, f64)], at: f64, turn: impl Fn((f64, f64)) -> (f64, f64)) -> f64 {
    let index = points.partition_point(|point| turn(*point).0 < at);
    let high = turn(points[index.min(points.len() - 1)]);
    let low = turn(points[index.saturating_sub(1)]);
    if high.0 <= low.0 {
        return high.1;
    }
    low.1 + (high.1 - low.1) * ((at - low.0) / (high.0 - low.0)).clamp(0.0, 1.0)
}

/// The share of outcomes at or below a level under the randomised probability integral transform
/// (Brockwell 2007; Gneiting, Balabdaoui and Raftery 2007): its expectation, so nothing is drawn.
#[must_use]
pub fn held(brackets: &[(f64, f64)], level: f64) -> f64 {
    let each = brackets
        .iter()
        .map(|(low, high)| ((level - low) / (high - low).max(1e-9)).clamp(0.0, 1.0));
    each.sum::<f64>() / real(brackets.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_record_changes_nothing() {
        let track = Track::default();
        let d = Distribution::new(3, vec![0.2, 0.3, 0.1, 0.4]);
        for (a, b) in track.steer(&d).done().iter().zip(d.done()) {
            assert!((a - b).abs() < 1e-9);
        }
        assert!((track.asked(0.85) - 0.85).abs() < 1e-9);
    }

    /// Forecasts promise one to ten days; every case takes twice as long. The dates learn to hold.
    #[test]
    fn dates_that_do_not_hold_move_out() {
        let mut track = Track::default();
        let d = Distribution::new(1, vec![0.02; 50]);
        let mut last = Vec::new();
        for day in 0..400_i32 {
            let outcome = 10 + (day * 7) % 30;
            track.begin(day);
            let steered = track.steer(&d).bracket(outcome);
            if day >= 200 {
                last.push(steered);
            }
            for _ in 0..10 {
                track.score(day, d.bracket(outcome));
            }
        }
        for level in [0.5, 0.8, 0.9] {
            assert!(
                (held(&last, level) - level).abs() < 0.04,
                "{level}: {}",
                held(&last, level)
            );
        }
    }

    #[test]
    fn whole_days_are_held_in_part() {
        assert!((held(&[(0.2, 0.4), (0.0, 0.2)], 0.3) - 0.75).abs() < 1e-12);
    }
}
