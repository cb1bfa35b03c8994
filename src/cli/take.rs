//! `kecha import FILE --as LOGIN`: takes an exam sheet into a node's register.

use std::{error::Error, fs::File, io::BufReader, path::Path, process::ExitCode};

use super::ask::{As, Folder, say};
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
        say(&format!("另有 {more} 行没有列出，逐行的原因请看 --check"))?;
    }
    match taken.outcome {
        Imported::Already { taken } => {
            say(&format!("这份表格已经导入过（{taken} 行），没有任何改动"))?;
            Ok(ExitCode::SUCCESS)
        }
        Imported::Unconfirmed { good, .. } => {
            say(&format!(
                "没有导入：{good} 行可以导入，{} 行被拒绝；确认只导入合格的行请加 --take-good",
                taken.refused
            ))?;
            Ok(ExitCode::from(UNCONFIRMED))
        }
        Imported::Done { taken: rows, .. } => {
            say(&format!("已导入 {rows} 行，拒绝 {} 行", taken.refused))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn sentence(row: &NotTaken) -> String {
    match &row.reason {
        Reason::Sheet(reasons) => {
            let told: Vec<String> = reasons
                .iter()
                .map(|r| {
                    format!(
                        "{}\t{}\t{}",
                        r.column.header(),
                        r.code.as_str(),
                        sheet::sentence(r.code)
                    )
                })
                .collect();
            format!("第 {} 行\t{}", row.row, told.join("；"))
        }
        Reason::Register(refusal) => format!("第 {} 行\t\t{refusal}", row.row),
    }
}
