//! 补证: a card was lost. No exam is sat, so no sheet brings the case: the institution registers and
//! reports it in one turn, and from there it goes the way of every other.

use domain::{
    case::{Case, State},
    document::Document,
    event::{Act, Material, Registration},
    name::Name,
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::Timestamp;

use super::{Error, Officer, Registry, Result, import::give_ticket, work::Work};

/// Whose card was lost, and for what it was.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The holder's document.
    pub document: Document,
    /// The holder's name.
    pub name: Name,
    /// The item on the card.
    pub item: domain::catalogue::ItemCode,
    /// What the holder handed in.
    pub materials: Vec<Material>,
}

impl Registry {
    /// Registers and reports a case for the reissue of a card.
    ///
    /// # Errors
    /// `NoFormerCertificate` when the register has none in force for the item, `NotThisOffice` when
    /// another authority issued it, `CaseRunning`, `RoleNotAllowed`.
    pub fn ask_reissue(&self, lost: &Lost, by: &Officer, now: Timestamp) -> Result<RecordId> {
        let mut work = self.work()?;
        let institution = work.office(&by.office)?.cloned().ok_or(Error::NotFound)?;
        let authority = institution.reports_to.ok_or(Refusal::NotAuthorised)?;
        let key = self.keyring.dossier_key(&lost.document, &lost.name);
        let today = domain::event::legal_day(now);
        let dossier = &work.dossier(&key)?.value;
        let former = dossier.certificates.iter().find(|c| {
            let in_force = matches!(
                c.status_on(today),
                StatusWord::Valid | StatusWord::Suspended
            );
            c.says.item == lost.item && in_force
        });
        let says = former.ok_or(Refusal::NoFormerCertificate)?.says.clone();
        if says.authority != authority {
            return Err(Refusal::NotThisOffice.into());
        }
        let earlier: Vec<Case> = dossier
            .cases
            .iter()
            .filter(|c| c.registration.kind == Kind::Reissue && c.registration.item == lost.item)
            .filter(|c| !matches!(c.state, State::Issued { .. } | State::Closed))
            .cloned()
            .collect();
        // Learns that the document has its dossier already.
        let key = work.dossier_of(&says.holder)?;
        for case in earlier {
            // One that was refused or rejected gives way; one that runs does not.
            if !matches!(case.state, State::Refused { .. } | State::Rejected { .. }) {
                return Err(Refusal::CaseRunning.into());
            }
            let at = Work::not_before(now, case.last);
            let (case, event) = case.act(Act::Closed, by.acting(&Act::Closed)?, at)?;
            work.put_case(key, case, &event)?;
        }
        let registration = Registration {
            person: says.holder,
            category: says.category,
            item: says.item,
            kind: Kind::Reissue,
            institution: institution.code,
            authority,
            ticket: give_ticket(&mut work, today)?,
        };
        let acting = by.acting(&Act::Registered(Box::new(registration.clone())))?;
        let id = work.new_record();
        let (case, event) = Case::register(id, registration, today, acting, now)?;
        work.put_case(key, case.clone(), &event)?;
        let report = Act::Reported {
            materials: lost.materials.clone(),
        };
        let acting = by.acting(&report)?;
        let (case, event) = case.act(report, acting, now)?;
        work.put_case(key, case, &event)?;
        work.commit()?;
        Ok(id)
    }
}
