//! `docs/states.md` has exactly the arrows that the code has.
//!
//! The arrows are found by driving: every act is tried in every state that can be reached, with
//! every argument that the law tells apart. What the domain refuses is no arrow.

mod acts;
mod drive;

use std::collections::BTreeSet;

use super::{printed, quoted, read, section, snake, variants};

/// From which state, by which act, into which state. A beginning comes from `[*]`.
type Arrows = BTreeSet<(String, &'static str, String)>;

const PAGE: &str = "docs/states.md";

/// The arrows that a section of the page draws.
fn drawn(heading: &str) -> BTreeSet<(String, String, String)> {
    let page = read(PAGE);
    let diagram = section(&page, heading);
    diagram
        .lines()
        .filter_map(|line| line.trim().split_once(" --> "))
        .flat_map(|(from, rest)| {
            let (to, acts) = rest.split_once(": ").unwrap_or((rest, ""));
            let arrow = |act: &str| (from.to_owned(), act.to_owned(), to.to_owned());
            acts.split(", ").map(arrow).collect::<Vec<_>>()
        })
        .collect()
}

/// The diagram of some arrows; those between the same two states share a line.
fn diagram(arrows: &Arrows) -> String {
    let mut lines: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for (from, act, to) in arrows {
        match lines.iter_mut().find(|(f, t, _)| f == from && t == to) {
            Some((_, _, acts)) => acts.push(act),
            None => lines.push((from, to, vec![act])),
        }
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|(from, to, acts)| format!("    {from} --> {to}: {}", acts.join(", ")))
        .collect();
    format!("stateDiagram-v2\n{}", lines.join("\n"))
}

fn compare(heading: &str, found: &Arrows) {
    let drawn = drawn(heading);
    let found_too: BTreeSet<_> = found
        .iter()
        .map(|(from, act, to)| (from.clone(), (*act).to_owned(), to.clone()))
        .collect();
    let missing: Vec<_> = found_too.difference(&drawn).collect();
    let surplus: Vec<_> = drawn.difference(&found_too).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{PAGE}, {heading}\nnot drawn: {missing:?}\nnot in the code: {surplus:?}\n\
         the code's diagram:\n{}",
        diagram(found)
    );
}

#[test]
fn the_samples_hold_every_act() {
    let sampled: BTreeSet<String> = acts::every().iter().map(|a| a.kind().to_owned()).collect();
    let declared: BTreeSet<String> = variants("crates/domain/src/event.rs", "Act")
        .iter()
        .map(|v| snake(v))
        .collect();
    assert_eq!(sampled, declared);
}

#[test]
fn a_case_goes_where_the_page_says() {
    let found = drive::case();
    let states: BTreeSet<&str> = found.iter().map(|(_, _, to)| to.as_str()).collect();
    let words: BTreeSet<&str> = domain::case::State::WORDS.into_iter().collect();
    assert_eq!(states, words, "every state can be reached");
    compare("## A case", &found);
}

#[test]
fn a_certificate_goes_where_the_page_says() {
    compare("## A certificate", &drive::certificate());
}

#[test]
fn a_batch_goes_where_the_page_says() {
    compare("## A take-over batch", &drive::batch());
}

#[test]
fn an_office_goes_where_the_page_says() {
    compare("## An office", &drive::office());
}

#[test]
fn a_session_goes_where_the_page_says() {
    compare("## A session", &drive::session());
}

#[test]
fn an_account_goes_where_the_page_says() {
    compare("## An account", &drive::account());
}

#[test]
fn a_halt_goes_where_the_page_says() {
    compare("## A halt", &drive::halt());
}

#[test]
fn an_inquiry_goes_where_the_page_says() {
    let found = drive::inquiry();
    let states: BTreeSet<&str> = found.iter().map(|(_, _, to)| to.as_str()).collect();
    let words: BTreeSet<&str> = domain::inquiry::State::WORDS.into_iter().collect();
    assert_eq!(states, words, "every state can be reached");
    compare("## An inquiry", &found);
}

#[test]
fn a_publication_goes_where_the_page_says() {
    compare("## A publication", &drive::publication());
}

/// Every act of the law moves some record, or the page would leave it out.
#[test]
fn every_act_is_drawn_once_at_least() {
    let mut drawn: BTreeSet<&str> = BTreeSet::new();
    for arrows in [
        drive::case(),
        drive::certificate(),
        drive::batch(),
        drive::office(),
        drive::session(),
        drive::halt(),
        drive::account(),
        drive::inquiry(),
        drive::publication(),
    ] {
        drawn.extend(arrows.iter().map(|(_, act, _)| *act));
    }
    let page = read(PAGE);
    let alone = quoted(section(&page, "## What only begins"));
    let missing: Vec<&str> = acts::every()
        .iter()
        .map(domain::event::Act::kind)
        .filter(|act| !drawn.contains(act) && !alone.contains(act))
        .collect();
    assert!(missing.is_empty(), "acts that lead nowhere: {missing:?}");
}

/// The page's table of who may do what is that of `Act::roles`.
#[test]
fn who_may_do_what() {
    let mut rows = vec!["| act | who |".to_owned(), "|---|---|".to_owned()];
    for act in acts::every() {
        let roles: Vec<String> = act
            .roles()
            .iter()
            .map(|r| format!("`{}`", r.code()))
            .collect();
        let row = format!("| `{}` | {} |", act.kind(), roles.join(", "));
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    printed::compare(PAGE, "roles", &rows.join("\n"));
}

/// Every event that a case page can show has its sentence; see `locales`.
pub fn acts_of_a_case() -> BTreeSet<&'static str> {
    drive::case().iter().map(|(_, act, _)| *act).collect()
}

/// Likewise for the page of a session.
pub fn acts_of_a_session() -> BTreeSet<&'static str> {
    drive::session().iter().map(|(_, act, _)| *act).collect()
}

/// Likewise for the page of a publication.
pub fn acts_of_a_publication() -> BTreeSet<&'static str> {
    drive::publication()
        .iter()
        .map(|(_, act, _)| *act)
        .collect()
}

/// Likewise for the page of an inquiry.
pub fn acts_of_an_inquiry() -> BTreeSet<&'static str> {
    drive::inquiry().iter().map(|(_, act, _)| *act).collect()
}
