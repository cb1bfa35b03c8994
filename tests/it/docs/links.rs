//! Every link from one of our documents to a file or a heading leads there.

use std::path::Path;

use super::{files, read, root};

/// The documents of the repository.
pub fn documents() -> Vec<String> {
    let mut all: Vec<String> = std::fs::read_dir(root())
        .expect("the root can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".md"))
        .collect();
    all.extend(files("docs", ".md"));
    all.sort();
    all
}

/// The targets of `[text](target)`, code left out; of a picture with its exclamation mark before.
fn targets(text: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // What stands in backticks is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for (at, _) in prose.match_indices("](") {
            let target = prose[at + 2..].split(')').next().unwrap_or_default();
            let opened = prose[..at].rfind('[').unwrap_or(0);
            found.push((prose[..opened].ends_with('!'), target.to_owned()));
        }
    }
    found
}

/// A heading as its anchor: small letters, no signs, dashes for blanks.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn has_heading(path: &str, wanted: &str) -> bool {
    let text = read(path);
    let mut fenced = false;
    text.lines().any(|line| {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        !fenced && line.starts_with('#') && anchor(line) == wanted
    })
}

#[test]
fn links_lead_somewhere() {
    // Pictures are taken of the running program and come into the tree with their folder.
    let pictures = root().join("docs/images").is_dir();
    let mut dead = Vec::new();
    let mut followed = 0;
    for document in documents() {
        let folder = Path::new(&document).parent().unwrap_or(Path::new(""));
        for (picture, target) in targets(&read(&document)) {
            let outside = target.contains("://") || target.starts_with("mailto:");
            if outside || (picture && !pictures) {
                continue;
            }
            followed += 1;
            let (path, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() {
                document.clone()
            } else {
                folder.join(path).to_string_lossy().into_owned()
            };
            let there = root().join(&file).exists();
            if !there || (!heading.is_empty() && !has_heading(&file, heading)) {
                dead.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "dead links: {dead:#?}");
    assert!(followed > 40, "only {followed} links were found");
}

#[test]
fn links_and_headings_are_read() {
    let text = "see [a](b.md#c) and ![d](e.png)\n```\n[no](no.md)\n```\n`[no](no.md)`\n";
    let found = [(false, "b.md#c".to_owned()), (true, "e.png".to_owned())];
    assert_eq!(targets(text), found);
    assert_eq!(
        anchor("## Where is the rule that …"),
        "where-is-the-rule-that-"
    );
}

/// No document names a file or folder of this repository that is not there.
#[test]
fn paths_in_backticks_exist() {
    let mut dead = Vec::new();
    let mut checked = 0;
    for document in documents() {
        // What was true of a release stays written there.
        if document == "CHANGELOG.md" {
            continue;
        }
        let text = read(&document);
        for word in super::quoted(&text) {
            let plain = word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            let first = word.split('/').next().unwrap_or_default();
            let ours = [
                "crates",
                "docs",
                "locales",
                "scenarios",
                "scripts",
                "src",
                "static",
                "templates",
                "tests",
            ];
            if plain && word.contains('/') && ours.contains(&first) {
                checked += 1;
                if !root().join(word).exists() {
                    dead.push(format!("{document}: {word}"));
                }
            }
        }
    }
    assert!(dead.is_empty(), "not in the tree: {dead:#?}");
    assert!(checked > 40, "only {checked} paths were found");
}
