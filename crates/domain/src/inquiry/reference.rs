//! The two numbers of an inquiry: the reference that names it, and the passcode that opens it.
//!
//! Both are chance, written in the letters of Crockford's base 32 in groups, and end in a check
//! character, so that a slip of the finger is told from a number that nobody has. A reference alone
//! leads to state and dates; who has both reads the words. The register keeps no passcode, only
//! what proves it.

use alloc::{format, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::record::ALPHABET;

/// What was typed is no number of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNumber;

impl fmt::Display for NoNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the number of an inquiry: look at the letters again")
    }
}

impl core::error::Error for NoNumber {}

/// A step of the check character: multiplies by x in the field of 32 elements, so that every wrong
/// letter and every exchange of two neighbours changes the result.
fn times_x(v: u8) -> u8 {
    let doubled = v << 1;
    if doubled & 32 == 0 {
        doubled
    } else {
        doubled ^ 0b10_0101
    }
}

/// The letters of `bits`, five to each, and the check character behind them.
fn written(bits: u64, letters: u32) -> String {
    let mut check = 0;
    let mut text = String::new();
    for i in (0..letters).rev() {
        let five = (bits >> (5 * i)) & 31;
        check = times_x(check ^ u8::try_from(five).unwrap_or(0));
        text.push(char::from(
            ALPHABET[usize::from(u8::try_from(five).unwrap_or(0))],
        ));
    }
    text.push(char::from(ALPHABET[usize::from(check)]));
    text
}

/// Reads letters as people copy them: any case, with hyphens and blanks, I and L for 1, O for 0.
fn read(typed: &str, letters: u32) -> Result<u64, NoNumber> {
    let (mut bits, mut check, mut last, mut count) = (0_u64, 0, 0, 0);
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let c = match c.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        };
        let five = ALPHABET
            .iter()
            .position(|a| char::from(*a) == c)
            .ok_or(NoNumber)?;
        last = u8::try_from(five).unwrap_or(0);
        count += 1;
        if count > letters {
            continue;
        }
        bits = bits << 5 | u64::from(last);
        check = times_x(check ^ last);
    }
    if count == letters + 1 && last == check {
        Ok(bits)
    } else {
        Err(NoNumber)
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $letters:literal, [$($cut:literal),*]) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Makes one from random bits; those it has no letters for are dropped.
            #[must_use]
            pub fn from_raw(bits: u64) -> Self {
                Self(bits & ((1 << (5 * $letters)) - 1))
            }

            /// As it is given out, in groups.
            #[must_use]
            pub fn spelled(self) -> String {
                let mut text = written(self.0, $letters);
                for cut in [$($cut),*] {
                    text.insert(cut, '-');
                }
                text
            }
        }

        impl FromStr for $name {
            type Err = NoNumber;
            fn from_str(typed: &str) -> Result<Self, NoNumber> {
                read(typed, $letters).map(Self)
            }
        }
    };
}

number! {
    /// 异议编号: 60 bits of chance.
    Reference, 12, [8, 4]
}

number! {
    /// 查看码: 40 bits of chance, shown to the asker once.
    Passcode, 8, [4]
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A passcode does not print itself.
impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a passcode")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Text(String);

impl Serialize for Reference {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Text(format!("{self}")).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Text::deserialize(d)?
            .0
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [u64; 5] = [0, 1, 31 << 30, (1 << 60) - 1, 0x0123_4567_89ab_cdef];

    #[test]
    fn written_and_read_back() {
        for bits in SAMPLES {
            let (reference, passcode) = (Reference::from_raw(bits), Passcode::from_raw(bits));
            assert_eq!(reference.spelled().parse(), Ok(reference));
            assert_eq!(passcode.spelled().parse(), Ok(passcode));
        }
        let reference = Reference::from_raw(SAMPLES[4]);
        assert_eq!(reference.spelled().len(), 15);
        assert_eq!(Passcode::from_raw(7).spelled().len(), 10);
        let copied = reference
            .spelled()
            .to_lowercase()
            .replace('-', " ")
            .replace('1', "l");
        assert_eq!(copied.parse(), Ok(reference));
        assert_eq!("0000-0000-00000-0".parse::<Reference>(), Err(NoNumber));
        assert_eq!(format!("{:?}", Passcode::from_raw(7)), "a passcode");
    }

    /// Every single wrong letter, and every exchange of two neighbours, is found.
    #[test]
    fn a_slip_is_found() {
        for bits in SAMPLES {
            let right = written(bits & ((1 << 60) - 1), 12);
            for at in 0..right.len() {
                for letter in ALPHABET {
                    let mut wrong = right.clone();
                    wrong.replace_range(at..=at, core::str::from_utf8(&[*letter]).expect("one"));
                    assert_eq!(read(&wrong, 12).is_ok(), wrong == right, "{wrong}");
                }
                let mut turned = right.clone().into_bytes();
                if at > 0 {
                    turned.swap(at - 1, at);
                }
                let turned = String::from_utf8(turned).expect("letters");
                assert_eq!(read(&turned, 12).is_ok(), turned == right, "{turned}");
            }
        }
    }
}
