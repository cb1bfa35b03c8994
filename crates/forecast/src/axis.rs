//! The days on which a step can end at all, and how elapsed time is counted in them.

use std::sync::Arc;

use crate::number::steps;

/// The classes of days: five ordinary weekdays.
pub const WEEK: usize = 5;

/// What weekday a day is. A day is a number, and the numbers of working days follow each other.
#[derive(Clone, Debug, Default)]
pub struct Week {
    first: i32,
    classes: Vec<u8>,
}

impl Week {
    /// The weekdays of the days from `first` on, 0 for Monday to 4 for Friday; anything else is
    /// taken for the rest by five. A worked Saturday may count as the day it is worked for.
    #[must_use]
    pub fn new(first: i32, classes: Vec<u8>) -> Self {
        Self { first, classes }
    }

    /// The weekday of a day; days not told go on five by five.
    #[must_use]
    pub fn class(&self, day: i32) -> usize {
        let told = usize::try_from(i64::from(day) - i64::from(self.first))
            .ok()
            .and_then(|at| self.classes.get(at));
        let rest = || usize::try_from(day.rem_euclid(5)).unwrap_or(0);
        told.map_or_else(rest, |class| usize::from(*class) % WEEK)
    }
}

/// The days on which something leaves a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Axis {
    /// Every day.
    Every,
    /// These weekdays, learnt: an authority that makes its cards on Fridays.
    Weekdays([bool; WEEK]),
    /// These days, told by a schedule; ascending.
    Slots(Arc<[i32]>),
}

impl Axis {
    /// Whether something can leave on that day.
    #[must_use]
    pub fn is_open(&self, day: i32, week: &Week) -> bool {
        match self {
            Self::Every => true,
            Self::Weekdays(open) => open[week.class(day)],
            Self::Slots(days) => {
                // Beyond the days that were told, every day counts: an estimate must not stop.
                days.last().is_none_or(|last| day > *last) || days.binary_search(&day).is_ok()
            }
        }
    }

    /// How many days there are to one on which something can leave.
    #[must_use]
    pub fn gap(&self) -> f64 {
        match self {
            Self::Every => 1.0,
            Self::Weekdays(open) => {
                let count = open.iter().filter(|open| **open).count();
                crate::number::real(WEEK) / crate::number::real(count.max(1))
            }
            Self::Slots(days) => match (days.first(), days.last()) {
                (Some(first), Some(last)) if last > first => {
                    f64::from(last - first) / crate::number::real(days.len() - 1)
                }
                _ => 1.0,
            },
        }
    }

    /// The days of a stay with the bin of each: bin 0 is the day of entry if something can leave
    /// on it, bin k the k-th such day after it.
    pub(crate) fn walk<'a>(
        &'a self,
        entered: i32,
        until: i32,
        week: &'a Week,
    ) -> impl Iterator<Item = (i32, usize)> + 'a {
        let mut bin = 0;
        (entered..=until).filter_map(move |day| {
            if !self.is_open(day, week) {
                return None;
            }
            bin += usize::from(day > entered);
            Some((day, bin))
        })
    }

    /// The bin of a stay on its last day, on which something did leave, slot or not.
    pub(crate) fn bin(&self, entered: i32, left: i32, week: &Week) -> usize {
        match self {
            Self::Every => steps(entered, left),
            _ => self.walk(entered, left, week).last().map_or(0, |at| at.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_is_counted_in_open_days() {
        let week = Week::default();
        let fridays = Axis::Weekdays([false, false, false, false, true]);
        let days: Vec<_> = fridays.walk(2, 14, &week).collect();
        assert_eq!(days, [(4, 1), (9, 2), (14, 3)]);
        let from_friday: Vec<_> = fridays.walk(4, 9, &week).collect();
        assert_eq!(from_friday, [(4, 0), (9, 1)]);
        assert_eq!(Axis::Every.bin(3, 9, &week), 6);
        assert!((fridays.gap() - 5.0).abs() < 1e-12);
    }

    #[test]
    fn slots_are_told_and_then_every_day_counts() {
        let slots = Axis::Slots([3, 14, 25].into());
        let week = Week::default();
        let days: Vec<_> = slots.walk(4, 27, &week).collect();
        assert_eq!(days, [(14, 1), (25, 2), (26, 3), (27, 4)]);
        assert!((slots.gap() - 11.0).abs() < 1e-12);
    }

    #[test]
    fn weeks_may_be_told() {
        let week = Week::new(10, vec![4, 4, 0]);
        assert_eq!([9, 10, 11, 12, 13].map(|d| week.class(d)), [4, 4, 4, 0, 3]);
    }
}
