//! Bins of elapsed time.

use crate::number::{index, real};

/// So many even steps of the logarithm between 1 and 10.
const DECADE: f64 = 16.0;
/// The most bins cut by frequency.
const FREQUENT: usize = 120;
/// The widest span of even steps, in decades below the longest time.
const DECADES: f64 = 7.0;
/// So far do the bins go on beyond the longest time that was seen to end, in decades.
const BEYOND: f64 = 1.5;

/// The bins: bin 0 is exactly zero, bin k the times after edge k-1 up to and with edge k.
///
/// The edges are even in the logarithm, and lie where the seen times lie close together besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    edges: Vec<f64>,
    /// The least seen time of a bin whose times lie at its end: a bin of one value is an atom.
    least: Vec<f64>,
    /// The first bin beyond every time that was seen to end.
    beyond: usize,
}

impl Grid {
    /// Bins for these times.
    #[must_use]
    pub fn new(times: &[f64]) -> Self {
        let mut times: Vec<f64> = times.iter().copied().filter(|t| *t > 0.0).collect();
        times.sort_by(f64::total_cmp);
        let longest = times.last().copied().unwrap_or(1.0);
        let mut edges = vec![0.0, longest];
        let count = index(DECADES * DECADE, 1000);
        edges.extend((1..count).map(|k| longest * 10_f64.powf(-real(k) / DECADE)));
        for k in 1..FREQUENT {
            if let Some(time) = times.get(times.len() * k / FREQUENT) {
                edges.push(*time);
                // The value before it, so that a frequent value has a bin of its own.
                let before = times.partition_point(|t| t < time);
                edges.extend(before.checked_sub(1).map(|at| times[at]));
            }
        }
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let beyond = edges.len();
        let more = index(BEYOND * DECADE, 1000);
        edges.extend((1..=more).map(|k| longest * 10_f64.powf(real(k) / DECADE)));
        let mut least = edges.clone();
        // Nothing was seen beyond, so no bin there is an atom.
        least[beyond..].fill(0.0);
        for time in times.iter().rev() {
            let bin = edges.partition_point(|edge| edge < time);
            least[bin] = *time;
        }
        Self {
            edges,
            least,
            beyond,
        }
    }

    /// How many bins there are.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.edges.len()
    }

    /// The bin of a time; the last for a longer one.
    #[must_use]
    pub fn bin(&self, time: f64) -> usize {
        self.edges
            .partition_point(|edge| *edge < time)
            .min(self.edges.len() - 1)
    }

    /// The bins from which on nothing was seen to end.
    pub(super) fn beyond(&self) -> usize {
        self.beyond
    }

    /// The width of a bin in the logarithm, as far as it counts for a tail: bins cut closer than
    /// the even steps are narrower.
    pub(super) fn width(&self, bin: usize) -> f64 {
        let before = bin.checked_sub(1).map_or(0.0, |bin| self.edges[bin]);
        if before > 0.0 {
            (self.edges[bin] / before).ln()
        } else {
            1.0
        }
    }

    /// The share of its bin that lies before this time.
    pub(super) fn part(&self, bin: usize, time: f64) -> f64 {
        let (from, to) = self.ends(bin);
        if to <= from {
            return 0.0;
        }
        ((time - from) / (to - from)).clamp(0.0, 1.0)
    }

    /// The time at which this share of the bin is over.
    pub(super) fn time(&self, bin: usize, part: f64) -> f64 {
        let (from, to) = self.ends(bin);
        from + (to - from) * part.clamp(0.0, 1.0)
    }

    /// Where the times of a bin begin and end; the same for an atom.
    fn ends(&self, bin: usize) -> (f64, f64) {
        let to = self.edges[bin];
        if bin == 0 || self.least[bin] >= to {
            return (to, to);
        }
        (self.edges[bin - 1], to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_their_bins() {
        let times: Vec<f64> = (1..=1000).map(|k| f64::from(k) * 0.37).collect();
        let grid = Grid::new(&times);
        assert_eq!(grid.bin(0.0), 0);
        assert_eq!(grid.bin(1e9), grid.bins() - 1);
        for time in &times {
            let bin = grid.bin(*time);
            let back = grid.time(bin, grid.part(bin, *time));
            assert!((back - time).abs() < 1e-9, "{time}: {back}");
        }
    }

    #[test]
    fn a_frequent_value_is_an_atom() {
        let mut times = vec![30.0; 500];
        times.extend((0..500).map(|k| f64::from(k) * 0.2));
        let grid = Grid::new(&times);
        let bin = grid.bin(30.0);
        assert_eq!(grid.time(bin, 0.01), 30.0);
        assert!(grid.bin(29.8) < bin && grid.bin(30.1) > bin);
    }

    #[test]
    fn nothing_and_zeros_have_bins_too() {
        assert_eq!(Grid::new(&[]).bin(0.0), 0);
        assert_eq!(Grid::new(&[0.0, 0.0]).bin(0.5), Grid::new(&[]).bin(0.5));
    }
}
