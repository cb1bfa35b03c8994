use jiff::ToSpan;

use super::*;

fn estimator() -> Estimator {
    Estimator::new(Calendar::shipped())
}

fn question(exam: Date, as_of: Date) -> Question {
    Question {
        exam,
        kind: Kind::Initial,
        stage: None,
        since: None,
        as_of,
        place: Vec::new(),
    }
}

fn ask(question: &Question) -> Answer {
    estimator().ask(question).expect("an answer")
}

/// Every day of ten years: its number is the working days walked so far, and the way back leads to
/// the working day of that number.
#[test]
fn days_are_numbered_as_they_are_worked() {
    let estimator = estimator();
    let calendar = Calendar::shipped();
    let (mut number, mut day) = (0, EPOCH);
    let mut last = EPOCH;
    while day < date(2028, 12, 31) {
        day = day.tomorrow().expect("a day");
        if calendar.is_workday(day) {
            number += 1;
            last = day;
        }
        assert_eq!(estimator.day(day), number, "{day}");
        assert_eq!(estimator.date(EPOCH, number), last, "{day}");
        assert_eq!(
            estimator.today(day),
            number + i32::from(day != last),
            "{day}"
        );
    }
}

#[test]
fn ranges_cross_new_year_spring_festival_and_make_up_days() {
    let estimator = estimator();
    for (from, days, to) in [
        // 1 to 3 January 2026 are off; the Sunday after them is worked.
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
        (date(2025, 12, 31), 2, date(2026, 1, 5)),
        // The Saturday before the Spring Festival is worked, then nine days are off.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        // The Saturday after it is worked, too.
        (date(2026, 2, 27), 1, date(2026, 2, 28)),
        (date(2026, 2, 27), 2, date(2026, 3, 2)),
        // National Day: the Saturday after it is worked.
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
    ] {
        assert_eq!(estimator.date(from, days), to, "{from} + {days}");
        assert_eq!(
            estimator.day(to) - estimator.day(from),
            days,
            "{from} to {to}"
        );
    }
}

#[test]
fn the_day_after_the_exam_it_is_the_brief() {
    let exam = date(2026, 9, 1);
    let answer = ask(&question(exam, date(2026, 9, 2)));
    let days = answer.workdays;
    assert!(10 <= days.p10 && days.p90 <= 45, "{days:?}");
    assert!((15..=30).contains(&days.p50), "{days:?}");
    assert_eq!(
        (answer.sample, answer.level, answer.track_record),
        (0, "prior", None)
    );
    assert!(!answer.provisional && answer.provisional_reason.is_none());
    let stages: Vec<_> = answer.stages.iter().map(|s| s.stage).collect();
    assert_eq!(stages, STAGES);
    let calendar = Calendar::shipped();
    let by = |days: i32| {
        calendar
            .add_workdays(exam, u32::try_from(days).unwrap())
            .date
            .to_string()
    };
    assert_eq!(answer.by.p50, by(days.p50));
    assert_eq!(answer.by.p95, by(days.p95));
    // The last stage is the whole.
    assert_eq!(answer.stages[3].by, answer.by);
}

#[test]
fn other_kinds_are_shorter() {
    let middle = |kind| {
        let asked = question(date(2026, 4, 1), date(2026, 4, 2));
        ask(&Question { kind, ..asked }).workdays.p50
    };
    let kinds = [
        Kind::Initial,
        Kind::Recheck,
        Kind::Renewal,
        Kind::Replacement,
    ];
    let days = kinds.map(middle);
    assert!(days.windows(2).all(|pair| pair[0] > pair[1]), "{days:?}");
    assert_eq!(middle(Kind::Reissue), days[3]);
}

#[test]
fn an_exam_still_to_come_starts_the_count_on_its_day() {
    let exam = date(2026, 9, 1);
    let early = ask(&question(exam, date(2026, 7, 1)));
    assert_eq!(early, ask(&question(exam, exam)));
    assert!(early.workdays.p10 >= 10);
}

#[test]
fn time_spent_counts() {
    let exam = date(2026, 9, 1);
    let after = |days: i32| {
        let as_of = exam.checked_add(days.days()).expect("a day");
        let answer = ask(&question(exam, as_of));
        assert!(answer.earliest >= as_of, "{days}: {}", answer.earliest);
        assert!(answer.by.p50 >= as_of.to_string(), "{days}");
        answer.workdays
    };
    let days = [1, 20, 40, 60, 120, 400].map(after);
    assert!(
        days.windows(2).all(|pair| pair[0].p50 <= pair[1].p50),
        "{days:?}"
    );
    // Nothing found after two months: then it is a slow one.
    assert!(days[3].p50 > days[0].p95, "{days:?}");
    // Known to be in a late stage, it is sooner than a case of which nothing is known.
    let making = Question {
        stage: Some(Stage::Making),
        since: Some(date(2026, 9, 14)),
        ..question(exam, date(2026, 9, 18))
    };
    let making = ask(&making);
    assert_eq!(making.stages.len(), 2);
    let unknown = ask(&question(exam, date(2026, 9, 18)));
    assert!(making.workdays.p80 < unknown.workdays.p80);
}

#[test]
fn a_range_into_an_unpublished_year_says_so() {
    let answer = ask(&question(date(2026, 11, 23), date(2026, 11, 24)));
    assert!(answer.provisional);
    let reason = answer.provisional_reason.expect("a reason");
    assert!(reason.contains("2027"), "{reason}");
}

#[test]
fn contradictions_are_refused_with_a_remedy() {
    let exam = date(2026, 9, 1);
    let scoring = Question {
        stage: Some(Stage::Scoring),
        ..question(exam, date(2026, 9, 10))
    };
    let since = |day| Question {
        since: Some(day),
        ..scoring.clone()
    };
    let refused = |question: &Question| estimator().ask(question).expect_err("a refusal");
    assert_eq!(refused(&since(date(2026, 8, 31))), Wrong::SinceBeforeExam);
    assert_eq!(refused(&since(date(2026, 9, 11))), Wrong::SinceAhead);
    let reissue = Question {
        kind: Kind::Reissue,
        ..scoring.clone()
    };
    assert_eq!(refused(&reissue), Wrong::NoScoring);
    assert_eq!(refused(&question(date(1900, 1, 1), exam)), Wrong::Far);
}

/// What the next surface will do: tell the model what happens, and ask about a place.
#[test]
fn what_is_seen_at_a_place_speaks_there() {
    let mut estimator = estimator();
    let exam = date(2026, 3, 2);
    let first = estimator.day(exam);
    let model = estimator.model(Kind::Initial).expect("a model");
    let place = model.place(&["91", "9101"]);
    for day in first..first + 40 {
        let mut at = day;
        for (step, days) in [1, 0, 0, 0, 1, 2, 0].into_iter().enumerate() {
            if step != brief::CORRECTION {
                model.enter(place, step, at);
                model.leave(place, step, at, at + days, 0);
                at += days;
            }
        }
    }
    model.begin(first + 50);
    let asked = Question {
        place: vec!["91".to_owned(), "9101".to_owned(), "new".to_owned()],
        ..question(date(2026, 6, 1), date(2026, 6, 2))
    };
    let answer = estimator.ask(&asked).expect("an answer");
    assert_eq!((answer.level, answer.sample), ("authority", 40));
    assert!(answer.workdays.p80 <= 8, "{:?}", answer.workdays);
}
