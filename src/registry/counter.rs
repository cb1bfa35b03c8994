//! The counter: an authority takes an application about one of its certificates itself. What needs
//! an exam goes from there to an institution; a lost card or changed data does not (see `reissue`).

use domain::{
    case::Case,
    event::{Act, Registration},
    office::{OfficeCode, OfficeKind},
    record::RecordId,
    refusal::Refusal,
    verdict::Kind,
};
use jiff::Timestamp;

use super::{
    Error, Officer, Registry, Result, exams::give_ticket, reissue::close_earlier, tables,
    work::Work,
};

/// A recheck or a renewal, and where its exam is sat.
#[derive(Clone, Debug)]
pub struct AtCounter {
    /// The certificate it is about.
    pub certificate: RecordId,
    /// Recheck or renewal.
    pub kind: Kind,
    /// The institution.
    pub institution: OfficeCode,
}

impl Registry {
    /// Registers a recheck or a renewal at the authority's counter.
    ///
    /// # Errors
    /// Why the law of the day does not allow it; `NotFound` for another authority's certificate;
    /// `Banned`, `CaseRunning`; `NotAuthorised` for an institution that may not examine the item
    /// today or works for another authority.
    pub fn take_application(
        &self,
        asked: &AtCounter,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        let certificate = work.certificate(asked.certificate)?;
        let says = certificate.says.clone();
        if says.authority != by.office {
            return Err(Error::NotFound);
        }
        if !matches!(asked.kind, Kind::Recheck | Kind::Renewal) {
            return Err(Refusal::KindNotInForce.into());
        }
        let today = domain::event::legal_day(now);
        // An extension needs no exam: it is asked for as a reissue is.
        if domain::management::is_extension(says.category, asked.kind) {
            return Err(Refusal::WrongState.into());
        }
        certificate.opens(asked.kind, today)?;
        let institution = work.office(&asked.institution)?;
        let examines = institution.is_some_and(|o| {
            o.reports_to.as_ref() == Some(&by.office) && o.may_examine(&says.item, today)
        });
        if !examines {
            return Err(Refusal::NotAuthorised.into());
        }
        let key = work.place(asked.certificate, tables::CERTIFICATE)?;
        let dossier = &work.dossier(&key)?.value;
        if dossier.banned_on(says.category, today) {
            return Err(Refusal::Banned.into());
        }
        if dossier.case_runs(says.category, &says.item) {
            return Err(Refusal::CaseRunning.into());
        }
        let registration = Registration {
            person: says.holder,
            category: says.category,
            item: says.item,
            kind: asked.kind,
            institution: asked.institution.clone(),
            authority: says.authority,
            ticket: give_ticket(&mut work, today)?,
            replaces: None,
            appointment: None,
        };
        close_earlier(&mut work, key, &registration, by, now)?;
        let acting = by.acting(&Act::Registered(Box::new(registration.clone())))?;
        let id = work.new_record();
        let (case, event) = Case::register(id, registration, today, acting, now)?;
        work.put_case(key, case, &event)?;
        work.commit()?;
        Ok(id)
    }
}

impl Work<'_> {
    /// Whether an office can be given cases of others.
    ///
    /// # Errors
    /// `OtherProvince` for what is no authority of this journal, or may not act now.
    pub fn takes_cases(&mut self, office: &OfficeCode) -> Result<()> {
        let takes = self
            .office(office)?
            .is_some_and(|o| o.kind == OfficeKind::Authority && o.suspended.is_none());
        if takes {
            Ok(())
        } else {
            Err(Refusal::OtherProvince.into())
        }
    }
}
