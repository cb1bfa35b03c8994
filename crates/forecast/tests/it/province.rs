//! Simulated provinces: what happens to cases day by day, made from a seed.

use forecast::brief::{ACCEPTANCE, CORRECTION, DECISION, MAKING, REPORT, SCORING, SYNC};

/// SplitMix64: chance from a seed.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Even between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }

    /// One of the numbers below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count.max(1)).unwrap_or(1);
        usize::try_from((self.next() >> 11) % count).unwrap_or(0)
    }

    /// Nearly normal: twelve even numbers.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Log-normal around a median.
    fn around(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.normal()).exp()
    }
}

/// One stay of a case in a step.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    pub step: usize,
    pub from: i32,
    pub until: i32,
    pub outcome: usize,
}

/// One case from the exam to the nation's copy.
#[derive(Clone, Debug)]
pub struct Told {
    pub authority: usize,
    pub institution: usize,
    pub stays: Vec<Stay>,
    /// The day on which it can be looked up; none when it is rejected.
    pub done: Option<i32>,
}

/// What is peculiar to a province.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kind {
    /// Speeds wander: the standard deviation of a week's step of the log speed.
    pub drift: f64,
    /// Nothing is done at the authorities from this day of the year on, for so many days.
    pub stop: Option<(i32, i32)>,
    /// The nation's copy is made on these days only: every so many.
    pub slots: i32,
    /// The first authority is three times as fast from this day on.
    pub tripled: Option<i32>,
    /// The authorities make their cards on Fridays.
    pub fridays: bool,
    /// The share that is returned.
    pub returns: f64,
    /// Cases a day.
    pub cases: f64,
}

/// Working days of a year.
pub const YEAR: i32 = 250;

/// A province over so many days.
pub fn simulate(kind: Kind, days: i32, seed: u64) -> Vec<Told> {
    let mut chance = Chance::new(seed);
    let authorities = 3;
    // Each office has its own pace, and it wanders.
    let mut pace: Vec<f64> = (0..authorities).map(|_| chance.around(1.0, 0.3)).collect();
    let houses: Vec<f64> = (0..6).map(|_| chance.around(1.0, 0.35)).collect();
    let mut all = Vec::new();
    let mut paces = Vec::new();
    for day in 0..days + 2 * YEAR {
        if day % 5 == 0 {
            for pace in &mut pace {
                let step = kind.drift * chance.normal();
                *pace = (*pace * step.exp()).clamp(0.3, 3.0);
            }
        }
        let mut now = pace.clone();
        if kind.tripled.is_some_and(|from| day >= from) {
            now[0] /= 3.0;
        }
        paces.push(now);
    }
    for day in 0..days {
        // Exams are not held every day alike.
        let many = kind.cases * if day % 5 == 4 { 2.0 } else { 0.75 };
        let count = (many + many.sqrt() * chance.normal()).round().max(0.0);
        for _ in 0..whole(count) {
            let institution = chance.below(6);
            let case = Offices {
                kind,
                paces: &paces,
                house: houses[institution],
                authority: institution % authorities,
            };
            let (stays, done) = case.go(day, &mut chance);
            all.push(Told {
                authority: institution % authorities,
                institution,
                stays,
                done,
            });
        }
    }
    all
}

/// The offices a case passes.
struct Offices<'a> {
    kind: Kind,
    paces: &'a [Vec<f64>],
    house: f64,
    authority: usize,
}

impl Offices<'_> {
    fn go(&self, day: i32, chance: &mut Chance) -> (Vec<Stay>, Option<i32>) {
        let mut stays = Vec::new();
        let mut at = day;
        let mut stay = |step, until: i32, outcome, at: &mut i32| {
            stays.push(Stay {
                step,
                from: *at,
                until,
                outcome,
            });
            *at = until;
        };
        let scored = at + whole(chance.around(3.0, 0.5) * self.house);
        stay(SCORING, scored, 0, &mut at);
        let reported = at + whole(chance.around(1.5, 0.6) * self.house);
        stay(REPORT, reported, 0, &mut at);
        loop {
            let until = self.office(at, chance.around(1.5, 0.6));
            if chance.unit() >= self.kind.returns {
                stay(ACCEPTANCE, until, 0, &mut at);
                break;
            }
            stay(ACCEPTANCE, until, 1, &mut at);
            let back = at + whole(chance.around(5.0, 0.7));
            stay(CORRECTION, back, 0, &mut at);
        }
        let decided = self.office(at, chance.around(4.0, 0.45));
        let rejected = chance.unit() < 0.03;
        stay(DECISION, decided, usize::from(rejected), &mut at);
        if rejected {
            return (stays, None);
        }
        let mut made = self.office(at, chance.around(6.0, 0.3));
        if self.kind.fridays {
            made += 4 - made.rem_euclid(5);
        }
        stay(MAKING, made, 0, &mut at);
        let gap = self.kind.slots.max(1);
        // A copy is made before office hours: what is issued on its day waits for the next one.
        let copied = if gap == 1 { at } else { (at / gap + 1) * gap };
        stay(SYNC, copied, 0, &mut at);
        (stays, Some(at))
    }

    /// The day on which so much work is done at the authority's pace, day by day.
    fn office(&self, from: i32, work: f64) -> i32 {
        let mut left = work;
        let mut day = from;
        loop {
            let stopped = self.kind.stop.is_some_and(|(at, long)| {
                let of_year = day.rem_euclid(YEAR);
                of_year >= at && of_year < at + long
            });
            if !stopped {
                let pace = self.paces[usize::try_from(day).unwrap_or(0).min(self.paces.len() - 1)]
                    [self.authority];
                left -= 1.0 / pace;
            }
            if left < 0.0 {
                return day;
            }
            day += 1;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped first")]
fn whole(days: f64) -> i32 {
    days.round().clamp(0.0, 200.0) as i32
}
