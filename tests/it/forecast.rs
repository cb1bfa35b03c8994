//! `kecha estimate` and `kecha forecast backtest` as a stranger calls them: without a node.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

fn kecha(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kecha"))
        .args(args)
        .env("LC_ALL", "en_US.UTF-8")
        .env_remove("KECHA_DIR")
        .output()
        .expect("the program runs")
}

fn printed(args: &[&str]) -> Value {
    let output = kecha(args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[test]
fn an_estimate_needs_no_node() {
    let answer = printed(&[
        "estimate",
        "--exam-date",
        "2026-09-01",
        "--as-of",
        "2026-09-02",
        "--json",
    ]);
    let fields = [
        "by",
        "level",
        "provisional",
        "sample",
        "stages",
        "track_record",
        "workdays",
    ];
    assert_eq!(keys(&answer), fields);
    assert_eq!(keys(&answer["by"]), ["50", "80", "95"]);
    assert_eq!(keys(&answer["workdays"]), ["10", "50", "80", "90", "95"]);
    let stages = answer["stages"].as_array().expect("a list");
    let words: Vec<_> = stages
        .iter()
        .map(|s| s["stage"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["scoring", "qualification", "making", "sync"]);
    assert_eq!(keys(&stages[0]), ["by", "stage", "workdays"]);
    let text = kecha(&[
        "estimate",
        "--exam-date",
        "2026-11-23",
        "--as-of",
        "2026-11-24",
    ]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.starts_with("Most likely "), "{text}");
    assert!(
        text.contains("the holidays of 2027 are not published"),
        "{text}"
    );
}

/// Arguments that contradict each other, and what must be said.
#[test]
fn an_estimate_that_cannot_be_made_says_what_to_do() {
    for (args, says) in [
        (&["--exam-date", "23.11.2026"][..], "YYYY-MM-DD"),
        (&["--exam-date", "2026-11-23", "--kind", "new"], "initial"),
        (
            &["--exam-date", "2026-11-23", "--since", "2026-11-24"],
            "--stage",
        ),
        (
            &[
                "--exam-date",
                "2026-11-23",
                "--stage",
                "making",
                "--since",
                "2026-11-20",
            ],
            "--since is before --exam-date",
        ),
    ] {
        let output = kecha(&[&["estimate"], args].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(says),
            "{args:?}: {error}"
        );
    }
}

/// A log whose cases take one to three days; every eighth begins with a rarer, slower way.
fn write(path: &Path) {
    let mut text = "\u{feff}id;what;when;who\r\n".to_owned();
    for case in 0..400_u32 {
        let hour = case * 3;
        let (slow, spread) = (case % 8 == 0, case * 7 % 24);
        let steps = [0, 5 + spread, 24 + spread * if slow { 8 } else { 2 }];
        for (name, after) in ["in", if slow { "ask" } else { "look" }, "out"]
            .iter()
            .zip(steps)
        {
            let at = jiff::civil::date(2026, 1, 5).at(0, 0, 0, 0);
            let at = at + jiff::Span::new().hours(i64::from(hour + after));
            let _ = write!(
                text,
                "c{case};\"{name}\";{};x\r\n",
                at.strftime("%d/%m/%Y %H:%M")
            );
        }
    }
    std::fs::write(path, text).expect("a file");
}

#[test]
fn any_log_can_be_back_tested() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log.csv");
    write(&log);
    let log = log.to_str().expect("a path");
    let columns = ["--case", "id", "--activity", "what", "--time", "when"];
    let call =
        |more: &[&str]| printed(&[&["forecast", "backtest", log], &columns[..], more].concat());
    let found = call(&["--json"]);
    assert_eq!(
        keys(&found),
        ["cases", "coverage", "mae_days", "pinball", "prefixes"]
    );
    assert_eq!(keys(&found["cases"]), ["censored", "test", "train"]);
    assert_eq!(keys(&found["coverage"]), ["50", "80", "90", "95"]);
    let three = ["global", "last_activity", "model"];
    assert_eq!(
        (keys(&found["pinball"]), keys(&found["mae_days"])),
        (three.to_vec(), three.to_vec())
    );
    assert_eq!(
        (found["cases"]["test"].as_u64(), found["prefixes"].as_u64()),
        (Some(80), Some(160))
    );
    let loss = |who: &str| found["pinball"][who].as_f64().expect("a number");
    assert!(
        loss("model") < loss("global").min(loss("last_activity")),
        "{found}"
    );
    // The same log says the same again, and another time in working days.
    assert_eq!(found, call(&["--json"]));
    let working = call(&["--calendar", "china", "--json"]);
    assert_ne!(working["mae_days"], found["mae_days"]);
}

#[test]
fn a_log_that_cannot_be_read_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log.csv");
    write(&log);
    let log = log.to_str().expect("a path");
    for (args, says) in [
        (
            vec![log],
            "no column `case:concept:name`; name one of its columns with --case: id",
        ),
        (vec!["nowhere.csv"], "nowhere.csv: "),
        (
            vec![log, "--case", "id", "--activity", "what", "--time", "who"],
            "line 2: `x` is no time",
        ),
        (
            vec![log, "--case", "who", "--activity", "what", "--time", "when"],
            "check that --case names the case",
        ),
    ] {
        let output = kecha(&[&["forecast", "backtest"], &args[..]].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(says),
            "{args:?}: {error}"
        );
    }
}
