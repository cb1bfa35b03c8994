//! Accounts as records: who opened them, which roles were granted, withdrawn, by whom and when. What
//! opens an account (password, second factor) is no part of the record.

use domain::{
    account::{self, Opening},
    event::{Act, Event, legal_day},
    law,
    office::{By, OfficeCode, OfficeKind, OfficerId, Role},
    record::RecordId,
    refusal::Refusal,
};
use jiff::Timestamp;

use super::{
    Account, Door, Error, From, Officer, Registry, Result,
    doors::password_by,
    sessions::END_ALL,
    store::Ask,
    tables,
    work::{Kept, OWN, Work},
};

/// What is done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// 授予角色
    Grant(Role),
    /// 撤回角色
    Withdraw(Role),
    /// The account may no longer sign in.
    Close,
    /// The second factor is taken away, as when the telephone is lost.
    ResetFactor,
}

impl Duty {
    fn act(self) -> Act {
        match self {
            Self::Grant(role) => Act::RoleGranted { role },
            Self::Withdraw(role) => Act::RoleWithdrawn { role },
            Self::Close => Act::AccountClosed,
            Self::ResetFactor => Act::FactorReset,
        }
    }
}

/// An account with its story.
pub struct AccountFile {
    /// The account.
    pub account: account::Account,
    /// Its events with their places in the journal.
    pub story: Vec<(i64, Event)>,
}

const ALL: &str =
    "-- accounts::all\nSELECT version, body FROM accounts WHERE feed = 0 ORDER BY login";
const RESET: &str = "-- factors::reset\nUPDATE factors SET secret = NULL WHERE login = $1";

impl Registry {
    /// Opens an account with a password.
    ///
    /// # Errors
    /// As [`Registry::register_account`]; `PasswordUnfit`.
    pub fn open_account(
        &self,
        account: &Account<'_>,
        by: Option<&Officer>,
        now: Timestamp,
    ) -> Result<RecordId> {
        let hash = self.password_hash(&account.officer.login, account.password)?;
        let mut work = self.work()?;
        let id = work.open_account(&account.officer, by, now)?;
        let login = &account.officer.login;
        super::staff::keep_password(&mut work.tx, login, &hash)?;
        if let Some(by) = by {
            // The first password is known to whoever opened the account, like every one he sets.
            let from = From {
                address: "",
                at: now,
            };
            self.put_door(&mut work.tx, login, Door::PasswordChanged, from, &by.login)?;
        }
        work.commit()?;
        Ok(id)
    }

    /// Opens an account that nobody can sign in with yet. Without an officer it is whoever has the
    /// machine, who opens the account of a security administrator where the node has none.
    ///
    /// # Errors
    /// `AlreadyExists` when the login is taken; `RoleOfAnotherOffice`, `NotThisOffice`,
    /// `AdministratorsApart`, `OwnAccount`, `RoleNotAllowed`.
    pub fn register_account(
        &self,
        officer: &Officer,
        by: Option<&Officer>,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        let id = work.open_account(officer, by, now)?;
        work.commit()?;
        Ok(id)
    }

    /// Grants, withdraws, closes, or takes a second factor away. A closed account, one whose second
    /// factor is taken away, and one that needs its first by what it is granted are signed out at
    /// once.
    ///
    /// # Errors
    /// `NotFound`; `NotThisOffice`, `RoleOfAnotherOffice`, and what the record refuses;
    /// `SecondPersonRequired` to take the factor of an account whose password one knows.
    pub fn change_account(
        &self,
        login: &str,
        what: Duty,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        let account = work.own_account(login)?;
        let act = what.act();
        let by = by.acting(&act)?;
        work.registry.stands_above(&by.office, &account.office)?;
        let (office, factor) = (account.office.clone(), account.factor);
        // Whoever has both becomes the officer.
        if what == Duty::ResetFactor && password_by(&mut work.tx, login)? == by.officer.as_str() {
            return Err(Refusal::SecondPersonRequired.into());
        }
        work.follow_account(account, act, by, now)?;
        if let Duty::Grant(role) = what {
            work.registry.roles_fit(&office, &[role])?;
        }
        // Its browsers were let in by a password alone.
        let lacks = matches!(what, Duty::Grant(role) if role.needs_factor() && !factor);
        if lacks || matches!(what, Duty::Close | Duty::ResetFactor) {
            work.tx.execute(END_ALL, &[login.into()])?;
        }
        if what == Duty::ResetFactor {
            work.tx.execute(RESET, &[login.into()])?;
        }
        work.commit()
    }

    /// Every account there ever was.
    ///
    /// # Errors
    /// What the database says.
    pub fn all_accounts(&self) -> Result<Vec<account::Account>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        rows.iter().map(|row| read(row.text(1)?)).collect()
    }

    /// One account with its story.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn account_file(&self, id: RecordId) -> Result<AccountFile> {
        self.store.read(|r| {
            let row = r.query_opt(tables::ACCOUNT, &[id.as_i64().into(), OWN.into()])?;
            let row = row.ok_or(Error::NotFound)?;
            let account = read(row.text(1)?)?;
            let story = self.story(r, id)?;
            Ok(AccountFile { account, story })
        })
    }

    /// Whether a security administrator of one office keeps the accounts of another: the own one,
    /// one that reports to it, or, where the office is that of the node itself, any.
    ///
    /// # Errors
    /// `NotThisOffice`.
    pub fn stands_above(&self, above: &OfficeCode, below: &OfficeCode) -> Result<()> {
        let is_node = self.office(above).is_none();
        let reports = self.office(below).and_then(|o| o.reports_to);
        if is_node || above == below || reports.as_ref() == Some(above) {
            Ok(())
        } else {
            Err(Refusal::NotThisOffice.into())
        }
    }

    /// Whether a role belongs to an office. One that reaches all of the node belongs to the node's
    /// own and to none of the directory: else whoever keeps the accounts of one institution could
    /// make himself an officer who authorises it.
    #[must_use]
    pub fn role_fits(&self, office: &OfficeCode, role: Role) -> bool {
        let kind: Option<OfficeKind> = self.office(office).map(|o| o.kind);
        match role.office() {
            Some(wanted) => Some(wanted) == kind,
            None => kind.is_none() || !role.reaches_all(),
        }
    }

    fn roles_fit(&self, office: &OfficeCode, roles: &[Role]) -> Result<()> {
        if roles.iter().all(|role| self.role_fits(office, *role)) {
            Ok(())
        } else {
            Err(Refusal::RoleOfAnotherOffice.into())
        }
    }
}

impl Work<'_> {
    /// Opens an account, when the officer may and the roles fit the office.
    pub(super) fn open_account(
        &mut self,
        officer: &Officer,
        by: Option<&Officer>,
        now: Timestamp,
    ) -> Result<RecordId> {
        let act = Act::AccountOpened(Box::new(Opening {
            login: officer.login.as_str().into(),
            name: officer.name.clone(),
            office: officer.office.clone(),
            roles: officer.roles.clone(),
        }));
        let by = match by {
            Some(by) => {
                let by = by.acting(&act)?;
                self.registry.stands_above(&by.office, &officer.office)?;
                by
            }
            None if self.has_security()? => return Err(Refusal::RoleNotAllowed.into()),
            None => By::machine(&officer.office),
        };
        if self.account_of(&officer.login.as_str().into())?.is_some() {
            return Err(Refusal::AlreadyExists.into());
        }
        let event = Event {
            at: now,
            by,
            law: law::on(legal_day(now)).name,
            record: self.new_record(),
            act,
        };
        let account = account::Account::begun(&event)?;
        self.registry.roles_fit(&officer.office, &officer.roles)?;
        self.journal(&event)?;
        self.put_account(account);
        Ok(event.record)
    }

    /// Whether a security administrator can sign in.
    fn has_security(&mut self) -> Result<bool> {
        for row in &self.tx.query(ALL, &[])? {
            if read(row.text(1)?)?.roles().contains(&Role::SecurityAdmin) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The account of this node with that login.
    pub fn own_account(&mut self, login: &str) -> Result<account::Account> {
        self.account_of(&login.into())?.ok_or(Error::NotFound)
    }

    /// Records what has been done to an account.
    pub fn follow_account(
        &mut self,
        account: account::Account,
        act: Act,
        by: By,
        now: Timestamp,
    ) -> Result<()> {
        let at = Work::not_before(now, account.last);
        let event = Event {
            at,
            by,
            law: law::on(legal_day(at)).name,
            record: account.id,
            act,
        };
        let account = account.after(&event)?;
        self.journal(&event)?;
        self.put_account(account);
        Ok(())
    }

    /// An account by its number.
    pub fn account(&mut self, id: RecordId) -> Result<account::Account> {
        if let Some(kept) = self.accounts.get(&id) {
            return Ok(kept.value.clone());
        }
        let place = [id.as_i64().into(), self.feed.into()];
        let row = self.tx.query_opt(tables::ACCOUNT, &place)?;
        let row = row.ok_or(Error::NotFound)?;
        let account = read(row.text(1)?)?;
        self.accounts
            .insert(id, Kept::at(account.clone(), row.int(0)?));
        Ok(account)
    }

    /// An account of this journal by its login.
    pub fn account_of(&mut self, login: &OfficerId) -> Result<Option<account::Account>> {
        let known = self.accounts.values().find(|k| k.value.login == *login);
        if let Some(kept) = known {
            return Ok(Some(kept.value.clone()));
        }
        let asked = [login.as_str().into(), self.feed.into()];
        let Some(row) = self.tx.query_opt(tables::ACCOUNT_OF, &asked)? else {
            return Ok(None);
        };
        let account = read(row.text(1)?)?;
        self.accounts
            .insert(account.id, Kept::at(account.clone(), row.int(0)?));
        Ok(Some(account))
    }

    /// Keeps an account as an event has left it.
    pub fn put_account(&mut self, account: account::Account) {
        let kept = self
            .accounts
            .entry(account.id)
            .or_insert_with(|| Kept::new(account.clone()));
        kept.value = account;
        kept.touched += 1;
    }

    /// Refuses an act in a role that its officer does not hold at that moment, and what binds of an
    /// authority that is suspended.
    ///
    /// # Errors
    /// `RoleNotHeld`, `OfficeSuspended`.
    pub fn on_duty(&mut self, event: &Event) -> Result<()> {
        let By {
            officer,
            office,
            role,
        } = &event.by;
        if !Role::ALL.contains(role) {
            return Ok(());
        }
        let authority = role.office() == Some(OfficeKind::Authority);
        if authority
            && !event.act.goes_on_suspended()
            && self.office(office)?.is_some_and(|o| o.suspended.is_some())
        {
            return Err(Refusal::OfficeSuspended.into());
        }
        let holds = |a: &account::Account| a.office == *office && a.held(*role, event.at);
        // Looked at in place: a sheet of ten thousand rows asks ten thousand times.
        let known = self.accounts.values().find(|k| k.value.login == *officer);
        let holds = match known {
            Some(kept) => holds(&kept.value),
            None => self.account_of(officer)?.as_ref().is_some_and(holds),
        };
        if holds {
            Ok(())
        } else {
            Err(Refusal::RoleNotHeld.into())
        }
    }
}

/// An account as its row keeps it.
pub(super) fn read(body: &str) -> Result<account::Account> {
    serde_json::from_str(body).map_err(|_| Error::Internal("accounts::read"))
}
