//! An account 账号: who is on duty where, in which roles, and since when.
//!
//! Nobody grants a role to himself, and the three administrators are three people. What only the
//! register knows (whether the security administrator's office stands above the account's) is
//! judged there.

use alloc::{string::String, vec::Vec};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Act, Event, legal_day},
    office::{OfficeCode, OfficerId, Role},
    record::RecordId,
    refusal::Refusal,
};

/// What an account is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Login, for ever that officer's.
    pub login: OfficerId,
    /// The officer's name.
    pub name: String,
    /// The office.
    pub office: OfficeCode,
    /// The first roles.
    pub roles: Vec<Role>,
}

/// A role, and when it was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Which.
    pub role: Role,
    /// From this moment on.
    pub from: Timestamp,
    /// Until then; absent while it is held.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
}

/// An account, folded from its events. It never says what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its record.
    pub id: RecordId,
    /// Login.
    pub login: OfficerId,
    /// The officer's name.
    pub name: String,
    /// The office.
    pub office: OfficeCode,
    /// Every role that was ever held.
    pub spans: Vec<Span>,
    /// Whether there is a second factor.
    pub factor: bool,
    /// It may no longer sign in.
    pub closed: bool,
    /// When the last event happened.
    pub last: Timestamp,
}

impl Account {
    /// The roles held now.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let held = self.spans.iter().filter(|span| span.until.is_none());
        held.map(|span| span.role).collect()
    }

    /// The roles held at any time of a day.
    #[must_use]
    pub fn roles_on(&self, day: Date) -> Vec<Role> {
        let held = self.spans.iter().filter(|span| {
            legal_day(span.from) <= day && span.until.is_none_or(|until| day <= legal_day(until))
        });
        held.map(|span| span.role).collect()
    }

    /// Whether the role was held at that moment.
    #[must_use]
    pub fn held(&self, role: Role, at: Timestamp) -> bool {
        self.spans.iter().any(|span| {
            span.role == role && span.from <= at && span.until.is_none_or(|until| at < until)
        })
    }

    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.closed {
            "account_ended"
        } else {
            "account_open"
        }
    }

    /// Folds the opening. Whoever has the machine opens the account of a security administrator
    /// and no other.
    ///
    /// # Errors
    /// `WrongState` for any other event, `RoleNotAllowed`, `WrongLaw`, `OwnAccount`,
    /// `AdministratorsApart`, `AlreadyExists` for a role named twice, `ForPeople` for a role that no
    /// program holds.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::AccountOpened(opening) = &event.act else {
            return Err(Refusal::WrongState);
        };
        if event.by.role == Role::Machine && opening.roles != [Role::SecurityAdmin] {
            return Err(Refusal::RoleNotAllowed);
        }
        if event.by.officer == opening.login {
            return Err(Refusal::OwnAccount);
        }
        let mut account = Self {
            id: event.record,
            login: opening.login.clone(),
            name: opening.name.clone(),
            office: opening.office.clone(),
            spans: Vec::new(),
            factor: false,
            closed: false,
            last: event.at,
        };
        for role in &opening.roles {
            account.grant(*role, event.at)?;
        }
        Ok(account)
    }

    fn grant(&mut self, role: Role, at: Timestamp) -> Result<(), Refusal> {
        if !Role::ALL.contains(&role) {
            return Err(Refusal::RoleNotAllowed);
        }
        if self.login.is_program() && !role.is_for_programs() {
            return Err(Refusal::ForPeople);
        }
        let mut roles = self.roles();
        if roles.contains(&role) {
            return Err(Refusal::AlreadyExists);
        }
        roles.push(role);
        Role::apart(&roles)?;
        self.spans.push(Span {
            role,
            from: at,
            until: None,
        });
        Ok(())
    }

    fn withdraw(&mut self, role: Role, at: Timestamp) -> Result<(), Refusal> {
        let held = |span: &&mut Span| span.role == role && span.until.is_none();
        let span = self.spans.iter_mut().find(held);
        span.ok_or(Refusal::Unknown)?.until = Some(at);
        Ok(())
    }

    /// Folds one more event.
    ///
    /// # Errors
    /// `Unknown` for another record's event and for a role that is not held, `WrongState` for a
    /// closed account or an act that is none of an account, `OwnAccount`, `OutOfOrder`,
    /// `AlreadyExists`, `AdministratorsApart`, `RoleNotAllowed`, `ForPeople`, `WrongLaw`.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        if event.record != self.id {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        event.check_law_of_day()?;
        if matches!(event.act, Act::AccountOpened(_)) {
            return Err(Refusal::AlreadyExists);
        }
        if self.closed {
            return Err(Refusal::WrongState);
        }
        // A second factor is enrolled by the officer alone, everything else by another.
        let own = event.by.officer == self.login;
        match &event.act {
            Act::FactorEnrolled if !own => return Err(Refusal::RoleNotAllowed),
            Act::FactorEnrolled if self.factor => return Err(Refusal::AlreadyExists),
            Act::FactorEnrolled => self.factor = true,
            _ if own => return Err(Refusal::OwnAccount),
            Act::FactorReset if !self.factor => return Err(Refusal::Unknown),
            Act::FactorReset => self.factor = false,
            Act::RoleGranted { role } => self.grant(*role, event.at)?,
            Act::RoleWithdrawn { role } => self.withdraw(*role, event.at)?,
            Act::AccountClosed => {
                for role in self.roles() {
                    self.withdraw(role, event.at)?;
                }
                self.closed = true;
            }
            _ => return Err(Refusal::WrongState),
        }
        self.last = event.at;
        Ok(self)
    }
}
