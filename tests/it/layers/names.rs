//! What a source file names: other modules of the program, and crates. Read from its words, without
//! comments and literals; no more of the language is understood than paths and `use` groups.

use std::collections::BTreeSet;

use crate::docs::read;

/// A source file and its words.
pub struct Source {
    /// From the root of the repository.
    pub path: String,
    /// Its module, outermost first; none of `main.rs` and `lib.rs`.
    modules: Vec<String>,
    words: Vec<String>,
}

impl Source {
    pub fn read(path: &str) -> Self {
        let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
        let modules = inner
            .split('/')
            .filter(|part| !["mod", "lib", "main"].contains(part))
            .map(str::to_owned)
            .collect();
        Self {
            path: path.to_owned(),
            modules,
            words: words(&read(path)),
        }
    }

    /// The outermost module it belongs to.
    pub fn module(&self) -> &str {
        self.modules.first().map_or("main", String::as_str)
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }
}

/// The names, path signs and brackets of a text.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in code(text).chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match c {
            ':' if words.last().is_some_and(|last| last == ":") => {
                words.pop();
                words.push("::".to_owned());
            }
            ':' | '{' | '}' | ',' | ';' => words.push(c.to_string()),
            _ => {}
        }
    }
    words
}

/// The text without comments and without what stands in literals.
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                out.push(' ');
            }
            // A character in quotes, and not the name of a lifetime.
            '\'' => {
                let mut ahead = chars.clone();
                let first = ahead.next();
                if first == Some('\\') || ahead.next() == Some('\'') {
                    let escaped = chars.next() == Some('\\');
                    if escaped {
                        chars.next();
                    }
                    while chars.next_if(|c| *c != '\'').is_some() {}
                    chars.next();
                }
                out.push(' ');
            }
            _ => out.push(c),
        }
    }
    out
}

/// The outermost modules of the program that a file names, by `crate::`, by `kecha::`, or by as many
/// `super::` as lead to the top.
pub fn modules_named(source: &Source, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut at = 0;
    while at < source.words.len() {
        let after = match source.word(at) {
            "crate" | "kecha" if source.word(at + 1) == "::" => Some(at + 2),
            "super" => {
                let mut steps = 0;
                let mut next = at;
                while source.word(next) == "super" && source.word(next + 1) == "::" {
                    steps += 1;
                    next += 2;
                }
                at = next.max(at + 1) - 1;
                (steps > 0 && steps >= source.modules.len()).then_some(next)
            }
            _ => None,
        };
        if let Some(after) = after {
            named.extend(heads(source, after));
        }
        at += 1;
    }
    named
        .into_iter()
        .filter(|name| modules.contains(name))
        .collect()
}

/// The first names of what follows a path: one, or those of a group.
fn heads(source: &Source, at: usize) -> Vec<String> {
    if source.word(at) != "{" {
        return vec![source.word(at).to_owned()];
    }
    let mut found = Vec::new();
    let mut depth = 0;
    for at in at..source.words.len() {
        match source.word(at) {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            word if depth == 1 && matches!(source.word(at - 1), "{" | ",") => {
                found.push(word.to_owned());
            }
            _ => {}
        }
    }
    found
}

/// The crates a file may name: whatever stands first in a path, or alone after `use`.
pub fn crates_named(source: &Source) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, word) in source.words.iter().enumerate() {
        let first = at == 0 || source.word(at - 1) != "::";
        let path = source.word(at + 1) == "::";
        let alone = at > 0 && source.word(at - 1) == "use";
        if first && (path || alone) {
            named.insert(word.clone());
        }
    }
    named
}

#[test]
fn names_are_read() {
    let text = r#"
        //! crate::comment is none
        use std::sync::Arc;
        use super::super::{page, registry::{Query, self}, web};
        use crate::{clock, node::Node};
        const TEXT: &str = "crate::literal \" crate::no";
        fn f<'a>(c: char) -> &'a str { if c == '"' { crate::config::FILE } else { rusqlite::no() } }
    "#;
    let source = Source {
        path: String::new(),
        modules: vec!["web".into(), "page".into()],
        words: words(text),
    };
    let all = [
        "page", "registry", "web", "clock", "node", "config", "comment", "literal", "no",
    ];
    let all: BTreeSet<String> = all.map(str::to_owned).into();
    let named: Vec<String> = modules_named(&source, &all).into_iter().collect();
    assert_eq!(
        named,
        ["clock", "config", "node", "page", "registry", "web"]
    );
    assert!(crates_named(&source).contains("rusqlite"));
    assert!(!crates_named(&source).contains("Query"));
    let inner = Source {
        modules: vec!["web".into(), "api".into(), "query".into()],
        ..source
    };
    let named: Vec<String> = modules_named(&inner, &all).into_iter().collect();
    assert_eq!(named, ["clock", "config", "node"]);
}
