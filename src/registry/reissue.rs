//! 补证 and 换证 for changed data: a card was lost, or its holder's name or document became another.
//! No exam is sat, so no sheet brings the case: the institution registers and reports it in one turn,
//! and from there it goes the way of every other.

use domain::{
    case::{Case, State},
    catalogue::Category,
    certificate::shares_name_or_document,
    document::Document,
    dossier::Dossier,
    event::{Act, Grant, Material, Registration},
    management::MaybeAppointment,
    name::Name,
    office::{OfficeCode, OfficeKind},
    person::{Person, Sex},
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Officer, Registry, Result,
    exams::give_ticket,
    store::Ask,
    work::{Key, Work},
};

const REPLACEMENTS: &str = "-- reissue::replacements
SELECT record FROM cases WHERE authority = $1 AND feed = $2 AND kind = 'replacement'
AND state IN ('registered', 'reported', 'returned', 'accepted', 'reviewed', 'approved', 'made')";

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
    /// 任职情况, where it is to become another.
    pub appointment: MaybeAppointment,
}

/// The name and the document of a holder of whom one of the two became another.
#[derive(Clone, Debug)]
pub struct Becomes {
    /// The document now.
    pub document: Document,
    /// The name now.
    pub name: Name,
}

impl Registry {
    /// Registers and reports a case for the reissue of a card; where files are asked for, it is
    /// registered alone, and reported when they are there.
    ///
    /// # Errors
    /// `NoFormerCertificate` when the register has none in force for the item, `NotThisOffice` when
    /// another authority issued it, `CaseRunning`, `RoleNotAllowed`.
    pub fn ask_reissue(&self, lost: &Lost, by: &Officer, now: Timestamp) -> Result<RecordId> {
        self.hand_in(lost, Kind::Reissue, None, by, now)
    }

    /// Registers and reports a case for the replacement of a card whose holder's name or document
    /// became another. `card` says what stands on it now.
    ///
    /// # Errors
    /// As [`Registry::ask_reissue`]; `CertificateDiffers` when both became others, `NameConflict`
    /// when the new document stands under a third name.
    pub fn ask_replacement(
        &self,
        card: &Lost,
        becomes: &Becomes,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        self.hand_in(card, Kind::Replacement, Some(becomes), by, now)
    }

    /// 延期: registers and reports a case for the extension of a safety-management certificate.
    ///
    /// # Errors
    /// As [`Registry::ask_reissue`]; `WindowClosed` when its term has ended, `Banned`.
    pub fn ask_extension(&self, card: &Lost, by: &Officer, now: Timestamp) -> Result<RecordId> {
        self.hand_in(card, Kind::Renewal, None, by, now)
    }

    fn hand_in(
        &self,
        card: &Lost,
        kind: Kind,
        becomes: Option<&Becomes>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        let office = work.office(&by.office)?.cloned().ok_or(Error::NotFound)?;
        // At its counter an authority takes the application itself (R30 art. 20).
        let authority = match office.kind {
            OfficeKind::Authority => office.code.clone(),
            OfficeKind::Institution => office.reports_to.ok_or(Refusal::NotAuthorised)?,
        };
        let today = domain::event::legal_day(now);
        let from = self.keyring.dossier_key(&card.document, &card.name);
        let dossier = &work.dossier(&from)?.value;
        let says = match kind {
            Kind::Renewal if dossier.banned_on(Category::SafetyManagement, today) => {
                return Err(Refusal::Banned.into());
            }
            Kind::Renewal => dossier.extends(&card.item, &authority, today)?.says.clone(),
            _ => in_force(dossier, card, kind, today)?,
        };
        if says.authority != authority {
            return Err(Refusal::NotThisOffice.into());
        }
        let mut registration = Registration {
            person: says.holder,
            category: says.category,
            item: says.item,
            kind,
            institution: office.code,
            authority,
            ticket: give_ticket(&mut work, today)?,
            replaces: None,
            appointment: card.appointment.clone().or(says.appointment),
        };
        if let Some(new) = becomes {
            not_twice(&mut work, &registration.authority, says.certificate)?;
            let person = new.person(registration.person.sex);
            if !shares_name_or_document(&registration.person, &person) {
                return Err(Refusal::CertificateDiffers.into());
            }
            registration.person = person;
            registration.replaces = Some(says.certificate);
        }
        let key = work.dossier_from(&registration.person, Some(from))?;
        close_earlier(&mut work, key, &registration, by, now)?;
        let acting = by.acting(&Act::Registered(Box::new(registration.clone())))?;
        let id = work.new_record();
        let (case, event) = Case::register(id, registration, today, acting, now)?;
        work.put_case(key, case.clone(), &event)?;
        super::chain::may_report(&mut work, &case)?;
        match work.handed_in(&case, &card.materials, today) {
            Ok(materials) => {
                let report = Act::Reported { materials };
                let acting = by.acting(&report)?;
                let (case, event) = case.act(report, acting, now)?;
                work.put_case(key, case, &event)?;
            }
            // Files are put in with a case, so it begins first and is reported when they are there.
            Err(Error::Refused(Refusal::MaterialMissing)) => {}
            Err(other) => return Err(other),
        }
        work.commit()?;
        Ok(id)
    }
}

impl Becomes {
    /// The sex is the document's where that tells it.
    fn person(&self, sex: Sex) -> Person {
        Person {
            name: self.name.clone(),
            sex: self.document.sex().unwrap_or(sex),
            document: self.document.clone(),
        }
    }
}

/// What the card says, while it is in force and nothing stands in the way.
fn in_force(dossier: &Dossier, card: &Lost, kind: Kind, today: Date) -> Result<Grant> {
    let found = dossier.certificates.iter().find(|c| {
        let status = c.status_on(today);
        c.says.item == card.item && matches!(status, StatusWord::Valid | StatusWord::Suspended)
    });
    let found = found.ok_or(Refusal::NoFormerCertificate)?;
    found.opens(kind, today)?;
    Ok(found.says.clone())
}

/// One certificate is replaced by one case at a time. Each new name has a dossier of its own, so the
/// case that runs is looked for among all replacements of the authority.
fn not_twice(work: &mut Work<'_>, authority: &OfficeCode, id: RecordId) -> Result<()> {
    let asked = [authority.as_str().into(), work.feed.into()];
    for row in work.tx.query(REPLACEMENTS, &asked)? {
        let case = work.case(RecordId::from_i64(row.int(0)?))?;
        if case.registration.replaces == Some(id) && !case.state.is_over() {
            return Err(Refusal::CaseRunning.into());
        }
    }
    Ok(())
}

/// An earlier case of the same kind that was refused or rejected gives way; one that runs does not.
pub(super) fn close_earlier(
    work: &mut Work<'_>,
    key: Key,
    new: &Registration,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let cases = &work.dossier(&key)?.value.cases;
    let earlier: Vec<Case> = cases
        .iter()
        .filter(|c| c.registration.kind == new.kind && c.registration.item == new.item)
        .filter(|c| !matches!(c.state, State::Issued { .. } | State::Closed))
        .cloned()
        .collect();
    for case in earlier {
        if !case.state.is_over() {
            return Err(Refusal::CaseRunning.into());
        }
        let at = Work::not_before(now, case.last);
        let (case, event) = case.act(Act::Closed, by.acting(&Act::Closed)?, at)?;
        work.put_case(key, case, &event)?;
    }
    Ok(())
}
