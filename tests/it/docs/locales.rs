//! Every code and every key that the program can say has a sentence in both languages.

use std::collections::BTreeSet;

use domain::{
    document::DocumentError, inquiry::TextError, name::NameError, office::Role, refusal::Refusal,
    roster,
};
use kecha::web::{
    lang::{Code, Sentences},
    nav,
    public::query::STEPS,
    whynot::CAUSES,
};

use super::{files, read, snake, states, variants};

const VERDICT: &str = "crates/domain/src/verdict.rs";
const WHYNOT: &str = "crates/domain/src/whynot.rs";

/// The keys of a language file.
fn keys(code: Code) -> BTreeSet<String> {
    let key = |line: &str| Some(line.split_once(" = ")?.0.to_owned());
    let lines = code.source().lines();
    lines
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(key)
        .collect()
}

fn dashed(code: &str) -> String {
    code.replace('_', "-")
}

/// What a file may be refused for: its codes, and the limits and kinds they name.
fn files_codes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files("src/papers/sheet", ".rs") {
        let text = read(&path);
        for (before, prefix) in [
            ("=> \"sheet_", ""),
            ("SheetError::TooLarge(\"", "limit-"),
            ("SheetError::Unsupported(\"", "kind-"),
        ] {
            let codes = text.split(before).skip(1);
            let codes = codes.filter_map(|rest| rest.split('"').next());
            found.extend(codes.map(|code| format!("{prefix}{code}")));
        }
    }
    assert!(found.len() > 30, "{found:?}");
    found
}

/// What a field may be wrong in, wherever it is typed.
fn fields_codes() -> [&'static str; 9] {
    [
        NameError::Missing.code(),
        NameError::Invalid.code(),
        DocumentError::Missing.code(),
        DocumentError::Length.code(),
        DocumentError::CheckDigit.code(),
        DocumentError::BirthDate.code(),
        TextError::Missing.code(),
        TextError::Length.code(),
        TextError::Control.code(),
    ]
}

/// The words of an enum, each with the key it leads to.
const WORDS: [(&str, &str, &str); 27] = [
    (VERDICT, "Verdict", "verdict"),
    (VERDICT, "Verdict", "verdict-lead"),
    (VERDICT, "Kind", "kind"),
    (VERDICT, "Stage", "stage"),
    (VERDICT, "StatusWord", "status"),
    (VERDICT, "Note", "note"),
    (VERDICT, "Cause", "cause"),
    (VERDICT, "Cause", "read"),
    (VERDICT, "Certainty", "certainty"),
    (VERDICT, "Stage", "wait"),
    (VERDICT, "Stage", "wait-passed"),
    (VERDICT, "Stage", "read-wait"),
    (WHYNOT, "Reason", "why"),
    (VERDICT, "NextStep", "step"),
    (VERDICT, "Remedy", "remedy"),
    ("crates/domain/src/deadline.rs", "Duty", "duty"),
    ("crates/domain/src/deadline.rs", "Procedure", "procedure"),
    ("crates/domain/src/deadline.rs", "Follows", "follows"),
    ("crates/domain/src/deadline.rs", "Course", "deadline-say"),
    ("crates/domain/src/deadline.rs", "Course", "deadline-left"),
    ("crates/domain/src/exam.rs", "Part", "part"),
    ("crates/domain/src/person.rs", "Sex", "sex"),
    ("crates/domain/src/document.rs", "DocType", "doc"),
    ("crates/domain/src/catalogue.rs", "Category", "category"),
    ("crates/domain/src/office.rs", "OfficeKind", "office"),
    ("crates/domain/src/management.rs", "Industry", "industry"),
    ("crates/domain/src/management.rs", "UnitType", "unit"),
];

/// Every key that a code leads to, the way the surfaces build it.
fn wanted() -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    let words = nav::GROUPS.iter().flat_map(|(word, entries)| {
        let entries = entries.iter().map(|(_, word)| *word);
        entries.chain([*word])
    });
    wanted.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
    for (prefix, codes) in coded() {
        let codes = codes.iter().map(|code| dashed(code));
        wanted.extend(codes.map(|code| format!("{prefix}-{code}")));
    }
    for (path, name, prefix) in WORDS {
        for variant in variants(path, name) {
            let key = format!("{prefix}-{}", dashed(&snake(&variant)));
            if prefix == "cause" {
                wanted.insert(format!("{key}-do"));
            }
            wanted.insert(key);
        }
    }
    wanted
}

/// The lists of codes that the program has, each with what its keys begin with.
fn coded() -> Vec<(&'static str, Vec<String>)> {
    let mut all = Vec::new();
    let mut want = |prefix: &'static str, codes: &[&str]| {
        all.push((prefix, codes.iter().map(|&code| code.to_owned()).collect()));
    };
    want("refusal", &Refusal::ALL.map(Refusal::code));
    want("row", &roster::Code::ALL.map(roster::Code::as_str));
    let files = files_codes();
    let file_codes: Vec<&str> = files.iter().map(String::as_str).collect();
    want("sheet", &file_codes);
    want("state", &domain::case::State::WORDS);
    want("role", &Role::ALL.map(Role::code));
    want("role", &[Role::Clock.code(), Role::Asker.code()]);
    let acts: Vec<&str> = states::acts_of_a_case().into_iter().collect();
    want("event", &acts);
    let acts: Vec<&str> = states::acts_of_a_session().into_iter().collect();
    want("event", &acts);
    let found = domain::eligibility::Code::ALL.map(domain::eligibility::Code::as_str);
    want("eligible", &found);
    want("eligible-do", &found);
    let schooled = domain::eligibility::Schooling::ALL;
    want(
        "schooling",
        &schooled.map(domain::eligibility::Schooling::code),
    );
    want("machine", &roster::Unread::ALL.map(roster::Unread::code));
    want("session", &["planned", "unplanned", "called-off"]);
    want(
        "wrong",
        &["plan-on", "plan-place", "plan-items", "plan-seats"],
    );
    let acts: Vec<&str> = states::acts_of_an_inquiry().into_iter().collect();
    want("event", &acts);
    let acts: Vec<&str> = states::acts_of_a_publication().into_iter().collect();
    want("event", &acts);
    want("publication-state", &["proposed", "approved", "withdrawn"]);
    want(
        "publication-kind",
        &["rule_pack", "catalogue", "announcement"],
    );
    let limits = domain::law::LAWS[0].limits().map(|(name, _)| name);
    want("limit", &limits);
    let faults = faults_codes();
    want("pack-fault", &faults);
    want("inquiry-state", &domain::inquiry::State::WORDS);
    want("waits", &kecha::outlook::waiting::STEPS);
    want(
        "subject",
        &domain::inquiry::Subject::ALL.map(domain::inquiry::Subject::code),
    );
    let fields = fields_codes();
    want("field", &fields);
    all
}

/// The codes of what can be wrong with a pack, as its checks name them.
fn faults_codes() -> Vec<&'static str> {
    let mut codes = Vec::new();
    for path in ["pack.rs", "catalogue.rs"] {
        let text = read(&format!("crates/domain/src/{path}"));
        let text: &'static str = text.leak();
        for call in ["PackFault::at(", "wrong(", "wrong(at(", "Some((\""] {
            for (at, _) in text.match_indices(call) {
                let end = text[at..]
                    .find([';', '\n'])
                    .map_or(text.len(), |end| at + end);
                let quoted = text[at..end].split('"').skip(1).step_by(2);
                let is_code = |word: &&str| {
                    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                };
                // The place comes first, then the code.
                codes.extend(quoted.filter(is_code).last());
            }
        }
    }
    codes
}

/// Every key that stands as it is in a source file or a template.
fn spoken() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (folder, ending, calls) in [
        (
            "src/web",
            ".rs",
            &["say(\"", ".s(\"", ".s1(\"", ".with(\""][..],
        ),
        (
            "src/cli",
            ".rs",
            &[
                "words().say(\"",
                "words().with(\"",
                "words.say(\"",
                "words.with(\"",
                "counted(\"",
            ][..],
        ),
        ("src/chart", ".rs", &["words.say(\"", "words.with(\""][..]),
        ("src/papers", ".rs", &["words.say(\"", "words.with(\""][..]),
        ("templates", ".html", &["f.s(\"", "f.s1(\""][..]),
    ] {
        for path in files(folder, ending) {
            let text = read(&path);
            // rustfmt breaks a call after its bracket.
            let text: String = text.lines().map(str::trim).collect();
            for call in calls {
                for (at, _) in text.match_indices(call) {
                    let key = text[at + call.len()..]
                        .split('"')
                        .next()
                        .unwrap_or_default();
                    // A key with a hole in it is one of the codes above.
                    if !key.contains('{') {
                        found.insert((path.clone(), key.to_owned()));
                    }
                }
            }
            for (at, _) in text
                .match_indices("\"trouble-")
                .chain(text.match_indices("\"problem-"))
            {
                let key = text[at + 1..].split('"').next().unwrap_or_default();
                found.insert((path.clone(), key.to_owned()));
            }
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_keys() {
    assert_eq!(keys(Code::Zh), keys(Code::En));
}

#[test]
fn every_code_has_a_sentence() {
    let wanted = wanted();
    assert!(wanted.len() > 130, "{}", wanted.len());
    for code in Code::ALL {
        let sentences = Sentences::load(code).expect("a language file");
        let missing: Vec<_> = wanted.iter().filter(|key| !sentences.has(key)).collect();
        assert!(
            missing.is_empty(),
            "locales/{}.ftl lacks {missing:#?}",
            code.tag()
        );
    }
}

#[test]
fn every_key_that_is_spoken_has_a_sentence() {
    let spoken = spoken();
    assert!(spoken.len() > 100, "{}", spoken.len());
    for code in Code::ALL {
        let sentences = Sentences::load(code).expect("a language file");
        let missing: Vec<_> = spoken
            .iter()
            .filter(|(_, key)| !sentences.has(key))
            .collect();
        assert!(
            missing.is_empty(),
            "locales/{}.ftl lacks {missing:#?}",
            code.tag()
        );
    }
}

/// The same holes in both: a value that one language leaves out is a value nobody sees there.
#[test]
fn both_languages_have_the_same_holes() {
    let holes = |code: Code| -> BTreeSet<(String, String)> {
        let lines = code
            .source()
            .lines()
            .filter_map(|line| line.split_once(" = "));
        lines
            .flat_map(|(key, sentence)| {
                let names = sentence.split("{ $").skip(1);
                names
                    .filter_map(|rest| Some(rest.split_once(" }")?.0))
                    .map(|name| (key.to_owned(), name.to_owned()))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    assert!(!holes(Code::Zh).is_empty());
    assert_eq!(holes(Code::Zh), holes(Code::En));
}

/// A value's permanent code.
fn code<T: serde::Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The lists from which pages and API take their sentences hold every code.
#[test]
fn the_surfaces_know_every_cause_and_step() {
    let declared =
        |name| -> Vec<String> { variants(VERDICT, name).iter().map(|v| snake(v)).collect() };
    let causes: Vec<String> = CAUSES.iter().map(|(cause, _)| code(cause)).collect();
    let steps: Vec<String> = STEPS.iter().map(|(step, _)| code(step)).collect();
    assert_eq!(causes, declared("Cause"));
    assert_eq!(steps, declared("NextStep"));
}

/// A reason is one sentence of its own in each language, and no English one is Chinese.
#[test]
fn every_reason_has_a_sentence_of_its_own() {
    for language in Code::ALL {
        let words = Sentences::load(language).expect("a language file");
        let say = |code| kecha::papers::sheet::sentence(code, &words);
        let said: BTreeSet<String> = roster::Code::ALL.into_iter().map(say).collect();
        assert_eq!(said.len(), roster::Code::ALL.len());
        let is_chinese = |text: &String| text.contains('请');
        let chinese = said.iter().filter(|text| is_chinese(text)).count();
        assert_eq!(chinese > 0, language == Code::Zh);
    }
}
