//! What was seen of one step at one place.

use std::collections::BTreeMap;

use crate::{
    axis::{Axis, WEEK, Week},
    chain::BINS,
    hazard::Counts,
    number::{real, steps},
};

/// How the past is weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// After so many days something seen weighs half.
    pub half_life: f64,
    /// What is older is forgotten.
    pub window: i32,
    /// How alike the cases of one day fare: 0 not at all, 1 entirely.
    pub alike: f64,
    /// The half-life of "lately": the level below a place's own long memory.
    pub lately: f64,
    /// How alike the cases of one place below fare, seen from the place above.
    pub akin: f64,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            half_life: 30.0,
            window: 150,
            alike: 0.04,
            lately: 7.0,
            akin: 0.1,
        }
    }
}

/// Stays, finished and not. The same stay seen n times is kept once, with n.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// By the day of leaving, the day of entry, and the outcome.
    closed: BTreeMap<(i32, i32, u8), u32>,
    /// By the day of entry.
    open: BTreeMap<i32, u32>,
    /// How many finished stays are kept.
    finished: u32,
}

impl Cell {
    pub(crate) fn enter(&mut self, day: i32) {
        *self.open.entry(day).or_default() += 1;
    }

    pub(crate) fn withdraw(&mut self, entered: i32) {
        if let Some(count) = self.open.get_mut(&entered) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&entered);
            }
        }
    }

    pub(crate) fn leave(&mut self, entered: i32, left: i32, outcome: u8) {
        self.withdraw(entered);
        *self.closed.entry((left, entered, outcome)).or_default() += 1;
        self.finished += 1;
    }

    /// Drops what ended before `day`.
    pub(crate) fn forget(&mut self, day: i32) {
        while let Some(oldest) = self.closed.first_entry() {
            if oldest.key().0 >= day {
                break;
            }
            self.finished -= oldest.remove();
        }
    }

    /// How many finished stays are kept.
    pub(crate) fn finished(&self) -> usize {
        usize::try_from(self.finished).unwrap_or(usize::MAX)
    }

    /// Every kept stay: entered, last day seen in it, outcome if it ended, how many; less those of
    /// `minus`, a place below this one.
    fn stays<'a>(
        &'a self,
        minus: Option<&'a Self>,
        today: i32,
    ) -> impl Iterator<Item = (i32, i32, Option<u8>, f64)> + 'a {
        let closed = self.closed.iter().map(move |(key, count)| {
            let less = minus.and_then(|m| m.closed.get(key)).copied().unwrap_or(0);
            let (left, entered, outcome) = *key;
            (
                entered,
                left,
                Some(outcome),
                f64::from(count.saturating_sub(less)),
            )
        });
        let open = self.open.iter().map(move |(entered, count)| {
            let less = minus
                .and_then(|m| m.open.get(entered))
                .copied()
                .unwrap_or(0);
            (
                *entered,
                today - 1,
                None,
                f64::from(count.saturating_sub(less)),
            )
        });
        closed
            .chain(open)
            .filter(move |stay| stay.3 > 0.0 && stay.0 < today && stay.1 < today)
    }

    /// What the stays say in each bin of an axis, as weights: the past fades, and many cases of one
    /// day weigh less than as many of different days.
    pub(crate) fn counts(
        &self,
        minus: Option<&Self>,
        axis: &Axis,
        week: &Week,
        today: i32,
        memory: Memory,
        outcomes: usize,
    ) -> Counts {
        let weights = self.weights(minus, today, memory);
        let weigh = |day: i32| weights.get(steps(day, today - 1)).copied().unwrap_or(0.0);
        let mut counts = Counts::new(BINS, outcomes);
        let oldest = today.saturating_sub(memory.window);
        for (entered, until, outcome, count) in self.stays(minus, today) {
            for (day, bin) in axis.walk(entered, until, week) {
                if day >= oldest {
                    counts.risk[bin.min(BINS - 1)] += count * weigh(day);
                }
            }
            if let Some(outcome) = outcome {
                let bin = axis.bin(entered, until, week).min(BINS - 1);
                counts.left[usize::from(outcome)][bin] += count * weigh(until);
            }
        }
        counts
    }

    /// The weight of one case on each day, from yesterday backward: the fading, and Kish's design
    /// effect for the cases that share the day.
    fn weights(&self, minus: Option<&Self>, today: i32, memory: Memory) -> Vec<f64> {
        let days = steps(0, memory.window);
        // Who was there on each day: a difference first, then the sum from the oldest day on.
        let mut there = vec![0.0; days + 1];
        for (entered, until, _, count) in self.stays(minus, today) {
            there[steps(until, today - 1).min(days)] += count;
            let before = steps(entered, today - 1) + 1;
            if before <= days {
                there[before] -= count;
            }
        }
        let mut sum = 0.0;
        let each = there[..days].iter().enumerate().map(|(ago, change)| {
            sum += change;
            let shared = 1.0 + memory.alike * (sum - 1.0_f64).max(0.0);
            0.5_f64.powf(real(ago) / memory.half_life) / shared
        });
        each.collect()
    }

    /// The weekdays on which something leaves, if enough was seen to tell and not all of them are.
    /// None when too little was seen.
    pub(crate) fn learnt(&self, week: &Week, today: i32, memory: Memory) -> Option<Axis> {
        let mut risk = [0.0; WEEK];
        let mut left = [0.0; WEEK];
        let oldest = today.saturating_sub(memory.window / 2);
        for (entered, until, outcome, count) in self.stays(None, today) {
            if until < oldest {
                continue;
            }
            let weight = |day: i32| 0.5_f64.powf(f64::from(today - day) / memory.half_life);
            for day in entered.max(oldest)..=until {
                risk[week.class(day)] += count * weight(day);
            }
            if outcome.is_some() {
                left[week.class(until)] += count * weight(until);
            }
        }
        if left.iter().sum::<f64>() < ENOUGH {
            return None;
        }
        let rate = |class: usize| left[class] / (risk[class] + 1.0);
        let most = (0..WEEK).map(rate).fold(0.0, f64::max);
        // A weekday is shut when things that waited on it stayed, although others left.
        let shut = |class: usize| rate(class) < SHUT * most && risk[class] * most > 3.0;
        let open: [bool; WEEK] = std::array::from_fn(|class| !shut(class));
        Some(if open.iter().all(|open| *open) {
            Axis::Every
        } else {
            Axis::Weekdays(open)
        })
    }
}

/// So much must have left, weighed, before weekdays are told apart.
const ENOUGH: f64 = 6.0;
/// A weekday with less than this share of the busiest one's rate counts as shut.
const SHUT: f64 = 0.06;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fridays_are_learnt() {
        let mut cell = Cell::default();
        for entered in 0..40_i32 {
            let friday = entered + (4 - entered.rem_euclid(5));
            for _ in 0..2 {
                cell.enter(entered);
                cell.leave(entered, friday, 0);
            }
        }
        let week = Week::default();
        let axis = cell.learnt(&week, 45, Memory::default());
        assert_eq!(
            axis,
            Some(Axis::Weekdays([false, false, false, false, true]))
        );
    }

    #[test]
    fn who_enters_on_one_weekday_shows_nothing_of_the_others() {
        let mut cell = Cell::default();
        for weeks in 0..20 {
            for _ in 0..5 {
                cell.enter(weeks * 5);
                cell.leave(weeks * 5, weeks * 5 + 1, 0);
            }
        }
        // Wednesday to Friday nobody waited, so nothing is known to be shut there.
        let axis = cell.learnt(&Week::default(), 101, Memory::default());
        let Some(Axis::Weekdays(open)) = axis else {
            panic!("{axis:?}")
        };
        assert_eq!(open, [false, true, true, true, true]);
    }

    #[test]
    fn open_stays_count_as_exposure_and_closed_ones_leave_the_open() {
        let mut cell = Cell::default();
        cell.enter(1);
        cell.enter(1);
        cell.leave(1, 3, 0);
        let memory = Memory {
            half_life: 1e15,
            window: 100,
            alike: 0.0,
            ..Memory::default()
        };
        let counts = cell.counts(None, &Axis::Every, &Week::default(), 6, memory, 1);
        let near = counts.risk.iter().zip([2.0, 2.0, 2.0, 1.0, 1.0, 0.0]);
        assert!(
            near.into_iter().all(|(a, b)| (a - b).abs() < 1e-6),
            "{:?}",
            counts.risk
        );
        assert!((counts.left[0][2] - 1.0).abs() < 1e-6);
        let none = cell.counts(Some(&cell), &Axis::Every, &Week::default(), 6, memory, 1);
        assert_eq!(none.risk.iter().sum::<f64>(), 0.0);
    }
}
