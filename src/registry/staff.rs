//! Accounts of officers, and the keys of programs that query.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::{
    event::Act,
    office::{By, OfficeCode, Role},
    refusal::Refusal,
};
use sha2::{Digest, Sha256};

use super::{
    Error, Registry, Result,
    store::{Ask, Param},
};

/// Who is signed in: what an event needs to know of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Login.
    pub login: String,
    /// The officer's name, shown to colleagues.
    pub name: String,
    /// The office of the account.
    pub office: OfficeCode,
    /// Its roles.
    pub roles: Vec<Role>,
}

impl Officer {
    /// Acts in the first of the account's roles that allows the act.
    ///
    /// # Errors
    /// `RoleNotAllowed`.
    pub fn acting(&self, act: &Act) -> Result<By> {
        let role = act
            .roles()
            .iter()
            .find(|r| self.roles.contains(r))
            .ok_or(Refusal::RoleNotAllowed)?;
        Ok(By {
            officer: self.login.as_str().into(),
            office: self.office.clone(),
            role: *role,
        })
    }
}

/// A new account.
pub struct Account<'a> {
    /// Who.
    pub officer: Officer,
    /// The password, kept as an argon2id hash only.
    pub password: &'a str,
}

const PUT: &str =
    "-- staff::put\nINSERT INTO staff (login, name, office, roles, password, disabled)
VALUES ($1, $2, $3, $4, $5, 0)";
pub(super) const GET: &str =
    "-- staff::get\nSELECT name, office, roles, password, disabled FROM staff WHERE login = $1";
const ALL: &str = "-- staff::all\nSELECT login, name, office, roles FROM staff WHERE disabled = 0 ORDER BY office, login";
const SET_PASSWORD: &str =
    "-- staff::set_password\nUPDATE staff SET password = $2 WHERE login = $1";
const CLOSE: &str = "-- staff::close\nUPDATE staff SET disabled = 1 WHERE login = $1";
const END_ALL: &str = "-- staff::end_sessions\nUPDATE web_sessions SET ended = 1 WHERE login = $1";
const PUT_KEY: &str =
    "-- staff::put_key\nINSERT INTO api_keys (key, label, ended) VALUES ($1, $2, 0)";
const KEYS: &str = "-- staff::keys\nSELECT key FROM api_keys WHERE ended = 0";
const ALL_KEYS: &str =
    "-- staff::all_keys\nSELECT key, label, ended FROM api_keys ORDER BY label, key";
const END_KEY: &str = "-- staff::end_key\nUPDATE api_keys SET ended = 1 WHERE key = $1";

/// A program's key as its keeper sees it: the key itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramKey {
    /// The first characters of its digest, by which it is named.
    pub number: String,
    /// Whose program it is.
    pub label: String,
    /// Not in force any more.
    pub ended: bool,
}

/// What a secret is kept as: it has enough chance in it that a plain digest gives nothing away.
#[must_use]
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl Registry {
    /// Opens an account.
    ///
    /// # Errors
    /// `RoleOfAnotherOffice` when a role does not belong to the kind of office; `AdministratorsApart`;
    /// `Conflict` when the login is taken.
    pub fn open_account(&self, account: &Account<'_>) -> Result<()> {
        let officer = &account.officer;
        let kind = self.office(&officer.office).map(|o| o.kind);
        if officer
            .roles
            .iter()
            .any(|r| r.office().is_some_and(|k| Some(k) != kind))
        {
            return Err(Refusal::RoleOfAnotherOffice.into());
        }
        Role::apart(&officer.roles)?;
        let hash = self.hash(account.password)?;
        let roles: Vec<&str> = officer.roles.iter().map(|r| r.code()).collect();
        let mut tx = self.store.begin()?;
        tx.execute(
            PUT,
            &[
                (&officer.login).into(),
                (&officer.name).into(),
                officer.office.as_str().into(),
                (&roles.join(" ")).into(),
                (&hash).into(),
            ],
        )?;
        Ok(tx.commit()?)
    }

    fn hash(&self, password: &str) -> Result<String> {
        let salt: [u8; 16] = self.chance.bytes();
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        Ok(hash
            .map_err(|_| Error::Internal("staff::hash"))?
            .to_string())
    }

    /// The officer, when login and password fit. Takes as long when the login does not exist.
    ///
    /// # Errors
    /// What the database says.
    pub fn authenticate(&self, login: &str, password: &str) -> Result<Option<Officer>> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(GET, &[login.into()])?))?;
        let Some(row) = row else {
            self.hash(password)?;
            return Ok(None);
        };
        let kept =
            PasswordHash::new(row.text(3)?).map_err(|_| Error::Internal("staff::authenticate"))?;
        let fits = Argon2::default()
            .verify_password(password.as_bytes(), &kept)
            .is_ok();
        if !fits || row.int(4)? != 0 {
            return Ok(None);
        }
        Ok(Some(officer(
            login,
            row.text(0)?,
            row.text(1)?,
            row.text(2)?,
        )))
    }

    /// Gives an account another password, and signs its browsers out.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn set_password(&self, login: &str, password: &str) -> Result<()> {
        let hash = self.hash(password)?;
        self.change_account(login, SET_PASSWORD, &[login.into(), (&hash).into()])
    }

    /// Closes an account for good, and signs its browsers out. Its login stays in the story.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn close_account(&self, login: &str) -> Result<()> {
        self.change_account(login, CLOSE, &[login.into()])
    }

    fn change_account(&self, login: &str, sql: &'static str, row: &[Param<'_>]) -> Result<()> {
        let mut tx = self.store.begin()?;
        if tx.execute(sql, row)? == 0 {
            return Err(Error::NotFound);
        }
        tx.execute(END_ALL, &[login.into()])?;
        Ok(tx.commit()?)
    }

    /// Every account that may sign in.
    ///
    /// # Errors
    /// What the database says.
    pub fn accounts(&self) -> Result<Vec<Officer>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        rows.iter()
            .map(|r| Ok(officer(r.text(0)?, r.text(1)?, r.text(2)?, r.text(3)?)))
            .collect()
    }

    /// The account without its password check, for the console of the machine itself.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn officer(&self, login: &str) -> Result<Officer> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(GET, &[login.into()])?))?;
        let row = row.ok_or(Error::NotFound)?;
        if row.int(4)? != 0 {
            return Err(Error::NotFound);
        }
        Ok(officer(login, row.text(0)?, row.text(1)?, row.text(2)?))
    }

    /// Admits a program that queries; only the key's digest is kept.
    ///
    /// # Errors
    /// What the database says.
    pub fn admit_key(&self, secret: &str, label: &str) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(PUT_KEY, &[(&digest(secret)).into(), label.into()])?;
        Ok(tx.commit()?)
    }

    /// The digests of all keys in force.
    ///
    /// # Errors
    /// What the database says.
    pub fn api_keys(&self) -> Result<Vec<[u8; 32]>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(KEYS, &[])?))?;
        rows.iter().map(|row| Ok(row.bytes(0)?)).collect()
    }

    /// Every key there ever was.
    ///
    /// # Errors
    /// What the database says.
    pub fn program_keys(&self) -> Result<Vec<ProgramKey>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(ALL_KEYS, &[])?))?;
        rows.iter()
            .map(|row| {
                Ok(ProgramKey {
                    number: key_number(row.blob(0)?),
                    label: row.text(1)?.to_owned(),
                    ended: row.int(2)? != 0,
                })
            })
            .collect()
    }

    /// Ends a key.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn end_key(&self, number: &str) -> Result<()> {
        let mut tx = self.store.begin()?;
        let rows = tx.query(ALL_KEYS, &[])?;
        for row in &rows {
            let key = row.blob(0)?;
            if key_number(key) == number {
                tx.execute(END_KEY, &[Param::Blob(key)])?;
                return Ok(tx.commit()?);
            }
        }
        Err(Error::NotFound)
    }
}

fn key_number(digest: &[u8]) -> String {
    digest.iter().take(5).map(|b| format!("{b:02x}")).collect()
}

pub(super) fn officer(login: &str, name: &str, office: &str, roles: &str) -> Officer {
    Officer {
        login: login.to_owned(),
        name: name.to_owned(),
        office: office.into(),
        roles: roles.split(' ').filter_map(Role::from_code).collect(),
    }
}
