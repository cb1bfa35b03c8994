//! How long appending takes: `cargo run --release -p tlog --example million [LEAVES]`.

use std::io::{self, Write};
use std::time::Instant;

use tlog::frontier::Frontier;
use tlog::hash::{Hash, commitment};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let leaves: u64 = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let began = Instant::now();
    let (mut frontier, mut nodes) = (Frontier::new(), 0u64);
    for index in 0..leaves {
        let entry = commitment(&u128::from(index).to_be_bytes(), b"something that happened");
        frontier.append_with(Hash::leaf(&entry), |_| nodes += 1)?;
    }
    let root = frontier.root();
    let took = began.elapsed();
    writeln!(
        io::stdout(),
        "{leaves} entries committed, hashed and appended, {nodes} nodes told, root {root}: {took:?}"
    )?;
    Ok(())
}
