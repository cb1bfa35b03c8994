//! `kecha`: reads the arguments and runs one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    kecha::cli::run()
}
