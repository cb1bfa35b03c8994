//! Who is on duty in the demonstration, and whose step a command is.

use domain::office::{Authorisation, Office, OfficeCode, OfficeKind, Role};
use jiff::civil::date;

use super::{INSTITUTIONS, OPENING, Place, admit, play};
use crate::{
    node::NodeError,
    registry::{Officer, Registry},
};

/// The officers of the demonstration.
pub struct Staff {
    /// Where they are on duty.
    pub place: Place,
    admin: Officer,
    security: Officer,
    auditor: Officer,
    deputy: Officer,
    /// One for each institution.
    pub(super) clerks: [Officer; 2],
    leads: [Officer; 2],
    /// Both of the first institution: a panel.
    pub(super) assessors: [Officer; 2],
    acceptance: Officer,
    reviewer: Officer,
    approver: Officer,
    issuer: Officer,
}

pub(super) fn officer(login: &str, name: &str, office: &str, role: Role) -> Officer {
    Officer {
        login: login.to_owned(),
        name: name.to_owned(),
        office: office.into(),
        roles: vec![role],
    }
}

impl Staff {
    /// The officers, without entering anything.
    #[must_use]
    pub fn new(place: Place) -> Self {
        let authority = place.authority();
        let clerk = |n: usize| {
            let login = format!("clerk{}", n + 1);
            officer(
                &login,
                "录入员",
                &place.institution(n),
                Role::InstitutionClerk,
            )
        };
        let lead = |n: usize| {
            let login = format!("lead{}", n + 1);
            officer(
                &login,
                "成绩确认人",
                &place.institution(n),
                Role::InstitutionLead,
            )
        };
        Self {
            place,
            admin: officer("admin", "系统管理员", place.code, Role::SystemAdmin),
            security: officer("security", "安全管理员", place.code, Role::SecurityAdmin),
            auditor: officer("auditor", "审计管理员", place.code, Role::AuditAdmin),
            // What the one proposes the other approves.
            deputy: officer("admin2", "系统管理员乙", place.code, Role::SystemAdmin),
            clerks: [clerk(0), clerk(1)],
            leads: [lead(0), lead(1)],
            assessors: ["assess1", "assess2"]
                .map(|login| officer(login, "考评员", &place.institution(0), Role::Assessor)),
            acceptance: officer("accept", "受理员", &authority, Role::AcceptanceOfficer),
            reviewer: officer("review", "审查员", &authority, Role::Reviewer),
            approver: officer("approve", "审批人", &authority, Role::Approver),
            issuer: officer("issue", "制证员", &authority, Role::Issuer),
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Officer> {
        [
            &self.clerks[0],
            &self.leads[0],
            &self.clerks[1],
            &self.leads[1],
            &self.assessors[0],
            &self.assessors[1],
            &self.acceptance,
            &self.reviewer,
            &self.approver,
            &self.issuer,
            &self.admin,
            &self.security,
            &self.auditor,
            &self.deputy,
        ]
        .into_iter()
    }

    /// Enters the offices on the opening day and opens the accounts.
    ///
    /// # Errors
    /// What the register says.
    pub fn enter(registry: &Registry, place: Place, password: &str) -> Result<Self, NodeError> {
        let staff = Self::new(place);
        staff.enter_offices(registry)?;
        for officer in staff.all() {
            admit(registry, officer, password, play::at(OPENING, 0))?;
        }
        Ok(staff)
    }

    /// Enters the authority and its institutions, and the accounts of all officers, without what
    /// opens them.
    ///
    /// # Errors
    /// What the register says.
    pub fn enter_offices(&self, registry: &Registry) -> Result<(), NodeError> {
        let at = play::at(OPENING, 0);
        registry.register_account(&self.security, None, at)?;
        registry.register_account(&self.admin, Some(&self.security), at)?;
        let authority: OfficeCode = self.place.authority().as_str().into();
        let office = Office {
            code: authority.clone(),
            name: format!("{}应急管理厅（演示）", self.place.name),
            kind: OfficeKind::Authority,
            telephone: "000-12350".to_owned(),
            reports_to: None,
            authorisation: None,
            suspended: None,
            past: domain::office::Past::default(),
        };
        registry.enter_office(office, &self.admin, at)?;
        for (which, (_, name, items)) in INSTITUTIONS.into_iter().enumerate() {
            let code = self.place.institution(which);
            let office = Office {
                code: code.as_str().into(),
                name: format!("{}{name}（演示）", self.place.name),
                kind: OfficeKind::Institution,
                telephone: "000-0000000".to_owned(),
                reports_to: Some(authority.clone()),
                authorisation: Some(Authorisation {
                    number: format!("示例考〔2026〕{}号", &code[4..]),
                    items: items.iter().map(|i| (*i).into()).collect(),
                    from: OPENING,
                    until: date(2035, 12, 31),
                }),
                suspended: None,
                past: domain::office::Past::default(),
            };
            registry.enter_office(office, &self.admin, at)?;
        }
        let there = [&self.security.login, &self.admin.login];
        for officer in self.all().filter(|o| !there.contains(&&o.login)) {
            registry.register_account(officer, Some(&self.security), at)?;
        }
        Ok(())
    }

    /// The clerk of an institution.
    #[must_use]
    pub fn clerk(&self, institution: usize) -> &Officer {
        &self.clerks[institution]
    }

    /// The officer whose step a command is.
    #[must_use]
    pub fn whose(&self, command: &crate::registry::Command, institution: usize) -> &Officer {
        use crate::registry::Command as C;
        match command {
            C::Confirm | C::AnswerScoreRecheck { .. } => &self.leads[institution],
            C::Report { .. } | C::Resubmit { .. } | C::AskScoreRecheck { .. } => {
                &self.clerks[institution]
            }
            C::Accept | C::Return { .. } | C::Refuse { .. } => &self.acceptance,
            C::Review => &self.reviewer,
            C::Approve
            | C::Reject { .. }
            | C::BeginProcedure { .. }
            | C::EndProcedure
            | C::Extend { .. } => &self.approver,
            C::Make { .. } | C::Issue | C::Print | C::Spoil { .. } | C::Deliver { .. } => {
                &self.issuer
            }
            C::EndWithholding { .. } | C::Annul { .. } => &self.approver,
            C::OfferTransfer { .. } | C::TakeTransfer | C::DeclineTransfer { .. } => {
                &self.acceptance
            }
            C::Withhold { .. } => &self.issuer,
        }
    }

    /// The officer who opens accounts and grants roles.
    #[must_use]
    pub fn security(&self) -> &Officer {
        &self.security
    }

    /// The officer who accepts, and answers inquiries.
    #[must_use]
    pub fn acceptance(&self) -> &Officer {
        &self.acceptance
    }

    /// The officer who proposes changes of certificates.
    #[must_use]
    pub fn reviewer(&self) -> &Officer {
        &self.reviewer
    }

    /// The officer who changes certificates and releases batches.
    #[must_use]
    pub fn approver(&self) -> &Officer {
        &self.approver
    }

    /// The officer who proposes batches and takes certificates over.
    #[must_use]
    pub fn issuer(&self) -> &Officer {
        &self.issuer
    }
}
