//! How fast it is. In release: `cargo test --release -p forecast --test it -- --ignored --nocapture
//! fast`.

use std::time::Instant;

use forecast::{
    Memory, Model, Situation,
    brief::{self, Pace},
};

use crate::province::Chance;

/// A nation of 31 provinces with 12 institutions each, and a day on which 100,000 things happen.
#[test]
#[ignore = "measures; run it in release"]
fn a_day_is_learnt_and_an_estimate_is_made_fast() {
    let mut model = Model::new(brief::chain(Pace::Initial), Memory::default());
    let mut places = Vec::new();
    for province in 11..42 {
        for institution in 0..12 {
            let authority = format!("{province}{:02}", institution / 3);
            let path = [&province.to_string(), &*authority, &institution.to_string()];
            places.push(model.place(&path));
        }
    }
    let mut chance = Chance::new(5);
    for day in 0..40_i32 {
        for _ in 0..50_000 {
            let place = places[chance.below(places.len())];
            let step = chance.below(6);
            let entered = day - i32::try_from(chance.below(9)).unwrap();
            model.enter(place, step, entered);
            model.leave(place, step, entered, day, 0);
        }
        let began = Instant::now();
        model.begin(day + 1);
        if day == 39 {
            report("to begin a day", began);
        }
    }
    let events: Vec<_> = (0..50_000)
        .map(|_| (places[chance.below(places.len())], chance.below(6)))
        .collect();
    let began = Instant::now();
    for (place, step) in &events {
        model.enter(*place, *step, 35);
        model.leave(*place, *step, 35, 40, 0);
    }
    model.begin(41);
    let day = report("a day of 100,000 events", began);
    let began = Instant::now();
    let speeds = model.speeds(places[0]);
    report("the first estimate of a day at a place", began);
    // The quickest of many rounds: the machine may be busy with other things.
    let mut sum = 0;
    let mut quickest = f64::INFINITY;
    for _ in 0..200 {
        let began = Instant::now();
        for k in 0..50 {
            let at = Situation {
                step: 0,
                since: 41 - k % 5,
                today: 41,
            };
            sum += model
                .estimate_with(&speeds, at)
                .forecast
                .whole
                .quantile(0.8);
        }
        quickest = quickest.min(began.elapsed().as_secs_f64() / 50.0);
    }
    say("an estimate", quickest);
    assert!(sum > 0 && day < 1.0 && quickest < 50e-6, "{day} {quickest}");
}

fn say(what: &str, seconds: f64) {
    #[expect(clippy::print_stdout, reason = "the figures of docs/measurements.md")]
    {
        println!("{what}: {:.1} µs", seconds * 1e6);
    }
}

fn report(what: &str, began: Instant) -> f64 {
    let seconds = began.elapsed().as_secs_f64();
    say(what, seconds);
    seconds
}
