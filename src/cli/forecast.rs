//! `kecha forecast backtest`: the estimator on an event log of anybody's.

use std::{collections::HashMap, error::Error, fs::File, path::PathBuf};

use clap::ValueEnum;
use domain::calendar::Calendar;
use forecast::log::{Backtest, Case, Fault, Score, backtest};
use jiff::civil::{Date, DateTime, date};
use serde_json::{Map, Value, json};

use super::ask::{bar, json as print, say, warn};
use crate::papers::log::{Columns, EventLog, Moment, read};

/// Arguments of `kecha forecast`.
#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Forecast the last cases of an event log from the ones before, and compare with what happened
    Backtest(Test),
}

/// Arguments of `kecha forecast backtest`.
#[derive(clap::Args)]
pub(super) struct Test {
    /// The event log: a csv with a header
    #[arg(value_name = "LOG.csv")]
    log: PathBuf,
    /// The column that names the case
    #[arg(long, value_name = "COL", default_value = "case:concept:name")]
    case: String,
    /// The column that names what happened
    #[arg(long, value_name = "COL", default_value = "concept:name")]
    activity: String,
    /// The column with the time
    #[arg(long, value_name = "COL", default_value = "time:timestamp")]
    time: String,
    /// Count working days instead of elapsed time
    #[arg(long, value_enum)]
    calendar: Option<Country>,
    /// The share of cases, the last ones by their start, that are forecast
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share)]
    test_share: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The calendars there are.
#[derive(Clone, Copy, ValueEnum)]
enum Country {
    /// The State Council's working days
    China,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|s| (0.01..=0.9).contains(s));
    share.ok_or_else(|| "give a share from 0.01 to 0.9, such as 0.2".to_owned())
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let Args::Backtest(args) = args;
    let shown = args.log.display();
    let file = File::open(&args.log).map_err(|e| format!("{shown}: {e}"))?;
    let reading = bar();
    reading.set_length(file.metadata().map_or(0, |m| m.len()));
    let columns = Columns {
        case: &args.case,
        activity: &args.activity,
        time: &args.time,
    };
    let log = read(file, columns, &mut |bytes| reading.set_position(bytes))
        .map_err(|e| format!("{shown}: {e}"))?;
    reading.finish_and_clear();
    if log.skipped > 0 {
        warn(&format!(
            "{shown}: {} rows without a case or a time were left out",
            log.skipped
        ));
    }
    if let Some((count, first)) = &log.unreadable {
        warn(&format!(
            "{shown}: {count} rows were left out because their time cannot be read; the first is \
             line {}: `{}`",
            first.line, first.text
        ));
    }
    let cases = cases(&log, args.calendar);
    drop(log);
    let learning = bar();
    learning.set_length(1000);
    let found = backtest(&cases, args.test_share, &mut |done| {
        // A share of a thousand steps fits any integer.
        learning.set_position(
            (0..1000)
                .filter(|step| f64::from(*step) < done * 1000.0)
                .count() as u64,
        );
    });
    learning.finish_and_clear();
    let found = found.map_err(|fault| format!("{shown}: {fault}; {}", remedy(fault)))?;
    if args.json {
        return print(&figures(&found));
    }
    say(&words(&found, args))
}

fn remedy(fault: Fault) -> &'static str {
    match fault {
        Fault::OneStart => "check that --case names the case and --time the time of each event",
        Fault::NothingFinished => {
            "give a smaller --test-share, so that more of the log comes before, or a longer log"
        }
        Fault::NothingToAsk => {
            "check that --case names the case and not the event, or give a larger --test-share"
        }
    }
}

/// The events of each case in the order of their times, in days.
fn cases(log: &EventLog, calendar: Option<Country>) -> Vec<Case> {
    let mut days = calendar.map(|Country::China| Workdays::new());
    let mut place = |moment: &Moment| match &mut days {
        Some(days) => days.place(moment.in_china()),
        None => moment.seconds() / 86_400.0,
    };
    let case = |events: &Vec<(Moment, u32)>| {
        let mut events: Vec<(f64, u32)> = events.iter().map(|(m, a)| (place(m), *a)).collect();
        // Events of one moment stay in the order of the file.
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        Case { events }
    };
    log.cases.iter().map(case).collect()
}

/// Time that stands still on days off.
struct Workdays {
    calendar: Calendar,
    known: HashMap<Date, (f64, bool)>,
}

impl Workdays {
    fn new() -> Self {
        Self {
            calendar: Calendar::shipped(),
            known: HashMap::new(),
        }
    }

    /// The working days before a moment, with the part of its own day if that is one.
    fn place(&mut self, clock: DateTime) -> f64 {
        let day = clock.date();
        let (upto, worked) = *self.known.entry(day).or_insert_with(|| {
            let count = self.calendar.count_workdays(date(2000, 1, 1), day).days;
            (
                f64::from(i32::try_from(count).unwrap_or(0)),
                self.calendar.is_workday(day),
            )
        });
        let since = clock.time().duration_since(jiff::civil::Time::midnight());
        if worked {
            upto - 1.0 + since.as_secs_f64() / 86_400.0
        } else {
            upto
        }
    }
}

/// The figures, in the form of the API.
fn figures(found: &Backtest) -> Value {
    let mut coverage = Map::new();
    for (at, level) in [(1, "50"), (2, "80"), (3, "90"), (4, "95")] {
        coverage.insert(level.to_owned(), json!(found.coverage[at]));
    }
    let score = |score: Score| {
        json!({
            "model": score.model,
            "global": score.global,
            "last_activity": score.last_activity,
        })
    };
    json!({
        "cases": {
            "train": found.cases.train,
            "censored": found.cases.censored,
            "test": found.cases.test,
        },
        "prefixes": found.prefixes,
        "coverage": coverage,
        "pinball": score(found.pinball),
        "mae_days": score(found.error),
    })
}

fn words(found: &Backtest, args: &Test) -> String {
    let unit = if args.calendar.is_some() {
        "working days"
    } else {
        "days"
    };
    let cases = found.cases;
    let mut text = format!(
        "Learnt from {} finished and {} unfinished cases, asked at {} events of {} later cases.\n\
         The last event of a case is not asked at.\n\n",
        cases.train, cases.censored, found.prefixes, cases.test
    );
    for (at, level) in [(1, 50), (2, 80), (3, 90), (4, 95)] {
        let held = found.coverage[at] * 100.0;
        text.push_str(&format!("done by the {level} % point: {held:.1} %\n"));
    }
    text.push_str(&format!(
        "\n{:<28}{:>12}{:>16}{:>18}\n",
        "", "estimator", "global median", "by last activity"
    ));
    let rows = [
        ("pinball loss", found.pinball),
        ("mean absolute error", found.error),
    ];
    for (name, score) in rows {
        let name = format!("{name}, {unit}");
        text.push_str(&format!(
            "{name:<28}{:>12.4}{:>16.4}{:>18.4}\n",
            score.model, score.global, score.last_activity
        ));
    }
    text.truncate(text.trim_end().len());
    text
}
