//! The tables: numbered files, one text for both databases, each applied once and remembered with
//! its SHA-256. The program refuses to run on tables it does not know.
//!
//! Also the guards: no row of any table may be deleted, and the rows of the tables that a file
//! declares `append only` may not be changed either. PostgreSQL keeps that by what the server's
//! role is granted, SQLite by triggers (the only ones there are).

use sha2::{Digest, Sha256};

use super::{Error, Result, Session};

/// One schema file.
#[derive(Debug, Clone, Copy)]
pub(super) struct File {
    pub number: i64,
    pub text: &'static str,
}

/// Every schema file, in order. A released one is never changed: a change is a new file.
pub(super) const FILES: &[File] = &[
    File {
        number: 1,
        text: include_str!("schema/0001_journal.sql"),
    },
    File {
        number: 2,
        text: include_str!("schema/0002_records.sql"),
    },
    File {
        number: 3,
        text: include_str!("schema/0003_feeds.sql"),
    },
    File {
        number: 4,
        text: include_str!("schema/0004_comparisons.sql"),
    },
    File {
        number: 5,
        text: include_str!("schema/0005_estimates.sql"),
    },
    File {
        number: 6,
        text: include_str!("schema/0006_duty.sql"),
    },
    File {
        number: 8,
        text: include_str!("schema/0008_materials.sql"),
    },
    File {
        number: 9,
        text: include_str!("schema/0009_desk.sql"),
    },
    File {
        number: 10,
        text: include_str!("schema/0010_tasks.sql"),
    },
    File {
        number: 11,
        text: include_str!("schema/0011_after.sql"),
    },
    File {
        number: 12,
        text: include_str!("schema/0012_print.sql"),
    },
    File {
        number: 13,
        text: include_str!("schema/0013_api.sql"),
    },
    File {
        number: 14,
        text: include_str!("schema/0014_packs.sql"),
    },
];

const VERSION_TABLE: &str = "-- schema::version_table
CREATE TABLE IF NOT EXISTS schema_version (
    number  {int}   NOT NULL PRIMARY KEY,                    -- the file's number
    sha256  {blob}  NOT NULL CHECK (LENGTH(sha256) = 32)     -- of its text when it was applied
){table_end}";

const APPLIED: &str = "-- schema::applied
SELECT number, sha256 FROM schema_version ORDER BY number";

const REMEMBER: &str = "-- schema::remember
INSERT INTO schema_version (number, sha256) VALUES ($1, $2)";

const LITE_TABLES: &str = "-- schema::lite_tables
SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";

const LITE_TRIGGERS: &str = "-- schema::lite_triggers
SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";

const PG_TABLES: &str = "-- schema::pg_tables
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.relname";

const PG_ROLE: &str = "-- schema::pg_role
SELECT COUNT(*) FROM pg_catalog.pg_roles WHERE rolname = $1";

/// Tables on which this role may do more than a server should: one it owns or whose owner it may
/// become, one it may delete from, an `append only` one (in $1, between commas) it may change.
const PG_EXCESS: &str = "-- schema::pg_excess
SELECT COUNT(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND (
    pg_has_role(c.relowner, 'MEMBER')
    OR has_table_privilege(c.oid, 'DELETE')
    OR has_table_privilege(c.oid, 'TRUNCATE')
    OR has_table_privilege(c.oid, 'TRIGGER')
    OR (POSITION(',' || c.relname || ',' IN $1) > 0 AND has_any_column_privilege(c.oid, 'UPDATE'))
)";

/// Applies what is missing and sets the guards. Runs in one transaction on both databases.
pub(super) fn migrate(session: &mut Session<'_>, files: &[File], role: Option<&str>) -> Result<()> {
    let role = check_role(session, role)?;
    session.batch(&spell(session, VERSION_TABLE))?;
    let known = applied(session)?;
    compare(&known, files)?;
    for file in files.iter().skip(known.len()) {
        session.batch(&spell(session, file.text))?;
        session.execute(REMEMBER, &[file.number.into(), (&digest(file)).into()])?;
    }
    match role {
        Some(role) => grant(session, files, role),
        None => set_triggers(session, files),
    }
}

/// Refuses unless the tables are exactly those this program knows and the guards stand.
pub(super) fn check(session: &mut Session<'_>, files: &[File]) -> Result<()> {
    let tables = if session.is_sqlite() {
        LITE_TABLES
    } else {
        PG_TABLES
    };
    let tables = names(session, tables)?;
    if !tables.iter().any(|table| table == "schema_version") {
        return Err(refuse(
            "the database has no registry in it: make one with `kecha init` \
                           (PostgreSQL: `kecha init --owner-url …`)",
        ));
    }
    let known = applied(session)?;
    compare(&known, files)?;
    if known.len() < files.len() {
        return Err(Error::Refused(format!(
            "the database's tables are of version {}, this program needs {}: run `kecha init` \
             (PostgreSQL: `kecha init --owner-url …`), which adds what is missing",
            known.len(),
            files.len()
        )));
    }
    if session.is_sqlite() {
        check_triggers(session, files, &tables)
    } else {
        check_grants(session, files)
    }
}

fn compare(known: &[(i64, Vec<u8>)], files: &[File]) -> Result<()> {
    for (at, (number, sha256)) in known.iter().enumerate() {
        let Some(file) = files.get(at) else {
            return Err(Error::Refused(format!(
                "the database's tables are of version {}, this program knows only {}: run the \
                 newer program, or restore a backup made before the upgrade",
                known.len(),
                files.len()
            )));
        };
        if file.number != *number || digest(file)[..] != sha256[..] {
            return Err(Error::Refused(format!(
                "schema file {number} is not the one this database was made with: use the \
                 program's released files unchanged; a change belongs in a new file"
            )));
        }
    }
    Ok(())
}

fn applied(session: &mut Session<'_>) -> Result<Vec<(i64, Vec<u8>)>> {
    let rows = session.query(APPLIED, &[])?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.blob(1)?.to_vec())))
        .collect()
}

fn digest(file: &File) -> [u8; 32] {
    Sha256::digest(file.text).into()
}

/// Fills in what the two databases spell differently.
fn spell(session: &Session<'_>, text: &str) -> String {
    let (int, blob, zero, end, end_by_key) = if session.is_sqlite() {
        let zero = "x'0000000000000000'";
        ("INTEGER", "BLOB", zero, " STRICT", " STRICT, WITHOUT ROWID")
    } else {
        ("BIGINT", "BYTEA", r"'\x0000000000000000'", "", "")
    };
    text.replace("{int}", int)
        .replace("{blob}", blob)
        .replace("{zero}", zero)
        .replace("{table_end}", end)
        .replace("{table_end_by_key}", end_by_key)
}

/// The tables whose rows never change: those the files declare, and the list of files itself.
fn append_only(files: &[File]) -> Vec<&'static str> {
    let declared = files
        .iter()
        .flat_map(|file| file.text.lines())
        .filter_map(|line| line.strip_prefix("-- append only: "));
    declared.map(str::trim).chain(["schema_version"]).collect()
}

fn names(session: &mut Session<'_>, sql: &'static str) -> Result<Vec<String>> {
    session
        .query(sql, &[])?
        .iter()
        .map(|row| Ok(row.text(0)?.to_owned()))
        .collect()
}

/// A trigger's name and text, for each guard a table needs.
fn triggers(table: &str, append_only: &[&str]) -> Vec<(String, String)> {
    let trigger = |what: &str, sentence: &str| {
        let name = format!("{table}_no_{}", what.to_lowercase());
        let text = format!(
            "CREATE TRIGGER {name} BEFORE {what} ON {table} \
             BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        );
        (name, text)
    };
    let mut all = vec![trigger("DELETE", "rows of this table are never deleted")];
    if append_only.contains(&table) {
        all.push(trigger("UPDATE", "rows of this table are never changed"));
    }
    all
}

fn set_triggers(session: &mut Session<'_>, files: &[File]) -> Result<()> {
    let fixed = append_only(files);
    for table in names(session, LITE_TABLES)? {
        for (name, text) in triggers(&table, &fixed) {
            session.batch(&format!(
                "-- schema::guard\nDROP TRIGGER IF EXISTS {name}; {text}"
            ))?;
        }
    }
    Ok(())
}

fn check_triggers(session: &mut Session<'_>, files: &[File], tables: &[String]) -> Result<()> {
    let fixed = append_only(files);
    let rows = session.query(LITE_TRIGGERS, &[])?;
    let standing: Result<Vec<(&str, &str)>> = rows
        .iter()
        .map(|row| Ok((row.text(0)?, row.text(1)?)))
        .collect();
    let standing = standing?;
    let whole = tables
        .iter()
        .flat_map(|table| triggers(table, &fixed))
        .all(|(name, text)| {
            standing
                .iter()
                .any(|(have, body)| *have == name && *body == text)
        });
    if whole {
        Ok(())
    } else {
        Err(refuse(
            "a guard that keeps the journal from being changed is missing in the database: \
             compare the journal with its witnesses first, then set the guards with `kecha init`",
        ))
    }
}

fn check_role<'r>(session: &mut Session<'_>, role: Option<&'r str>) -> Result<Option<&'r str>> {
    if session.is_sqlite() {
        return Ok(None);
    }
    let Some(role) = role else {
        return Err(refuse(
            "PostgreSQL needs a role of the server's own: `kecha init --owner-url … --database …`, \
             where `--database` names it",
        ));
    };
    // It is written into GRANT, where no parameter can stand.
    let mut letters = role.chars();
    let plain = letters
        .next()
        .is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && role.len() < 64;
    if !plain {
        return Err(refuse(
            "the server's role may have small letters, digits and _ in its name",
        ));
    }
    let found = session.query(PG_ROLE, &[role.into()])?;
    if found.first().map(|row| row.int(0)).transpose()? != Some(1) {
        return Err(Error::Refused(format!(
            "there is no role {role}: let the database's keeper make it with CREATE ROLE {role} \
             LOGIN PASSWORD '…', then run this again"
        )));
    }
    Ok(Some(role))
}

fn grant(session: &mut Session<'_>, files: &[File], role: &str) -> Result<()> {
    let fixed = append_only(files);
    session.batch(
        "-- schema::grant\nDO $$ BEGIN EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', \
         current_schema()); END $$",
    )?;
    for table in names(session, PG_TABLES)? {
        let rights = match table.as_str() {
            "schema_version" => "SELECT",
            name if fixed.contains(&name) => "SELECT, INSERT",
            _ => "SELECT, INSERT, UPDATE",
        };
        session.batch(&format!(
            "-- schema::grant\nREVOKE ALL ON {table} FROM PUBLIC, {role}; \
             GRANT {rights} ON {table} TO {role}"
        ))?;
    }
    Ok(())
}

fn check_grants(session: &mut Session<'_>, files: &[File]) -> Result<()> {
    let fixed = format!(",{},", append_only(files).join(","));
    let excess = session.query(PG_EXCESS, &[fixed.as_str().into()])?;
    if excess.first().map(|row| row.int(0)).transpose()? == Some(0) {
        Ok(())
    } else {
        Err(refuse(
            "the server's role may change or delete what must stand for ever (it owns the tables \
             or was granted too much): make the tables with another role, `kecha init \
             --owner-url … --database …`, and give the server only the role of `--database`",
        ))
    }
}

fn refuse(sentence: &str) -> Error {
    Error::Refused(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::FILES;

    /// What is applied is read back by number: a list in another order fits no database it made.
    #[test]
    fn the_files_are_in_the_order_of_their_numbers() {
        let numbers: Vec<i64> = FILES.iter().map(|file| file.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }
}
