//! What people write to an authority and back: limited, without hidden signs, and never printed by
//! accident.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// Why what was typed cannot be taken. It says nothing of what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// Nothing but blanks.
    Missing,
    /// Longer than the limit.
    Length,
    /// A control character, or one that turns the direction of writing round.
    Control,
}

impl TextError {
    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "text_missing",
            Self::Length => "text_length",
            Self::Control => "text_control",
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for TextError {}

/// Signs that are not seen and change how the rest is read.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn read(typed: &str, longest: usize, lines: bool) -> Result<String, TextError> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(TextError::Missing);
    }
    // A browser ends a line with two signs, of which one is enough.
    let text = text.replace("\r\n", "\n");
    if text.chars().count() > longest {
        return Err(TextError::Length);
    }
    if text.chars().any(|c| is_hidden(c) && !(lines && c == '\n')) {
        return Err(TextError::Control);
    }
    Ok(text)
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $longest:expr, $lines:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The most characters there may be.
            pub const LONGEST: usize = $longest;

            /// Reads what was typed.
            ///
            /// # Errors
            /// Nothing, too much, or signs that are not seen.
            pub fn parse(typed: &str) -> Result<Self, TextError> {
                read(typed, Self::LONGEST, $lines).map(Self)
            }

            /// The whole text, which is somebody's own.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} characters", self.0.chars().count())
            }
        }
    };
}

text! {
    /// What somebody asks or answers: lines of up to 1,000 characters together.
    Words, 1_000, true
}

text! {
    /// One line: how somebody wants to be reached, or a number that is typed as it stands.
    Line, 100, false
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn what_is_typed_is_read_or_refused() {
        for (typed, wanted) in [
            ("  为什么还查不到？ ", Ok("为什么还查不到？")),
            ("one\r\ntwo", Ok("one\ntwo")),
            (" \n ", Err(TextError::Missing)),
            ("a\u{0}b", Err(TextError::Control)),
            ("a\tb", Err(TextError::Control)),
            ("a\rb", Err(TextError::Control)),
            ("a\u{202E}b", Err(TextError::Control)),
            ("a\u{200B}b", Err(TextError::Control)),
        ] {
            let read = Words::parse(typed);
            assert_eq!(
                read.as_ref().map(Words::expose).map_err(|e| *e),
                wanted,
                "{typed:?}"
            );
        }
        assert_eq!(Line::parse("one\ntwo"), Err(TextError::Control));
        let longest = "字".repeat(Words::LONGEST);
        assert!(Words::parse(&longest).is_ok());
        assert_eq!(
            Words::parse(&format!("{longest}字")),
            Err(TextError::Length)
        );
        assert_eq!(Line::parse(&"a".repeat(101)), Err(TextError::Length));
    }

    /// A text that was kept is read by the same rule, and prints no more than its length.
    #[test]
    fn a_kept_text_is_read_again_and_does_not_print() {
        let words = Words::parse("甲乙").expect("words");
        assert_eq!(format!("{words:?}"), "2 characters");
        let kept = serde_json::to_string(&words).expect("kept");
        assert_eq!(serde_json::from_str::<Words>(&kept).expect("read"), words);
        assert!(serde_json::from_str::<Words>("\"a\\u0007b\"").is_err());
    }
}
