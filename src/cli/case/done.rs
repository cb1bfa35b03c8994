//! A command, given to the cases that were named or to all in a state.

use std::error::Error;

use domain::{case::State, record::RecordId};

use super::{super::ask::say, Which};
use crate::{
    clock,
    registry::{Command, Officer, Registry},
};

/// So many cases of `--all` are done in one transaction.
const PAGE: u16 = 5_000;

/// What the officer named, or page after page all that is in a state: each page is one transaction,
/// so that others have their turn between two.
pub(super) fn do_to(
    registry: &Registry,
    by: &Officer,
    which: &Which,
    command: &Command,
) -> Result<(), Box<dyn Error>> {
    let refused = match &which.all {
        None => do_page(registry, by, &which.cases, command)?,
        Some(state) if !State::WORDS.contains(&state.as_str()) => {
            return Err(format!("--all {state}: no state (docs/states.md)").into());
        }
        Some(state) => {
            let (mut refused, mut at) = (0, None);
            loop {
                let (cases, reached) = registry.case_numbers(by, state, at.as_ref(), PAGE)?;
                if cases.is_empty() {
                    break refused;
                }
                refused += do_page(registry, by, &cases, command)?;
                at = reached;
            }
        }
    };
    if refused > 0 {
        Err(format!("{refused} refused").into())
    } else {
        Ok(())
    }
}

/// Tells what became of each, and how many were refused.
fn do_page(
    registry: &Registry,
    by: &Officer,
    cases: &[RecordId],
    command: &Command,
) -> Result<usize, Box<dyn Error>> {
    let mut refused = 0;
    for done in registry.command(cases, command, by, clock::now())? {
        match done.state {
            Ok(word) => say(&format!("{}\t{word}", done.case))?,
            Err(refusal) => {
                refused += 1;
                say(&format!("{}\trefused: {refusal}", done.case))?;
            }
        }
    }
    Ok(refused)
}
