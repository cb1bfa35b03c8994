//! What the columns of a list mean: guessed from its header, put right by an officer, and kept for
//! the authority's next list.

use std::collections::BTreeMap;

use domain::{
    former::{Field, RawFormer},
    roster::Cell,
};
use serde::{Deserialize, Serialize};

/// Words of one column that are read as another word.
type Words = BTreeMap<String, String>;

/// How a list is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The row of the header; the list begins below it.
    pub header_row: u64,
    /// What stands in the header.
    pub headers: Vec<String>,
    /// In which column, from 0, each meaning stands.
    pub columns: BTreeMap<Field, usize>,
    /// What the former register called something, and what is meant by it.
    pub words: BTreeMap<Field, Words>,
}

impl Plan {
    /// The header is the row, of the first ones, that names the most columns.
    #[must_use]
    pub fn guess(rows: &[(u64, Vec<Cell>)]) -> Self {
        let plans = rows.iter().map(|(number, cells)| Self::of(*number, cells));
        // Of two alike the first: a header that is repeated is a row of the list.
        let best = plans.rev().max_by_key(|plan| plan.columns.len());
        best.unwrap_or_default()
    }

    fn of(header_row: u64, cells: &[Cell]) -> Self {
        let headers: Vec<String> = cells.iter().map(text).collect();
        let mut columns = BTreeMap::new();
        for (at, header) in headers.iter().enumerate() {
            if let Some(field) = Field::guess(header) {
                columns.entry(field).or_insert(at);
            }
        }
        Self {
            header_row,
            headers,
            columns,
            words: BTreeMap::new(),
        }
    }

    /// Reads as the authority's last list was read, wherever the headers are the same words.
    pub fn learn(&mut self, last: &Self) {
        for (field, at) in &last.columns {
            let header = last.headers.get(*at).filter(|header| !header.is_empty());
            let here = self.headers.iter().position(|h| Some(h) == header);
            if let Some(here) = here {
                self.columns.insert(*field, here);
            }
        }
        self.words.clone_from(&last.words);
    }

    /// Puts a meaning on the column with that header; none when there is no such header.
    pub fn map(&mut self, field: Field, header: &str) -> Option<()> {
        let at = self.headers.iter().position(|h| h == header.trim())?;
        self.columns.insert(field, at);
        Some(())
    }

    /// The meanings without which the list cannot be read.
    #[must_use]
    pub fn missing(&self) -> Vec<Field> {
        let needed = Field::ALL.into_iter().filter(|field| field.is_needed());
        needed
            .filter(|field| !self.columns.contains_key(field))
            .collect()
    }

    /// The cells of a row by meaning, words replaced.
    #[must_use]
    pub fn raw(&self, cells: &[Cell]) -> RawFormer {
        let mut raw = RawFormer::default();
        for (field, at) in &self.columns {
            let cell = cells.get(*at).cloned().unwrap_or_default();
            let meant = self.words.get(field).and_then(|w| w.get(&text(&cell)));
            raw.set(*field, meant.map_or(cell, |word| Cell::Text(word.clone())));
        }
        raw
    }

    /// As it is kept.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Cannot fail: its maps have words for keys.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As it was kept; an empty plan when it was not.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// What a cell shows, as the words of a plan are written.
#[must_use]
pub(super) fn text(cell: &Cell) -> String {
    match cell.shown() {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Number(n) => n.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(words: &[&str]) -> Vec<Cell> {
        words.iter().map(|w| Cell::Text((*w).into())).collect()
    }

    #[test]
    fn a_header_below_a_title_is_found_and_an_officers_word_is_kept() {
        let rows = [
            (1, row(&["原系统证书清单"])),
            (
                3,
                row(&[
                    "序号",
                    "姓名（必填）",
                    "身份证号",
                    "工种",
                    "证件起",
                    "有效期至",
                ]),
            ),
        ];
        let mut plan = Plan::guess(&rows);
        assert_eq!(plan.header_row, 3);
        assert_eq!(plan.missing(), [Field::ValidFrom]);
        assert!(plan.map(Field::ValidFrom, "没有").is_none());
        assert!(plan.map(Field::ValidFrom, "证件起").is_some());
        assert!(plan.missing().is_empty());
        let words = BTreeMap::from([("电焊".to_owned(), "2.1".to_owned())]);
        plan.words.insert(Field::Item, words);

        let other = row(&["证件起", "姓名（必填）", "身份证号", "工种", "有效期至"]);
        let mut next = Plan::guess(&[(1, other)]);
        next.learn(&Plan::from_json(&plan.to_json()));
        assert_eq!(next.columns.get(&Field::ValidFrom), Some(&0));
        let raw = next.raw(&row(&["2024-01-02", "张三", "1", "电焊", "2030-01-01"]));
        assert_eq!(raw.get(Field::Item), Some(&Cell::Text("2.1".into())));
        assert_eq!(
            raw.get(Field::ValidFrom),
            Some(&Cell::Text("2024-01-02".into()))
        );
    }
}
