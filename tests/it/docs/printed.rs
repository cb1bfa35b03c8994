//! Parts of documents that are printed from the code, between `<!-- printed: NAME -->` and
//! `<!-- end -->`. They are pasted by hand: a failure shows what to paste.

use std::fmt::Write as _;

use domain::law::{LAWS, Limit, Unit};
use domain::office::Role;
use kecha::config::ProvinceConfig;
use kecha::web::routes::{self, Fresh, Who};

use super::read;

/// Compares a printed part of a document with what the code says.
pub fn compare(path: &str, name: &str, expected: &str) {
    let text = read(path);
    let mark = format!("<!-- printed: {name} -->\n");
    let part = text
        .split_once(&mark)
        .and_then(|(_, rest)| rest.split_once("<!-- end -->"))
        .map_or("", |(part, _)| part);
    assert!(
        part.trim() == expected.trim(),
        "{path}: paste this between `{}` and `<!-- end -->`:\n\n{}\n",
        mark.trim(),
        expected.trim()
    );
}

#[test]
fn permissions_are_those_of_the_route_table() {
    let codes = |roles: &[Role]| {
        let codes: Vec<String> = roles.iter().map(|r| format!("`{}`", r.code())).collect();
        codes.join(", ")
    };
    let mut text = String::from("| method | address | who |\n|---|---|---|\n");
    for row in routes::table().rows() {
        let who = match row.who {
            Who::Public => "anybody".to_owned(),
            Who::Program => "anybody, without a cookie".to_owned(),
            Who::Entering => "whoever has given a password".to_owned(),
            Who::Staff => "whoever is signed in".to_owned(),
            Who::Only(roles) => codes(roles),
            Who::Key(roles) => format!("a program with an office's key: {}", codes(roles)),
        };
        let fresh = match row.fresh {
            Fresh::Never => String::new(),
            Fresh::Always => "; fresh".to_owned(),
            Fresh::For(commands) => format!("; fresh for `{}`", commands.join("`, `")),
        };
        let _ = writeln!(text, "| {} | `{}` | {who}{fresh} |", row.method, row.path);
    }
    compare("docs/permissions.md", "routes", &text);
}

#[test]
fn roles_are_those_of_the_law() {
    let mut text = String::from("| role | of which office |\n|---|---|\n");
    for role in Role::ALL {
        let office = match role.office() {
            Some(kind) => super::snake(&format!("{kind:?}")),
            None if role.reaches_all() => "the node's own".to_owned(),
            None => "any".to_owned(),
        };
        let _ = writeln!(text, "| `{}` | {office} |", role.code());
    }
    compare("docs/permissions.md", "roles", &text);
}

/// A setting's manual is the comment above it in `src/config.rs`.
#[test]
fn settings_are_those_of_the_configuration() {
    let source = read("src/config.rs");
    let body = source
        .split_once("pub struct Config {\n")
        .and_then(|(_, rest)| rest.split_once("\n}"))
        .map_or("", |(body, _)| body);
    let mut text = String::from("| key | what it sets |\n|---|---|\n");
    let mut says: Vec<&str> = Vec::new();
    let mut keys = Vec::new();
    for line in body.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            says.push(comment.trim());
        } else if let Some((key, _)) = line.strip_prefix("pub ").and_then(|l| l.split_once(':')) {
            let _ = writeln!(text, "| `{key}` | {} |", says.join(" "));
            says.clear();
            keys.push(key.to_owned());
        }
    }
    let mut config = kecha::config::Config::new("a", "99", "https://example.org");
    config.catalogue = Some("b".to_owned());
    config.print_font = Some("f.ttc".to_owned());
    config.feed_listen = Some("c".to_owned());
    let nation = r#"{"address": "d:1", "line_key": "e", "witness_key": "f"}"#;
    config.nation = serde_json::from_str(nation).ok();
    let province = r#"{"code": "91", "name": "g", "url": "h", "line_key": "i", "log_key": "j"}"#;
    config
        .provinces
        .extend(serde_json::from_str::<ProvinceConfig>(province).ok());
    let written = serde_json::to_value(&config).expect("settings are data");
    let mut written: Vec<String> = written
        .as_object()
        .map(|keys| keys.keys().cloned().collect())
        .unwrap_or_default();
    written.sort();
    keys.sort();
    assert_eq!(keys, written, "the file's keys are the fields of `Config`");
    compare("docs/config.md", "keys", &text);
}

fn unit(limit: Limit) -> String {
    let word = match limit.unit {
        Unit::WorkingDays => "working days",
        Unit::Days => "days",
        Unit::Months => "months",
        Unit::Years => "years",
        Unit::Points => "points",
        Unit::Attempts => "sittings",
        Unit::Age => "years of age",
    };
    format!("{} {word}", limit.value)
}

#[test]
fn limits_are_those_of_the_rule_packs() {
    for law in &LAWS {
        let mut text = String::from("| limit | value | source | verified |\n|---|---|---|---|\n");
        for (name, limit) in law.limits() {
            let row = match limit {
                Some(limit) => {
                    let verified = if limit.verified { "yes" } else { "no" };
                    format!(
                        "| `{name}` | {} | {} | {verified} |",
                        unit(limit),
                        limit.source
                    )
                }
                None => format!("| `{name}` | none | | |"),
            };
            let _ = writeln!(text, "{row}");
        }
        compare("docs/law.md", &format!("{:?}", law.name), &text);
    }
}

/// The years of the calendar and what is known of each.
#[test]
fn years_are_those_of_the_calendar() {
    use domain::calendar::{Calendar, YearStatus};

    let calendar = Calendar::shipped();
    let mut text = String::from("| year | status | notice |\n|---|---|---|\n");
    for year in 2000..2100 {
        let status = calendar.status(year);
        let notice = match status {
            YearStatus::Published { notice } => notice,
            YearStatus::StatutoryOnly => "not out",
            YearStatus::Unknown => continue,
        };
        let _ = writeln!(text, "| {year} | `{}` | {notice} |", status.code());
    }
    compare("docs/law.md", "calendar", &text);
}
