//! A check that changes nothing: what would become of every row if the list were taken now.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    hash::{BuildHasher, RandomState},
    io::Write,
};

use domain::former::{Fault, Field, FormerRow};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{AT_ONCE, Judged, Reading, TakeoverError, plan};
use crate::{
    lang,
    papers::sheet::{Format, Remarks, SheetError},
    registry::{Predicted, Registry},
};

/// Rows that are named for each fault.
const NAMED: usize = 5;
/// Different unknown words that are told of one column.
const WORDS: usize = 50;
/// The longest word that is told.
const LONGEST: usize = 40;

/// What a check found. Every row is in exactly one of `good`, `same`, `name`, `item` and `faulty`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows below the header.
    pub rows: u64,
    /// Would be taken.
    pub good: u64,
    /// Of them for people who are here already: their certificates come together.
    pub known: u64,
    /// There already, or twice in the list.
    pub same: u64,
    /// Of them twice in the list.
    pub twice: u64,
    /// Another name stands with the document, here or in the list.
    pub name: u64,
    /// The item's certificate says something else, here or in the list.
    pub item: u64,
    /// Wrong in themselves.
    pub faulty: u64,
    /// How often each fault was found, by column and code.
    pub faults: BTreeMap<String, u64>,
    /// The first rows with each.
    pub first: BTreeMap<String, Vec<u64>>,
    /// Words that no item, sex or document type is called, and how often they stand.
    pub words: BTreeMap<Field, BTreeMap<String, u64>>,
}

impl Summary {
    /// As it is kept.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Cannot fail: its maps have words for keys.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As it was kept; none before the first check.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// A check while it runs; what is wrong goes into a sheet of its own.
pub struct Checking<W: Write> {
    reading: Reading,
    plan: super::Plan,
    today: Date,
    summary: Summary,
    seen: Seen,
    sheet: Remarks<W>,
    written: u64,
}

impl<W: Write> Checking<W> {
    /// Begins; the sheet of faults is of the list's kind.
    ///
    /// # Errors
    /// When the sheet cannot be written.
    pub fn new(
        reading: Reading,
        plan: super::Plan,
        today: Date,
        format: Format,
        out: W,
    ) -> Result<Self, SheetError> {
        let mut sheet = Remarks::new(out, format);
        let head: Vec<_> = plan
            .headers
            .iter()
            .map(|h| domain::roster::Cell::Text(h.clone()))
            .collect();
        sheet.row(1, "行号与问题", &head, false)?;
        Ok(Self {
            reading,
            plan,
            today,
            summary: Summary::default(),
            seen: Seen::default(),
            sheet,
            written: 1,
        })
    }

    /// Bytes read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.reading.bytes()
    }

    /// What was found so far.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Looks at the next rows; tells whether there are more.
    ///
    /// # Errors
    /// A list that cannot be read further, or the register's trouble.
    pub fn step(&mut self, registry: &Registry) -> Result<bool, TakeoverError> {
        let judged = self.reading.next(AT_ONCE)?;
        let more = !judged.is_empty();
        let mut good = Vec::with_capacity(judged.len());
        for row in judged {
            self.summary.rows += 1;
            match row.outcome {
                Ok(former) => good.push(former),
                Err(_) => self.faulty(&row)?,
            }
        }
        let predicted = registry.predict(&good, self.today)?;
        for (row, predicted) in good.iter().zip(predicted) {
            self.count(row, predicted);
        }
        Ok(more)
    }

    /// Ends the sheet of faults; gives what was found and where the sheet was written.
    ///
    /// # Errors
    /// When the sheet cannot be written.
    pub fn finish(self) -> Result<(Summary, W), SheetError> {
        Ok((self.summary, self.sheet.finish()?))
    }

    /// What the register does not hold against a row, a row above it may.
    fn count(&mut self, row: &FormerRow, predicted: Predicted) {
        let summary = &mut self.summary;
        match (predicted, self.seen.meets(row, self.today)) {
            (Predicted::Name, _) => summary.name += 1,
            (Predicted::Item, _) => summary.item += 1,
            (Predicted::Same, _) => summary.same += 1,
            (_, Some(Predicted::Name)) => summary.name += 1,
            (_, Some(Predicted::Same)) => {
                summary.same += 1;
                summary.twice += 1;
            }
            (_, Some(Predicted::Item)) => summary.item += 1,
            (Predicted::New { known }, _) => {
                summary.good += 1;
                summary.known += u64::from(known);
            }
        }
    }

    fn faulty(&mut self, row: &Judged) -> Result<(), SheetError> {
        let Err(faults) = &row.outcome else {
            return Ok(());
        };
        self.summary.faulty += 1;
        let words = lang::shipped(lang::Code::Zh);
        let mut told = format!("第 {} 行", row.number);
        for fault in faults {
            let key = format!("{} {}", fault.field.code(), fault.code);
            *self.summary.faults.entry(key.clone()).or_default() += 1;
            let first = self.summary.first.entry(key).or_default();
            if first.len() < NAMED {
                first.push(row.number);
            }
            self.unknown_word(fault, row);
            let column = words.say(&format!("former-{}", dashed(fault.field.code())));
            let why = words.say(&format!("row-{}", dashed(fault.code)));
            told.push_str(&format!("；{column}：{why}"));
        }
        self.written += 1;
        self.sheet.row(self.written, &told, &row.cells, true)
    }

    /// A word that an officer can explain once for all rows.
    fn unknown_word(&mut self, fault: &Fault, row: &Judged) {
        let explains = matches!(
            fault.code,
            "unknown_item" | "sex_unknown" | "doc_type_unknown"
        );
        let at = self.plan.columns.get(&fault.field);
        let cell = at.and_then(|at| row.cells.get(*at)).filter(|_| explains);
        let Some(word) = cell.map(plan::text).filter(|w| !w.is_empty()) else {
            return;
        };
        let all = self.summary.words.entry(fault.field).or_default();
        if word.chars().count() <= LONGEST && (all.len() < WORDS || all.contains_key(&word)) {
            *all.entry(word).or_default() += 1;
        }
    }
}

fn dashed(code: &str) -> String {
    code.replace('_', "-")
}

/// What rows above have said, as hashes, so that millions fit.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    names: HashMap<u64, u64>,
    whole: HashSet<u64>,
    in_force: HashSet<u64>,
}

impl Seen {
    fn meets(&mut self, row: &FormerRow, today: Date) -> Option<Predicted> {
        let document = &row.holder.document;
        let name = self.hasher.hash_one(row.holder.name.folded());
        match self.names.entry(self.hasher.hash_one(document)) {
            Entry::Occupied(known) if *known.get() != name => return Some(Predicted::Name),
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => drop(place.insert(name)),
        }
        let term = (row.first_issued, row.valid_from, row.valid_until);
        let whole = (document, &row.item, term, row.recheck_due);
        let whole = self.hasher.hash_one(whole);
        if self.whole.contains(&whole) {
            return Some(Predicted::Same);
        }
        let of_term = (document, &row.item, row.valid_from, row.valid_until);
        let of_term = self.hasher.hash_one(of_term);
        let of_item = self.hasher.hash_one((document, &row.item));
        let in_force = row.valid_until >= today;
        let taken = self.in_force.contains(&of_term);
        if taken || (in_force && self.in_force.contains(&of_item)) {
            return Some(Predicted::Item);
        }
        self.whole.insert(whole);
        self.in_force.insert(of_term);
        if in_force {
            self.in_force.insert(of_item);
        }
        None
    }
}
