//! What happens at the door: who came in, who failed, whom failures have locked out; a row for each
//! of it, for the audit administrator.

use jiff::Timestamp;

use super::{
    Error, Registry, Result,
    readings::Mark,
    staff,
    store::{Ask, Param, Tx},
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// Password, and code where one is needed, were right.
    SignedIn,
    /// Signed in on the command line of the machine.
    CommandLine,
    /// The password was wrong.
    WrongPassword,
    /// The code was wrong, or was used before.
    WrongCode,
    /// Tried on an account that is locked.
    WhileLocked,
    /// One failure too many.
    Locked,
    /// The security administrator opened it again.
    Unlocked,
    /// Signed in anew before something grave.
    Again,
    /// Went.
    SignedOut,
    /// Another signed it out.
    SignedOutByOther,
    /// The password was changed.
    PasswordChanged,
}

impl Door {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::SignedIn,
        Self::CommandLine,
        Self::WrongPassword,
        Self::WrongCode,
        Self::WhileLocked,
        Self::Locked,
        Self::Unlocked,
        Self::Again,
        Self::SignedOut,
        Self::SignedOutByOther,
        Self::PasswordChanged,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::CommandLine => "command_line",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::WhileLocked => "while_locked",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::Again => "again",
            Self::SignedOut => "signed_out",
            Self::SignedOutByOther => "signed_out_by_other",
            Self::PasswordChanged => "password_changed",
        }
    }
}

/// Something that happened at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorLine {
    /// When.
    pub at: Timestamp,
    /// Whose account.
    pub login: String,
    /// What, as [`Door::code`] writes it.
    pub what: String,
    /// Where the browser was; empty for the machine itself.
    pub address: String,
    /// Who did it, where it was another.
    pub by: String,
}

/// Where a try comes from, and when.
#[derive(Clone, Copy, Debug)]
pub struct From<'a> {
    /// The browser's address; empty for the machine itself.
    pub address: &'a str,
    /// When.
    pub at: Timestamp,
}

const PUT: &str = "-- sign_ins::append
INSERT INTO sign_ins (id, at, login, what, address, by_login) VALUES ($1, $2, $3, $4, $5, $6)";
const BEFORE: &str = "-- sign_ins::before
SELECT at, login, what, address, by_login, id FROM sign_ins
WHERE at <= $1 AND (at < $1 OR id < $2) ORDER BY at DESC, id DESC LIMIT $3";
const PASSWORD_BY: &str = "-- sign_ins::password_by
SELECT by_login FROM sign_ins WHERE login = $1 AND what = 'password_changed'
ORDER BY at DESC, id DESC LIMIT 1";
const FAIL: &str = "-- locks::fail
INSERT INTO locks (login, failures, last, locked) VALUES ($1, 1, $2, 0)
ON CONFLICT (login) DO UPDATE SET failures = locks.failures + 1, last = excluded.last";
const LOCK: &str = "-- locks::lock
UPDATE locks SET locked = 1 WHERE login = $1 AND failures >= $2 AND locked = 0";
const OPEN: &str = "-- locks::open\nUPDATE locks SET failures = 0, locked = 0 WHERE login = $1";
const IS_LOCKED: &str = "-- locks::is_locked\nSELECT locked FROM locks WHERE login = $1";
const ALL_LOCKED: &str = "-- locks::all\nSELECT login FROM locks WHERE locked = 1";

impl Registry {
    /// Notes what happened at the door of an account.
    ///
    /// # Errors
    /// What the database says.
    pub fn note_door(&self, login: &str, what: Door, from: From<'_>, by: &str) -> Result<()> {
        let mut tx = self.store.begin()?;
        self.put_door(&mut tx, login, what, from, by)?;
        Ok(tx.commit()?)
    }

    pub(super) fn put_door(
        &self,
        tx: &mut Tx<'_>,
        login: &str,
        what: Door,
        from: From<'_>,
        by: &str,
    ) -> Result<()> {
        let row: [Param<'_>; 6] = [
            self.serials(from.at, 1).into(),
            from.at.as_millisecond().into(),
            login.into(),
            what.code().into(),
            from.address.into(),
            by.into(),
        ];
        tx.execute(PUT, &row)?;
        Ok(())
    }

    /// What happened before a place of the list, the last first, and where the list goes on.
    ///
    /// # Errors
    /// What the database says.
    pub fn doors(&self, before: Mark, limit: u32) -> Result<(Vec<DoorLine>, Option<Mark>)> {
        let [at, id] = before.asked();
        let asked = [at, id, i64::from(limit).into()];
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(BEFORE, &asked)?))?;
        let full = rows.len() as u64 == u64::from(limit);
        let last = rows.last().filter(|_| full);
        let next = last.map(|row| Ok::<_, Error>(Mark::new(row.int(0)?, row.int(5)?)));
        let lines: Result<Vec<DoorLine>> = rows
            .iter()
            .map(|row| {
                Ok(DoorLine {
                    at: Timestamp::from_millisecond(row.int(0)?).unwrap_or(Timestamp::UNIX_EPOCH),
                    login: row.text(1)?.to_owned(),
                    what: row.text(2)?.to_owned(),
                    address: row.text(3)?.to_owned(),
                    by: row.text(4)?.to_owned(),
                })
            })
            .collect();
        Ok((lines?, next.transpose()?))
    }

    /// A failure; the one that makes `most` in a row locks the account. What is no account is not
    /// noted: somebody may have typed a password into the wrong field.
    ///
    /// # Errors
    /// What the database says.
    pub fn failed(&self, login: &str, what: Door, from: From<'_>, most: u32) -> Result<()> {
        let mut tx = self.store.begin()?;
        if tx.query_opt(staff::GET, &[login.into()])?.is_none() {
            return Ok(());
        }
        self.put_door(&mut tx, login, what, from, "")?;
        tx.execute(FAIL, &[login.into(), from.at.as_millisecond().into()])?;
        if tx.execute(LOCK, &[login.into(), i64::from(most).into()])? == 1 {
            self.put_door(&mut tx, login, Door::Locked, from, "")?;
        }
        Ok(tx.commit()?)
    }

    /// A success: failures count anew.
    ///
    /// # Errors
    /// What the database says.
    pub fn succeeded(&self, login: &str, what: Door, from: From<'_>) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(OPEN, &[login.into()])?;
        self.put_door(&mut tx, login, what, from, "")?;
        Ok(tx.commit()?)
    }

    /// Whether failures have locked the account.
    ///
    /// # Errors
    /// What the database says.
    pub fn is_locked(&self, login: &str) -> Result<bool> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(IS_LOCKED, &[login.into()])?))?;
        row.map_or(Ok(false), |row| Ok(row.int(0)? != 0))
    }

    /// The logins that failures have locked.
    ///
    /// # Errors
    /// What the database says.
    pub fn locked(&self) -> Result<Vec<String>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(ALL_LOCKED, &[])?))?;
        rows.iter().map(|r| Ok(r.text(0)?.to_owned())).collect()
    }

    /// Opens an account that failures have locked.
    ///
    /// # Errors
    /// What the database says.
    pub fn unlock(&self, login: &str, by: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(OPEN, &[login.into()])?;
        let from = From { address: "", at };
        self.put_door(&mut tx, login, Door::Unlocked, from, by)?;
        Ok(tx.commit()?)
    }
}

/// Who gave the account the password it has; empty for its officer, and for whoever has the machine.
pub(super) fn password_by(tx: &mut Tx<'_>, login: &str) -> Result<String> {
    let row = tx.query_opt(PASSWORD_BY, &[login.into()])?;
    row.map_or(Ok(String::new()), |row| Ok(row.text(0)?.to_owned()))
}
