//! `GLOSSARY.md` has every word of law that the code uses, and each once.

use std::collections::{BTreeMap, BTreeSet};

use domain::law::LAWS;

use super::{files, quoted, read, snake, table_rows, variants};

const PAGE: &str = "GLOSSARY.md";
const DOMAIN: &str = "crates/domain/src";

/// Enums whose variants are no words of law: reasons to say no, which have their sentences in
/// `locales/`, `docs/import.md` and `docs/api.md`, what a look-up finds, and what a spreadsheet cell
/// can hold or a list's column mean.
const NO_WORDS: [&str; 15] = [
    "Cell",
    "Code",
    "DocumentError",
    "Fault",
    "YearFault",
    "Field",
    "Found<'a>",
    "Meets",
    "NameError",
    "Reason",
    "Refusal",
    "Standing",
    "TextError",
    "Unfit",
    "Unread",
];

/// The words of the page: each with the rows that claim it.
fn words() -> BTreeMap<String, usize> {
    let page = read(PAGE);
    let mut words = BTreeMap::new();
    for row in table_rows(&page) {
        assert_eq!(
            row.len(),
            4,
            "{PAGE}: 中文 | in code | not | source: {row:?}"
        );
        for word in quoted(&row[1]) {
            *words.entry(word.to_owned()).or_insert(0) += 1;
        }
    }
    words
}

/// The public enums of the domain, each with the file it stands in.
fn enums() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in files(DOMAIN, ".rs") {
        for line in read(&path).lines() {
            if let Some(name) = line.strip_prefix("pub enum ") {
                found.push((path.clone(), name.trim_end_matches(" {").to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_word_of_an_enum_is_in_the_glossary() {
    let words = words();
    let mut missing = Vec::new();
    for (path, name) in enums() {
        if NO_WORDS.contains(&name.as_str()) {
            continue;
        }
        for variant in variants(&path, &name) {
            // The names of the rule packs are written as they are.
            if !words.contains_key(&snake(&variant)) && !words.contains_key(&variant) {
                missing.push(format!("{name}::{variant}: `{}`", snake(&variant)));
            }
        }
    }
    assert!(missing.is_empty(), "not in {PAGE}: {missing:#?}");
}

#[test]
fn the_list_of_enums_without_words_is_not_out_of_date() {
    let names: BTreeSet<String> = enums().into_iter().map(|(_, name)| name).collect();
    for name in NO_WORDS {
        assert!(names.contains(name), "there is no enum {name}");
    }
    assert!(names.len() > NO_WORDS.len() + 15, "{names:?}");
}

#[test]
fn every_state_and_every_limit_is_in_the_glossary() {
    let words = words();
    let limits = LAWS[0].limits().map(|(name, _)| name);
    let states = domain::case::State::WORDS;
    // The words that the `word` of a batch, an office and a halt gives.
    let others = [
        "proposed",
        "released",
        "complete",
        "entered",
        "suspended",
        "held",
        "resumed",
    ];
    let inquiry = domain::inquiry::State::WORDS;
    let all = states.iter().chain(&limits).chain(&others).chain(&inquiry);
    for word in all {
        assert!(words.contains_key(*word), "not in {PAGE}: `{word}`");
    }
}

#[test]
fn one_word_has_one_row() {
    let twice: Vec<_> = words().into_iter().filter(|(_, n)| *n > 1).collect();
    assert!(twice.is_empty(), "{PAGE}: in more than one row: {twice:?}");
}

/// A word of the glossary that no file of ours contains is a word nobody uses.
#[test]
fn every_word_is_used() {
    let mut code = String::new();
    for folder in [DOMAIN, "src"] {
        for path in files(folder, ".rs").iter().chain(&files(folder, ".sql")) {
            code.push_str(&read(path));
        }
    }
    let names: BTreeSet<String> = code
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map(snake)
        .collect();
    let unused: Vec<_> = words()
        .into_keys()
        .filter(|word| !names.contains(&snake(word)))
        .collect();
    assert!(
        unused.is_empty(),
        "{PAGE}: not a name in the code: {unused:?}"
    );
}
