//! Accounts of officers, and the keys of programs that query.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::{
    event::Act,
    office::{By, OfficeCode, OfficerId, Role},
    refusal::Refusal,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Door, Error, From, Registry, Result, accounts,
    sessions::END_ALL,
    store::{Ask, Param, Tx},
    tables,
    work::OWN,
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

/// The shortest password.
const SHORTEST: usize = 10;
/// The longest: hashing is not for whole books.
const LONGEST: usize = 200;

pub(super) const GET: &str = "-- staff::get
SELECT a.body, s.password FROM accounts a JOIN staff s ON s.login = a.login
WHERE a.login = $1 AND a.feed = 0";
const ALL: &str = "-- staff::all\nSELECT body FROM accounts WHERE feed = 0 ORDER BY login";
const PUT_PASSWORD: &str = "-- staff::put_password
INSERT INTO staff (login, password) VALUES ($1, $2)
ON CONFLICT (login) DO UPDATE SET password = excluded.password";
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
    /// The hash of a password that may be one: long enough, and not the login.
    ///
    /// # Errors
    /// `PasswordUnfit`.
    pub(super) fn password_hash(&self, login: &str, password: &str) -> Result<String> {
        let long = password.chars().count();
        let is_login = password.to_lowercase().contains(&login.to_lowercase());
        if !(SHORTEST..=LONGEST).contains(&long) || (is_login && long < login.len() + SHORTEST) {
            return Err(Refusal::PasswordUnfit.into());
        }
        self.hash(password)
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
            PasswordHash::new(row.text(1)?).map_err(|_| Error::Internal("staff::authenticate"))?;
        let fits = Argon2::default()
            .verify_password(password.as_bytes(), &kept)
            .is_ok();
        let account = accounts::read(row.text(0)?)?;
        Ok((fits && !account.closed).then(|| officer(account)))
    }

    /// Gives an account another password, and signs its browsers out.
    ///
    /// # Errors
    /// `NotFound`, `PasswordUnfit`, `ForPeople` for a program's account; `SecondPersonRequired` for
    /// whoever took the second factor of the account away, until it has one again.
    pub fn set_password(&self, login: &str, password: &str, by: &str, at: Timestamp) -> Result<()> {
        if OfficerId::from(login).is_program() {
            return Err(Refusal::ForPeople.into());
        }
        let hash = self.password_hash(login, password)?;
        self.officer(login)?;
        let mut tx = self.store.begin()?;
        if by != login && self.factor_taken_by(&mut tx, login)?.as_deref() == Some(by) {
            return Err(Refusal::SecondPersonRequired.into());
        }
        keep_password(&mut tx, login, &hash)?;
        tx.execute(END_ALL, &[login.into()])?;
        let from = From { address: "", at };
        let by = if by == login { "" } else { by };
        self.put_door(&mut tx, login, Door::PasswordChanged, from, by)?;
        Ok(tx.commit()?)
    }

    /// Who took the second factor of an account away, while it has none.
    fn factor_taken_by(&self, tx: &mut Tx<'_>, login: &str) -> Result<Option<String>> {
        let row = tx.query_opt(tables::ACCOUNT_OF, &[login.into(), OWN.into()])?;
        let account = accounts::read(row.ok_or(Error::NotFound)?.text(1)?)?;
        if account.factor {
            return Ok(None);
        }
        let story = self.story(tx, account.id)?;
        let mut resets = story.iter().rev();
        let reset = resets.find(|(_, event)| event.act == Act::FactorReset);
        Ok(reset.map(|(_, event)| event.by.officer.as_str().to_owned()))
    }

    /// Every account that may sign in.
    ///
    /// # Errors
    /// What the database says.
    pub fn accounts(&self) -> Result<Vec<Officer>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        let mut open = Vec::new();
        for row in &rows {
            let account = accounts::read(row.text(0)?)?;
            if !account.closed {
                open.push(officer(account));
            }
        }
        open.sort_by(|a, b| (&a.office, &a.login).cmp(&(&b.office, &b.login)));
        Ok(open)
    }

    /// The account without its password check, for the console of the machine itself.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn officer(&self, login: &str) -> Result<Officer> {
        let asked = [login.into(), OWN.into()];
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(tables::ACCOUNT_OF, &asked)?))?;
        let account = accounts::read(row.ok_or(Error::NotFound)?.text(1)?)?;
        if account.closed {
            return Err(Error::NotFound);
        }
        Ok(officer(account))
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

/// Keeps the hash of a password.
pub(super) fn keep_password(tx: &mut Tx<'_>, login: &str, hash: &str) -> Result<()> {
    tx.execute(PUT_PASSWORD, &[login.into(), hash.into()])?;
    Ok(())
}

/// What an event needs to know of an account.
pub(super) fn officer(account: domain::account::Account) -> Officer {
    Officer {
        roles: account.roles(),
        login: account.login.as_str().to_owned(),
        name: account.name,
        office: account.office,
    }
}
