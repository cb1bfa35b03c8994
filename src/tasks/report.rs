//! Reporting everything of an institution that is passed: some cases at a time, so that other
//! writers get their turn, with a list of what was left and why.
//!
//! A case that was reported is passed no more, so a task that is begun again after a restart finds
//! only what is left; its list then has every case that is left, once.

use std::sync::Arc;

use domain::refusal::Refusal;
use jiff::Timestamp;

use super::{Step, Work};
use crate::{
    clock,
    registry::{Command, Draft, Officer, Reached, Registry, Result, Task},
};

/// So many cases are one piece.
const PIECE: u16 = 200;
/// What a list begins with, so that a spreadsheet reads it as UTF-8.
const HEAD: &str = "\u{feff}办件编号,原因,还缺的材料\r\n";

/// The work of one institution.
pub(super) struct Report {
    by: Officer,
    reached: Option<Reached>,
    done: u64,
    of: u64,
    left: u64,
    out: Option<Draft>,
}

impl Report {
    pub(super) fn begin(task: &Task, by: Officer) -> Self {
        Self {
            by,
            reached: None,
            done: 0,
            of: task.of,
            left: 0,
            out: None,
        }
    }

    /// Writes a case that was left into the list.
    fn tell(
        &mut self,
        registry: &Registry,
        case: domain::record::RecordId,
        why: Refusal,
    ) -> Result<()> {
        self.left += 1;
        let lacking = match why {
            Refusal::MaterialMissing => registry.lacking(&self.by, &[case], clock::today())?,
            _ => Vec::new(),
        };
        let kinds: Vec<_> = lacking.iter().flatten().map(|k| k.title()).collect();
        let mut out = match self.out.take() {
            Some(out) => out,
            None => {
                let by = &self.by;
                let mut out = registry.begin_file(&by.office, &by.login, "csv", clock::now())?;
                out.write(registry, HEAD.as_bytes())?;
                out
            }
        };
        let line = format!("{case},{},{}\r\n", why.code(), kinds.join("、"));
        out.write(registry, line.as_bytes())?;
        self.out = Some(out);
        Ok(())
    }
}

impl Work for Report {
    fn step(&mut self, registry: &Arc<Registry>, now: Timestamp) -> Result<Step> {
        let from = self.reached.as_ref();
        let (cases, reached) = registry.case_numbers(&self.by, "passed", from, PIECE)?;
        if cases.is_empty() {
            let list = self.out.take().map(|out| out.finish(registry));
            return Ok(Step::Done {
                said: if self.left == 0 {
                    "reported"
                } else {
                    "reported_some"
                },
                result: list.transpose()?.map(|file| file.id),
            });
        }
        let report = Command::Report {
            materials: Vec::new(),
        };
        for done in registry.command(&cases, &report, &self.by, now)? {
            self.done += 1;
            if let Err(refusal) = done.state {
                self.tell(registry, done.case, refusal)?;
            }
        }
        self.reached = reached;
        Ok(Step::Going {
            done: self.done,
            of: self.of.max(self.done),
        })
    }
}
