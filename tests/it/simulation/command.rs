//! `kecha simulate`, as it is typed.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

/// Runs it in English; gives whether it went well, and what it printed and complained.
fn simulate(args: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kecha"))
        .arg("simulate")
        .args(args)
        .env("LC_ALL", "en_US.UTF-8")
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn two_scenarios_are_laid_side_by_side() {
    let (well, told, complained) = simulate(&["brief.toml", "fast", "--days", "60"]);
    assert!(well, "{complained}");
    for part in [
        "A province as the brief describes it",
        "From the exam to the query half of all need up to",
        "Authority: first officer",
        "The same province with streaming and daily issue: ",
        "Working days: half (8 in 10)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Not one key without its sentence.
    assert!(!told.contains("simulate-"), "{told}");
}

#[test]
fn the_figures_are_json() {
    let (well, told, _) = simulate(&["brief", "--days", "60", "--seed", "2", "--json"]);
    assert!(well);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["seed"], 2);
    assert_eq!(told["from"], "2025-01-02");
    assert_eq!(told["until"], "2025-03-02");
    let cases = &told["cases"];
    let sum: u64 = ["queryable", "not_passed", "rejected", "under_way"]
        .iter()
        .filter_map(|end| cases[end].as_u64())
        .sum();
    assert_eq!(cases["all"].as_u64(), Some(sum));
    assert_eq!(told["whole"]["cases"], cases["queryable"]);
    assert_eq!(told["steps"].as_array().map(Vec::len), Some(9));
    let inside = told["days"]["inside"]["review"].as_array().expect("days");
    assert!(inside.len() > 60 && inside.iter().any(|n| n.as_u64() > Some(0)));
    let (_, both, _) = simulate(&["brief", "fast", "--days", "30", "--json"]);
    let both: Value = serde_json::from_str(&both).expect("JSON");
    assert_eq!(both.as_array().map(Vec::len), Some(2));
}

#[test]
fn files_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (csv, page, charts) = (path("log.csv"), path("page.html"), path("charts"));
    let (well, told, complained) =
        simulate(&["brief", "--days", "30", "--csv", &csv, "--charts", &page]);
    assert!(well, "{complained}");
    assert!(told.contains(&csv) && told.contains(&page), "{told}");
    let log = fs::read_to_string(&csv).expect("a log");
    let head = "case,activity,timestamp,authority,institution,kind,province,item,exam_date";
    assert_eq!(log.lines().next(), Some(head));
    let line = log.lines().nth(1).expect("an event");
    assert!(line.starts_with("P01-000001,registered,2024-1"), "{line}");
    assert!(line.contains("+08:00,P01-A0"), "{line}");
    assert!(log.lines().all(|line| line.split(',').count() == 9));
    let page = fs::read_to_string(&page).expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.matches("<svg").count() == 10);
    assert!(simulate(&["brief", "fast", "--days", "30", "--charts", &charts]).0);
    for name in ["timeline", "months", "places", "ageing", "queues"] {
        for end in ["", "-phone", "-2", "-2-phone"] {
            let file = Path::new(&charts).join(format!("{name}{end}.svg"));
            assert!(file.exists(), "{}", file.display());
        }
    }
    assert!(Path::new(&charts).join("index.html").exists());
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let (well, _, told) = simulate(&["nowhere.toml"]);
    assert!(!well && told.contains("nowhere.toml: ") && told.contains("one of brief, fast"));
    let (well, _, told) = simulate(&["brief", "--days", "0"]);
    assert!(
        !well && told.contains("brief: days: 0; write 1 to 3660"),
        "{told}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    fs::write(&file, "title = \"x\"\nstrat = 2025-01-02\n").expect("written");
    let (well, _, told) = simulate(&[&file.display().to_string()]);
    assert!(
        !well && told.contains("mine.toml: ") && told.contains("line 2"),
        "{told}"
    );
}
