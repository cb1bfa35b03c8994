//! The manuals name everything there is: each table, each code of the API and of an import, each
//! header an institution may write.

use std::collections::BTreeSet;

use domain::{document::DocumentError, inquiry::TextError, name::NameError, roster};

use super::{files, quoted, read, section, snake, table_rows, variants};

const SCHEMA: &str = "src/registry/store/schema";

/// The text of every schema file, and of the list of those files.
fn schema() -> String {
    let mut text = read("src/registry/store/schema.rs");
    for path in files(SCHEMA, ".sql") {
        text.push_str(&read(&path));
    }
    text
}

fn tables() -> BTreeSet<String> {
    let text = schema();
    let made = text.split("CREATE TABLE ").skip(1);
    made.map(|rest| {
        let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
        let ends = |c: char| !c.is_ascii_lowercase() && c != '_';
        rest.split(ends).next().unwrap_or_default().to_owned()
    })
    .collect()
}

/// The first word in backticks of each row.
fn named(rows: &[Vec<String>]) -> BTreeSet<String> {
    let first = |row: &Vec<String>| quoted(&row[0]).first().map(|name| (*name).to_owned());
    rows.iter().filter_map(first).collect()
}

#[test]
fn every_table_is_explained() {
    let page = read("docs/data.md");
    let rows = table_rows(section(&page, "## Every table"));
    assert_eq!(named(&rows), tables(), "docs/data.md, Every table");
    for row in &rows {
        assert!(
            row.iter().all(|cell| !cell.is_empty()),
            "docs/data.md: {row:?}"
        );
    }
}

#[test]
fn append_only_tables_are_said_to_be() {
    let text = schema();
    let mut fixed: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("-- append only: "))
        .collect();
    fixed.insert("schema_version");
    let page = read("docs/data.md");
    let rows = table_rows(section(&page, "## Every table"));
    let said: Vec<Vec<String>> = rows
        .into_iter()
        .filter(|row| row[1].contains("append only"))
        .collect();
    let said = named(&said);
    assert_eq!(
        said.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        fixed
    );
}

#[test]
fn every_code_of_a_row_is_explained() {
    let page = read("docs/import.md");
    let explained = named(&table_rows(section(&page, "## Codes of a row")));
    let codes: BTreeSet<String> = roster::Code::ALL
        .into_iter()
        .map(|code| code.as_str().to_owned())
        .collect();
    assert_eq!(explained, codes);
}

#[test]
fn every_code_of_a_file_is_explained() {
    let page = read("docs/import.md");
    let explained = named(&table_rows(section(&page, "## Codes of a file")));
    let source = read("src/papers/sheet/error.rs");
    let codes: BTreeSet<String> = source
        .split("\"sheet_")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|code| format!("sheet_{code}"))
        .collect();
    assert!(codes.len() > 8, "{codes:?}");
    assert_eq!(explained, codes);
}

/// The words between two marks of a source file: those of its literals.
fn literals(path: &str, from: &str, to: &str) -> Vec<String> {
    let text = read(path);
    let part = text
        .split_once(from)
        .and_then(|(_, rest)| rest.split_once(to))
        .unwrap_or_else(|| panic!("{path}: nothing between `{from}` and `{to}`"))
        .0;
    let inside = part.split('"').skip(1).step_by(2);
    inside
        .flat_map(|text| text.split([' ', '\n', '\\']))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_header_and_every_word_of_a_cell_is_listed() {
    let page = read("docs/import.md");
    let listed = |heading: &str| -> BTreeSet<String> {
        let rows = table_rows(section(&page, heading));
        let words = rows.iter().flat_map(|row| row[1].split(' '));
        words.map(str::to_owned).collect()
    };
    let headers = literals("src/papers/sheet/header.rs", "const NAMES", "\n];");
    assert!(headers.len() > 100, "{}", headers.len());
    assert_eq!(listed("## Headers"), headers.into_iter().collect());

    let fields = "crates/domain/src/roster/fields.rs";
    let kinds = literals(fields, "pub(super) fn kind(", "\n}");
    assert_eq!(
        listed("## Kinds of application"),
        kinds.into_iter().collect()
    );
    let documents = literals(fields, "fn doc_type(", "\n}");
    assert_eq!(
        listed("## Kinds of document"),
        documents.into_iter().collect()
    );
}

/// Every code that a problem of the API can carry: the literals of its files that look like codes,
/// but for the words of the question itself.
fn problems() -> BTreeSet<String> {
    let mut question: BTreeSet<String> = BTreeSet::new();
    for (path, name) in [
        ("crates/domain/src/catalogue.rs", "Category"),
        ("crates/domain/src/document.rs", "DocType"),
    ] {
        question.extend(variants(path, name).iter().map(|v| snake(v)));
    }
    let mut codes = BTreeSet::new();
    // What an inquiry may be wrong in is read in one place for the page and for programs.
    let inquiry = "src/web/inquiry.rs".to_owned();
    let typed = read(&inquiry);
    let typed = typed.split_once("pub struct Typed").expect("the fields").1;
    let typed = typed.split_once('}').expect("the fields").0.split("pub ");
    question.extend(typed.filter_map(|f| Some(f.split_once(':')?.0.to_owned())));
    question.extend(["captcha", "passcode", "reference"].map(str::to_owned));
    let asked = read("src/web/api/estimate.rs");
    let asked = asked.split_once("pub struct Asked").expect("the fields").1;
    let asked = asked.split_once('}').expect("the fields").0.lines();
    let asked = asked.filter_map(|l| l.split_once(": String")?.0.split(' ').next_back());
    question.extend(asked.map(str::to_owned));
    let mut paths = files("src/web/api", ".rs");
    // What programs of an office send and are told is in the published document; what stands there
    // as a problem's code is said by a call of its own.
    let office = |path: &String| path.contains("/office/");
    let documents = ["document.rs", "told.rs", "public.rs"];
    let mut programs: Vec<String> = paths.iter().filter(|path| office(path)).cloned().collect();
    paths.retain(|path| !office(path) && !documents.iter().any(|name| path.ends_with(name)));
    programs.push("src/web/programs.rs".to_owned());
    for path in programs {
        codes.extend(codes_stopped_with(&read(&path)));
    }
    paths.extend([inquiry, "src/web/narrow.rs".to_owned()]);
    for path in paths {
        let text = read(&path);
        let lines = text.lines().map(str::trim);
        let text: String = lines.filter(|line| !line.starts_with("//")).collect();
        for call in ["wrong(\"", "wrong.push((\""] {
            let fields = text.split(call).skip(1);
            question.extend(fields.filter_map(|rest| Some(rest.split('"').next()?.to_owned())));
        }
        let literals = text.split('"').skip(1).step_by(2);
        // What the key of a sentence begins with is no code.
        let is_code = |word: &&str| {
            !["", "field", "refusal"].contains(word)
                && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        codes.extend(literals.filter(is_code).map(str::to_owned));
    }
    let fields = [NameError::Missing.code(), NameError::Invalid.code()];
    codes.extend(fields.map(str::to_owned));
    let document = [
        DocumentError::Missing,
        DocumentError::Length,
        DocumentError::CheckDigit,
        DocumentError::BirthDate,
    ];
    codes.extend(document.map(|error| error.code().to_owned()));
    let text = [TextError::Missing, TextError::Length, TextError::Control];
    codes.extend(text.map(|error| error.code().to_owned()));
    codes.difference(&question).cloned().collect()
}

/// The codes a call is stopped with: the last words in quotes of `stop`, `refuse`, `wrong`.
fn codes_stopped_with(text: &str) -> BTreeSet<String> {
    let text: String = text.split_whitespace().collect();
    let mut found = BTreeSet::new();
    for (call, _) in text.match_indices('(') {
        let name = text[..call]
            .rsplit(|c: char| !c.is_ascii_lowercase() && c != '_')
            .next();
        if !matches!(name, Some("stop" | "refuse" | "wrong" | "wrong_at")) {
            continue;
        }
        let inside = text[call + 1..].split(')').next().unwrap_or_default();
        let last = inside.split('"').skip(1).step_by(2).last();
        found.extend(last.filter(|word| word.contains('_')).map(str::to_owned));
    }
    found
}

#[test]
fn every_problem_of_the_api_is_explained() {
    let page = read("docs/api.md");
    let explained = named(&table_rows(section(&page, "## Problems")));
    assert_eq!(explained, problems());
}

#[test]
fn every_word_of_an_answer_is_explained() {
    let page = read("docs/api.md");
    let words: BTreeSet<&str> = quoted(&page).into_iter().collect();
    for (path, name) in [
        ("crates/domain/src/verdict.rs", "Verdict"),
        ("crates/domain/src/verdict.rs", "Kind"),
        ("crates/domain/src/verdict.rs", "Stage"),
        ("crates/domain/src/verdict.rs", "StatusWord"),
        ("crates/domain/src/verdict.rs", "Note"),
        ("crates/domain/src/verdict.rs", "Cause"),
        ("crates/domain/src/verdict.rs", "Certainty"),
        ("crates/domain/src/whynot.rs", "Reason"),
        ("crates/domain/src/verdict.rs", "Remedy"),
        ("crates/domain/src/deadline.rs", "Duty"),
        ("crates/domain/src/deadline.rs", "Procedure"),
        ("crates/domain/src/deadline.rs", "Course"),
        ("crates/domain/src/deadline.rs", "Follows"),
        ("crates/domain/src/document.rs", "DocType"),
        ("crates/domain/src/catalogue.rs", "Category"),
        ("crates/domain/src/inquiry.rs", "Subject"),
        ("crates/domain/src/inquiry.rs", "State"),
    ] {
        for variant in variants(path, name) {
            let word = snake(&variant);
            assert!(
                words.contains(word.as_str()),
                "docs/api.md lacks `{word}` of {name}"
            );
        }
    }
}

/// Decisions are numbered without a gap, begin with their number, and fit on a screen.
#[test]
fn decisions_are_numbered_and_short() {
    let all = files("docs/decisions", ".md");
    assert!(all.len() >= 8, "{all:?}");
    for (at, path) in all.iter().enumerate() {
        let number = format!("{:04}", at + 1);
        let name = path.trim_start_matches("docs/decisions/");
        assert!(
            name.starts_with(&format!("{number}-")),
            "{path} is number {number}"
        );
        let text = read(path);
        assert!(
            text.starts_with(&format!("# {number} ")),
            "{path}: its heading's number"
        );
        assert!(text.lines().count() <= 60, "{path} is longer than a screen");
    }
}
