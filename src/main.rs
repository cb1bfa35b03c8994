//! Parses the arguments and runs one command.

use std::process::ExitCode;

use clap::Parser;
use kecha::cli::Arguments;

fn main() -> ExitCode {
    Arguments::parse().run()
}
