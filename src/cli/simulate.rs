//! `kecha simulate SCENARIO [SCENARIO]`: plays a province or the nation, and says where cases wait.
//! Two scenarios are laid side by side.

mod figures;
mod report;
mod text;

use std::{
    error::Error,
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

use super::ask::{bar, json, say, words};
use crate::{
    lang::Sentences,
    simulation::{self, Days, EventLog, SHIPPED, Scenario, Summary},
};

/// Arguments of `kecha simulate`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// A scenario file, or the name of a shipped one: brief, fast, drift, newyear, halfmonthly,
    /// tripled, nation; a second one is compared with the first
    #[arg(required = true, num_args = 1..=2, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Another seed draws other people and other days
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On so many days candidates come, instead of the scenario's
    #[arg(long, value_name = "N")]
    days: Option<u16>,
    /// Print the figures as JSON; of two scenarios as a list
    #[arg(long)]
    json: bool,
    /// Write every event of the first scenario to this file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Draw: one page when the name ends in .html, otherwise a folder of pictures
    #[arg(long, value_name = "DIR|FILE.html")]
    charts: Option<PathBuf>,
}

/// A scenario that was played.
struct Played {
    /// The scenario's title, in the language of the terminal where it is a shipped one.
    title: String,
    scenario: Scenario,
    days: Days,
    summary: Summary,
    seed: u64,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let mut scenarios = Vec::new();
    // All are read before the first is played.
    for name in &args.scenarios {
        scenarios.push((scenario(name, args.days)?, name));
    }
    let mut played = Vec::new();
    for (scenario, name) in scenarios {
        let csv = args.csv.as_deref().filter(|_| played.is_empty());
        let title = title(&scenario, name, words());
        played.push(Played {
            title,
            ..play(scenario, args.seed, csv)?
        });
    }
    if let Some(path) = &args.charts {
        report::write(path, &played, words())?;
    }
    if args.json {
        return match played.as_slice() {
            [one] => json(&figures::of(one)),
            all => json(&all.iter().map(figures::of).collect::<Vec<_>>()),
        };
    }
    let told: Vec<String> = played.iter().map(|p| text::of(p, words())).collect();
    say(&told.join("\n\n"))?;
    if let [one, other] = played.as_slice() {
        say(&format!("\n{}", text::side_by_side(one, other, words())))?;
    }
    for path in [&args.csv, &args.charts].into_iter().flatten() {
        say(&words().with("simulate-written", &[("path", &path.display().to_string())]))?;
    }
    Ok(())
}

/// A file, or else a shipped scenario of that name.
fn scenario(name: &str, days: Option<u16>) -> Result<Scenario, Box<dyn Error>> {
    let path = Path::new(name);
    let text = match simulation::shipped(name) {
        Some(text) if !path.exists() => text.to_owned(),
        _ => std::fs::read_to_string(path).map_err(|e| {
            let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
            format!("{name}: {e}; a file, or one of {}", names.join(", "))
        })?,
    };
    let read = Scenario::parse(&text);
    let read = match days {
        Some(days) => read.and_then(|scenario| scenario.with_days(days)),
        None => read,
    };
    read.map_err(|e| format!("{name}: {e}").into())
}

/// A shipped scenario is called in the language of the terminal, any other as its file says.
fn title(scenario: &Scenario, name: &str, words: &Sentences) -> String {
    let name = Path::new(name).file_stem().unwrap_or_default();
    let name = name.to_string_lossy();
    let shipped = simulation::shipped(&name).map(Scenario::parse);
    let is_shipped = shipped.is_some_and(|s| s.is_ok_and(|s| s.title == scenario.title));
    let key = format!("scenario-{name}");
    if is_shipped && words.has(&key) {
        return words.say(&key);
    }
    scenario.title.clone()
}

fn play(scenario: Scenario, seed: u64, csv: Option<&Path>) -> Result<Played, Box<dyn Error>> {
    let days = Days::of(&scenario);
    let mut log = match csv {
        Some(path) => {
            let file = File::create(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Some(EventLog::begin(BufWriter::new(file), &scenario)?)
        }
        None => None,
    };
    let mut summary = Summary::default();
    let bar = bar();
    bar.set_length(u64::from(days.count()) * u64::from(scenario.province_count()));
    let played = simulation::run(
        &scenario,
        seed,
        &mut |day| bar.set_position(day),
        |days, play| {
            if let Some(log) = &mut log {
                play.cases.iter().try_for_each(|case| log.write(case))?;
            }
            summary.add(days, &play);
            Ok::<_, std::io::Error>(())
        },
    );
    bar.finish_and_clear();
    let ended = played.and_then(|()| log.map_or(Ok(()), |log| log.end().map(|_| ())));
    if let (Err(e), Some(path)) = (ended, csv) {
        return Err(format!("{}: {e}", path.display()).into());
    }
    Ok(Played {
        title: scenario.title.clone(),
        scenario,
        days,
        summary,
        seed,
    })
}
