//! Many rows in one call. Row by row a database on the far side of a socket stores a few thousand
//! entries a second, set-wise more than ten times that; so an insert is described once, and each
//! driver says it in its own way.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Error, Param, Result};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

/// What to do with a row whose key is there already.
#[derive(Debug, Clone, Copy)]
pub enum OnConflict {
    /// Fail with [`Error::Conflict`].
    Refuse,
    /// Leave the row that is there as it is; fewer rows stored than given is no error.
    Keep,
    /// Put the new row in its place.
    Replace {
        /// The columns that make the key. No two rows of one call may share it.
        key: &'static [&'static str],
        /// A version column: the stored row must be exactly `step` behind the new one, or the
        /// call fails with [`Error::Conflict`].
        guard: Option<&'static str>,
    },
}

/// An insert of many rows, a constant beside the function that uses it.
#[derive(Debug, Clone, Copy)]
pub struct Insert<const N: usize> {
    /// The statement's name: `journal::append`.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// Its columns in the order of the rows' values, and what each holds.
    pub columns: [(&'static str, Kind); N],
    /// What to do with a row whose key is there already.
    pub on_conflict: OnConflict,
}

/// The same without the number of columns in its type, for the drivers.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub name: &'static str,
    pub table: &'static str,
    pub columns: &'a [(&'static str, Kind)],
    pub on_conflict: OnConflict,
    pub step: i64,
}

impl Plan<'_> {
    /// Whether the statement has one parameter more than columns, the step.
    pub fn guarded(&self) -> bool {
        matches!(self.on_conflict, OnConflict::Replace { guard: Some(_), .. })
    }

    /// One row, for the driver that goes row by row.
    pub fn single_sql(&self) -> String {
        let mut sql = self.head();
        sql.push_str("VALUES (");
        for n in 1..=self.columns.len() {
            sql.push_str(if n == 1 { "$" } else { ", $" });
            sql.push_str(&n.to_string());
        }
        sql.push(')');
        self.tail(&mut sql);
        sql
    }

    /// All rows, one array for each column.
    pub fn set_sql(&self) -> String {
        let mut sql = self.head();
        sql.push_str("SELECT * FROM unnest(");
        for (n, (_, kind)) in self.columns.iter().enumerate() {
            let array = match kind {
                Kind::Int => "bigint[]",
                Kind::Text => "text[]",
                Kind::Blob => "bytea[]",
            };
            let comma = if n == 0 { "" } else { ", " };
            // Cannot fail: writing to a string never does.
            let _ = write!(sql, "{comma}${}::{array}", n + 1);
        }
        sql.push(')');
        self.tail(&mut sql);
        sql
    }

    fn head(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!(
            "-- {}\nINSERT INTO {} ({}) ",
            self.name,
            self.table,
            names.join(", ")
        )
    }

    fn tail(&self, sql: &mut String) {
        match self.on_conflict {
            OnConflict::Refuse => {}
            OnConflict::Keep => sql.push_str(" ON CONFLICT DO NOTHING"),
            OnConflict::Replace { key, guard } => {
                let set: Vec<String> = self
                    .columns
                    .iter()
                    .filter(|(name, _)| !key.contains(name))
                    .map(|(name, _)| format!("{name} = excluded.{name}"))
                    .collect();
                // Cannot fail: writing to a string never does.
                let _ = write!(
                    sql,
                    " ON CONFLICT ({}) DO UPDATE SET {}",
                    key.join(", "),
                    set.join(", ")
                );
                if let Some(version) = guard {
                    let step = self.columns.len() + 1;
                    let table = self.table;
                    let _ = write!(
                        sql,
                        " WHERE {table}.{version} = excluded.{version} - CAST(${step} AS BIGINT)"
                    );
                }
            }
        }
    }

    /// Where one database refuses and the other does not: a value of another kind (SQLite would
    /// turn "12" into 12), and two rows of one key in one upsert (SQLite would take them one
    /// after the other). Called in debug builds, so that a developer meets both on either.
    pub fn check_rows(&self, rows: &[Param<'_>]) -> Result<()> {
        for (at, param) in rows.iter().enumerate() {
            let fits = matches!(
                (self.columns[at % self.columns.len()].1, param),
                (_, Param::Null)
                    | (Kind::Int, Param::Int(_))
                    | (Kind::Text, Param::Text(_))
                    | (Kind::Blob, Param::Blob(_))
            );
            if !fits {
                return Err(Error::misuse(self.name, "a value of another kind"));
            }
        }
        let OnConflict::Replace { key, .. } = self.on_conflict else {
            return Ok(());
        };
        let places: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| key.contains(&c.0))
            .map(|c| c.0)
            .collect();
        let mut seen = HashSet::new();
        for row in rows.chunks_exact(self.columns.len()) {
            let own: Vec<Param<'_>> = places.iter().map(|&place| row[place]).collect();
            if !seen.insert(own) {
                return Err(Error::misuse(self.name, "two rows of one call share a key"));
            }
        }
        Ok(())
    }

    /// Zero rows changed is an error wherever every row was meant to be stored.
    pub fn check_count(&self, stored: u64, rows: usize) -> Result<u64> {
        if matches!(self.on_conflict, OnConflict::Keep) {
            return Ok(stored);
        }
        if u64::try_from(rows).is_ok_and(|rows| rows == stored) {
            Ok(stored)
        } else {
            Err(Error::Conflict {
                statement: self.name.to_owned(),
            })
        }
    }
}
