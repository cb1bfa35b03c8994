//! The command tree: one variant and one file per command.
//!
//! A command answers with `Ok` or with the sentence that tells what to do; the sentence goes to
//! standard error and the exit code is 1. Wrong arguments are clap's and exit with 2.

mod account;
mod ask;
mod bench;
mod calendar;
mod case;
mod certificate;
mod demo;
mod estimate;
mod feed;
mod forecast;
mod import;
mod init;
mod inquiry;
mod journal;
mod key;
mod node;
mod office;
mod pack;
mod query;
mod run;
mod serve;
mod simulate;
mod take;
mod takeover;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The certificate chain from the exam to the public query, as one program.
#[derive(Parser)]
#[command(name = "kecha", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the working days of a year
    Calendar(calendar::Args),
    /// Make the node of an office
    Init(init::Init),
    /// The directory of offices
    #[command(subcommand)]
    Office(office::Args),
    /// Versions of the law's limits and of the catalogue
    #[command(subcommand)]
    Pack(pack::Args),
    /// Accounts of officers
    #[command(subcommand)]
    Account(account::Args),
    /// The journal
    #[command(subcommand)]
    Journal(journal::Args),
    /// Make a demonstration with invented people, and serve it
    Demo(demo::Args),
    /// Fill a demonstration for measurements
    #[command(subcommand)]
    Bench(bench::Args),
    /// The feed between provinces and the nation
    #[command(subcommand)]
    Feed(feed::Args),
    /// Answer on the node's address
    Serve(serve::Args),
    /// Check an exam sheet, or take it
    Import(import::Import),
    /// Ask what the public asks
    Query(query::Args),
    /// What officers do to cases
    Case(case::Args),
    /// Making cards in runs
    Run(run::Args),
    /// What an authority does to certificates after their issue
    Certificate(certificate::Args),
    /// What an authority does with inquiries of the public
    Inquiry(inquiry::Args),
    /// Certificates of a former register
    Takeover(takeover::Args),
    /// When a certificate will be there, with a probability
    Estimate(estimate::Args),
    /// The estimator on event logs
    #[command(subcommand)]
    Forecast(forecast::Args),
    /// Play a scenario: where cases wait, and what another way of working does to it
    Simulate(simulate::Args),
    /// Keys of programs that query
    #[command(subcommand)]
    Key(key::Args),
}

/// Reads the arguments of this process and runs the command they name.
#[must_use]
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Calendar(args) => calendar::run(&args),
        Command::Init(args) => init::init(&args),
        Command::Office(command) => office::run(&command),
        Command::Pack(command) => pack::run(&command),
        Command::Account(command) => account::run(&command),
        Command::Import(args) => return args.run(),
        Command::Journal(args) => journal::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Feed(args) => feed::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Case(args) => case::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Certificate(args) => certificate::run(&args),
        Command::Inquiry(args) => inquiry::run(&args),
        Command::Takeover(args) => takeover::run(&args),
        Command::Estimate(args) => estimate::run(&args),
        Command::Forecast(args) => forecast::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Key(args) => key::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed too.
            let _ = writeln!(io::stderr(), "kecha: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The reader of our output has seen enough, as `head` does: not a failure.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_tree_is_sound() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
