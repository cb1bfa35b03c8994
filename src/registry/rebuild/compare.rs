//! What is kept beside what was folded: both gone through in the order of their keys.

use std::{cmp::Ordering, collections::HashSet, collections::VecDeque};

use domain::record::RecordId;

use super::{
    Left, Rebuilt,
    plan::{self, Table},
};
use crate::registry::{
    Error, Registry, Result,
    store::{Ask, OnConflict, Param, Row, Tx, Value},
    work::{Key, dossier_aad, inquiry_aad},
};

/// Wrong rows that may wait to be written.
const WRITE_AT: usize = 2_000;

/// The comparison of one journal's rows.
pub(super) struct Compared<'r> {
    registry: &'r Registry,
    feed: i64,
    written: Vec<(&'static str, u64)>,
    left: Vec<Left>,
}

/// What a table has too much, and what is wrong in it.
#[derive(Default)]
struct Found {
    /// Right rows to be written; whether a wrong one stands in the place of each.
    wrong: Vec<(Row, bool)>,
    written: u64,
    fixed: u64,
    extra: u64,
    first: Option<String>,
    /// Extra rows, where the table has a second thing that is unique.
    in_the_way: Vec<Row>,
}

impl<'r> Compared<'r> {
    pub fn new(registry: &'r Registry, feed: i64) -> Self {
        let (written, left) = (Vec::new(), Vec::new());
        Self {
            registry,
            feed,
            written,
            left,
        }
    }

    /// Compares every table, and puts right what differs.
    pub fn all(&mut self, kept: &mut Tx<'_>, folded: &mut Tx<'_>) -> Result<()> {
        self.table(&plan::OFFICES, kept, folded)?;
        self.table(&plan::ACCOUNTS, kept, folded)?;
        self.table(&plan::SESSIONS, kept, folded)?;
        self.table(&plan::SHEETS, kept, folded)?;
        self.table(&plan::BATCHES, kept, folded)?;
        self.table(&plan::HALTS, kept, folded)?;
        self.table(&plan::PUBLICATIONS, kept, folded)?;
        self.table(&plan::CASES, kept, folded)?;
        self.table(&plan::CERTIFICATES, kept, folded)?;
        self.table(&plan::PEOPLE, kept, folded)?;
        self.table(&plan::NAMES, kept, folded)?;
        self.table(&plan::TICKETS, kept, folded)?;
        self.table(&plan::DOSSIERS, kept, folded)?;
        self.table(&plan::INQUIRIES, kept, folded)?;
        self.table(&plan::NODES, kept, folded)
    }

    pub fn tell(self, rebuilt: &mut Rebuilt) {
        for (table, rows) in self.written {
            plan::count(&mut rebuilt.written, table, rows);
        }
        rebuilt.left.extend(self.left);
    }

    fn table<const N: usize>(
        &mut self,
        table: &Table<N>,
        kept: &mut Tx<'_>,
        folded: &mut Tx<'_>,
    ) -> Result<()> {
        let mut found = Found::default();
        let mut here = Pages::new(table, self.feed);
        let mut there = Pages::new(table, self.feed);
        loop {
            here.fill(kept)?;
            there.fill(folded)?;
            let order = match (here.rows.front(), there.rows.front()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => order(&key(table, a), &key(table, b)),
            };
            match order {
                Ordering::Less => found.extra(table, here.rows.pop_front()),
                Ordering::Greater => found
                    .wrong
                    .extend(there.rows.pop_front().map(|r| (r, false))),
                Ordering::Equal => {
                    let (a, b) = (here.rows.pop_front(), there.rows.pop_front());
                    if let (Some(a), Some(b)) = (a, b)
                        && !self.same(table.put.table, &a, &b)?
                    {
                        found.differs(table, b);
                    }
                }
            }
            // What is unique beside the key is only known when the whole table was seen.
            if table.park.is_none() && found.wrong.len() >= WRITE_AT {
                self.write(table, kept, &mut found)?;
            }
        }
        self.write(table, kept, &mut found)?;
        self.close(table.put.table, found);
        Ok(())
    }

    /// Whether two rows say the same: sealed bytes are compared when they are opened.
    fn same(&self, table: &str, kept: &Row, folded: &Row) -> Result<bool> {
        let (aad, body): (Vec<u8>, usize) = match table {
            "dossiers" => {
                let key: Key = folded.bytes(1)?;
                (dossier_aad(self.feed, &key).into(), 2)
            }
            "inquiries" => {
                let id = RecordId::from_i64(folded.int(1)?);
                (inquiry_aad(self.feed, id).into(), 8)
            }
            _ => return Ok(kept == folded),
        };
        if (0..body).any(|at| kept.param(at) != folded.param(at)) {
            return Ok(false);
        }
        let keyring = &self.registry.keyring;
        let right = keyring.open(&aad, folded.blob(body)?);
        let right = right.map_err(|_| Error::Internal("rebuild::same"))?;
        Ok(kept.blob(body).is_ok_and(|kept| {
            let have = keyring.open(&aad, kept);
            have.is_ok_and(|have| *have == *right)
        }))
    }

    fn write<const N: usize>(
        &mut self,
        table: &Table<N>,
        kept: &mut Tx<'_>,
        found: &mut Found,
    ) -> Result<()> {
        if let Some((park, unique)) = table.park {
            let named = |row: &Row| -> Vec<Value> { values(row, unique) };
            let wanted: HashSet<Vec<String>> = found
                .wrong
                .iter()
                .map(|(row, _)| spelled(&named(row)))
                .collect();
            let stands = found.wrong.iter().filter(|(_, stands)| *stands);
            let blocks = found.in_the_way.iter();
            let blocks = blocks.filter(|row| wanted.contains(&spelled(&named(row))));
            for row in stands.map(|(row, _)| row).chain(blocks) {
                let record = row.int(1)?;
                let nobody = format!("!{record}");
                kept.change_one(park, &[record.into(), self.feed.into(), (&nobody).into()])?;
            }
        }
        let mut rows = Vec::with_capacity(found.wrong.len());
        for (row, _) in &found.wrong {
            let mut params = [Param::Null; N];
            for (at, param) in params.iter_mut().enumerate() {
                *param = row.param(at).ok_or(Error::Internal("rebuild::write"))?;
            }
            rows.push(params);
        }
        found.written += kept.insert_many(&table.put, &rows)?;
        found.wrong.clear();
        Ok(())
    }

    fn close(&mut self, table: &'static str, found: Found) {
        plan::count(&mut self.written, table, found.written);
        if found.fixed > 0 {
            let rows = found.fixed;
            self.left.push(Left::Fixed { table, rows });
        }
        if found.extra > 0 {
            self.left.push(Left::Unaccounted {
                table,
                rows: found.extra,
                first: found.first,
            });
        }
    }
}

impl Found {
    fn extra<const N: usize>(&mut self, table: &Table<N>, row: Option<Row>) {
        let Some(row) = row else { return };
        self.extra += 1;
        let first = || spelled(&key(table, &row)).join(" ");
        self.first.get_or_insert_with(first);
        if table.park.is_some() {
            self.in_the_way.push(row);
        }
    }

    fn differs<const N: usize>(&mut self, table: &Table<N>, right: Row) {
        match table.put.on_conflict {
            OnConflict::Keep => self.fixed += 1,
            _ => self.wrong.push((right, true)),
        }
    }
}

/// The rows of a table, page by page.
struct Pages<'t, const N: usize> {
    table: &'t Table<N>,
    feed: i64,
    rows: VecDeque<Row>,
    after: Vec<Value>,
    ended: bool,
}

impl<'t, const N: usize> Pages<'t, N> {
    fn new(table: &'t Table<N>, feed: i64) -> Self {
        let after = table.key.1.iter().map(|p| owned(*p)).collect();
        Self {
            table,
            feed,
            rows: VecDeque::new(),
            after,
            ended: false,
        }
    }

    fn fill(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if self.ended || !self.rows.is_empty() {
            return Ok(());
        }
        let mut params = vec![Param::Int(self.feed)];
        params.extend(self.after.iter().map(Value::as_param));
        self.rows = tx.query(self.table.page, &params)?.into();
        match self.rows.back() {
            Some(last) => self.after = key(self.table, last),
            None => self.ended = true,
        }
        Ok(())
    }
}

fn owned(param: Param<'_>) -> Value {
    match param {
        Param::Null => Value::Null,
        Param::Int(n) => Value::Int(n),
        Param::Text(text) => Value::Text(text.to_owned()),
        Param::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn values(row: &Row, places: &[usize]) -> Vec<Value> {
    let of = |at: &usize| row.param(*at).map_or(Value::Null, owned);
    places.iter().map(of).collect()
}

fn key<const N: usize>(table: &Table<N>, row: &Row) -> Vec<Value> {
    values(row, table.key.0)
}

/// As both databases order keys: numbers by size, bytes from the first on.
fn order(a: &[Value], b: &[Value]) -> Ordering {
    let one = |(a, b): (&Value, &Value)| match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Blob(a), Value::Blob(b)) => a.cmp(b),
        _ => Ordering::Equal,
    };
    a.iter()
        .zip(b)
        .map(one)
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Keys name no person: numbers and keyed digests.
fn spelled(key: &[Value]) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Int(n) => n.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => bytes.iter().map(|b| format!("{b:02x}")).collect(),
    };
    key.iter().map(one).collect()
}
