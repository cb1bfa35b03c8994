//! Packs 规则包: versions of the law's limits and of the catalogue, as data that offices publish.
//!
//! The first version of a law is the program's own (`law.rs`). A later one is in force from a day of
//! its own, which lies ahead when it is approved, and is never edited: a correction is one more
//! version. So what a day says can no longer change once that day has come, and every story folds
//! to the same record whenever it is read.
//!
//! What a version may change by itself is what is counted beside the fold: see [`COUNTED`]. The
//! other numbers decide inside the fold; a version carries their sources, their texts and whether
//! they were verified, and a change of such a number comes with a program.

use alloc::{
    boxed::Box,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Catalogue, CatalogueError, List},
    law::{self, Law, LawName, Limit, Unit},
};

/// The limits whose number is taken from the version in force on the day they run from.
pub const COUNTED: [&str; 5] = [
    "publish_scores",
    "accept",
    "decide",
    "deliver",
    "inquiry_answer",
];

/// The most working days that a version may set.
const MOST: u8 = 120;

/// One limit of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackLimit {
    /// The number.
    pub value: u8,
    /// What it counts.
    pub unit: Unit,
    /// The article it comes from.
    pub source: String,
    /// Whether the text of the article was seen.
    pub verified: bool,
    /// What the article says.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
}

/// A version of a law's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    /// Of which law.
    pub law: LawName,
    /// Counted from 1.
    pub version: u16,
    /// The law's title.
    pub title: String,
    /// The first day in force.
    pub from: Date,
    /// Every limit under its name. A limit the law does not have is left out.
    pub limits: BTreeMap<String, PackLimit>,
}

/// What is wrong with a pack, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFault {
    /// The place, such as `limits.accept.value`.
    pub place: String,
    /// The permanent code; its sentences stand in `locales/`.
    pub code: &'static str,
}

impl PackFault {
    fn at(place: impl ToString, code: &'static str) -> Self {
        let place = place.to_string();
        Self { place, code }
    }
}

impl From<CatalogueError> for PackFault {
    fn from(e: CatalogueError) -> Self {
        Self::at(e.place, e.code)
    }
}

/// The versions a node goes by: the program's own and those approved since.
#[derive(Clone, Debug, Default)]
pub struct Laws {
    /// By their first day.
    later: Vec<Law>,
}

impl Laws {
    /// The version in force on that day.
    #[must_use]
    pub fn on(&self, day: Date) -> &Law {
        let shipped = law::on(day);
        let later = self.later.iter().rev().find(|law| law.from <= day);
        later
            .filter(|law| law.from >= shipped.from)
            .unwrap_or(shipped)
    }

    /// Every version, by its first day.
    pub fn all(&self) -> impl Iterator<Item = &Law> {
        let mut all: Vec<&Law> = law::LAWS.iter().chain(&self.later).collect();
        all.sort_by_key(|law| law.from);
        all.into_iter()
    }

    /// With one more version. Its words are kept for as long as the program runs.
    #[must_use]
    pub fn with(mut self, pack: &RulePack) -> Self {
        self.later.push(pack.law());
        self.later.sort_by_key(|law| law.from);
        self
    }

    /// The newest version of a law.
    fn newest(&self, name: LawName) -> &Law {
        let of = self.later.iter().filter(|law| law.name == name);
        of.max_by_key(|law| law.version)
            .unwrap_or_else(|| law::named(name))
    }
}

impl RulePack {
    /// The pack that says what a law says.
    #[must_use]
    pub fn of(law: &Law) -> Self {
        let limits = law.limits().into_iter().filter_map(|(name, limit)| {
            let limit = limit?;
            let limit = PackLimit {
                value: limit.value,
                unit: limit.unit,
                source: limit.source.into(),
                verified: limit.verified,
                text: limit.article().into(),
            };
            Some((name.into(), limit))
        });
        Self {
            law: law.name,
            version: law.version,
            title: law.title.into(),
            from: law.from,
            limits: limits.collect(),
        }
    }

    /// Whether every limit was verified.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.limits.values().all(|limit| limit.verified)
    }

    /// Everything that speaks against this version beside those in force, as of a day; nothing
    /// where it can be proposed.
    #[must_use]
    pub fn faults(&self, laws: &Laws, today: Date) -> Vec<PackFault> {
        let newest = laws.newest(self.law);
        let mut faults = Vec::new();
        if self.title.trim().is_empty() {
            faults.push(PackFault::at("title", "empty"));
        }
        if self.version != newest.version + 1 {
            faults.push(PackFault::at("version", "version_not_next"));
        }
        if self.from <= today {
            faults.push(PackFault::at("from", "first_day_passed"));
        }
        if self.from <= newest.from {
            faults.push(PackFault::at("from", "first_day_taken"));
        }
        if laws.on(self.from).name != self.law {
            faults.push(PackFault::at("law", "not_in_force"));
        }
        let shipped = law::named(self.law).limits();
        for (name, limit) in shipped {
            self.compare(name, limit, &mut faults);
        }
        for name in self.limits.keys() {
            if !shipped.iter().any(|(known, _)| known == name) {
                faults.push(PackFault::at(place(name, ""), "unknown_limit"));
            }
        }
        faults
    }

    fn compare(&self, name: &str, shipped: Option<Limit>, faults: &mut Vec<PackFault>) {
        let mut wrong = |field, code| faults.push(PackFault::at(place(name, field), code));
        let (limit, shipped) = match (self.limits.get(name), shipped) {
            (Some(limit), Some(shipped)) => (limit, shipped),
            (None, None) => return,
            (None, Some(_)) => return wrong("", "limit_missing"),
            (Some(_), None) => return wrong("", "limit_unwanted"),
        };
        if limit.unit != shipped.unit {
            wrong("unit", "unit_differs");
        }
        if limit.source.trim().is_empty() {
            wrong("source", "empty");
        }
        if !COUNTED.contains(&name) && limit.value != shipped.value {
            wrong("value", "built_in");
        }
        if limit.value == 0 || limit.value > MOST {
            wrong("value", "out_of_range");
        }
        // The floor under silence is the program's: see `case/step.rs`.
        if name == "accept" && limit.value < shipped.value {
            wrong("value", "below_floor");
        }
        // Whoever has seen an article that an office is held to can quote it.
        if limit.verified && COUNTED.contains(&name) && limit.text.trim().is_empty() {
            wrong("text", "text_missing");
        }
    }

    /// As the law that decisions take their numbers from. What a pack of an older program lacks is
    /// the program's own.
    fn law(&self) -> Law {
        let kept = |text: &str| -> &'static str { Box::leak(text.to_string().into_boxed_str()) };
        let mut law = law::named(self.law).clone();
        law.version = self.version;
        law.title = kept(&self.title);
        law.from = self.from;
        for (name, limit) in &self.limits {
            law.set(
                name,
                Limit {
                    value: limit.value,
                    unit: limit.unit,
                    source: kept(&limit.source),
                    verified: limit.verified,
                    text: kept(&limit.text),
                },
            );
        }
        law
    }
}

fn place(name: &str, field: &str) -> String {
    let dot = if field.is_empty() { "" } else { "." };
    alloc::format!("limits.{name}{dot}{field}")
}

/// Everything that speaks against a list as the catalogue that follows on `known`: what a
/// certificate was given for must be found as long as anybody asks for it.
#[must_use]
pub fn list_faults(list: &List, known: &Catalogue, today: Date) -> Vec<PackFault> {
    let mut faults = Vec::new();
    match list.from {
        None => faults.push(PackFault::at("from", "empty")),
        Some(from) if from <= today => faults.push(PackFault::at("from", "first_day_passed")),
        Some(_) => {}
    }
    if list.version == known.version {
        faults.push(PackFault::at("version", "version_taken"));
    }
    let next = match Catalogue::of(list) {
        Ok(next) => next,
        Err(e) => {
            faults.push(e.into());
            return faults;
        }
    };
    for item in &known.items {
        match next.item(&item.code) {
            None => faults.push(PackFault::at(item.code.as_str(), "item_gone")),
            Some(same) if same.category != item.category => {
                faults.push(PackFault::at(item.code.as_str(), "category_differs"));
            }
            Some(_) => {}
        }
    }
    faults
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
