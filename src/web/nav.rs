//! Where those who are signed in can go: groups of entries, the work of the day first.
//!
//! Who sees an entry is not said here. The line of its address in the table says who may call it,
//! and whoever may call it sees it.

use std::{collections::HashMap, sync::LazyLock};

use domain::office::Role;

use super::routes::{self, Who};

/// The groups in their order: the word above the group and, of each entry, address and word. The
/// first is the work of the day; it has no word and is never folded.
pub const GROUPS: [(&str, &[(&str, &str)]); 5] = [
    (
        "",
        &[
            ("/console", "nav-console"),
            ("/console/import", "nav-import"),
            ("/console/sessions", "nav-sessions"),
            ("/console/cases", "nav-cases"),
            ("/console/search", "nav-search"),
            ("/console/runs", "nav-runs"),
            ("/console/inquiries", "nav-inquiries"),
            ("/console/second-lists", "nav-second-lists"),
        ],
    ),
    (
        "nav-group-records",
        &[
            ("/console/materials", "nav-materials"),
            ("/console/reissue", "nav-reissue"),
            ("/console/certificates", "nav-certificates"),
            ("/console/takeover", "nav-takeover"),
            ("/console/bottlenecks", "nav-bottlenecks"),
            ("/console/speed", "nav-speed"),
        ],
    ),
    (
        "nav-group-directory",
        &[
            ("/console/offices", "nav-offices"),
            ("/console/feeds", "nav-feeds"),
            ("/console/provinces", "nav-provinces"),
            ("/console/packs", "nav-packs"),
            ("/console/announcements", "nav-announcements"),
        ],
    ),
    (
        "nav-group-administration",
        &[
            ("/console/accounts", "nav-accounts"),
            ("/console/keys", "nav-keys"),
            ("/console/log-ins", "nav-log-ins"),
            ("/console/readings", "nav-readings"),
        ],
    ),
    (
        "nav-group-own",
        &[("/console/tasks", "nav-tasks"), ("/console/me", "nav-me")],
    ),
];

/// Pages that belong to an entry though their address does not begin with its own.
const BESIDE: [(&str, &str); 1] = [("/console/cupboard", "/console/runs")];

/// So many entries stand side by side; where there are more, groups are folded.
const ROOM: usize = 7;

/// Who may open a page.
static WHO: LazyLock<HashMap<&str, Who>> = LazyLock::new(|| {
    let table = routes::table();
    let pages = table.rows().iter().filter(|row| row.method == "GET");
    pages.map(|row| (row.path, row.who)).collect()
});

/// A group as one officer sees it.
pub struct Group {
    /// The key of its word.
    pub word: &'static str,
    /// What the officer may open.
    pub entries: Vec<Entry>,
    /// Its entries are behind its word.
    pub folded: bool,
}

/// An entry as one officer sees it.
pub struct Entry {
    /// Where it leads.
    pub path: &'static str,
    /// The key of its word.
    pub word: &'static str,
    /// The page belongs to it.
    pub here: bool,
}

impl Group {
    /// Whether the page belongs to one of its entries.
    #[must_use]
    pub fn here(&self) -> bool {
        self.entries.iter().any(|entry| entry.here)
    }
}

/// The navigation of whoever holds these roles, on the page of the line `at`.
#[must_use]
pub fn of(held: &[Role], at: &str) -> Vec<Group> {
    let here = entry_of(at);
    let entry = |&(path, word): &(&'static str, &'static str)| {
        let admits = WHO.get(path).is_some_and(|who| who.admits(held));
        admits.then_some(Entry {
            path,
            word,
            here: here == Some(path),
        })
    };
    let groups = GROUPS.map(|(word, entries)| Group {
        word,
        entries: entries.iter().filter_map(entry).collect(),
        folded: false,
    });
    let all: usize = groups.iter().map(|group| group.entries.len()).sum();
    let mut groups: Vec<Group> = groups.into();
    groups.retain(|group| !group.entries.is_empty());
    for group in &mut groups {
        group.folded = all > ROOM && !group.word.is_empty() && group.entries.len() > 1;
    }
    groups
}

/// The entry that a page belongs to: the longest address that its own begins with.
fn entry_of(at: &str) -> Option<&'static str> {
    if let Some((_, entry)) = BESIDE.iter().find(|(page, _)| *page == at) {
        return Some(entry);
    }
    let entries = GROUPS.iter().flat_map(|(_, entries)| *entries);
    let around = entries.map(|(path, _)| *path).filter(|path| {
        let below = at.strip_prefix(path);
        // The first page is above all others, and none of them belongs to it.
        below.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && *path != "/console"))
    });
    around.max_by_key(|path| path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_a_page_and_every_page_belongs_to_an_entry() {
        for (path, _) in GROUPS.iter().flat_map(|(_, entries)| *entries) {
            assert!(WHO.contains_key(path), "{path} is no page");
        }
        let pages = WHO.keys().filter(|path| path.starts_with("/console"));
        let lost: Vec<_> = pages.filter(|path| entry_of(path).is_none()).collect();
        assert!(lost.is_empty(), "no entry leads to {lost:?}");
    }

    #[test]
    fn a_page_belongs_to_the_nearest_entry() {
        for (at, entry) in [
            ("/console", Some("/console")),
            ("/console/cases/{id}/materials/{nr}", Some("/console/cases")),
            ("/console/cupboard", Some("/console/runs")),
            ("/console/casesheet", None),
            ("/login", None),
        ] {
            assert_eq!(entry_of(at), entry, "{at}");
        }
    }

    /// What lies outside the folded groups is short for everybody.
    #[test]
    fn a_navigation_is_short_and_says_where() {
        for role in Role::ALL {
            let groups = of(&[role], "/console/bottlenecks");
            let open = |group: &Group| if group.folded { 1 } else { group.entries.len() };
            let shown: usize = groups.iter().map(open).sum();
            assert!(shown <= ROOM + 1, "{shown} for {role:?}");
            let here = groups.iter().flat_map(|group| &group.entries);
            assert_eq!(here.filter(|entry| entry.here).count(), 1, "{role:?}");
        }
    }
}
