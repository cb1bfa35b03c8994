//! The command tree.

pub mod import;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The certificate chain from the exam to the public query, as one program.
#[derive(Debug, Parser)]
#[command(name = "kecha", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check an exam sheet (.xlsx, .xls, .csv)
    Import(import::Import),
}

impl Arguments {
    /// Runs the command that was asked for.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.command {
            Command::Import(import) => import.run(),
        }
    }
}
