//! The walls of the house: who may name whom, read from the code and compared with the tables in
//! `docs/architecture.md`.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use crate::docs::{files, quoted, read, section, table_rows};
use names::{Source, crates_named, modules_named};

const PAGE: &str = "docs/architecture.md";

/// The rows of the page that have so many cells and begin with a word in backticks, under a heading
/// of the page's table of walls.
fn table(first_head: &str) -> Vec<Vec<String>> {
    let page = read(PAGE);
    let walls = section(&page, "## Who may use whom");
    let from = walls
        .find(&format!("| {first_head} |"))
        .unwrap_or_else(|| panic!("{PAGE} has no table that begins with `{first_head}`"));
    let part = walls[from..].split("\n\n").next().unwrap_or_default();
    table_rows(part)
}

fn words(cell: &str) -> BTreeSet<String> {
    quoted(cell).into_iter().map(str::to_owned).collect()
}

/// The source files of the program.
fn sources() -> Vec<Source> {
    let all: Vec<Source> = files("src", ".rs")
        .iter()
        .map(|p| Source::read(p))
        .collect();
    assert!(all.len() > 40, "only {} source files", all.len());
    all
}

/// The rule of the page: a module and what it may use.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    table("module")
        .iter()
        .map(|row| {
            let module = quoted(&row[0]).first().map_or("", |name| *name).to_owned();
            (module, words(&row[1]))
        })
        .collect()
}

#[test]
fn every_module_has_a_row_and_every_row_a_module() {
    let modules: BTreeSet<String> = sources()
        .iter()
        .filter(|source| source.path != "src/lib.rs")
        .map(|source| source.module().to_owned())
        .collect();
    let rows: BTreeSet<String> = allowed().into_keys().collect();
    assert_eq!(rows, modules, "{PAGE}: Who may use whom");
}

#[test]
fn a_module_names_only_what_its_row_allows() {
    let allowed = allowed();
    let modules: BTreeSet<String> = allowed.keys().cloned().collect();
    let mut found = Vec::new();
    let mut seen = 0;
    for source in sources()
        .iter()
        .filter(|source| source.path != "src/lib.rs")
    {
        let own = source.module();
        for named in modules_named(source, &modules) {
            seen += 1;
            if named != own && !allowed.get(own).is_some_and(|may| may.contains(&named)) {
                found.push(format!("{} names {named}", source.path));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(seen > 40, "only {seen} names were found");
}

#[test]
fn a_row_allows_nothing_that_is_not_used() {
    let allowed = allowed();
    let modules: BTreeSet<String> = allowed.keys().cloned().collect();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let sources = sources();
    for source in &sources {
        let named = modules_named(source, &modules);
        used.entry(source.module()).or_default().extend(named);
    }
    for (module, may) in &allowed {
        let uses = used.get(module.as_str()).cloned().unwrap_or_default();
        let idle: Vec<_> = may.difference(&uses).collect();
        assert!(idle.is_empty(), "{PAGE}: {module} does not use {idle:?}");
    }
}

#[test]
fn surfaces_meet_only_at_their_doors() {
    let modules: BTreeSet<String> = allowed().into_keys().collect();
    let mut found = Vec::new();
    for row in table("from") {
        let (from, to) = (words(&row[0]), words(&row[1]));
        let doors = words(&row[2]);
        for source in sources() {
            let opens = modules_named(&source, &modules)
                .iter()
                .any(|name| to.contains(name));
            if from.contains(source.module()) && opens && !doors.contains(&source.path) {
                found.push(format!(
                    "{} names {to:?}; the doors are {doors:?}",
                    source.path
                ));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn libraries_stay_within_their_walls() {
    let mut found = Vec::new();
    let sources = sources();
    for row in table("library") {
        for library in words(&row[0]) {
            let walls = words(&row[1]);
            let within = |path: &str| {
                let inside = |wall: &String| path == wall || path.starts_with(&format!("{wall}/"));
                walls.iter().any(inside)
            };
            let named: Vec<_> = sources
                .iter()
                .filter(|source| crates_named(source).contains(&library))
                .collect();
            assert!(!named.is_empty(), "{PAGE}: nobody names {library}");
            let outside = named.iter().filter(|source| !within(&source.path));
            found.extend(outside.map(|source| format!("{} names {library}", source.path)));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Two drivers, and nobody else speaks to a database, by whatever name.
#[test]
fn only_the_store_names_a_database() {
    for source in sources() {
        if source.path.starts_with("src/registry/store/") {
            continue;
        }
        let named = crates_named(&source);
        for driver in ["rusqlite", "tokio_postgres", "postgres"] {
            assert!(!named.contains(driver), "{} names {driver}", source.path);
        }
    }
    let registry = read("src/registry/mod.rs");
    assert!(
        registry.contains("\nmod store;\n"),
        "the store is private to the registry"
    );
}

#[test]
fn the_domain_is_walled_off() {
    let lib = read("crates/domain/src/lib.rs");
    assert!(lib.contains("\n#![no_std]\n") && !lib.contains("extern crate std"));
    let manifest = |path| -> toml::Table { toml::from_str(&read(path)).expect("a manifest") };
    let own = manifest("crates/domain/Cargo.toml");
    let listed = own["dependencies"].as_table().expect("a table");
    let page: BTreeSet<String> = table("library of the domain")
        .iter()
        .flat_map(|row| words(&row[0]))
        .collect();
    let names: BTreeSet<String> = listed.keys().cloned().collect();
    assert_eq!(page, names, "{PAGE}: the libraries of the domain");
    let workspace = manifest("Cargo.toml");
    for (name, entry) in listed {
        let shared = entry.get("workspace").is_some();
        let entry = if shared {
            &workspace["workspace"]["dependencies"][name]
        } else {
            entry
        };
        // With its defaults a library would bring the standard library back in.
        let bare = entry.get("default-features").and_then(toml::Value::as_bool) == Some(false);
        let features = entry.get("features").and_then(toml::Value::as_array);
        let std = features.is_some_and(|list| list.iter().any(|f| f.as_str() == Some("std")));
        assert!(bare && !std, "{name} is taken with the standard library");
    }
}

/// What stands in `Cargo.toml` and nobody names is a stranger in every build.
#[test]
fn every_dependency_is_named_somewhere() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("a manifest");
    let named: BTreeSet<String> = sources().iter().flat_map(crates_named).collect();
    let listed = manifest["dependencies"].as_table().expect("a table");
    let idle: Vec<_> = listed
        .keys()
        .filter(|name| !named.contains(&name.replace('-', "_")))
        .collect();
    assert!(idle.is_empty(), "nobody names {idle:?}");
}

/// House rule 12.
#[test]
fn files_stay_within_five_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["src", "crates", "tests"] {
        for path in files(folder, ".rs") {
            let lines = read(&path).lines().count();
            if lines > 500 {
                long.push(format!("{path}: {lines}"));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}
