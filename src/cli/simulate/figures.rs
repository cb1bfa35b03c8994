//! The figures of a run as JSON.

use serde_json::{Map, Value, json};

use super::Played;
use crate::simulation::{AGES, Histogram, KINDS, STAGES, Step};

/// Everything that the words and the charts say.
pub(super) fn of(played: &Played) -> Value {
    let (scenario, summary) = (&played.scenario, &played.summary);
    let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let stage_words = STAGES.map(|stage| word(json!(stage)));
    let stages = stage_words.iter().cloned().zip(&summary.stages);
    let kinds = KINDS.map(|kind| word(json!(kind)));
    let kinds = kinds.into_iter().zip(&summary.kinds);
    let ageing = stage_words.iter().cloned().zip(&summary.ageing);
    let months = summary.months.iter().map(|((year, month), stages)| {
        let medians = stages.iter().map(|h| (h.count() > 0).then(|| h.within(50)));
        let medians = stage_words.iter().cloned().zip(medians.map(|m| json!(m)));
        json!({
            "month": format!("{year:04}-{month:02}"),
            "median": medians.collect::<Map<_, _>>(),
        })
    });
    json!({
        "title": scenario.title,
        "seed": played.seed,
        "provinces": scenario.province_count(),
        "from": played.days.date(played.days.start()).to_string(),
        "until": played.days.date(played.days.closes().saturating_sub(1)).to_string(),
        "cases": {
            "all": summary.cases,
            "queryable": summary.queryable,
            "not_passed": summary.not_passed,
            "rejected": summary.rejected,
            "under_way": summary.under_way,
        },
        "whole": workdays(&summary.whole),
        "stages": stages.map(|(word, h)| (word, workdays(h))).collect::<Map<_, _>>(),
        "kinds": kinds.map(|(word, h)| (word, workdays(h))).collect::<Map<_, _>>(),
        "steps": Step::ALL.map(|step| self::step(played, step)),
        "bottleneck": summary.bottleneck().map(Step::word),
        "ageing": {
            "up_to_workdays": AGES,
            "cases": ageing.map(|(word, bars)| (word, json!(bars))).collect::<Map<_, _>>(),
        },
        "months": months.collect::<Vec<_>>(),
        "days": days(played),
    })
}

/// The percentage points of a duration.
fn workdays(histogram: &Histogram) -> Value {
    let at = |percent| histogram.within(percent);
    json!({
        "cases": histogram.count(),
        "mean": rounded(histogram.mean()),
        "10": at(10), "50": at(50), "80": at(80), "90": at(90), "95": at(95),
    })
}

fn step(played: &Played, step: Step) -> Value {
    let tally = &played.summary.steps[step as usize];
    json!({
        "step": step.word(),
        "workdays": workdays(&tally.inside),
        "waited_mean": rounded(tally.mean_wait()),
        "utilisation": (tally.offered > 0).then(|| rounded(tally.utilisation())),
    })
}

/// How many were in each step at the end of each day.
fn days(played: &Played) -> Value {
    let (days, summary) = (&played.days, &played.summary);
    let from = usize::try_from(days.start()).unwrap_or(0);
    let column = |of: &[[u64; 9]], step: Step| -> Vec<u64> {
        of.iter().skip(from).map(|day| day[step as usize]).collect()
    };
    let columns = |of: &[[u64; 9]]| -> Map<String, Value> {
        let all = Step::ALL.into_iter();
        all.map(|step| (step.word().to_owned(), json!(column(of, step))))
            .collect()
    };
    json!({
        "first": days.date(days.start()).to_string(),
        "inside": columns(&summary.inside),
        "queued": columns(&summary.queued),
    })
}

/// Two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
