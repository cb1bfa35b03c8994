//! What is known of a case at one of its events, as keys of the levels.

use super::Case;
use crate::number::real;

/// A case as it stood at one of its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    /// Its case, in the order of the log.
    pub case: u32,
    pub at: f64,
    /// From the event to the end of the case.
    pub remaining: f64,
    pub last: u32,
    before: u32,
    third: u32,
    position: u8,
    elapsed: u8,
    gap: u8,
    /// The activities so far, each once.
    set: u64,
}

/// What a level may look at besides the level above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Last,
    Before,
    Third,
    Position,
    Elapsed,
    Gap,
    Set,
}

impl Prefix {
    /// One mark of this prefix as a number.
    pub(super) fn mark(&self, look: Look) -> u64 {
        match look {
            Look::Last => u64::from(self.last),
            Look::Before => u64::from(self.before),
            Look::Third => u64::from(self.third),
            Look::Position => u64::from(self.position),
            Look::Elapsed => u64::from(self.elapsed),
            Look::Gap => u64::from(self.gap),
            Look::Set => self.set,
        }
    }
}

/// Mixes a number into a key; SplitMix64 (Steele, Lea and Flood 2014).
pub(super) fn mix(key: u64, number: u64) -> u64 {
    let mut z = key
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(number)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The position in the case, exact to 6 and then ever coarser.
fn position(events: usize) -> u8 {
    let steps = [1, 2, 3, 4, 5, 6, 8, 11, 16, 24, 40, 80, 200];
    let at = steps.iter().take_while(|step| **step <= events).count();
    u8::try_from(at).unwrap_or(u8::MAX)
}

/// The bucket of a time among bounds.
fn bucket(bounds: &[f64], time: f64) -> u8 {
    u8::try_from(bounds.partition_point(|bound| *bound < time)).unwrap_or(u8::MAX)
}

/// Bounds that cut sorted times into so many parts of equal weight, zero apart.
fn bounds(mut times: Vec<f64>, parts: usize) -> Vec<f64> {
    times.retain(|t| *t > 0.0);
    times.sort_by(f64::total_cmp);
    let mut bounds = vec![0.0];
    bounds.extend((1..parts).filter_map(|k| times.get(times.len() * k / parts).copied()));
    bounds.dedup();
    bounds
}

/// The prefixes of every case, without the one at its last event. What is known before `known`
/// decides where the buckets of time are cut.
pub(super) fn prefixes(cases: &[Case], known: f64) -> Vec<Prefix> {
    let (mut elapsed, mut gaps) = (Vec::new(), Vec::new());
    for case in cases {
        for pair in case.events.windows(2) {
            if pair[1].0 < known {
                elapsed.push(pair[1].0 - case.start());
                gaps.push(pair[1].0 - pair[0].0);
            }
        }
    }
    let (elapsed, gaps) = (bounds(elapsed, 8), bounds(gaps, 5));
    let mut all = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let mut seen: Vec<u32> = Vec::new();
        let (mut before, mut third, mut set) = (u32::MAX, u32::MAX, 0_u64);
        let mut earlier = case.start();
        for (at, (time, last)) in case.events.iter().enumerate() {
            if let Err(place) = seen.binary_search(last) {
                seen.insert(place, *last);
                // A sum does not depend on the order in which the set was filled.
                set = set.wrapping_add(mix(1, u64::from(*last)));
            }
            if at + 1 < case.events.len() {
                all.push(Prefix {
                    case: u32::try_from(number).unwrap_or(u32::MAX),
                    at: *time,
                    remaining: case.end() - time,
                    last: *last,
                    before,
                    third,
                    position: position(at + 1),
                    elapsed: bucket(&elapsed, time - case.start()),
                    gap: bucket(&gaps, time - earlier),
                    set,
                });
            }
            (third, before, earlier) = (before, *last, *time);
        }
    }
    all
}

/// The weight of something `age` old when half of it fades in `half_life`; 1 when nothing fades.
pub(super) fn fading(age: f64, half_life: Option<f64>) -> f64 {
    half_life.map_or(1.0, |half| 0.5_f64.powf(age.max(0.0) / half.max(1e-9)))
}

/// The mean of numbers, 0 of none.
pub(super) fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for number in numbers {
        sum += number;
        count += 1;
    }
    sum / real(count.max(1))
}
