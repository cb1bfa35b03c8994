//! Without any data the estimate is the brief.

use forecast::{
    Distribution, Memory, Model, Situation,
    brief::{self, Pace},
};

fn new(pace: Pace) -> Model {
    Model::new(brief::chain(pace), Memory::default())
}

/// The day after the exam, which was on day 0.
fn whole(pace: Pace, step: usize) -> Distribution {
    let model = new(pace);
    let at = Situation {
        step,
        since: 0,
        today: 1,
    };
    let estimate = model.estimate(model.whole(), at);
    assert_eq!((estimate.level, estimate.sample), (None, 0));
    estimate.forecast.whole
}

#[test]
fn an_initial_case_takes_what_the_brief_says() {
    let whole = whole(Pace::Initial, brief::SCORING);
    let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|p| whole.quantile(p));
    assert!(10 <= p10 && p90 <= 45, "{p10} to {p90}");
    assert!((15..=30).contains(&p50), "{p50}");
    // About 10 when smooth, and two months when not, do happen.
    assert!(whole.by(11) > 0.0005 && whole.by(42) < 0.995);
}

#[test]
fn the_other_kinds_are_shorter_in_their_order() {
    let middle = |pace, step| whole(pace, step).quantile(0.5);
    let initial = middle(Pace::Initial, brief::SCORING);
    let recheck = middle(Pace::Recheck, brief::SCORING);
    let renewal = middle(Pace::Renewal, brief::SCORING);
    let reissue = middle(Pace::WithoutExam, brief::ACCEPTANCE);
    assert!(initial > recheck && recheck > renewal && renewal > reissue);
    assert!(initial - recheck <= 5, "a little shorter");
}

#[test]
fn each_stage_takes_what_the_table_says() {
    let model = new(Pace::Initial);
    let table = [
        (brief::SCORING, 1, 7),
        (brief::REPORT, 5, 15),
        (brief::MAKING, 5, 10),
        (brief::SYNC, 0, 4),
    ];
    for (step, low, high) in table {
        let at = Situation {
            step,
            since: 0,
            today: 0,
        };
        let estimate = model.estimate(model.whole(), at);
        let stage = &estimate.forecast.stages[0].1;
        let (p10, p90) = (stage.quantile(0.1), stage.quantile(0.9));
        let said = format!("step {step}: {p10} to {p90}");
        assert!((p10 - low).abs() <= 1, "{said}");
        assert!((p90 - high).abs() <= 1, "{said}");
    }
}
