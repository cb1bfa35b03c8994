//! Back-tests on simulated provinces: day by day, learning only from what was known.

use forecast::{
    Distribution, Memory, Model, Place, Situation, Track,
    brief::{self, Pace},
    held, pinball,
};

use crate::province::{Chance, Kind, Stay, Told, YEAR, simulate};

const QUANTILES: [f64; 5] = [0.1, 0.5, 0.8, 0.9, 0.95];

/// The brief's range read as a forecast: 10 days when smooth, 15 to 30 for most, two months and
/// more when not.
const BRIEF: [f64; 5] = [10.0, 22.0, 30.0, 40.0, 45.0];

/// What a back-test adds up.
#[derive(Default)]
struct Found {
    brackets: Vec<(f64, f64)>,
    /// Of the estimator, the brief's ranges, and the median of finished cases.
    loss: [f64; 3],
}

impl Found {
    fn held(&self, level: f64) -> f64 {
        held(&self.brackets, level)
    }

    /// How far the loss lies below that of the other two.
    fn gain(&self) -> [f64; 2] {
        [1, 2].map(|at| 1.0 - self.loss[0] / self.loss[at])
    }

    fn add(&mut self, steered: &Distribution, done: i32, start: i32, today: i32, middle: f64) {
        self.brackets.push(steered.bracket(done));
        self.loss[0] += steered.loss(&QUANTILES, done);
        for (p, days) in QUANTILES.into_iter().zip(BRIEF) {
            // Neither of them says a day that has passed.
            let at = |days: f64| (f64::from(start) + days).max(f64::from(today));
            self.loss[1] += pinball(p, at(days), f64::from(done)) / 5.0;
            self.loss[2] += pinball(p, at(middle), f64::from(done)) / 5.0;
        }
    }

    fn join(&mut self, other: Self) {
        self.brackets.extend(other.brackets);
        for (sum, more) in self.loss.iter_mut().zip(other.loss) {
            *sum += more;
        }
    }
}

/// A province under test.
struct Test {
    cases: Vec<Told>,
    places: Vec<Place>,
    model: Model,
    track: Track,
    /// What happens on each day: a case enters a step, or leaves it.
    enters: Vec<Vec<(usize, Stay)>>,
    leaves: Vec<Vec<(usize, Stay)>>,
    /// Forecasts by the day on which they come to their end.
    waiting: Vec<Vec<Distribution>>,
    finished: Vec<f64>,
}

impl Test {
    fn new(kind: Kind, until: i32, last: i32, seed: u64) -> Self {
        let cases = simulate(kind, until + 120, seed);
        let mut model = Model::new(brief::chain(Pace::Initial), Memory::default());
        if kind.slots > 1 {
            let slots = (0..2 * last / kind.slots).map(|k| k * kind.slots).collect();
            let province = model.place(&["91"]);
            model.set_slots(province, brief::SYNC, slots);
        }
        let places = cases.iter().map(|case| place(&mut model, case)).collect();
        let days = usize::try_from(last).expect("a day") + 1;
        let mut test = Self {
            places,
            model,
            track: Track::default(),
            enters: vec![Vec::new(); days],
            leaves: vec![Vec::new(); days],
            waiting: vec![Vec::new(); days],
            finished: Vec::new(),
            cases,
        };
        for (case, told) in test.cases.iter().enumerate() {
            for stay in &told.stays {
                put(&mut test.enters, stay.from, (case, *stay));
                put(&mut test.leaves, stay.until, (case, *stay));
            }
        }
        test
    }

    fn look(&mut self, today: i32, counts: bool, chance: &mut Chance, found: &mut Found) {
        let middle = median(&self.finished);
        for (case, told) in self.cases.iter().enumerate() {
            // A look at a case at a time that has nothing to do with it.
            let looks = standing(told, today).filter(|_| chance.unit() < 0.05);
            let (Some(stay), Some(done)) = (looks, told.done) else {
                continue;
            };
            let at = Situation {
                step: stay.step,
                since: stay.from,
                today,
            };
            let plain = self.model.estimate(self.places[case], at).forecast.whole;
            if counts {
                let start = told.stays[0].from;
                found.add(&self.track.steer(&plain), done, start, today, middle);
            }
            put(&mut self.waiting, done, plain);
        }
    }

    /// What happens on a day, after everybody has looked.
    fn pass(&mut self, today: i32) {
        let at = usize::try_from(today).expect("a day");
        for (case, stay) in std::mem::take(&mut self.enters[at]) {
            self.model.enter(self.places[case], stay.step, today);
        }
        for (case, stay) in std::mem::take(&mut self.leaves[at]) {
            let place = self.places[case];
            self.model
                .leave(place, stay.step, stay.from, today, stay.outcome);
        }
        for plain in std::mem::take(&mut self.waiting[at]) {
            self.track.score(today, plain.bracket(today));
        }
        let ended = self.cases.iter().filter(|case| case.done == Some(today));
        let days = ended.map(|case| f64::from(today - case.stays[0].from));
        self.finished.extend(days);
    }
}

/// A year and a half to learn, then a year of forecasts that count.
fn backtest(kind: Kind, seed: u64) -> Found {
    let (from, until) = (YEAR * 3 / 2, YEAR * 5 / 2);
    let mut test = Test::new(kind, until, until + 150, seed);
    let mut chance = Chance::new(seed ^ 0xffff);
    let mut found = Found::default();
    for today in 0..until {
        test.model.begin(today);
        test.track.begin(today);
        if today >= from / 2 {
            test.look(today, today >= from, &mut chance, &mut found);
        }
        test.pass(today);
    }
    found
}

fn place(model: &mut Model, case: &Told) -> Place {
    let authority = format!("a{}", case.authority);
    let institution = format!("i{}", case.institution);
    model.place(&["91", &authority, &institution])
}

fn put<T>(days: &mut [Vec<T>], day: i32, what: T) {
    let day = usize::try_from(day).ok();
    if let Some(day) = day.and_then(|day| days.get_mut(day)) {
        day.push(what);
    }
}

/// The stay a case is in at the beginning of a day.
fn standing(case: &Told, today: i32) -> Option<Stay> {
    let within = |stay: &&Stay| stay.from < today && today <= stay.until;
    case.stays.iter().find(within).copied()
}

fn median(days: &[f64]) -> f64 {
    let mut days = days.to_vec();
    days.sort_by(f64::total_cmp);
    days.get(days.len() / 2).copied().unwrap_or(22.0)
}

fn kinds(cases: f64) -> Vec<(&'static str, Kind)> {
    let plain = Kind {
        returns: 0.08,
        cases,
        slots: 1,
        ..Kind::default()
    };
    let drifts = Kind {
        drift: 0.03,
        ..plain
    };
    let stop = Some((235, 10));
    let tripled = Some(YEAR * 2);
    vec![
        ("steady", plain),
        (
            "speeds that drift",
            Kind {
                drift: 0.06,
                ..plain
            },
        ),
        ("a stop at new year", Kind { stop, ..drifts }),
        (
            "a half-monthly feed",
            Kind {
                slots: 11,
                ..drifts
            },
        ),
        (
            "an authority that triples its speed",
            Kind { tripled, ..plain },
        ),
        (
            "cards on Fridays",
            Kind {
                fridays: true,
                ..drifts
            },
        ),
        (
            "many returns",
            Kind {
                returns: 0.3,
                ..plain
            },
        ),
        (
            "all of it",
            Kind {
                stop,
                tripled,
                slots: 11,
                fridays: true,
                returns: 0.2,
                drift: 0.05,
                ..plain
            },
        ),
    ]
}

/// Back-tests every kind of province; each kind within `wide`, all together within what is promised.
///
/// Seed 7001 was in view while the estimator was made (the weight of the slow tail was set with it),
/// so the quick test only holds the estimator to where it stands. Seeds 9101 to 9103 were chosen
/// after it was finished; 8001 to 8003, which stood there before, had been looked at once.
fn judge(cases: f64, seeds: &[u64], wide: f64) {
    let mut all = Found::default();
    let mut wrong = Vec::new();
    for (name, kind) in kinds(cases) {
        let mut found = Found::default();
        for seed in seeds {
            found.join(backtest(kind, *seed));
        }
        let [p50, p80, p95] = [0.5, 0.8, 0.95].map(|level| found.held(level));
        let [brief, median] = found.gain();
        let line = format!(
            "{name:36} {:>6} looks, held 50 %: {p50:.3}  80 %: {p80:.3}  95 %: {p95:.3}, loss \
             below the brief {brief:.2}, below the median {median:.2}",
            found.brackets.len()
        );
        if (p80 - 0.8).abs() > wide || (p95 - 0.95).abs() > wide || brief.min(median) < 0.3 {
            wrong.push(line.clone());
        }
        #[expect(clippy::print_stdout, reason = "the figures of docs/measurements.md")]
        {
            println!("{line}");
        }
        all.join(found);
    }
    let [p80, p95] = [0.8, 0.95].map(|level| all.held(level));
    #[expect(clippy::print_stdout, reason = "the figures of docs/measurements.md")]
    {
        println!(
            "all: 80 % held {p80:.3}, 95 % held {p95:.3}, gain {:?}",
            all.gain()
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!((0.77..=0.83).contains(&p80), "{p80}");
    assert!((0.93..=0.97).contains(&p95), "{p95}");
}

#[test]
fn dates_hold_in_every_kind_of_province() {
    judge(4.0, &[7001], 0.06);
}

/// `cargo test --release -p forecast --test it -- --ignored --nocapture in_many`
#[test]
#[ignore = "takes minutes"]
fn dates_hold_in_many_provinces() {
    judge(6.0, &[9101, 9102, 9103], 0.04);
}
