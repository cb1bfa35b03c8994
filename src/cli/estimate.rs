//! `kecha estimate`: when a certificate will be there, without a node's folder.

use std::{error::Error, fmt::Write as _};

use clap::ValueEnum;
use domain::{
    calendar::Calendar,
    verdict::{Kind, Stage},
};
use jiff::civil::Date;

use super::ask::{day, json, say};
use crate::{
    clock,
    estimate::{Answer, Estimator, Question},
};

/// Arguments of `kecha estimate`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The day of the exam, or of the application where there is none, such as 2026-11-23
    #[arg(long, value_name = "DATE", value_parser = day)]
    exam_date: Date,
    /// Why a certificate is applied for
    #[arg(long, value_enum, default_value = "initial")]
    kind: KindWord,
    /// Where the case stands; without it only that nothing can be found yet
    #[arg(long, value_enum)]
    stage: Option<StageWord>,
    /// The day that stage began
    #[arg(long, value_name = "DATE", value_parser = day, requires = "stage")]
    since: Option<Date>,
    /// The day to look from, today if absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The words of kinds.
#[derive(Clone, Copy, ValueEnum)]
enum KindWord {
    Initial,
    Recheck,
    Renewal,
    Replacement,
    Reissue,
}

/// The words of stages.
#[derive(Clone, Copy, ValueEnum)]
enum StageWord {
    Scoring,
    Qualification,
    Making,
    Sync,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let question = Question {
        exam: args.exam_date,
        kind: match args.kind {
            KindWord::Initial => Kind::Initial,
            KindWord::Recheck => Kind::Recheck,
            KindWord::Renewal => Kind::Renewal,
            KindWord::Replacement => Kind::Replacement,
            KindWord::Reissue => Kind::Reissue,
        },
        stage: args.stage.map(|stage| match stage {
            StageWord::Scoring => Stage::Scoring,
            StageWord::Qualification => Stage::Qualification,
            StageWord::Making => Stage::Making,
            StageWord::Sync => Stage::Sync,
        }),
        since: args.since,
        as_of: args.as_of.unwrap_or_else(clock::today),
        place: Vec::new(),
    };
    let answer = Estimator::new(Calendar::shipped()).ask(&question)?;
    if args.json {
        return json(&answer);
    }
    say(&words(&answer)?)
}

/// The estimate in words first, then as a table.
fn words(answer: &Answer) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "Most likely it can be looked up between {} and {}; 19 in 20 are there by {}.",
        answer.earliest, answer.by.p80, answer.by.p95
    )?;
    if let Some(reason) = &answer.provisional_reason {
        writeln!(text, "Provisional: {reason}.")?;
    }
    writeln!(
        text,
        "\n{:<15}{:<12}{:<12}{:<12}",
        "done by", "1 in 2", "4 in 5", "19 in 20"
    )?;
    for stage in &answer.stages {
        let word = serde_json::to_value(stage.stage).unwrap_or_default();
        let word = word.as_str().unwrap_or_default();
        let by = &stage.by;
        writeln!(text, "{word:<15}{:<12}{:<12}{:<12}", by.p50, by.p80, by.p95)?;
    }
    let days = answer.workdays;
    write!(
        text,
        "\n{} working days after the exam at the middle, {} to {} for most.\n{}",
        days.p50,
        days.p10,
        days.p90,
        if answer.level == "prior" {
            "No cases stand behind this: it is what such certificates are commonly said to take."
                .to_owned()
        } else {
            format!(
                "{} finished cases stand behind this ({}).",
                answer.sample, answer.level
            )
        }
    )?;
    Ok(text)
}
