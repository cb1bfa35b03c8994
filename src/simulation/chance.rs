//! Draws, from a generator that was seeded by the caller.

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// The draws of one province.
pub(super) struct Chance(StdRng);

impl Chance {
    /// Other streams for other provinces, whatever order they are played in.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mixed = seed ^ stream.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(StdRng::seed_from_u64(mixed))
    }

    /// Between 0 and 1, 1 not included.
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// Whether something of this share happens.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// A whole number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end.max(1))
    }

    /// Which of these weights is drawn; the first when none has any.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut ball = self.unit() * weights.iter().sum::<f64>();
        for (at, weight) in weights.iter().enumerate() {
            if ball < *weight {
                return at;
            }
            ball -= weight;
        }
        0
    }

    /// How many come when `mean` are expected (Poisson). Large means are summed from small ones,
    /// since the product below would underflow.
    pub(super) fn count(&mut self, mean: f64) -> u32 {
        let mut left = mean;
        let mut count = 0;
        while left > 0.0 {
            let floor = (-left.min(20.0)).exp();
            left -= 20.0;
            let mut product = self.unit();
            while product > floor {
                count += 1;
                product *= self.unit();
            }
        }
        count
    }

    /// About normal, mean 0, deviation 1: the sum of twelve draws.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Triangular: low, likely, high.
    pub(super) fn triangle(&mut self, [low, likely, high]: [f64; 3]) -> f64 {
        let span = high - low;
        if span <= 0.0 {
            return low;
        }
        let unit = self.unit();
        let turn = (likely - low) / span;
        if unit < turn {
            low + (unit * span * (likely - low)).sqrt()
        } else {
            high - ((1.0 - unit) * span * (high - likely)).sqrt()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of many draws.
    fn mean(mut draw: impl FnMut(&mut Chance) -> f64) -> f64 {
        let mut chance = Chance::new(7, 0);
        (0..20_000).map(|_| draw(&mut chance)).sum::<f64>() / 20_000.0
    }

    #[test]
    fn draws_have_the_means_they_should() {
        for (found, wanted, within) in [
            (mean(|c| c.triangle([1.0, 3.0, 8.0])), 4.0, 0.05),
            (mean(|c| c.triangle([2.0, 2.0, 2.0])), 2.0, 0.0),
            (mean(|c| f64::from(c.count(3.5))), 3.5, 0.05),
            (mean(|c| f64::from(c.count(75.0))), 75.0, 0.3),
            (mean(|c| f64::from(c.count(0.0))), 0.0, 0.0),
            (mean(Chance::normal), 0.0, 0.03),
            (mean(|c| f64::from(c.below(5))), 2.0, 0.05),
            (mean(|c| f64::from(u8::from(c.happens(0.2)))), 0.2, 0.01),
        ] {
            assert!((found - wanted).abs() <= within, "{found} for {wanted}");
        }
    }

    #[test]
    fn weights_are_shares() {
        let mut chance = Chance::new(1, 1);
        let mut counts = [0_u32; 3];
        for _ in 0..10_000 {
            counts[chance.weighted(&[1.0, 0.0, 3.0])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((2_300..2_700).contains(&counts[0]), "{counts:?}");
    }
}
