//! A run in words, for a terminal: the answer first, then the figures it rests on.

use super::Played;
use crate::{
    lang::Sentences,
    simulation::{Histogram, KINDS, STAGES, Span, Step, ratio},
};

/// Of a hundred evenings so many with something undone are for want of officers.
const SHORT: f64 = 0.2;

/// A line of a table: a name and cells.
pub(super) type Row = (String, Vec<String>);

/// One run.
pub(super) fn of(played: &Played, words: &Sentences) -> String {
    let (scenario, summary) = (&played.scenario, &played.summary);
    let days = &played.days;
    let from = days.date(days.start()).to_string();
    let until = days.date(days.closes().saturating_sub(1)).to_string();
    let facts = words.with(
        "simulate-facts",
        &[
            ("cases", &grouped(summary.cases)),
            ("provinces", &scenario.province_count().to_string()),
            ("from", &from),
            ("until", &until),
            ("seed", &played.seed.to_string()),
        ],
    );
    let outcome = words.with(
        "simulate-outcome",
        &[
            ("queryable", &grouped(summary.queryable)),
            ("failed", &grouped(summary.not_passed)),
            ("rejected", &grouped(summary.rejected)),
            ("open", &grouped(summary.under_way)),
        ],
    );
    let mut parts = vec![
        format!("{}\n{facts}\n{outcome}", played.title),
        in_words(played, words),
    ];
    parts.push(durations(played, words));
    parts.push(places(played, words));
    parts.push(bottleneck(played, words));
    parts.join("\n\n")
}

/// The whole way, in one sentence.
pub(super) fn in_words(played: &Played, words: &Sentences) -> String {
    let whole = &played.summary.whole;
    if whole.count() == 0 {
        return words.say("simulate-nothing");
    }
    let Span { low, median, high } = whole.span();
    words.with(
        "simulate-whole",
        &[
            ("median", &median.to_string()),
            ("low", &low.to_string()),
            ("high", &high.to_string()),
            ("late", &whole.within(95).to_string()),
        ],
    )
}

fn durations(played: &Played, words: &Sentences) -> String {
    let head = ["simulate-low", "simulate-median", "simulate-high"];
    let head = (words.say("simulate-durations"), said(&head, words));
    let mut rows = vec![head];
    let summary = &played.summary;
    let mut row = |name: String, histogram: &Histogram| {
        if histogram.count() > 0 {
            let Span { low, median, high } = histogram.span();
            rows.push((name, [low, median, high].map(|n| n.to_string()).to_vec()));
        }
    };
    for (stage, histogram) in STAGES.iter().zip(&summary.stages) {
        row(words.say(&key("stage", stage)), histogram);
    }
    row(words.say("simulate-all"), &summary.whole);
    for (kind, histogram) in KINDS.iter().zip(&summary.kinds) {
        row(format!("  {}", words.say(&key("kind", kind))), histogram);
    }
    table(&rows)
}

/// Where a case spends its time, and how busy the officers are.
fn places(played: &Played, words: &Sentences) -> String {
    let head = ["simulate-in-step", "simulate-ready", "simulate-busy"];
    let mut rows = vec![(words.say("simulate-places"), said(&head, words))];
    for step in Step::ALL {
        let tally = &played.summary.steps[step as usize];
        if tally.inside.count() == 0 {
            continue;
        }
        let desk = tally.offered > 0;
        let or_none = |text: String| if desk { text } else { "–".to_owned() };
        rows.push((
            step_name(step, words),
            vec![
                format!("{:.1}", tally.inside.mean()),
                or_none(format!("{:.1}", tally.mean_wait())),
                or_none(format!("{:.0} %", tally.utilisation() * 100.0)),
            ],
        ));
    }
    table(&rows)
}

/// Who keeps cases waiting, and for want of what.
pub(super) fn bottleneck(played: &Played, words: &Sentences) -> String {
    let summary = &played.summary;
    let Some(step) = summary.bottleneck() else {
        return words.say("simulate-no-bottleneck");
    };
    let tally = &summary.steps[step as usize];
    let short = ratio(tally.short_days, tally.desk_days);
    let name = step_name(step, words);
    let wait = format!("{:.1}", tally.mean_wait());
    let busy = format!("{:.0}", tally.utilisation() * 100.0);
    let share = format!("{:.0}", short * 100.0);
    let values = [
        ("step", &*name),
        ("wait", &*wait),
        ("busy", &*busy),
        ("short", &*share),
    ];
    if short < SHORT {
        return words.with("simulate-batches", &values);
    }
    let said = words.with("simulate-bottleneck", &values);
    let Some((province, load)) = summary.slowest_desk(step) else {
        return said;
    };
    words.with(
        "simulate-slowest",
        &[
            ("said", &said),
            ("office", &load.name(*province).to_string()),
            ("wait", &format!("{:.1}", load.mean_wait())),
            ("longest", &load.longest.to_string()),
        ],
    )
}

/// Two runs beside each other.
pub(super) fn side_by_side(one: &Played, other: &Played, words: &Sentences) -> String {
    let mut rows = vec![(words.say("simulate-compare"), said_marks())];
    rows.extend(changes(one, other, words));
    format!("{}\n\n{}", verdict(one, other, words), table(&rows))
}

/// The heads of the columns of [`changes`].
pub(super) fn said_marks() -> Vec<String> {
    ["[1]", "[2]", "±"].map(str::to_owned).to_vec()
}

/// Each stage and the whole: the one, the other, and by how much the median differs.
pub(super) fn changes(one: &Played, other: &Played, words: &Sentences) -> Vec<Row> {
    let names = STAGES.map(|stage| words.say(&key("stage", &stage)));
    let names = names.into_iter().chain([words.say("simulate-all")]);
    let of = |played: &Played| -> Vec<Span> {
        let all = played.summary.stages.iter();
        all.chain([&played.summary.whole])
            .map(Histogram::span)
            .collect()
    };
    let both = of(one).into_iter().zip(of(other));
    let rows = names.zip(both).map(|(name, (a, b))| {
        let cell = |s: Span| format!("{} ({}–{})", s.median, s.low, s.high);
        let change = match i64::from(b.median) - i64::from(a.median) {
            0 => "0".to_owned(),
            change => format!("{change:+}"),
        };
        (name, vec![cell(a), cell(b), change])
    });
    rows.collect()
}

/// Two runs in a sentence.
pub(super) fn verdict(one: &Played, other: &Played, words: &Sentences) -> String {
    let [a, b] = [one, other].map(|p| p.summary.whole.span());
    words.with(
        "simulate-verdict",
        &[
            ("one", &one.title),
            ("other", &other.title),
            ("a", &a.median.to_string()),
            ("b", &b.median.to_string()),
            ("a_high", &a.high.to_string()),
            ("b_high", &b.high.to_string()),
        ],
    )
}

/// What a step is called.
pub(super) fn step_name(step: Step, words: &Sentences) -> String {
    words.say(&format!("simulate-step-{}", step.word()))
}

/// The key of a word of law, such as `stage-scoring`.
pub(super) fn key<T: serde::Serialize>(prefix: &str, value: &T) -> String {
    let code = serde_json::to_value(value).unwrap_or_default();
    format!(
        "{prefix}-{}",
        code.as_str().unwrap_or_default().replace('_', "-")
    )
}

fn said(keys: &[&str], words: &Sentences) -> Vec<String> {
    keys.iter().map(|key| words.say(key)).collect()
}

/// A number with a mark between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many columns a text takes: Chinese characters take two.
fn columns(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}');
    text.chars().map(|c| 1 + usize::from(wide(c))).sum()
}

/// Names on the left, cells on the right of their columns.
fn table(rows: &[Row]) -> String {
    let name = rows
        .iter()
        .map(|(name, _)| columns(name))
        .max()
        .unwrap_or(0);
    let count = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|at| {
            let cells = rows.iter().filter_map(|(_, cells)| cells.get(at));
            cells.map(|cell| columns(cell)).max().unwrap_or(0)
        })
        .collect();
    let lines = rows.iter().map(|(first, cells)| {
        let mut line = format!("{first}{}", " ".repeat(name - columns(first)));
        for (cell, width) in cells.iter().zip(&widths) {
            line.push_str(&" ".repeat(width + 2 - columns(cell)));
            line.push_str(cell);
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_both_scripts() {
        let row = |name: &str, cell: &str| (name.to_owned(), vec![cell.to_owned()]);
        let told = table(&[row("制证", "12"), row("a", "3"), row("long name", "半数")]);
        let widths: Vec<usize> = told.lines().map(columns).collect();
        assert_eq!(widths, [15; 3], "{told}");
    }

    #[test]
    fn thousands_are_marked() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
