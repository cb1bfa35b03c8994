//! The charts of a run: a page with everything, or a folder of pictures.

use std::{error::Error, fs, path::Path};

use domain::calendar::Calendar;

use super::{Played, text};
use crate::{
    chart::{self, Bars, Cell, Chart, Line, Lines, Reach, Table, Timeline, Width},
    lang::Sentences,
    simulation::{AGES, Histogram, STAGES, Step, Summary, ratio},
};

/// Writes a page where the name ends in .html; otherwise a folder with each chart for a desk and
/// for a phone, and the page as `index.html`.
pub(super) fn write(
    path: &Path,
    played: &[Played],
    words: &Sentences,
) -> Result<(), Box<dyn Error>> {
    let put = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
    };
    if path.extension().is_some_and(|end| end == "html") {
        return Ok(put(path, &page(played, words))?);
    }
    fs::create_dir_all(path).map_err(|e| format!("{}: {e}", path.display()))?;
    put(&path.join("index.html"), &page(played, words))?;
    for (number, one) in played.iter().enumerate() {
        for (name, chart) in charts(one, words) {
            let name = match number {
                0 => name.to_owned(),
                _ => format!("{name}-2"),
            };
            for (width, end) in [(Width::Desk, ""), (Width::Phone, "-phone")] {
                let file = path.join(format!("{name}{end}.svg"));
                put(&file, &chart::file(&*chart, width, words))?;
            }
        }
    }
    Ok(())
}

/// The charts of a run, with the name of each file.
fn charts(played: &Played, words: &Sentences) -> Vec<(&'static str, Box<dyn Chart>)> {
    vec![
        (
            "timeline",
            Box::new(timeline(played, words)) as Box<dyn Chart>,
        ),
        ("months", Box::new(months(&played.summary, words))),
        ("places", Box::new(places(played, words))),
        ("ageing", Box::new(ageing(played, words))),
        ("queues", Box::new(queues(played, words))),
    ]
}

/// A case that sits the exam on the first day, by what happened to all of them.
fn timeline(played: &Played, words: &Sentences) -> Timeline {
    let calendar = Calendar::shipped();
    let exam = played.scenario.start;
    let after = |workdays: u32| calendar.add_workdays(exam, workdays);
    let mut last = exam;
    let mut rows = Vec::new();
    let mut start = exam;
    let cumulated = played.summary.ends.iter().zip(STAGES);
    for (histogram, stage) in cumulated {
        let by = [50, 80, 95].map(|percent| after(histogram.within(percent)).date);
        rows.push(Reach {
            name: words.say(&text::key("stage", &stage)),
            start,
            by,
            done: None,
            whole: false,
        });
        start = by[0];
        last = last.max(by[2]);
    }
    let day = exam.to_string();
    Timeline {
        title: words.with("simulate-chart-timeline", &[("day", &day)]),
        rows,
        today: None,
        days_off: chart::days_off(&calendar, exam, last, words),
        provisional_from: chart::provisional_from(&calendar, exam, last),
    }
}

/// The median of each stage, by the month in which it ended.
fn months(summary: &Summary, words: &Sentences) -> Lines {
    // A month in which next to nothing ended says nothing.
    let largest = summary.months.values().map(ended).max().unwrap_or(0);
    let months = summary.months.iter();
    let months: Vec<_> = months.filter(|(_, h)| ended(h) * 20 >= largest).collect();
    let mut year = None;
    let labels = months.iter().map(|((y, m), _)| {
        let new = year != Some(*y);
        year = Some(*y);
        chart::month(*y, *m, new, words)
    });
    let labels = labels.collect();
    let marks = months.iter().map(|((y, m), _)| format!("{y:04}-{m:02}"));
    let lines = STAGES.iter().enumerate().map(|(at, stage)| Line {
        name: words.say(&text::key("stage", stage)),
        values: months
            .iter()
            .map(|(_, h)| (h[at].count() > 0).then(|| f64::from(h[at].within(50))))
            .collect(),
    });
    Lines {
        title: words.say("simulate-chart-months"),
        of: words.say("chart-month"),
        unit: words.say("chart-median-workdays"),
        marks: marks.collect(),
        labels,
        lines: lines.collect(),
    }
}

fn ended(stages: &[Histogram; 4]) -> u64 {
    stages.iter().map(Histogram::count).sum()
}

/// How many are in each step on an average day with candidates, and how many of them lie ready.
fn places(played: &Played, words: &Sentences) -> Bars {
    let summary = &played.summary;
    let [from, until] = [played.days.start(), played.days.closes()]
        .map(|day| usize::try_from(day).unwrap_or(usize::MAX));
    let mean = |of: &[[u64; 9]], step: Step| -> u64 {
        let days = of.get(from..until.min(of.len())).unwrap_or_default();
        let all: u64 = days.iter().map(|day| day[step as usize]).sum();
        all / (days.len() as u64).max(1)
    };
    let rows = Step::ALL.map(|step| {
        let (inside, queued) = (mean(&summary.inside, step), mean(&summary.queued, step));
        let parts = vec![inside.saturating_sub(queued), queued];
        (text::step_name(step, words), parts)
    });
    Bars {
        title: words.say("simulate-chart-places"),
        of: words.say("simulate-places"),
        unit: words.say("chart-cases"),
        parts: vec![
            words.say("simulate-being-done"),
            words.say("simulate-lying"),
        ],
        rows: rows.to_vec(),
    }
}

/// What is under way on the last day with candidates, by age.
fn ageing(played: &Played, words: &Sentences) -> Bars {
    let last = played.days.date(played.days.closes().saturating_sub(1));
    let rows = STAGES.iter().zip(&played.summary.ageing);
    let rows = rows.map(|(stage, bars)| (words.say(&text::key("stage", stage)), bars.to_vec()));
    let day = last.to_string();
    Bars {
        title: words.with("simulate-chart-ageing", &[("day", &day)]),
        of: words.say("chart-stage"),
        unit: words.say("chart-cases"),
        parts: chart::ages(&AGES, words),
        rows: rows.collect(),
    }
}

/// What lay on the desks, week by week.
fn queues(played: &Played, words: &Sentences) -> Lines {
    const SHOWN: [Step; 5] = [
        Step::Scoring,
        Step::Acceptance,
        Step::Review,
        Step::Approval,
        Step::Making,
    ];
    let (days, summary) = (&played.days, &played.summary);
    let weeks: Vec<u32> = (days.start()..days.closes()).step_by(7).collect();
    let at = |day: u32| usize::try_from(day).unwrap_or(0);
    let mut month = None;
    let labels = weeks.iter().map(|week| {
        let date = days.date(*week);
        if month.replace(date.month()) == Some(date.month()) {
            return String::new();
        }
        chart::month(date.year(), date.month(), date.month() == 1, words)
    });
    let labels = labels.collect();
    let lines = SHOWN.map(|step| Line {
        name: text::step_name(step, words),
        values: weeks
            .iter()
            .map(|week| week_mean(&summary.queued, at(*week), step))
            .collect(),
    });
    Lines {
        title: words.say("simulate-chart-queues"),
        of: words.say("chart-day"),
        unit: words.say("chart-cases"),
        marks: weeks.iter().map(|w| days.date(*w).to_string()).collect(),
        labels,
        lines: lines.to_vec(),
    }
}

/// The mean of seven days, in whole cases.
fn week_mean(queued: &[[u64; 9]], from: usize, step: Step) -> Option<f64> {
    let week = queued.get(from..(from + 7).min(queued.len()))?;
    let all: u64 = week.iter().map(|day| day[step as usize]).sum();
    Some(ratio(all, week.len() as u64).round())
}

/// One page: the words, then each chart with its table.
fn page(played: &[Played], words: &Sentences) -> String {
    let mut body = String::new();
    for (number, one) in played.iter().enumerate() {
        let title = chart::escape(&one.title);
        body.push_str(&format!("<section>\n<h2>{title}</h2>\n"));
        for said in [text::in_words(one, words), text::bottleneck(one, words)] {
            body.push_str(&format!("<p>{}</p>\n", chart::escape(&said)));
        }
        for (name, chart) in charts(one, words) {
            body.push_str(&format!("<h3>{}</h3>\n", chart::escape(chart.title())));
            body.push_str(&chart::figure(&*chart, words, &format!("{name}-{number}")));
        }
        body.push_str("</section>\n");
    }
    if let [one, other] = played {
        let said = chart::escape(&text::verdict(one, other, words));
        let table = beside(one, other, words).html(&words.say("simulate-compare"));
        body = format!("<p>{said}</p>\n{table}\n{body}");
    }
    let title = chart::escape(&words.say("simulate-title"));
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{}{}</style>\n</head>\n<body class=\"follows\">\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
        words.code.tag(),
        chart::STYLE,
        include_str!("report.css"),
    )
}

/// Two runs as a table.
fn beside(one: &Played, other: &Played, words: &Sentences) -> Table {
    let mut head = vec![words.say("chart-stage")];
    head.extend(text::said_marks());
    let rows = text::changes(one, other, words).into_iter();
    let rows = rows.map(|(name, cells)| {
        let cells = cells.into_iter().map(Cell::Number);
        std::iter::once(Cell::Words(name)).chain(cells).collect()
    });
    Table {
        head,
        rows: rows.collect(),
        notes: Vec::new(),
    }
}
