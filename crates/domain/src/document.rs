//! Identity documents, parsed once and printed masked.

use alloc::{
    boxed::Box,
    string::{String, ToString},
};
use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::person::Sex;

/// The kind of document the holder declared; never guessed from the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocType {
    /// 居民身份证 (GB 11643-1999)
    ResidentId,
    /// 港澳台居民居住证
    HmtResidencePermit,
    /// 外国人永久居留身份证, the form of 2017 and the form of 2023
    ForeignPermanentResident,
    /// 护照
    Passport,
    /// 军官证
    OfficerCard,
}

/// A document that passed its checks. If you hold one, it was parsed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Document {
    kind: DocType,
    number: Box<str>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(rename = "type")]
    kind: DocType,
    number: String,
}

impl TryFrom<Written> for Document {
    type Error = DocumentError;
    fn try_from(w: Written) -> Result<Self, DocumentError> {
        Self::parse(w.kind, &w.number)
    }
}

impl From<Document> for Written {
    fn from(d: Document) -> Self {
        Self {
            kind: d.kind,
            number: d.number.to_string(),
        }
    }
}

/// Why a typed document number is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// Nothing was typed.
    Missing,
    /// Not as long as this kind of number is, or a character it cannot have.
    Length,
    /// The last character does not follow from the others (ISO 7064 MOD 11-2).
    CheckDigit,
    /// The eight digits of the birth date are no date.
    BirthDate,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl DocumentError {
    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "id_missing",
            Self::Length => "id_length",
            Self::CheckDigit => "id_check_digit",
            Self::BirthDate => "id_birth_date",
        }
    }
}

/// ISO 7064 MOD 11-2 weights of the first seventeen digits (GB 11643-1999, 6.1).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check characters by remainder.
const CHECKS: &[u8; 11] = b"10X98765432";
/// No holder was born earlier; a number that says so was mistyped.
const FIRST_BIRTH_YEAR: i16 = 1800;
/// The longest officer card text we keep.
const OFFICER_MAX: usize = 30;

impl Document {
    /// Normalises what was typed (full-width digits, blanks anywhere, a small x, the quotes that
    /// spreadsheet users put around numbers) and checks it.
    ///
    /// The order is length, check character, birth date: the first that fails is the answer. The
    /// address code is not judged at all; see [`Document::address_is_known`].
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(kind: DocType, typed: &str) -> Result<Self, DocumentError> {
        let number = normalise(typed);
        if number.is_empty() {
            return Err(DocumentError::Missing);
        }
        match kind {
            // The address code of a permit is 810000, 820000 or 830000; like any other it is not
            // judged.
            DocType::ResidentId | DocType::HmtResidencePermit => citizen(&number)?,
            DocType::ForeignPermanentResident => permanent_resident(&number)?,
            DocType::Passport => passport(&number)?,
            DocType::OfficerCard => officer_card(&number)?,
        }
        Ok(Self {
            kind,
            number: number.into(),
        })
    }

    /// The declared kind.
    #[must_use]
    pub fn kind(&self) -> DocType {
        self.kind
    }

    /// The whole number. Every use of it is found by this word.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.number
    }

    /// The birth date that the number carries, where its kind carries one.
    ///
    /// ```
    /// use domain::document::{DocType, Document};
    /// let id = Document::parse(DocType::ResidentId, "11010519491231002x").unwrap();
    /// assert_eq!(id.birth_date().unwrap().to_string(), "1949-12-31");
    /// assert_eq!(id.to_string(), "1****************X");
    /// ```
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        if !self.is_eighteen() {
            return None;
        }
        birth(self.number.get(6..14)?)
    }

    /// The sex that the number carries, where its kind carries one.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        if !self.is_eighteen() {
            return None;
        }
        let odd = self.number.as_bytes().get(16)? % 2 == 1;
        Some(if odd { Sex::Male } else { Sex::Female })
    }

    /// Whether the first two digits are those of a province, or of Hong Kong, Macao or Taiwan on
    /// their permit. A number that fails this is worth a remark and never a refusal: codes are
    /// abolished and invented people have codes of no place.
    #[must_use]
    pub fn address_is_known(&self) -> bool {
        const PROVINCES: &str = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 \
                                 50 51 52 53 54 61 62 63 64 65 71 81 82 83";
        let known = match self.kind {
            DocType::ResidentId => PROVINCES,
            DocType::HmtResidencePermit => "81 82 83",
            _ => return true,
        };
        known.split(' ').any(|code| self.number.starts_with(code))
    }

    /// The three kinds whose eighteen characters follow GB 11643.
    fn is_eighteen(&self) -> bool {
        self.number.len() == 18
            && matches!(
                self.kind,
                DocType::ResidentId
                    | DocType::HmtResidencePermit
                    | DocType::ForeignPermanentResident
            )
    }
}

/// Quotes that keep a number from being rounded; they are no part of it.
pub(crate) const QUOTES: [char; 7] = [
    '\'', '"', '`', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}',
];

/// Blanks that people paste without seeing them: white space, zero-width and direction marks.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00AD}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{2800}' | '\u{3164}'
            | '\u{FEFF}' | '\u{FFA0}')
        || c.is_control()
}

/// A full-width ASCII look-alike as the ASCII character it looks like.
#[must_use]
pub fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{2212}' => '-',
        _ => c,
    }
}

fn normalise(typed: &str) -> String {
    let mut out: String = typed
        .chars()
        .filter(|c| !is_blank(*c))
        .map(narrow)
        .flat_map(char::to_uppercase)
        .collect();
    // Spreadsheet users write '123 or ="123" to keep a number from being rounded.
    if let Some(inner) = out.strip_prefix("=\"").and_then(|r| r.strip_suffix('"')) {
        out = inner.into();
    }
    out.trim_matches(QUOTES).into()
}

/// Eighteen characters, check character and birth date, as in GB 11643-1999.
fn citizen(number: &str) -> Result<(), DocumentError> {
    let bytes = number.as_bytes();
    let (Some(head), Some(last), 18) = (bytes.get(..17), bytes.last(), bytes.len()) else {
        return Err(DocumentError::Length);
    };
    if !head.iter().all(u8::is_ascii_digit) || !(last.is_ascii_digit() || *last == b'X') {
        return Err(DocumentError::Length);
    }
    if check_character(head) != Some(*last) {
        return Err(DocumentError::CheckDigit);
    }
    number
        .get(6..14)
        .and_then(birth)
        .map(|_| ())
        .ok_or(DocumentError::BirthDate)
}

/// The card of 2017 has three letters and twelve digits, the card of 2023 eighteen, the first a 9.
fn permanent_resident(number: &str) -> Result<(), DocumentError> {
    let bytes = number.as_bytes();
    match bytes.len() {
        15 if bytes.iter().take(3).all(u8::is_ascii_uppercase)
            && bytes.iter().skip(3).all(u8::is_ascii_digit) =>
        {
            Ok(())
        }
        18 if bytes.first() == Some(&b'9') => citizen(number),
        _ => Err(DocumentError::Length),
    }
}

fn passport(number: &str) -> Result<(), DocumentError> {
    let fits = (5..=20).contains(&number.len())
        && number
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && number.bytes().any(|b| b.is_ascii_digit());
    if fits {
        Ok(())
    } else {
        Err(DocumentError::Length)
    }
}

/// Free text such as 军字第1234567号: letters, Han characters and digits, six to eight digits.
fn officer_card(number: &str) -> Result<(), DocumentError> {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let fits = (4..=OFFICER_MAX).contains(&number.chars().count())
        && digits >= 4
        && number
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '(' | ')' | '[' | ']'));
    if fits {
        Ok(())
    } else {
        Err(DocumentError::Length)
    }
}

/// The check character of seventeen digits, or nothing when they are not seventeen digits.
///
/// ```
/// assert_eq!(domain::document::check_character(b"11010519491231002"), Some(b'X'));
/// ```
#[must_use]
pub fn check_character(digits: &[u8]) -> Option<u8> {
    if digits.len() != WEIGHTS.len() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}

fn birth(eight: &str) -> Option<Date> {
    let year: i16 = eight.get(..4)?.parse().ok()?;
    let month: i8 = eight.get(4..6)?.parse().ok()?;
    let day: i8 = eight.get(6..8)?.parse().ok()?;
    if year < FIRST_BIRTH_YEAR {
        None
    } else {
        Date::new(year, month, day).ok()
    }
}

/// First and last character, the rest starred: the policy of DESIGN §5.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::name::masked(&self.number, true, f)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
