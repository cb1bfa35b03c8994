//! A distribution written down in few bytes: where it begins, in working days after the day it was
//! shown, and by how much of 65,535 each day adds to what is done.

use forecast::Distribution;

/// All of a distribution.
const WHOLE: f64 = 65_535.0;
/// No distribution is longer.
const LONGEST: usize = 2_000;

/// Writes one down; `day` is the number of the day it was shown.
#[must_use]
pub fn write(distribution: &Distribution, day: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let first = distribution.first().saturating_sub(day);
    // A first day before the one it was shown on has an odd number.
    let turned = (first << 1) ^ (first >> 31);
    put(&mut bytes, turned.cast_unsigned());
    let mut before = 0;
    for done in distribution.done() {
        let now = whole(*done);
        put(&mut bytes, now - before);
        before = now;
    }
    // Days on which nothing more is done say nothing.
    while bytes.len() > 1 && bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

/// Reads it; none where the bytes are no distribution.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Distribution> {
    let mut rest = bytes;
    let turned = get(&mut rest)?;
    let first = (turned >> 1).cast_signed() ^ -((turned & 1).cast_signed());
    let (mut weights, mut sum) = (Vec::new(), 0);
    while !rest.is_empty() {
        let weight = get(&mut rest)?;
        sum += weight;
        if sum > 65_535 || weights.len() >= LONGEST {
            return None;
        }
        weights.push(f64::from(weight) / WHOLE);
    }
    Some(Distribution::new(first, weights))
}

fn whole(done: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 65,535"
    )]
    let whole = (done.clamp(0.0, 1.0) * WHOLE).round() as u32;
    whole
}

/// Seven bits a byte, the lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u32) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn get(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        for (first, weights) in [
            (105, vec![0.25; 4]),
            (95, vec![0.1, 0.0, 0.0, 0.6, 0.0, 0.0]),
            (100, Vec::new()),
            (100, vec![0.004; 250]),
        ] {
            let written = Distribution::new(first, weights);
            let read = read(&write(&written, 100)).expect("a distribution");
            assert!(read.first() == first - 100 || read.done().is_empty());
            for day in first - 2..first + 300 {
                let (a, b) = (written.by(day), read.by(day - 100));
                assert!((a - b).abs() < 1e-4, "{day}: {a} {b}");
            }
        }
    }

    #[test]
    fn a_distribution_is_a_few_hundred_bytes() {
        let long = Distribution::new(1, vec![0.003; 260]);
        assert!(write(&long, 0).len() < 600);
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [
            &[][..],
            &[0x80],
            &[0, 0x80],
            &[0, 0xff, 0xff, 0xff, 0xff, 0x0f],
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }
}
