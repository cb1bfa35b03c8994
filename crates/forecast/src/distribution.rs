//! A distribution over whole steps: what every forecast of a chain is.

use crate::number::{after, real, steps};

/// How probable it is that something is done on each day from a first day on.
///
/// What is not done within the horizon stands beyond it: its day is not told, only its weight.
///
/// ```
/// use forecast::Distribution;
///
/// let one_to_four = Distribution::new(1, vec![0.25; 4]);
/// assert_eq!(one_to_four.quantile(0.5), 2);
/// assert_eq!(one_to_four.bracket(2), (0.25, 0.5));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    first: i32,
    /// The share done up to and with each day; ascending, at most 1.
    done: Vec<f64>,
}

impl Distribution {
    /// From the weight of each day. Weights below 0 count as 0; a sum above 1 is scaled to 1; what
    /// is missing to 1 is beyond the horizon.
    #[must_use]
    pub fn new(first: i32, weights: Vec<f64>) -> Self {
        let sum: f64 = weights.iter().map(|w| w.max(0.0)).sum();
        let scale = if sum > 1.0 { 1.0 / sum } else { 1.0 };
        let mut done = weights;
        let mut so_far = 0.0_f64;
        for weight in &mut done {
            so_far = (so_far + weight.max(0.0) * scale).min(1.0);
            *weight = so_far;
        }
        Self { first, done }
    }

    /// Certainly on that day.
    #[must_use]
    pub fn certain(day: i32) -> Self {
        Self::new(day, vec![1.0])
    }

    /// The first day that has weight written down.
    #[must_use]
    pub fn first(&self) -> i32 {
        self.first
    }

    /// The share done up to and with each day from the first on.
    #[must_use]
    pub fn done(&self) -> &[f64] {
        &self.done
    }

    /// The probability that it is done by the end of that day.
    #[must_use]
    pub fn by(&self, day: i32) -> f64 {
        if day < self.first || self.done.is_empty() {
            return 0.0;
        }
        self.done[steps(self.first, day).min(self.done.len() - 1)]
    }

    /// The first day by which the share `p` is done; the day after the horizon when the horizon is
    /// too short for it.
    #[must_use]
    pub fn quantile(&self, p: f64) -> i32 {
        after(
            self.first,
            self.done.partition_point(|done| *done < p - 1e-9),
        )
    }

    /// What was done before the day, and what is done with it: the two ends between which a
    /// randomised probability integral transform is drawn when it then happened on this day.
    #[must_use]
    pub fn bracket(&self, day: i32) -> (f64, f64) {
        (self.by(day.saturating_sub(1)), self.by(day))
    }

    /// The mean loss of the quantiles `levels` when it then happened on `day` (see [`pinball`]).
    #[must_use]
    pub fn loss(&self, levels: &[f64], day: i32) -> f64 {
        let each = levels
            .iter()
            .map(|p| pinball(*p, f64::from(self.quantile(*p)), f64::from(day)));
        each.sum::<f64>() / real(levels.len().max(1))
    }

    /// The same days with the share done sent through an ascending map of 0..=1 onto itself.
    #[must_use]
    pub fn mapped(&self, map: impl Fn(f64) -> f64) -> Self {
        let mut least = 0.0_f64;
        let done = self.done.iter().map(|done| {
            least = least.max(map(*done).clamp(0.0, 1.0));
            least
        });
        Self {
            first: self.first,
            done: done.collect(),
        }
    }
}

/// The quantile ("pinball") loss of Koenker and Bassett: `p` for each unit the outcome lies above
/// the forecast, `1 - p` for each unit below. Its expectation is least at the true quantile.
#[must_use]
pub fn pinball(p: f64, forecast: f64, outcome: f64) -> f64 {
    if outcome >= forecast {
        p * (outcome - forecast)
    } else {
        (1.0 - p) * (forecast - outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_few_days() {
        let d = Distribution::new(10, vec![0.1, 0.0, 0.6, 0.2]);
        assert_eq!(d.quantile(0.0), 10);
        assert_eq!(d.quantile(0.1), 10);
        assert_eq!(d.quantile(0.11), 12);
        assert_eq!(d.quantile(0.9), 13);
        assert_eq!(d.quantile(0.95), 14, "beyond the horizon");
        assert_eq!(d.by(9), 0.0);
        assert!((d.by(99) - 0.9).abs() < 1e-12);
        let (low, high) = d.bracket(12);
        assert!((low - 0.1).abs() < 1e-12 && (high - 0.7).abs() < 1e-12);
    }

    #[test]
    fn weights_are_put_right() {
        let d = Distribution::new(0, vec![3.0, -1.0, 1.0]);
        assert_eq!(d.done(), [0.75, 0.75, 1.0]);
        assert_eq!(Distribution::certain(4).quantile(0.95), 4);
        assert_eq!(Distribution::new(4, Vec::new()).quantile(0.5), 4);
        assert_eq!(Distribution::new(4, Vec::new()).by(9), 0.0);
    }

    #[test]
    fn the_loss_is_least_at_the_quantile() {
        let outcomes = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        let at =
            |forecast: f64| -> f64 { outcomes.iter().map(|y| pinball(0.8, forecast, *y)).sum() };
        assert!(at(8.0) <= at(7.0) && at(8.0) < at(6.0) && at(8.0) < at(10.0));
    }
}
