//! Hazards in bins of elapsed time, and how counts move them away from a parent.

use crate::number::{index, ln_gamma, normal, real};

/// What was seen in each bin of elapsed time: the weight that was at risk of leaving, and the
/// weight that left, by outcome.
///
/// An unfinished case is at risk in every bin it has lived through and leaves in none: that is how
/// it is censored. The ratio of the two is the product-limit estimate of Kaplan and Meier (1958).
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// At risk, by bin.
    pub risk: Vec<f64>,
    /// Left, by outcome and bin.
    pub left: Vec<Vec<f64>>,
}

impl Counts {
    /// Nothing seen.
    #[must_use]
    pub fn new(bins: usize, outcomes: usize) -> Self {
        Self {
            risk: vec![0.0; bins],
            left: vec![vec![0.0; bins]; outcomes],
        }
    }

    /// Everything at a share of its weight.
    pub fn scale(&mut self, share: f64) {
        let all = self.left.iter_mut().flatten().chain(&mut self.risk);
        all.for_each(|weight| *weight *= share);
    }

    /// All that left, in one bin.
    fn leaving(&self, bin: usize) -> f64 {
        self.left.iter().map(|outcome| outcome[bin]).sum()
    }

    /// All that left.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.left.iter().flatten().sum()
    }
}

/// The probability of leaving in each bin, given that one got there, and of each outcome, given
/// that one leaves. Past the last bin the last one goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    /// By bin.
    pub leave: Vec<f64>,
    /// By outcome and bin; the outcomes of a bin add up to 1.
    pub share: Vec<Vec<f64>>,
}

/// The strengths a level's counts choose among: so many cases of its own weigh as much as all the
/// levels above.
const STRENGTHS: [f64; 5] = [3.0, 6.0, 12.0, 30.0, 80.0];
/// How improbable a weak or strong tie to the parent is before anything is seen (log weights).
const EXPECTED: [f64; 5] = [-1.6, -0.7, -0.7, -1.6, -2.5];

impl Hazard {
    /// A log-normal duration in whole steps whose 10 % and 90 % points are `low` and `high`, cut
    /// to `bins` bins; the mass of bin k is that between k - ½ and k + ½. Outcomes have constant
    /// shares.
    ///
    /// # Panics
    /// Never; a range that is empty or turned round is put right.
    #[must_use]
    pub fn between(low: f64, high: f64, bins: usize, shares: &[f64]) -> Self {
        let low = low.max(0.05);
        let high = high.max(low * 1.05);
        let middle = f64::midpoint(low.ln(), high.ln());
        // 1.2816 is the 90 % point of the standard normal distribution.
        let width = (high.ln() - low.ln()) / 2.0 / 1.2816;
        let by = |days: f64| normal((days.ln() - middle) / width);
        let leave = (0..bins).map(|bin| {
            let before = if bin == 0 { 0.0 } else { by(real(bin) - 0.5) };
            ((by(real(bin) + 0.5) - before) / (1.0 - before).max(1e-9)).clamp(0.0, 0.999)
        });
        Self {
            leave: leave.collect(),
            share: shares.iter().map(|share| vec![*share; bins]).collect(),
        }
    }

    /// The chance of leaving in that bin.
    #[must_use]
    pub fn at(&self, bin: usize) -> f64 {
        let last = self.leave.len().saturating_sub(1);
        self.leave.get(bin.min(last)).copied().unwrap_or(0.0)
    }

    /// This hazard moved towards what was seen: in each bin the mean of the beta distribution that
    /// had this hazard as its mean and `strength` cases as its weight; among the outcomes that of
    /// the Dirichlet distribution likewise.
    #[must_use]
    pub fn moved(&self, counts: &Counts, strength: f64) -> Self {
        let bins = self.leave.len();
        let all: Vec<f64> = counts.left.iter().map(|one| one.iter().sum()).collect();
        let total: f64 = all.iter().sum();
        let leave = (0..bins).map(|bin| {
            let prior = strength * self.leave[bin];
            (counts.leaving(bin) + prior) / (counts.risk[bin].max(counts.leaving(bin)) + strength)
        });
        let share = (0..self.share.len()).map(|outcome| {
            let of = |bin: usize| {
                // Outcomes of all bins first, then those of the bin: returns are often quick.
                let pooled =
                    (all[outcome] + strength * self.share[outcome][bin]) / (total + strength);
                (counts.left[outcome][bin] + strength * pooled) / (counts.leaving(bin) + strength)
            };
            (0..bins).map(of).collect()
        });
        Self {
            leave: leave.collect(),
            share: share.collect(),
        }
    }

    /// These chances of leaving instead, bin by bin, the last going on; outcomes stay as they are.
    #[must_use]
    pub fn told(&self, leave: &[f64]) -> Self {
        let last = leave.last().copied().unwrap_or(0.0);
        let bins = 0..self.leave.len();
        Self {
            leave: bins
                .map(|bin| leave.get(bin).copied().unwrap_or(last))
                .collect(),
            share: self.share.clone(),
        }
    }

    /// The strength under which the counts are most probable: empirical Bayes by the marginal
    /// likelihood of the beta-binomial distribution, on a grid, with a mild expectation. Counts
    /// that look like the parent's choose a strong tie, others a weak one.
    #[must_use]
    pub fn strength(&self, counts: &Counts) -> f64 {
        let mut best = (f64::NEG_INFINITY, STRENGTHS[1]);
        for (strength, expected) in STRENGTHS.into_iter().zip(EXPECTED) {
            let likelihood = expected + self.likelihood(counts, strength);
            if likelihood > best.0 {
                best = (likelihood, strength);
            }
        }
        best.1
    }

    /// The log marginal likelihood of the counts of leaving when each bin's hazard is drawn from a
    /// beta distribution around this one.
    #[must_use]
    pub fn likelihood(&self, counts: &Counts, strength: f64) -> f64 {
        let rising = |a: f64, n: f64| {
            if n <= 0.0 {
                0.0
            } else {
                ln_gamma(a + n) - ln_gamma(a)
            }
        };
        let each = (0..self.leave.len()).map(|bin| {
            let left = counts.leaving(bin);
            let risk = counts.risk[bin].max(left);
            if risk <= 0.0 {
                return 0.0;
            }
            let mean = self.leave[bin].clamp(1e-6, 1.0 - 1e-6);
            rising(strength * mean, left) + rising(strength * (1.0 - mean), risk - left)
                - rising(strength, risk)
        });
        each.sum()
    }

    /// The share that has not left before the start of that bin, which need not be whole.
    #[must_use]
    pub fn surviving(&self, bin: f64) -> f64 {
        let whole = index(bin, 100_000);
        let mut left: f64 = (0..whole).map(|bin| 1.0 - self.at(bin)).product();
        left *= (1.0 - self.at(whole)).powf(bin - real(whole));
        left
    }

    /// The same duration counted in slots that come round every `gap` steps: bin 0 is a slot on
    /// the very day, bin k the k-th slot after it.
    #[must_use]
    pub fn in_slots(&self, gap: f64) -> Self {
        if gap <= 1.0 + 1e-9 {
            return self.clone();
        }
        // The k-th later slot is on average `(k - ½) gap + ½` steps away.
        let end = |slot: usize| 1.0 + ((real(slot) - 0.5) * gap + 0.5).max(0.0);
        let mut next = self.clone();
        for slot in 1..self.leave.len() {
            let start = if slot == 1 { 1.0 } else { end(slot - 1) };
            let before = self.surviving(start);
            next.leave[slot] = if before < 1e-9 {
                0.9
            } else {
                (1.0 - self.surviving(end(slot)) / before).clamp(0.0, 0.999)
            };
            let from = index(start, self.leave.len() - 1);
            for (to, share) in next.share.iter_mut().zip(&self.share) {
                to[slot] = share[from];
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantile of a hazard, in whole bins.
    fn quantile(hazard: &Hazard, p: f64) -> usize {
        (0..500)
            .find(|bin| 1.0 - hazard.surviving(real(*bin) + 1.0) >= p)
            .unwrap_or(500)
    }

    #[test]
    fn a_range_comes_back_as_its_points() {
        for (low, high) in [(1.0, 7.0), (5.0, 15.0), (5.0, 10.0), (2.0, 60.0)] {
            let hazard = Hazard::between(low, high, 120, &[1.0]);
            assert!((real(quantile(&hazard, 0.1)) - low).abs() <= 1.0, "{low}");
            assert!((real(quantile(&hazard, 0.9)) - high).abs() <= 1.0, "{high}");
        }
    }

    #[test]
    fn without_counts_nothing_moves_and_with_many_it_is_kaplan_meier() {
        let prior = Hazard::between(2.0, 9.0, 20, &[0.9, 0.1]);
        let same = prior.moved(&Counts::new(20, 2), 6.0);
        for bin in 0..20 {
            assert!((same.leave[bin] - prior.leave[bin]).abs() < 1e-12);
        }
        let mut counts = Counts::new(20, 2);
        // 100,000 at risk, half leave on day 3, a tenth of them by the second outcome.
        for bin in 0..=3 {
            counts.risk[bin] = 100_000.0;
        }
        counts.left[0][3] = 45_000.0;
        counts.left[1][3] = 5_000.0;
        let seen = prior.moved(&counts, 6.0);
        assert!(seen.leave[2] < 1e-4 && (seen.leave[3] - 0.5).abs() < 1e-3);
        assert!((seen.share[1][3] - 0.1).abs() < 1e-3);
    }

    #[test]
    fn like_the_parent_ties_strongly_and_unlike_it_weakly() {
        let parent = Hazard::between(2.0, 9.0, 20, &[1.0]);
        let mut alike = Counts::new(20, 1);
        let mut other = Counts::new(20, 1);
        let mut left = 200.0;
        for bin in 0..20 {
            alike.risk[bin] = left;
            alike.left[0][bin] = left * parent.leave[bin];
            left -= alike.left[0][bin];
        }
        other.risk[..4].fill(20.0);
        other.left[0][3] = 20.0;
        assert!(parent.strength(&alike) >= 30.0);
        assert!(parent.strength(&other) <= 3.0);
    }

    #[test]
    fn slots_wait_as_long_as_days() {
        let days = Hazard::between(3.0, 8.0, 60, &[1.0]);
        let weeks = days.in_slots(5.0);
        // Of a case that takes 3 to 8 days most are ready by the second weekly slot.
        let by_second = 1.0 - (1.0 - weeks.leave[1]) * (1.0 - weeks.leave[2]);
        assert!(by_second > 0.8 && weeks.leave[1] < 0.5, "{by_second}");
        assert_eq!(days.in_slots(1.0), days);
    }
}
