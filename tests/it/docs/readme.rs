//! `README.md` and `README.zh-CN.md` list every direct dependency, as `Cargo.toml` has it.

use std::collections::BTreeSet;

use super::{files, quoted, read, section, table_rows};

const PAGES: [(&str, &str); 2] = [
    ("README.md", "## Dependencies"),
    ("README.zh-CN.md", "## 依赖"),
];

/// The names in one table of a manifest.
fn declared(manifest: &str, table: &str) -> BTreeSet<String> {
    let parsed: toml::Table = toml::from_str(&read(manifest)).expect("a manifest");
    let listed = parsed.get(table).and_then(toml::Value::as_table);
    listed
        .map(|t| t.keys().cloned().collect())
        .unwrap_or_default()
}

fn manifests() -> Vec<String> {
    let mut all = vec!["Cargo.toml".to_owned()];
    all.extend(files("crates", "Cargo.toml"));
    all
}

fn all_declared() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for manifest in manifests() {
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            all.extend(declared(&manifest, table));
        }
    }
    // Our own crates are described in docs/architecture.md.
    all.remove("domain");
    all.remove("forecast");
    all.remove("tlog");
    all
}

#[test]
fn the_dependencies_are_those_of_the_manifests() {
    let declared = all_declared();
    assert!(declared.len() > 20, "{declared:?}");
    for (page, heading) in PAGES {
        let text = read(page);
        let mut listed = BTreeSet::new();
        for row in table_rows(section(&text, heading)) {
            assert!(
                row.len() == 2 && row[1].chars().count() > 3,
                "{page}: name and purpose are wanted: {row:?}"
            );
            for name in quoted(&row[0]) {
                assert!(
                    listed.insert(name.to_owned()),
                    "{page}: {name} stands twice"
                );
            }
        }
        let missing: Vec<_> = declared.difference(&listed).collect();
        let surplus: Vec<_> = listed.difference(&declared).collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "{page}: without a line: {missing:?}; not in a manifest: {surplus:?}"
        );
    }
}

/// Both languages promise the same two commands, and the second is the one the CI runs.
#[test]
fn the_two_commands_are_the_same_everywhere() {
    for (page, _) in PAGES {
        let text = read(page);
        for command in ["cargo run --release -- demo", "scripts/test"] {
            let alone = text.lines().filter(|line| *line == command).count();
            assert_eq!(alone, 1, "{page}: `{command}` stands alone on one line");
        }
    }
    assert!(read(".ci/run").contains("exec scripts/test\n"));
}
