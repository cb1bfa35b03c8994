//! How fast what is seen moves what is said.

use forecast::{
    Estimate, Memory, Model, Situation,
    brief::{self, DECISION, MAKING, Pace},
};

fn model() -> Model {
    Model::new(brief::chain(Pace::Initial), Memory::default())
}

/// An authority decides so many cases, one a day, each after so many days.
fn decides(model: &mut Model, path: &[&str], from: i32, cases: i32, days: i32) {
    let place = model.place(path);
    for day in from..from + cases {
        model.enter(place, DECISION, day);
        model.leave(place, DECISION, day, day + days, 0);
    }
}

/// The decision of a case that was just accepted.
fn decision(model: &Model, path: &[&str], today: i32) -> (i32, i32, Estimate) {
    let at = Situation {
        step: DECISION,
        since: today,
        today,
    };
    let estimate = model.estimate(model.known(path), at);
    let done = &estimate.forecast.stages[0].1;
    (
        done.quantile(0.1) - today,
        done.quantile(0.8) - today,
        estimate,
    )
}

#[test]
fn twenty_cases_that_take_three_days_show() {
    let mut model = model();
    let ours = ["91", "9101"];
    let before = decision(&model, &ours, 0);
    assert_eq!((before.2.level, before.2.sample), (None, 0));
    decides(&mut model, &ours, 0, 20, 3);
    model.begin(30);
    let (low, high, estimate) = decision(&model, &ours, 30);
    assert_eq!((low, high), (3, 3), "before: {} to {}", before.0, before.1);
    // Nothing was made yet, so no finished case stands behind the whole.
    assert_eq!(estimate.level, None);
    // Elsewhere the prior still speaks, if less loudly.
    model.place(&["92", "9201"]);
    let elsewhere = decision(&model, &["92", "9201"], 30);
    assert!(
        elsewhere.1 > 3 || elsewhere.0 < 3,
        "{} {}",
        elsewhere.0,
        elsewhere.1
    );
}

#[test]
fn three_cases_show_little() {
    let mut model = model();
    let ours = ["91", "9101"];
    let before = decision(&model, &ours, 0);
    decides(&mut model, &ours, 0, 3, 20);
    model.begin(30);
    let after = decision(&model, &ours, 30);
    assert!(
        after.1 > before.1 && after.1 < 20,
        "{} to {}",
        before.1,
        after.1
    );
}

#[test]
fn an_authority_that_changes_is_followed() {
    let mut model = model();
    let ours = ["91", "9101"];
    decides(&mut model, &ours, 0, 150, 9);
    decides(&mut model, &ours, 160, 40, 3);
    model.begin(204);
    let (_, high, _) = decision(&model, &ours, 204);
    assert!(high <= 5, "{high}");
}

#[test]
fn waiting_cases_count_before_one_of_them_ends() {
    let mut model = model();
    let ours = ["91", "9101"];
    let before = decision(&model, &ours, 0);
    let place = model.place(&ours);
    // Forty cases lie there for a month and nothing comes out.
    for day in 0..40 {
        model.enter(place, DECISION, day % 10);
    }
    model.begin(30);
    let after = decision(&model, &ours, 30);
    assert!(after.0 > before.0, "{} to {}", before.0, after.0);
    assert!(after.1 > before.1 + 5, "{} to {}", before.1, after.1);
}

#[test]
fn cards_made_on_fridays_are_promised_for_fridays() {
    let mut model = model();
    let ours = ["91", "9101"];
    let place = model.place(&ours);
    for day in 0..60 {
        let friday = day + 3 + (4 - (day + 3_i32).rem_euclid(5));
        model.enter(place, MAKING, day);
        model.leave(place, MAKING, day, friday, 0);
    }
    model.begin(70);
    for today in 70..75 {
        let at = Situation {
            step: MAKING,
            since: today,
            today,
        };
        let made = &model.estimate(place, at).forecast.stages[0].1;
        for p in [0.1, 0.5, 0.8] {
            assert_eq!(made.quantile(p).rem_euclid(5), 4, "{today}: {p}");
        }
    }
}

#[test]
fn time_spent_counts() {
    let model = model();
    let ahead = |since| {
        let at = Situation {
            step: DECISION,
            since,
            today: 100,
        };
        model
            .estimate(model.whole(), at)
            .forecast
            .whole
            .quantile(0.5)
            - 100
    };
    assert!(ahead(97) < ahead(100));
    // Long overdue: the hazard has fallen, so it is not expected tomorrow.
    assert!(ahead(60) > ahead(96));
}

/// Eight days after the scores a case is probably reported: to know only that it is not approved
/// promises more than to know that it is not even reported.
#[test]
fn a_stage_is_less_than_a_step() {
    let model = model();
    let at = |today| Situation {
        step: brief::REPORT,
        since: 100,
        today,
    };
    let stage = |today| model.estimate_in_stage(model.whole(), at(today)).forecast;
    let step = |today| model.estimate(model.whole(), at(today)).forecast;
    let middle = |f: &forecast::Forecast| f.whole.quantile(0.5);
    // On the first day both are the same to a day.
    assert!((middle(&stage(100)) - middle(&step(100))).abs() <= 1);
    assert!(middle(&stage(108)) < middle(&step(108)));
    let late = stage(112);
    assert_eq!(late.stages.len(), 3);
    assert!(late.stages[0].1.quantile(0.1) >= 112);
    assert!(late.whole.by(400) > 0.99 && middle(&late) > middle(&stage(100)));
    // A step alone in its stage is its stage.
    let making = Situation {
        step: MAKING,
        since: 100,
        today: 104,
    };
    let [a, b] = [
        model.estimate_in_stage(model.whole(), making),
        model.estimate(model.whole(), making),
    ];
    assert!((middle(&a.forecast) - middle(&b.forecast)).abs() <= 1);
    assert_eq!(stage(2000), step(2000));
}

#[test]
fn a_return_is_a_loop() {
    let mut model = model();
    let place = model.place(&["91"]);
    let wait = |step| Situation {
        step,
        since: 200,
        today: 200,
    };
    let plain = model.estimate(place, wait(brief::ACCEPTANCE)).forecast;
    for day in 0..190 {
        model.enter(place, brief::ACCEPTANCE, day);
        model.leave(
            place,
            brief::ACCEPTANCE,
            day,
            day + 1,
            usize::from(day % 2 == 0),
        );
    }
    model.begin(200);
    let often = model.estimate(place, wait(brief::ACCEPTANCE)).forecast;
    let last = |f: &forecast::Forecast| f.stages[0].1.quantile(0.9);
    assert!(
        last(&often) > last(&plain) + 5,
        "{} {}",
        last(&often),
        last(&plain)
    );
}

#[test]
fn the_same_events_in_another_order_say_the_same() {
    let [mut one, mut other] = [model(), model()];
    let paths = [["91", "9101"], ["91", "9102"], ["92", "9201"]];
    for (at, path) in paths.iter().enumerate() {
        decides(&mut one, path, 0, 30, 2 + i32::try_from(at).unwrap());
    }
    for (at, path) in paths.iter().enumerate().rev() {
        decides(&mut other, path, 0, 30, 2 + i32::try_from(at).unwrap());
    }
    one.begin(40);
    other.begin(40);
    for path in &paths {
        assert_eq!(decision(&one, path, 40), decision(&other, path, 40));
    }
}

/// Forty cases left on the third day and forty on the ninth: who is still there after the third
/// stays until the ninth.
#[test]
fn whether_a_step_is_left_by_a_day_depends_on_the_days_spent() {
    let mut model = model();
    let place = model.place(&["91", "9101"]);
    for day in 0..40 {
        for stay in [3, 9] {
            model.enter(place, DECISION, day);
            model.leave(place, DECISION, day, day + stay, 0);
        }
    }
    model.begin(60);
    let stays = |since: i32, until: i32| {
        let today = 60;
        let at = Situation {
            step: DECISION,
            since,
            today,
        };
        model.stays(place, at, until)
    };
    let fresh = stays(60, 64);
    assert!((0.35..0.65).contains(&fresh), "{fresh}");
    assert!(stays(60, 61) > 0.9 && stays(60, 70) < 0.1);
    // Five days in: the third day has gone by.
    assert!(stays(55, 62) > fresh + 0.2, "{}", stays(55, 62));
    assert!(stays(55, 65) < 0.2, "{}", stays(55, 65));
    // Nothing of a day that has gone by is still open.
    assert!((stays(55, 59) - 1.0).abs() < 1e-12);
}
