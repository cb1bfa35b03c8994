use domain::verdict::{Kind, Stage};
use forecast::Distribution;
use jiff::civil::{Date, date};

use super::*;

const MONDAY: Date = date(2026, 3, 2);

fn calendar() -> Calendar {
    Calendar::shipped()
}

/// One to ten working days, each as probable; shown on a Monday.
fn shown(ended: Option<Date>) -> Remembered {
    let first = number(&calendar(), MONDAY);
    let even = Distribution::new(first + 1, vec![0.1; 10]);
    let by = |p: f64| {
        let days = even.quantile(p) - first;
        calendar().add_workdays(MONDAY, days.unsigned_abs()).date
    };
    Remembered {
        case: RecordId::from_raw(7),
        shown: MONDAY,
        province: "99".to_owned(),
        kind: Kind::Initial,
        stage: Stage::Making,
        by: [0.5, 0.8, 0.95].map(by),
        told: code::write(&even, first),
        plain: code::write(&even, first),
        ended,
    }
}

/// The day it came, whether that is inside the 50, 80 and 95 % dates, and what of 80 % is held.
#[test]
fn an_estimate_is_scored_by_the_day_it_came() {
    for (ended, inside, part) in [
        (MONDAY, [true, true, true], 1.0),
        // The fifth working day is the 50 % date, the eighth the 80 % date.
        (date(2026, 3, 9), [true, true, true], 1.0),
        (date(2026, 3, 10), [false, true, true], 1.0),
        (date(2026, 3, 12), [false, true, true], 1.0),
        (date(2026, 3, 13), [false, false, true], 0.0),
        // A Saturday is after its Friday.
        (date(2026, 3, 14), [false, false, true], 0.0),
        (date(2026, 3, 16), [false, false, true], 0.0),
        (date(2026, 3, 17), [false, false, false], 0.0),
        (date(2026, 9, 1), [false, false, false], 0.0),
    ] {
        let score = score(&shown(Some(ended)), &calendar()).expect("it has ended");
        assert_eq!(score.inside, inside, "{ended}");
        let held = forecast::held(&[score.told], 0.8);
        assert!((held - part).abs() < 0.01, "{ended}: {held}");
    }
    assert_eq!(score(&shown(None), &calendar()), None);
}

/// Chance of a test: the same each time.
fn draws(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    })
}

/// A board of so many estimates of one to seven days, of cases that take `slower` times as long.
fn board(slower: f64, count: usize) -> Board {
    let even = Distribution::new(1, vec![1.0 / 7.0; 7]);
    let mut board = Board::since(MONDAY, date(2026, 12, 1));
    for (at, chance) in draws(11).take(count).enumerate() {
        let days = (f64::from(even.quantile(chance)) * slower).round();
        let took = (1..=40).find(|d| f64::from(*d) >= days).expect("a day");
        let inside = [0.5, 0.8, 0.95].map(|p| took <= even.quantile(p));
        board.add(Score {
            ended: MONDAY.saturating_add((at as i64 / 10).days()),
            province: "99".to_owned(),
            kind: Kind::Initial,
            stage: Stage::Making,
            inside,
            told: even.bracket(took),
            plain: even.bracket(took),
        });
    }
    board
}

#[test]
fn the_watch_goes_red_where_estimates_are_wrong() {
    for (slower, count, state) in [
        (1.0, 499, State::Waiting),
        (2.0, 499, State::Waiting),
        (1.0, 600, State::Green),
        (1.5, 600, State::Red),
        // Twice as fast as was said is wrong, too.
        (0.5, 600, State::Red),
    ] {
        let watch = board(slower, count).watch();
        assert_eq!(watch.state, state, "{slower} {count}: {watch:?}");
    }
}

#[test]
fn the_watch_forgets_what_is_long_past() {
    let mut board = board(2.0, 600);
    assert_eq!(board.watch().state, State::Red);
    let right = self::board(1.0, 500);
    right
        .last_scores()
        .cloned()
        .for_each(|score| board.add(score));
    assert_eq!(board.watch().state, State::Green);
    assert_eq!(board.all.n, 1100);
}

#[test]
fn whole_days_are_told_beside_what_they_count_for() {
    let share = board(1.0, 4000).all;
    let (inside, part) = (share.inside(), share.randomised());
    for (at, level) in [0.5, 0.8, 0.95].into_iter().enumerate() {
        let (inside, part) = (inside[at].expect("some"), part[at].expect("some"));
        assert!((part - level).abs() < 0.02, "{level}: {part}");
        assert!(inside > part + 0.02, "{level}: {inside} {part}");
    }
    assert_eq!(Share::default().inside(), [None; 3]);
}

#[test]
fn few_scores_are_no_record_and_what_is_late_moves_dates_out() {
    assert_eq!(board(1.0, 19).finish().record, None);
    assert!(board(1.0, 20).finish().record.is_some());
    let steering = board(2.0, 600).finish();
    let track = &steering.tracks[&Kind::Initial];
    assert!(track.asked(0.8) > 0.9, "{}", track.asked(0.8));
    assert_eq!(steering, board(2.0, 600).finish());
    assert_eq!(
        steering.tracks.len(),
        1,
        "a kind nothing is known of is not steered"
    );
}

#[test]
fn once_for_a_case_and_a_day() {
    let estimator = crate::estimate::Estimator::new(calendar());
    let question = crate::estimate::Question {
        exam: MONDAY,
        kind: Kind::Renewal,
        stage: Some(Stage::Making),
        since: None,
        as_of: MONDAY,
        place: Vec::new(),
    };
    let answer = estimator.ask(&question).expect("an answer");
    let (keeper, calendar) = (Keeper::default(), calendar());
    let show = |case: u64, day: Date| {
        let case = (RecordId::from_raw(case), Stage::Making);
        keeper.shown(case, (day, &calendar), &answer, || "99".to_owned());
        keeper.lock().waiting.len()
    };
    let tuesday = date(2026, 3, 3);
    let counts = [
        show(1, MONDAY),
        show(1, MONDAY),
        show(2, MONDAY),
        show(1, tuesday),
    ];
    assert_eq!(counts, [1, 1, 2, 3]);
    let first = keeper.lock().waiting[0].clone();
    assert_eq!((first.kind, &*first.province), (Kind::Renewal, "99"));
    assert_eq!(first.by[1].to_string(), answer.by.p80);
}

#[test]
fn what_cannot_be_held_is_not_remembered() {
    let keeper = Keeper::default();
    keeper.lock().waiting = vec![shown(None); MOST];
    assert!(!keeper.lock().is_new(RecordId::from_raw(1), MONDAY));
}
