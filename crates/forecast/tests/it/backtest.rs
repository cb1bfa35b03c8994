//! Back-tests on simulated provinces: day by day, learning only from what was known.

use forecast::{
    Distribution, Memory, Model, Place, Situation, Track,
    brief::{self, Pace},
    held, pinball,
};

use crate::province::{Chance, Kind, Stay, Told, YEAR, simulate};

const QUANTILES: [f64; 5] = [0.1, 0.5, 0.8, 0.9, 0.95];

/// What a back-test adds up.
#[derive(Default)]
pub struct Found {
    pub brackets: Vec<(f64, f64)>,
    loss: [f64; 3],
    count: f64,
}

impl Found {
    pub fn held(&self, level: f64) -> f64 {
        held(&self.brackets, level)
    }

    /// How far the loss lies below that of the brief's ranges and of the median of finished cases.
    pub fn gain(&self) -> [f64; 2] {
        [1, 2].map(|at| 1.0 - self.loss[0] / self.loss[at])
    }
}

/// Something that happens on a day.
enum Act {
    Enter(Stay),
    Leave(Stay),
}

/// A forecast that waits for its end.
struct Waiting {
    case: usize,
    plain: Distribution,
}

/// One and a half years to learn, then a year of forecasts.
pub fn backtest(kind: Kind, seed: u64) -> Found {
    let (from, until) = (YEAR * 3 / 2, YEAR * 5 / 2);
    let cases = simulate(kind, until + 120, seed);
    let last = until + 150;
    let mut model = Model::new(brief::chain(Pace::Initial), Memory::default());
    if kind.slots > 1 {
        let slots = (0..2 * last / kind.slots).map(|k| k * kind.slots).collect();
        let place = model.place(&["91"]);
        model.set_slots(place, brief::SYNC, slots);
    }
    let places: Vec<Place> = cases.iter().map(|case| place(&mut model, case)).collect();
    let mut days: Vec<Vec<(usize, Act)>> = (0..=last).map(|_| Vec::new()).collect();
    for (case, told) in cases.iter().enumerate() {
        for stay in &told.stays {
            put(&mut days, stay.from, (case, Act::Enter(*stay)));
            put(&mut days, stay.until, (case, Act::Leave(*stay)));
        }
    }
    let mut chance = Chance::new(seed ^ 0xffff);
    let (mut track, mut found) = (Track::default(), Found::default());
    let mut waiting: Vec<Vec<Waiting>> = (0..=last).map(|_| Vec::new()).collect();
    let mut finished: Vec<f64> = Vec::new();
    for today in 0..last {
        model.begin(today);
        track.begin(today);
        if today >= from / 2 && today < until {
            let middle = median(&finished);
            for (case, told) in cases.iter().enumerate() {
                // A look at a case at a time that has nothing to do with it.
                if !running(told, today) || chance.unit() > 0.04 {
                    continue;
                }
                let (Some(done), Some(stay)) = (told.done, standing(told, today)) else {
                    continue;
                };
                let at = Situation {
                    step: stay.step,
                    since: stay.from,
                    today,
                };
                let plain = model.estimate(places[case], at).forecast.whole;
                if today >= from {
                    let steered = track.steer(&plain);
                    let start = told.stays[0].from;
                    found.add(&steered, done, start, today, middle);
                }
                let end = usize::try_from(done.min(last)).unwrap_or(0);
                waiting[end].push(Waiting { case, plain });
            }
        }
        let today_at = usize::try_from(today).unwrap_or(0);
        for (case, act) in std::mem::take(&mut days[today_at]) {
            match act {
                Act::Enter(stay) => model.enter(places[case], stay.step, today),
                Act::Leave(stay) => {
                    model.leave(places[case], stay.step, stay.from, today, stay.outcome);
                }
            }
            let _ = case;
        }
        for one in std::mem::take(&mut waiting[today_at]) {
            let _ = one.case;
            track.score(today, one.plain.bracket(today));
        }
        let ended = cases.iter().filter(|case| case.done == Some(today));
        finished.extend(ended.map(|case| f64::from(today - case.stays[0].from)));
    }
    found
}

impl Found {
    fn add(&mut self, steered: &Distribution, done: i32, start: i32, today: i32, middle: f64) {
        self.brackets.push(steered.bracket(done));
        self.loss[0] += steered.loss(&QUANTILES, done);
        // The brief's fixed range of 15 to 30 days, and two months for what is slow.
        let brief = [10.0, 22.0, 30.0, 40.0, 45.0];
        for (p, days) in QUANTILES.into_iter().zip(brief) {
            let at = |days: f64| (f64::from(start) + days).max(f64::from(today));
            self.loss[1] += pinball(p, at(days), f64::from(done)) / 5.0;
            self.loss[2] += pinball(p, at(middle), f64::from(done)) / 5.0;
        }
        self.count += 1.0;
    }
}

fn place(model: &mut Model, case: &Told) -> Place {
    let authority = format!("a{}", case.authority);
    let institution = format!("i{}", case.institution);
    model.place(&["91", &authority, &institution])
}

fn put<T>(days: &mut [Vec<T>], day: i32, what: T) {
    if let Some(day) = usize::try_from(day).ok().and_then(|day| days.get_mut(day)) {
        day.push(what);
    }
}

fn running(case: &Told, today: i32) -> bool {
    case.stays[0].from < today && case.done.is_none_or(|done| done >= today)
}

/// The stay a case is in at the beginning of a day.
fn standing(case: &Told, today: i32) -> Option<Stay> {
    let at = case
        .stays
        .iter()
        .find(|stay| stay.from < today && today <= stay.until);
    at.copied()
}

fn median(days: &[f64]) -> f64 {
    let mut days = days.to_vec();
    days.sort_by(f64::total_cmp);
    days.get(days.len() / 2).copied().unwrap_or(22.0)
}

#[test]
fn tune() {
    let base = Kind {
        returns: 0.08,
        cases: 12.0,
        slots: 1,
        ..Kind::default()
    };
    let kinds = [
        ("steady", base),
        (
            "drift",
            Kind {
                drift: 0.06,
                ..base
            },
        ),
        (
            "stop",
            Kind {
                stop: Some((235, 15)),
                drift: 0.03,
                ..base
            },
        ),
        (
            "half-monthly",
            Kind {
                slots: 11,
                drift: 0.03,
                ..base
            },
        ),
        (
            "tripled",
            Kind {
                tripled: Some(YEAR * 2),
                ..base
            },
        ),
        (
            "fridays",
            Kind {
                fridays: true,
                drift: 0.03,
                ..base
            },
        ),
        (
            "returns",
            Kind {
                returns: 0.3,
                ..base
            },
        ),
        (
            "small",
            Kind {
                cases: 1.5,
                drift: 0.03,
                ..base
            },
        ),
        (
            "all",
            Kind {
                drift: 0.05,
                stop: Some((235, 12)),
                slots: 11,
                fridays: true,
                returns: 0.2,
                tripled: Some(YEAR * 2),
                ..base
            },
        ),
    ];
    let mut sum = Found::default();
    for (name, kind) in kinds {
        let t = std::time::Instant::now();
        for seed in 1..=2 {
            let found = backtest(kind, seed);
            let gain = found.gain();
            println!(
                "{name:13} {seed} n {:>5}  10:{:.3} 50:{:.3} 80:{:.3} 90:{:.3} 95:{:.3}  gain {:.2} {:.2}  loss {:.3} {:?}",
                found.brackets.len(),
                found.held(0.1),
                found.held(0.5),
                found.held(0.8),
                found.held(0.9),
                found.held(0.95),
                gain[0],
                gain[1],
                found.loss[0] / found.count,
                t.elapsed()
            );
            sum.brackets.extend(found.brackets);
        }
    }
    println!(
        "{:.3} {:.3} {:.3}",
        sum.held(0.5),
        sum.held(0.8),
        sum.held(0.95)
    );
}
