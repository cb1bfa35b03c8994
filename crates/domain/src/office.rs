//! Offices and the people on duty in them: who exists, what each may do.

mod past;

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    case::stated,
    catalogue::ItemCode,
    event::{Act, Event},
    law::Ground,
    record::RecordId,
    refusal::Refusal,
};

pub use self::past::{Past, Suspension};

/// What an officer's account allows. One account may hold several, of one office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Institution: enters candidates, scores and reports.
    InstitutionClerk,
    /// Institution: confirms scores that another entered.
    InstitutionLead,
    /// Institution: enters a practical score, apart from the others of the panel.
    Assessor,
    /// Authority: accepts, returns with the complete list, refuses.
    AcceptanceOfficer,
    /// Authority: first pair of eyes.
    Reviewer,
    /// Authority: second pair of eyes; decides.
    Approver,
    /// Authority: makes and issues.
    Issuer,
    /// Keeps the node: the directory of offices, feeds, keys; decides nothing about a person.
    SystemAdmin,
    /// Keeps the accounts: who is on duty in which role.
    SecurityAdmin,
    /// Looks on: reads the directory, the feeds and who signed in and read what; writes nothing.
    AuditAdmin,
    /// No account: whoever has the machine opens a node's first account.
    Machine,
    /// Not a person: what the law lets time do (deemed acceptance, lapse), and what the node sees.
    Clock,
    /// Somebody of the public, who has no account: asks, and asks back.
    Asker,
}

impl Role {
    /// Every role a person can hold.
    pub const ALL: [Self; 10] = [
        Self::InstitutionClerk,
        Self::InstitutionLead,
        Self::Assessor,
        Self::AcceptanceOfficer,
        Self::Reviewer,
        Self::Approver,
        Self::Issuer,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InstitutionClerk => "institution_clerk",
            Self::InstitutionLead => "institution_lead",
            Self::Assessor => "assessor",
            Self::AcceptanceOfficer => "acceptance_officer",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::Issuer => "issuer",
            Self::SystemAdmin => "system_admin",
            Self::SecurityAdmin => "security_admin",
            Self::AuditAdmin => "audit_admin",
            Self::Machine => "machine",
            Self::Clock => "clock",
            Self::Asker => "asker",
        }
    }

    /// The role with that code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// Which kind of office the role belongs to; `None` for any.
    #[must_use]
    pub fn office(self) -> Option<OfficeKind> {
        match self {
            Self::InstitutionClerk | Self::InstitutionLead | Self::Assessor => {
                Some(OfficeKind::Institution)
            }
            Self::AcceptanceOfficer | Self::Reviewer | Self::Approver | Self::Issuer => {
                Some(OfficeKind::Authority)
            }
            Self::SystemAdmin
            | Self::SecurityAdmin
            | Self::AuditAdmin
            | Self::Machine
            | Self::Clock
            | Self::Asker => None,
        }
    }

    /// It reaches every office of the node: the directory, the accounts, who read what. Only the
    /// node's own office, which reports to none, has such an account.
    #[must_use]
    pub fn reaches_all(self) -> bool {
        matches!(self, Self::SystemAdmin | Self::AuditAdmin)
    }

    /// Whoever holds it decides about people, or keeps what they are decided with: the account
    /// needs a second factor.
    #[must_use]
    pub fn needs_factor(self) -> bool {
        self.is_administrator() || matches!(self, Self::Approver | Self::Issuer)
    }

    /// A program's account may hold it: it hands in and takes in, and decides about nobody. Where
    /// two pairs of eyes are asked for, both are people's.
    #[must_use]
    pub fn is_for_programs(self) -> bool {
        matches!(self, Self::InstitutionClerk | Self::AcceptanceOfficer)
    }

    /// One of the three administrators 三员.
    #[must_use]
    pub fn is_administrator(self) -> bool {
        matches!(
            self,
            Self::SystemAdmin | Self::SecurityAdmin | Self::AuditAdmin
        )
    }

    /// 三员分立: whoever is one of the three administrators is nothing else beside.
    ///
    /// # Errors
    /// `AdministratorsApart`.
    pub fn apart(roles: &[Self]) -> Result<(), Refusal> {
        let other = |first: &Self| roles.iter().any(|r| r != first);
        match roles.iter().find(|r| r.is_administrator()) {
            Some(first) if other(first) => Err(Refusal::AdministratorsApart),
            _ => Ok(()),
        }
    }
}

macro_rules! text_code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// As written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(s: &str) -> Self {
                Self(s.to_string())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_code! {
    /// The code of an office, unique in the directory.
    OfficeCode
}

text_code! {
    /// The login of an officer, kept in the event so that it outlives the account.
    OfficerId
}

impl OfficerId {
    /// What the login of a program's account begins with; no person's does.
    pub const PROGRAM: &str = "machine:";

    /// Whether the account is a program's.
    #[must_use]
    pub fn is_program(&self) -> bool {
        self.0.starts_with(Self::PROGRAM)
    }
}

/// Who did something: the officer, the office and the role it was done in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Login.
    pub officer: OfficerId,
    /// Office of the account on that day.
    pub office: OfficeCode,
    /// The role used.
    pub role: Role,
}

impl By {
    /// Time itself, acting for the office that let it pass.
    #[must_use]
    pub fn clock(office: &OfficeCode) -> Self {
        Self {
            officer: "clock".into(),
            office: office.clone(),
            role: Role::Clock,
        }
    }

    /// Whoever has the machine of that office.
    #[must_use]
    pub fn machine(office: &OfficeCode) -> Self {
        Self {
            officer: "machine".into(),
            office: office.clone(),
            role: Role::Machine,
        }
    }

    /// Somebody of the public, before the authority that is asked.
    #[must_use]
    pub fn asker(office: &OfficeCode) -> Self {
        Self {
            officer: "asker".into(),
            office: office.clone(),
            role: Role::Asker,
        }
    }
}

/// What an office is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeKind {
    /// 考试机构, examines and reports.
    Institution,
    /// 发证机关, decides and issues.
    Authority,
}

/// What an institution may examine, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    /// The number of the authorising document.
    pub number: String,
    /// Catalogue items in scope.
    pub items: Vec<ItemCode>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// An entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Its code.
    pub code: OfficeCode,
    /// Its name, as printed.
    pub name: String,
    /// What it is.
    pub kind: OfficeKind,
    /// The telephone the public is given.
    pub telephone: String,
    /// The authority an institution reports to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reports_to: Option<OfficeCode>,
    /// An institution's authorisation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorisation: Option<Authorisation>,
    /// Set while the office may not act.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suspended: Option<Ground>,
    /// What was so before: a report may come after the authorisation it rests on was changed.
    #[serde(skip_serializing_if = "Past::is_empty", default)]
    pub past: Past,
}

impl Authorisation {
    /// Whether it covers an item on a day.
    #[must_use]
    pub fn covers(&self, item: &ItemCode, day: Date) -> bool {
        self.from <= day && day <= self.until && self.items.contains(item)
    }
}

impl Office {
    /// Whether the institution may examine `item` on `day`, as it stands: a suspended one may do
    /// nothing, whatever the day.
    #[must_use]
    pub fn may_examine(&self, item: &ItemCode, day: Date) -> bool {
        self.suspended.is_none() && self.could_examine(item, day)
    }

    /// Whether the institution was authorised for `item` on `day` and not suspended then, whatever
    /// became of it since.
    #[must_use]
    pub fn could_examine(&self, item: &ItemCode, day: Date) -> bool {
        let past = &self.past;
        let stood_still = past
            .suspensions
            .iter()
            .any(|s| s.from <= day && s.ended.is_none_or(|ended| day < ended));
        let mut all = self.authorisation.iter().chain(&past.authorisations);
        !stood_still && all.any(|a| a.covers(item, day))
    }
}

impl Office {
    /// Folds the entry of an office. Its own kind of facts must hold: an institution reports to an
    /// authority, and only an institution is authorised.
    ///
    /// # Errors
    /// `WrongState` for any other event, `RoleNotAllowed`, `WrongLaw`; `RoleOfAnotherOffice` for an
    /// authority with an institution's facts.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::OfficeEntered(office) = &event.act else {
            return Err(Refusal::WrongState);
        };
        let institutions_facts = office.reports_to.is_some() || office.authorisation.is_some();
        if office.kind == OfficeKind::Authority && institutions_facts {
            return Err(Refusal::RoleOfAnotherOffice);
        }
        let mut office = (**office).clone();
        // An office begins without a past, whatever is handed in.
        office.past = Past::default();
        if let Some(ground) = &office.suspended {
            stated(ground)?;
            office.past.suspensions.push(Suspension {
                from: event.day(),
                ended: None,
            });
        }
        Ok(office)
    }

    /// Folds one more event. (An office does not know its record number; [`crate::fold::Record`]
    /// keeps foreign events away from it.)
    ///
    /// # Errors
    /// `AlreadyExists` for a second entry, `WrongState` for an authority's authorisation,
    /// `TermDiffers` for one that ends before it begins, `GroundMissing`, `AlreadySuspended`,
    /// `NotSuspended`, `RoleNotAllowed`, `WrongLaw`.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        match &event.act {
            Act::OfficeEntered(_) => return Err(Refusal::AlreadyExists),
            Act::OfficeAuthorised(given) if self.kind == OfficeKind::Institution => {
                if given.from > given.until {
                    return Err(Refusal::TermDiffers);
                }
                if let Some(former) = self.authorisation.replace(given.clone()) {
                    self.past.keep(former, given.from);
                }
            }
            Act::OfficeSuspended(ground) if self.suspended.is_none() => {
                self.suspended = Some(stated(ground)?);
                self.past.suspensions.push(Suspension {
                    from: event.day(),
                    ended: None,
                });
            }
            Act::OfficeSuspended(_) => return Err(Refusal::AlreadySuspended),
            Act::OfficeResumed(_) if self.suspended.is_none() => {
                return Err(Refusal::NotSuspended);
            }
            Act::OfficeResumed(ground) => {
                stated(ground)?;
                self.suspended = None;
                if let Some(last) = self.past.suspensions.last_mut() {
                    last.ended = Some(event.day());
                }
            }
            _ => return Err(Refusal::WrongState),
        }
        Ok(self)
    }

    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.suspended.is_some() {
            "suspended"
        } else {
            "entered"
        }
    }
}

/// A sheet of results that was taken in: what it was, and what became of its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its record.
    pub id: RecordId,
    /// Who handed it in.
    pub institution: OfficeCode,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Rows taken.
    pub taken: u32,
    /// Rows refused.
    pub refused: u32,
}

impl Sheet {
    /// Folds the import of a sheet, by the institution's own clerk.
    ///
    /// # Errors
    /// `WrongState` for any other event, `NotThisOffice`, `RoleNotAllowed`, `WrongLaw`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::SheetImported {
            institution,
            sha256,
            taken,
            refused,
        } = &event.act
        else {
            return Err(Refusal::WrongState);
        };
        if event.by.office != *institution {
            return Err(Refusal::NotThisOffice);
        }
        Ok(Self {
            id: event.record,
            institution: institution.clone(),
            sha256: sha256.clone(),
            taken: *taken,
            refused: *refused,
        })
    }
}
