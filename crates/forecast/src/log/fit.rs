//! Hazards of remaining time, level under level.

use std::collections::HashMap;

use super::{
    Grid,
    prefix::{Look, Prefix, fading, mix},
};
use crate::{
    hazard::{Counts, Hazard},
    number::real,
};

/// A group smaller than this says nothing of its own.
const FEWEST: u32 = 4;

/// The levels under the whole log: each looks at what the one above looks at, and at one thing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure(pub(super) &'static [Look]);

/// Every structure a rehearsal tries.
pub(super) const STRUCTURES: [Structure; 10] = [
    Structure(&[]),
    Structure(&[Look::Last]),
    Structure(&[Look::Last, Look::Before]),
    Structure(&[Look::Last, Look::Before, Look::Third]),
    Structure(&[Look::Last, Look::Position]),
    Structure(&[Look::Last, Look::Elapsed]),
    Structure(&[Look::Last, Look::Elapsed, Look::Before]),
    Structure(&[Look::Last, Look::Position, Look::Elapsed]),
    Structure(&[Look::Last, Look::Set, Look::Elapsed]),
    Structure(&[Look::Last, Look::Gap, Look::Position]),
];

/// How to learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Way {
    pub structure: Structure,
    pub half_life: Option<f64>,
    pub strength: f64,
}

/// A prefix as it looks at a given moment: its remaining time, or how long it has lasted so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub time: f64,
    pub finished: bool,
}

impl Seen {
    /// What is known of a prefix on the day `now`; none when it lies in the future.
    pub(super) fn at(prefix: &Prefix, now: f64) -> Option<Self> {
        let finished = prefix.at + prefix.remaining < now;
        (prefix.at < now).then_some(Self {
            time: if finished {
                prefix.remaining
            } else {
                now - prefix.at
            },
            finished,
        })
    }
}

/// One group's share done, by bin.
pub(super) type Curve = Vec<f64>;

/// What was learnt: for each group of each level the distribution of the remaining time.
pub(super) struct Fit {
    structure: Structure,
    curves: Vec<HashMap<u64, usize>>,
    all: Vec<Curve>,
}

/// What happened in a group, by bin: ends and censorings.
struct Group {
    ended: Vec<f64>,
    cut: Vec<f64>,
}

impl Group {
    fn new(bins: usize) -> Self {
        Self {
            ended: vec![0.0; bins],
            cut: vec![0.0; bins],
        }
    }

    fn add(&mut self, bin: usize, weight: f64, finished: bool) {
        let kind = if finished {
            &mut self.ended
        } else {
            &mut self.cut
        };
        kind[bin] += weight;
    }

    /// At risk in a bin is who ends or is cut in it or later; who is cut in a bin was at risk in
    /// it for a half, as in the life tables of actuaries.
    fn counts(&self) -> Counts {
        let bins = self.ended.len();
        let mut counts = Counts::new(bins, 1);
        let mut risk = 0.0;
        for bin in (0..bins).rev() {
            risk += self.ended[bin] + self.cut[bin];
            counts.risk[bin] = risk - self.cut[bin] / 2.0;
        }
        counts.left[0].clone_from(&self.ended);
        counts
    }
}

impl Fit {
    /// Learns from what is known of these prefixes on the day `now`.
    pub(super) fn new<'a>(
        prefixes: impl Iterator<Item = &'a Prefix> + Clone,
        now: f64,
        grid: &Grid,
        way: &Way,
    ) -> Self {
        let mut fit = Self {
            structure: way.structure,
            curves: vec![HashMap::new(); way.structure.0.len() + 1],
            all: Vec::new(),
        };
        let mut hazards = vec![fit.first(prefixes.clone(), now, grid, way)];
        // Where each hazard of the level above stands, by key.
        let mut above: HashMap<u64, usize> = HashMap::new();
        for level in 0..=way.structure.0.len() {
            let groups = fit.groups(prefixes.clone(), now, grid, way, level);
            let mut here = HashMap::new();
            for (key, (parent, group)) in groups {
                let from = &hazards[above.get(&parent).copied().unwrap_or(0)];
                let strength = if level == 0 { 1.0 } else { way.strength };
                let hazard = from.moved(&group.counts(), strength);
                fit.curves[level].insert(key, fit.all.len());
                fit.all.push(curve(&hazard));
                here.insert(key, hazards.len());
                hazards.push(hazard);
            }
            // A group without a hazard of its own goes on with its parent's.
            for (key, parent) in fit.orphans(prefixes.clone(), level, &here) {
                let from = above.get(&parent).copied().unwrap_or(0);
                here.insert(key, from);
            }
            above = here;
        }
        fit
    }

    /// The hazard that is believed before a bin's own counts: all bins alike as far as anything was
    /// seen to end, and beyond that a Pareto tail, whose index is the one of the last decade (Hill
    /// 1975, with censored times as exposure).
    fn first<'a>(
        &self,
        prefixes: impl Iterator<Item = &'a Prefix> + Clone,
        now: f64,
        grid: &Grid,
        way: &Way,
    ) -> Hazard {
        let (bins, beyond) = (grid.bins(), grid.beyond());
        let all = self.groups(prefixes, now, grid, way, 0);
        let counts = all
            .first()
            .map_or_else(|| Counts::new(bins, 1), |g| g.1.1.counts());
        let from = (0..beyond)
            .rev()
            .scan(0.0, |wide, bin| {
                *wide += grid.width(bin);
                Some((bin, *wide))
            })
            .find(|(_, wide)| *wide > std::f64::consts::LN_10)
            .map_or(1, |found| found.0.max(1));
        let tail = from.min(beyond)..beyond;
        let ended: f64 = counts.left[0][tail.clone()].iter().sum();
        let exposed: f64 = tail.map(|bin| counts.risk[bin] * grid.width(bin)).sum();
        let index = ((ended + 0.5) / (exposed + 0.5)).clamp(0.1, 5.0);
        let leave = (0..bins).map(|bin| {
            if bin < beyond {
                1.0 / real(beyond + 1 - bin)
            } else {
                1.0 - (-index * grid.width(bin)).exp()
            }
        });
        Hazard {
            leave: leave.collect(),
            share: vec![vec![1.0; bins]],
        }
    }

    /// The groups of a level that are large enough, with the key of their parent, in the order of
    /// their keys.
    fn groups<'a>(
        &self,
        prefixes: impl Iterator<Item = &'a Prefix> + Clone,
        now: f64,
        grid: &Grid,
        way: &Way,
        level: usize,
    ) -> Vec<(u64, (u64, Group))> {
        let mut size: HashMap<u64, u32> = HashMap::new();
        for prefix in prefixes.clone().filter(|p| p.at < now) {
            *size.entry(self.key(prefix, level)).or_default() += 1;
        }
        let mut groups: HashMap<u64, (u64, Group)> = HashMap::new();
        for prefix in prefixes {
            let key = self.key(prefix, level);
            let Some(seen) = Seen::at(prefix, now) else {
                continue;
            };
            if level > 0 && size.get(&key).is_none_or(|n| *n < FEWEST) {
                continue;
            }
            let parent = if level == 0 {
                0
            } else {
                self.key(prefix, level - 1)
            };
            let group = groups
                .entry(key)
                .or_insert_with(|| (parent, Group::new(grid.bins())));
            let weight = fading(now - prefix.at, way.half_life);
            group.1.add(grid.bin(seen.time), weight, seen.finished);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|group| group.0);
        groups
    }

    fn orphans<'a>(
        &self,
        prefixes: impl Iterator<Item = &'a Prefix>,
        level: usize,
        here: &HashMap<u64, usize>,
    ) -> HashMap<u64, u64> {
        if level == 0 {
            return HashMap::new();
        }
        let keys = prefixes.map(|p| (self.key(p, level), self.key(p, level - 1)));
        keys.filter(|(key, _)| !here.contains_key(key)).collect()
    }

    fn key(&self, prefix: &Prefix, level: usize) -> u64 {
        let looks = &self.structure.0[..level];
        looks
            .iter()
            .fold(0, |key, look| mix(key, prefix.mark(*look)))
    }

    /// The distribution for a prefix: that of the deepest group that has one.
    pub(super) fn curve(&self, prefix: &Prefix) -> &Curve {
        let levels = (0..self.curves.len()).rev();
        let found = levels
            .filter_map(|level| self.curves[level].get(&self.key(prefix, level)))
            .next();
        &self.all[found.copied().unwrap_or(0)]
    }
}

/// The share done up to and with each bin.
fn curve(hazard: &Hazard) -> Curve {
    let mut left = 1.0;
    let each = hazard.leave.iter().map(|leave| {
        left *= 1.0 - leave;
        1.0 - left
    });
    each.collect()
}

/// The time by which the share `p` is done.
pub(super) fn quantile(grid: &Grid, curve: &Curve, p: f64) -> f64 {
    let bin = curve.partition_point(|done| *done < p);
    let Some(done) = curve.get(bin) else {
        return grid.time(grid.bins() - 1, 1.0);
    };
    let before = bin.checked_sub(1).map_or(0.0, |bin| curve[bin]);
    let part = if *done > before {
        (p - before) / (done - before)
    } else {
        1.0
    };
    grid.time(bin, part)
}

/// The share done before this time: what a level must be above for its quantile to reach the time.
pub(super) fn below(grid: &Grid, curve: &Curve, time: f64) -> f64 {
    let bin = grid.bin(time);
    let before = bin.checked_sub(1).map_or(0.0, |bin| curve[bin]);
    before + (curve[bin] - before) * grid.part(bin, time)
}

/// Where forecasts are scored: the bins at whose ends some even shares of all times lie, and what
/// each stands for in time.
pub(super) struct Marks(Vec<(usize, f64)>);

/// So many marks.
const MARKS: usize = 24;

impl Marks {
    pub(super) fn new(grid: &Grid, times: &[f64]) -> Self {
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        let mut marks: Vec<(usize, f64)> = Vec::new();
        let mut earlier = 0.0;
        for k in 1..MARKS {
            let Some(time) = times.get(times.len() * k / MARKS) else {
                continue;
            };
            let bin = grid.bin(*time);
            if marks.last().is_none_or(|mark| mark.0 < bin) {
                marks.push((bin, time - earlier));
                earlier = *time;
            }
        }
        Self(marks)
    }

    /// The continuous ranked probability score (Gneiting and Raftery 2007) at the marks, less being
    /// better, so turned round. Where a time is only known to be longer, the marks up to there
    /// count.
    pub(super) fn score(&self, grid: &Grid, curve: &Curve, seen: Seen) -> f64 {
        let bin = grid.bin(seen.time);
        let known = |mark: &&(usize, f64)| seen.finished || mark.0 < bin;
        let each = self.0.iter().filter(known).map(|(mark, span)| {
            let done = f64::from(u8::from(seen.finished && bin <= *mark));
            span * (curve[*mark] - done).powi(2)
        });
        -each.sum::<f64>()
    }
}
