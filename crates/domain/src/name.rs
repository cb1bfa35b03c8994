//! Names of people: normalised for keeping, folded for matching, masked when printed.

use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::document::is_blank;

/// A normalised name (NFC, U+00B7 as the middle dot, no blanks between Han characters).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

/// Why what was typed is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing was typed.
    Missing,
    /// Digits, markup, signs.
    Invalid,
}

impl NameError {
    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "name_missing",
            Self::Invalid => "name_invalid",
        }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(s: String) -> Result<Self, NameError> {
        Self::parse(&s)
    }
}

impl From<Name> for String {
    fn from(n: Name) -> Self {
        n.0.to_string()
    }
}

/// The one middle dot we keep, U+00B7.
const DOT: char = '\u{00B7}';
/// Longest name kept, in characters. Names of thirty and more are real; a paragraph is not one.
const LONGEST: usize = 64;

impl Name {
    /// Normalises and checks.
    ///
    /// ```
    /// use domain::name::Name;
    /// assert_eq!(Name::parse("阿依古丽•买买提").unwrap().expose(), "阿依古丽·买买提");
    /// assert_eq!(Name::parse(" 刘\u{3000}建军 ").unwrap().expose(), "刘建军");
    /// assert_eq!(Name::parse("john  smith").unwrap().expose(), "JOHN SMITH");
    /// assert!(Name::parse("张3").is_err());
    /// ```
    ///
    /// # Errors
    /// `Missing` for nothing, `Invalid` for what no name can hold.
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let clean = single_blanks(typed);
        if clean.is_empty() {
            return Err(NameError::Missing);
        }
        if clean.len() > LONGEST * 4 {
            return Err(NameError::Invalid);
        }
        let chars: Vec<char> = without_blanks_beside_han(&clean);
        let chars = with_one_dot(&chars);
        for (i, c) in chars.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|b| chars.get(b)).copied();
            if !fits(before, *c, chars.get(i + 1).copied()) {
                return Err(NameError::Invalid);
            }
        }
        if chars.len() > LONGEST {
            return Err(NameError::Invalid);
        }
        Ok(Self(chars.into_iter().collect::<String>().into()))
    }

    /// The whole name.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form under which two spellings of one name are equal (for keyed look-up, never shown):
    /// without dots, blanks, hyphens and the accents that keyboards lack.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0
            .nfd()
            .filter(|c| !matches!(c, '\u{0300}'..='\u{036F}'))
            .filter(|c| c.is_alphabetic() || *c == '〇' || !c.is_ascii() && *c != DOT)
            .filter(|c| !is_blank(*c) && !matches!(c, '\u{2019}' | '\u{2010}'))
            .flat_map(char::to_uppercase)
            .nfc()
            .collect()
    }
}

/// NFC and capitals, known private-use code points mapped, invisible characters dropped, blanks
/// made single. A capital may be longer than its small letter or take its accent apart, so what is
/// checked afterwards is what is kept: a kept name must read back as itself.
fn single_blanks(typed: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    let capitals = typed.chars().map(mapped).nfc().flat_map(char::to_uppercase);
    for c in capitals.nfc() {
        if matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}') {
            continue;
        }
        if is_blank(c) {
            gap |= c.is_whitespace();
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(match c {
            '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' | '\u{FF0D}' => {
                crate::document::narrow(c)
            }
            _ => c,
        });
    }
    out
}

fn without_blanks_beside_han(clean: &str) -> Vec<char> {
    let all: Vec<char> = clean.chars().collect();
    let sticky = |c: Option<&char>| c.is_some_and(|c| is_han(*c) || looks_like_dot(*c));
    let mut out = Vec::with_capacity(all.len());
    for (i, c) in all.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|b| all.get(b));
        if *c == ' ' && sticky(before) && sticky(all.get(i + 1)) {
            continue;
        }
        out.push(*c);
    }
    out
}

/// Every dot between Han characters becomes U+00B7; elsewhere a dot stays what it is.
fn with_one_dot(chars: &[char]) -> Vec<char> {
    let han = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| is_han(*c));
    let at = |i: usize, c: &char| {
        let between = han(i.checked_sub(1)) && han(Some(i + 1));
        if looks_like_dot(*c) && (between || !matches!(c, '.' | '\u{FF0E}')) {
            DOT
        } else {
            *c
        }
    };
    chars.iter().enumerate().map(|(i, c)| at(i, c)).collect()
}

fn looks_like_dot(c: char) -> bool {
    matches!(
        c,
        DOT | '\u{2022}' | '\u{30FB}' | '\u{FF0E}' | '.' | '\u{2027}' | '\u{FF65}' | '\u{0387}'
    )
}

/// Whether a character may stand where it stands.
fn fits(before: Option<char>, c: char, after: Option<char>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(is_letter);
    match c {
        DOT => letter(before) && letter(after),
        '-' | '\'' | '\u{2019}' => letter(before) && letter(after),
        '.' => letter(before) && !before.is_some_and(is_han),
        ' ' => true,
        '\u{0300}'..='\u{036F}' => letter(before),
        _ => is_letter(c),
    }
}

/// A letter of any script: Unicode's alphabetic characters without its numbers, its circled and
/// bracketed letters and what is left unmapped of the private-use areas.
fn is_letter(c: char) -> bool {
    is_han(c)
        || (c.is_alphabetic()
            && !c.is_numeric()
            && !matches!(c, '\u{2460}'..='\u{24FF}' | '\u{3200}'..='\u{33FF}' | '\u{1F100}'..='\u{1F1FF}' | '\u{FF66}'..='\u{FF9F}'))
}

/// Han characters of GB 18030-2022 level 3 and the later extensions, 〇 and 々 included. Radicals
/// and the signs that describe a character (IDS) are not characters of a name.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAD9}'
        | '\u{20000}'..='\u{2FA1F}' | '\u{30000}'..='\u{33479}' | '\u{3005}' | '\u{3007}')
}

fn mapped(c: char) -> char {
    if !('\u{E815}'..='\u{E864}').contains(&c) {
        return c;
    }
    let known = LEGACY.binary_search_by_key(&(c as u32), |(code, _)| *code);
    known
        .ok()
        .and_then(|i| LEGACY.get(i))
        .map_or(c, |(_, han)| *han)
}

/// Where GBK and GB 18030-2000 systems put Han characters that Unicode did not have yet: the bytes
/// FE50 to FEA0 in order are U+E815 to U+E864. The radicals among them are left out.
const LEGACY: &[(u32, char)] = &[
    (0xE816, '\u{20087}'),
    (0xE817, '\u{20089}'),
    (0xE818, '\u{200CC}'),
    (0xE81A, '\u{3473}'),
    (0xE81B, '\u{3447}'),
    (0xE81E, '\u{9FB4}'),
    (0xE81F, '\u{359E}'),
    (0xE820, '\u{361A}'),
    (0xE821, '\u{360E}'),
    (0xE824, '\u{396E}'),
    (0xE825, '\u{3918}'),
    (0xE826, '\u{9FB5}'),
    (0xE827, '\u{39CF}'),
    (0xE828, '\u{39DF}'),
    (0xE829, '\u{3A73}'),
    (0xE82A, '\u{39D0}'),
    (0xE82B, '\u{9FB6}'),
    (0xE82C, '\u{9FB7}'),
    (0xE82D, '\u{3B4E}'),
    (0xE82E, '\u{3C6E}'),
    (0xE82F, '\u{3CE0}'),
    (0xE831, '\u{215D7}'),
    (0xE832, '\u{9FB8}'),
    (0xE834, '\u{4056}'),
    (0xE835, '\u{415F}'),
    (0xE837, '\u{4337}'),
    (0xE83B, '\u{2298F}'),
    (0xE83C, '\u{43B1}'),
    (0xE83D, '\u{43AC}'),
    (0xE83F, '\u{43DD}'),
    (0xE840, '\u{44D6}'),
    (0xE841, '\u{4661}'),
    (0xE842, '\u{464C}'),
    (0xE843, '\u{9FB9}'),
    (0xE844, '\u{4723}'),
    (0xE845, '\u{4729}'),
    (0xE846, '\u{477C}'),
    (0xE847, '\u{478D}'),
    (0xE849, '\u{4947}'),
    (0xE84A, '\u{497A}'),
    (0xE84B, '\u{497D}'),
    (0xE84C, '\u{4982}'),
    (0xE84D, '\u{4983}'),
    (0xE84E, '\u{4985}'),
    (0xE84F, '\u{4986}'),
    (0xE850, '\u{499F}'),
    (0xE851, '\u{499B}'),
    (0xE852, '\u{49B7}'),
    (0xE853, '\u{49B6}'),
    (0xE854, '\u{9FBA}'),
    (0xE855, '\u{241FE}'),
    (0xE856, '\u{4CA3}'),
    (0xE857, '\u{4C9F}'),
    (0xE858, '\u{4CA0}'),
    (0xE859, '\u{4CA1}'),
    (0xE85A, '\u{4C77}'),
    (0xE85B, '\u{4CA2}'),
    (0xE85C, '\u{4D13}'),
    (0xE85D, '\u{4D14}'),
    (0xE85E, '\u{4D15}'),
    (0xE85F, '\u{4D16}'),
    (0xE860, '\u{4D17}'),
    (0xE861, '\u{4D18}'),
    (0xE862, '\u{4D19}'),
    (0xE863, '\u{4DAE}'),
    (0xE864, '\u{9FBB}'),
];

/// First character, stars, and the last one where asked.
pub(crate) fn masked(text: &str, last: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let count = text.chars().count();
    for (i, c) in text.chars().enumerate() {
        let shown = i == 0 || (last && count > 2 && i + 1 == count);
        f.write_char(if shown { c } else { '*' })?;
    }
    Ok(())
}

/// The first character, the rest starred.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked(&self.0, false, f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn kept(typed: &str) -> Result<String, NameError> {
        Name::parse(typed).map(|n| n.expose().to_string())
    }

    #[test]
    fn every_listed_dot_becomes_the_middle_dot() {
        for dot in [
            '\u{2022}', '\u{30FB}', '\u{FF0E}', '.', '\u{2027}', '\u{FF65}', '\u{0387}', DOT,
        ] {
            let wanted = Ok("古丽娜尔·吐尔逊".to_string());
            assert_eq!(kept(&format!("古丽娜尔{dot}吐尔逊")), wanted, "{dot:?}");
            assert_eq!(
                kept(&format!(" 古丽娜尔 {dot}\u{3000}吐尔逊")),
                wanted,
                "{dot:?}"
            );
        }
    }

    #[test]
    fn names_are_kept_as_they_are_written() {
        for (typed, wanted) in [
            ("张伟", "张伟"),
            (" 刘\u{3000}建\u{A0}军\u{200B} ", "刘建军"),
            ("欧阳\n娜", "欧阳娜"),
            ("𬀪𫘧", "𬀪𫘧"),
            ("刘㛃", "刘㛃"),
            ("王〇", "王〇"),
            ("\u{E81E}龙", "\u{9FB4}龙"),
            ("\u{E816}", "\u{20087}"),
            ("josé  de la cruz", "JOSÉ DE LA CRUZ"),
            ("Jose\u{301}", "JOSÉ"),
            ("Ｊｏｈｎ", "JOHN"),
            ("O'Neil-Smith", "O'NEIL-SMITH"),
            ("J. R. Tolkien", "J. R. TOLKIEN"),
            ("赵C", "赵C"),
        ] {
            assert_eq!(kept(typed), Ok(wanted.to_string()), "{typed:?}");
        }
    }

    #[test]
    fn what_no_name_can_hold_is_refused() {
        for typed in [
            "张3",
            "张３",
            "李<b>四</b>",
            "=A1",
            "@SUM",
            "王?",
            "王□",
            "王\u{FFFD}",
            "⿰王民",
            "张三（补考）",
            "阿依古丽··买买提",
            "·张",
            "张·",
            "张,三",
            "Ⅷ",
            "Ⓐ",
            "\u{E000}",
            "-",
            "张_三",
            "张三/李四",
            "①",
            "+张三",
            "😀",
            "㈱",
        ] {
            assert_eq!(kept(typed), Err(NameError::Invalid), "{typed:?}");
        }
        assert_eq!(kept(&"长".repeat(65)), Err(NameError::Invalid));
        for typed in ["", "  \u{3000}\u{A0}\u{200B}"] {
            assert_eq!(kept(typed), Err(NameError::Missing), "{typed:?}");
        }
    }

    /// A property test met U+1F52: its capital is a letter with two marks, which no name can hold, so
    /// a record with it could be written and not be read again.
    #[test]
    fn a_kept_name_reads_back_as_itself() {
        for c in ('\u{1}'..=char::MAX).filter(|c| c.is_alphabetic()) {
            for typed in [String::from(c), format!("A{c}"), format!("{c}B")] {
                if let Ok(name) = Name::parse(&typed) {
                    assert_eq!(Name::parse(name.expose()).as_ref(), Ok(&name), "{c:?}");
                }
            }
        }
    }

    #[test]
    fn nfc_and_never_nfkc() {
        assert_eq!(kept("\u{F9D1}平"), Ok("六平".to_string()));
        assert_eq!(kept("㍿"), Err(NameError::Invalid));
    }

    #[test]
    fn spellings_fold_together_and_print_masked() {
        let folded = |typed: &str| Name::parse(typed).map(|n| n.folded());
        assert_eq!(folded("阿依古丽·买买提"), folded("阿依古丽买买提"));
        assert_eq!(folded("José Cruz"), folded("JOSE  CRUZ"));
        assert_ne!(folded("吕伟"), folded("吴伟"));
        assert_eq!(
            Name::parse("张三丰").map(|n| format!("{n} {n:?}")),
            Ok("张** 张**".to_string())
        );
    }

    #[test]
    fn the_legacy_table_is_sorted_and_ends_in_han() {
        assert!(LEGACY.is_sorted_by_key(|(code, _)| *code));
        assert!(LEGACY.iter().all(|(_, han)| is_han(*han)));
    }
}
