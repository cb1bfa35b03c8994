//! Holds the written house to the code: where a document says what the code also says, the two are
//! compared, so that neither can go on alone. Where a document is printed from the code, a failure
//! shows the text to paste.

mod books;
mod commands;
mod glossary;
mod links;
mod locales;
mod manual;
mod printed;
mod readme;
mod states;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Every file under a folder of the repository whose name ends so, as paths from the root.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![PathBuf::from(folder)];
    while let Some(folder) = todo.pop() {
        let entries = fs::read_dir(root().join(&folder))
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries {
            let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                todo.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// The cells of every table row in a text, headings and rules left out.
pub fn table_rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_rule = |line: &str| line.starts_with('|') && line.chars().all(|c| "|-: ".contains(c));
    lines
        .iter()
        .enumerate()
        .filter(|(at, line)| {
            let heads = lines.get(at + 1).is_some_and(|next| is_rule(next));
            line.starts_with('|') && !is_rule(line) && !heads
        })
        .map(|(_, line)| {
            let cells = line.trim().trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// What stands in backticks.
pub fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The text under a heading, up to the next heading of any depth.
pub fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let start = text
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("there is no heading `{heading}`"))
        + heading.len()
        + 2;
    let rest = &text[start..];
    let mut fenced = false;
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if line.starts_with('#') && !fenced {
            break;
        }
        end += line.len();
    }
    &rest[..end]
}

/// The variants of an enum, as its source lists them.
fn variants(path: &str, name: &str) -> Vec<String> {
    let text = read(path);
    let body = text
        .split_once(&format!("pub enum {name} {{\n"))
        .unwrap_or_else(|| panic!("{path} has no enum {name}"))
        .1;
    body.lines()
        .take_while(|line| *line != "}")
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| {
            let ends = |c: char| !c.is_ascii_alphanumeric();
            line.split(ends).next().unwrap_or_default().to_owned()
        })
        .collect()
}

/// `TheoryScored` as the code writes it in data: `theory_scored`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[test]
fn the_readers_of_documents_read() {
    let text =
        "# A\n\n| x | y |\n|---|---|\n| `a` | b `c` |\n\n## B\nunder b\n```\n# no\n```\n## C\n";
    assert_eq!(table_rows(text), [["`a`", "b `c`"]]);
    assert_eq!(quoted("b `c` and `d`"), ["c", "d"]);
    assert_eq!(section(text, "## B"), "under b\n```\n# no\n```\n");
    assert_eq!(snake("TheoryScored"), "theory_scored");
    let roles = variants("crates/domain/src/office.rs", "Role");
    assert_eq!(roles.first().map(String::as_str), Some("InstitutionClerk"));
    assert_eq!(roles.last().map(String::as_str), Some("Asker"));
}
