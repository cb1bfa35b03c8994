//! `kecha estimate`: when a certificate will be there. With a node's folder by what its cases took;
//! without one by what such certificates commonly take.

use std::{
    error::Error,
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use clap::ValueEnum;
use domain::{
    calendar::Calendar,
    verdict::{Kind, Stage},
};
use jiff::civil::Date;

use super::ask::{self, day, json, say};
use crate::{
    clock,
    estimate::{Answer, Estimator, Question},
    lang::Sentences,
    node::Node,
    outlook::{Learner, Outlook, Sources, Where},
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
    /// The folder of a node to learn from; without one the common ranges speak
    #[arg(long, value_name = "FOLDER", env = "KECHA_DIR")]
    dir: Option<PathBuf>,
    /// The province's code
    #[arg(long, value_name = "CODE", requires = "dir")]
    province: Option<String>,
    /// The authority's code
    #[arg(long, value_name = "CODE", requires = "dir")]
    authority: Option<String>,
    /// The institution's code
    #[arg(long, value_name = "CODE", requires = "dir")]
    institution: Option<String>,
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
    let answer = match &args.dir {
        None => Arc::new(Estimator::new(Calendar::shipped()).ask(&question)?),
        Some(folder) => learnt(folder, args, question)?,
    };
    if args.json {
        return json(&*answer);
    }
    say(&words(&answer, ask::words())?)
}

/// Reads what a node has recorded, and answers by it.
fn learnt(folder: &Path, args: &Args, question: Question) -> Result<Arc<Answer>, Box<dyn Error>> {
    let node = Node::open(folder)?;
    let sources = node
        .config
        .as_ref()
        .map_or_else(Sources::default, |c| Sources {
            own: c.province.clone(),
            schedule: c.nation.as_ref().map(|nation| nation.schedule),
            provinces: c
                .provinces
                .iter()
                .map(|p| (p.code.clone(), p.schedule))
                .collect(),
        });
    let place = Where {
        province: args.province.clone().or_else(|| {
            let own = sources.own.clone();
            Some(own).filter(|own| !own.is_empty())
        }),
        authority: args.authority.clone(),
        institution: args.institution.clone(),
    };
    let outlook = RwLock::new(Outlook::new(sources));
    Learner::default().learn(&outlook, &node.registry, clock::now())?;
    let outlook = outlook.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(outlook.ask(&place, question)?)
}

/// The estimate in words first, then stage by stage.
fn words(answer: &Answer, t: &Sentences) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let first = answer.earliest.to_string();
    let values = [
        ("first", &*first),
        ("most", &*answer.by.p80),
        ("nearly", &*answer.by.p95),
    ];
    writeln!(text, "{}", t.with("estimate-says", &values))?;
    if !answer.unsettled.is_empty() {
        let years: Vec<String> = answer.unsettled.iter().map(i16::to_string).collect();
        let years = years.join("、");
        writeln!(text, "{}", t.with("when-provisional", &[("years", &years)]))?;
    }
    writeln!(text, "\n{}", t.say("estimate-stages"))?;
    for stage in &answer.stages {
        let word = serde_json::to_value(stage.stage).unwrap_or_default();
        let word = t.say(&format!("stage-{}", word.as_str().unwrap_or_default()));
        let by = &stage.by;
        // The name stands last: it is wider in one language than in the other.
        writeln!(text, "  {}  {}  {}  {word}", by.p50, by.p80, by.p95)?;
    }
    let days = [
        answer.workdays.p50,
        answer.workdays.p10,
        answer.workdays.p90,
    ];
    let [n, low, high] = days.map(|days| days.to_string());
    let values = [("n", &*n), ("low", &*low), ("high", &*high)];
    writeln!(text, "\n{}", t.with("estimate-workdays", &values))?;
    let sample = answer.sample.to_string();
    let level = format!("when-level-{}", answer.level);
    write!(text, "{}", t.with(&level, &[("n", &sample)]))?;
    Ok(text)
}
