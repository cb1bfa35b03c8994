//! `kecha import FILE --as LOGIN`: takes an exam sheet into a node's register.

use std::{error::Error, fs::File, io::BufReader, path::Path, process::ExitCode};

use super::ask::{As, Folder, say, words};
use crate::{
    clock,
    intake::{self, NotTaken, Reason},
    papers::sheet,
    registry::Imported,
};

/// Exit code when nothing was taken because rows are refused and nobody confirmed.
const UNCONFIRMED: u8 = 2;

pub(super) fn run(
    file: &Path,
    folder: &Folder,
    by: &As,
    take_good: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let node = folder.open()?;
    let officer = by.sign_in(&node)?;
    let source = File::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let bar = super::import::progress(source.metadata()?.len());
    // The paper is read up to three times; the bar begins anew with each reading.
    let reader = BufReader::new(bar.wrap_read(source));
    let taken = intake::take(&node.registry, reader, &officer, clock::now(), take_good);
    bar.finish_and_clear();
    let taken = taken?;
    for row in &taken.not_taken {
        say(&sentence(row))?;
    }
    if let Some(sentence) = super::import::left_out(taken.left_out) {
        say(&sentence)?;
    }
    let told = taken.not_taken.len() as u64;
    if taken.refused > told {
        let more = taken.refused - told;
        say(&words().with("cli-more-rows", &[("n", &more.to_string())]))?;
    }
    match taken.outcome {
        Imported::Already { taken } => {
            say(&words().with("cli-already", &[("n", &taken.to_string())]))?;
            Ok(ExitCode::SUCCESS)
        }
        Imported::Unconfirmed { good, .. } => {
            say(&counted("cli-unconfirmed", good, taken.refused))?;
            Ok(ExitCode::from(UNCONFIRMED))
        }
        Imported::Done { taken: rows, .. } => {
            say(&counted("cli-done", rows, taken.refused))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn counted(key: &str, good: u32, bad: u64) -> String {
    let (good, bad) = (good.to_string(), bad.to_string());
    words().with(key, &[("good", &good), ("bad", &bad)])
}

fn sentence(row: &NotTaken) -> String {
    let n = words().with("cli-row", &[("n", &row.row.to_string())]);
    match &row.reason {
        Reason::Sheet(reasons) => {
            let told: Vec<String> = reasons
                .iter()
                .map(|r| {
                    format!(
                        "{}\t{}\t{}",
                        r.column.header(),
                        r.code.as_str(),
                        sheet::sentence(r.code, words())
                    )
                })
                .collect();
            format!("{n}\t{}", told.join("；"))
        }
        Reason::Register(refusal) => {
            let code = refusal.code();
            let why = words().say(&format!("refusal-{}", code.replace('_', "-")));
            format!("{n}\t\t{code}\t{why}")
        }
    }
}
