//! Prints the test vectors:
//! `cargo run -p tlog --example vectors > crates/tlog/testdata/vectors.json`.

use std::io::{self, Write};

#[path = "../tests/it/sample.rs"]
mod sample;
#[path = "../tests/it/vectors.rs"]
mod vectors;

fn main() -> io::Result<()> {
    let text = serde_json::to_string_pretty(&vectors::vectors())?;
    writeln!(io::stdout(), "{text}")
}
