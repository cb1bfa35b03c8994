//! The manuals of the offices: what they show is taken of the running program, step by step, and the
//! words they tell somebody to look for are words of the pages.

use std::collections::BTreeSet;

use kecha::web::{public::manual, routes};

use super::{files, quoted, read, root};

/// A picture is looked at over a slow line, too.
const LARGEST: u64 = 150_000;

/// The manuals, each with its text.
fn books() -> Vec<(&'static str, String)> {
    let text = |office: &&'static str| (*office, read(&format!("docs/manual/{office}.md")));
    manual::OFFICES.iter().map(text).collect()
}

/// The pictures that a manual shows, in its order.
fn shown(text: &str) -> Vec<String> {
    let found = text.split("](pictures/").skip(1);
    found
        .filter_map(|rest| Some(rest.split_once(".png)")?.0.to_owned()))
        .collect()
}

/// The steps of the script that walks through an office's work, in their order.
fn steps(office: &str) -> Vec<String> {
    let script = read(&format!("tests/browser/manual/{office}.mjs"));
    let named = |line: &str| {
        let name = line.strip_prefix("    '")?.strip_suffix("',")?;
        name.starts_with(office).then(|| name.to_owned())
    };
    script.lines().filter_map(named).collect()
}

#[test]
fn every_step_of_a_manual_is_walked_in_its_order() {
    for (office, text) in books() {
        let shown = shown(&text);
        assert!(shown.len() >= 10, "{office}: {shown:?}");
        assert_eq!(
            shown,
            steps(office),
            "docs/manual/{office}.md and its steps"
        );
    }
}

#[test]
fn every_picture_is_there_and_small() {
    let shown: BTreeSet<String> = books().iter().flat_map(|(_, text)| shown(text)).collect();
    let served = manual::PICTURES.iter().map(|(name, _)| (*name).to_owned());
    assert_eq!(served.collect::<BTreeSet<_>>(), shown, "pictures.rs");
    let kept = files("docs/manual/pictures", ".png");
    let named: BTreeSet<String> = shown
        .iter()
        .map(|name| format!("docs/manual/pictures/{name}.png"))
        .collect();
    assert_eq!(kept.iter().cloned().collect::<BTreeSet<_>>(), named);
    for path in kept {
        let file = std::fs::metadata(root().join(&path)).expect("a picture");
        assert!(file.len() <= LARGEST, "{path} has {} bytes", file.len());
    }
}

/// Between 「 and 」 a manual quotes a page: a button, a field, a heading, letter by letter.
#[test]
fn quoted_words_stand_on_a_page() {
    let sentences = read("locales/zh-CN.ftl");
    let sentences: BTreeSet<&str> = sentences
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.1))
        .collect();
    for (office, text) in books() {
        let quotes = text.split('「').skip(1);
        let quotes: Vec<&str> = quotes.filter_map(|rest| rest.split('」').next()).collect();
        assert!(quotes.len() > 15, "{office}: {quotes:?}");
        for quote in quotes {
            assert!(
                sentences.contains(quote),
                "docs/manual/{office}.md: no page says 「{quote}」"
            );
        }
    }
}

#[test]
fn addresses_in_a_manual_are_answered() {
    let table = routes::table();
    for (office, text) in books() {
        for word in quoted(&text) {
            if word.starts_with('/') {
                let known = table.rows().iter().any(|row| row.path == word);
                assert!(known, "docs/manual/{office}.md: {word}");
            }
        }
    }
}

/// A page leads to the chapter about it.
#[test]
fn pages_lead_to_chapters_that_exist() {
    let chapters: BTreeSet<String> = books()
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("## "))
        .map(str::to_owned)
        .collect();
    let mut led = 0;
    for path in files("templates/console", ".html") {
        let text = read(&path);
        let Some((_, rest)) = text.split_once("{% block chapter %}") else {
            continue;
        };
        let block = rest.split("{% endblock %}").next().unwrap_or_default();
        for part in block.split('#').skip(1) {
            let chapter = part.split('{').next().unwrap_or_default();
            assert!(chapters.contains(chapter), "{path}: there is no {chapter}");
            led += 1;
        }
    }
    assert!(led > 25, "only {led} pages lead to a chapter");
}
