//! Every command and every option that a document shows is one of the program's.

use std::{collections::BTreeMap, process::Command};

use super::{links::documents, quoted, read};

/// What the program says about a command.
fn help(path: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kecha"))
        .args(path)
        .arg("--help")
        .output()
        .expect("the program runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The commands below one, as its help lists them.
fn below(help: &str) -> Vec<&str> {
    let listed = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let lines = listed.lines().take_while(|line| line.starts_with("  "));
    lines
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// The command lines of a document: those in its blocks for a shell, continued lines joined, and
/// those in backticks.
fn shown(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut found = Vec::new();
    let mut fence = None;
    for line in joined.lines() {
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_none() {
                Some(language)
            } else {
                None
            };
        } else if fence == Some("sh") {
            found.push(
                line.split(" # ")
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
            );
        } else if fence.is_none() {
            found.extend(quoted(line).into_iter().map(str::to_owned));
        }
    }
    let ours = |line: &String| line == "kecha" || line.starts_with("kecha ");
    let run = |line: String| line.replace("cargo run --release --", "kecha");
    found.into_iter().map(run).filter(ours).collect()
}

#[test]
fn commands_and_options_exist() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut checked = 0;
    let mut ask = |path: &[&str]| {
        let key: Vec<String> = path.iter().map(ToString::to_string).collect();
        helps.entry(key).or_insert_with(|| help(path)).clone()
    };
    for document in documents() {
        for line in shown(&read(&document)) {
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            let mut path: Vec<&str> = Vec::new();
            let mut last = ask(&path);
            let mut told = last.clone();
            for word in &words {
                if below(&last).contains(word) {
                    path.push(word);
                    last = ask(&path);
                    told.push_str(&last);
                }
            }
            checked += 1;
            if path.is_empty() {
                wrong.push(format!("{document}: no such command: {line}"));
            }
            for option in words.iter().filter_map(|word| {
                let word = word.trim_start_matches('[').trim_end_matches(']');
                word.starts_with("--").then_some(word)
            }) {
                let there = told
                    .split([' ', '\n', '[', ']', ',', '<'])
                    .any(|w| w == option);
                if !there {
                    wrong.push(format!("{document}: no such option: {option} in: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 30, "only {checked} command lines were found");
}

#[test]
fn command_lines_are_read() {
    let text = "`kecha serve`\n```sh\nkecha a --b \\\n  c # why\nls\n```\n```text\nkecha x\n```\n";
    assert_eq!(shown(text), ["kecha serve", "kecha a --b    c"]);
}
