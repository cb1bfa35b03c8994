//! One event folded into what is kept, whoever recorded it: the same law for one's own journal when
//! it is read anew, and for the copies of others.
//!
//! A refusal changes nothing. What only the register knows (one document, one name; a ticket of one
//! case; an institution's authorisation) is judged here as it is where the event is made.

use domain::{
    event::{Act, Event},
    fold::{self, Record},
    office::{Office, OfficeCode},
    record::RecordId,
    refusal::Refusal,
};

use super::{
    Error, Result,
    store::Ask,
    tables,
    work::{Kept, Work, office_row},
};

/// What kind of record an act is about.
#[derive(Clone, Copy)]
enum Kind {
    Account,
    Office,
    Session,
    Sheet,
    Case,
    Certificate,
    Batch,
    Halt,
    Inquiry,
    Publication,
}

/// The kind of the act's own record, and that of the second one it changes.
fn kinds(act: &Act) -> (Kind, Option<Kind>) {
    match act {
        Act::OfficeEntered(_)
        | Act::OfficeAuthorised(_)
        | Act::OfficeSuspended(_)
        | Act::OfficeResumed(_) => (Kind::Office, None),
        Act::AccountOpened(_)
        | Act::RoleGranted { .. }
        | Act::RoleWithdrawn { .. }
        | Act::AccountClosed
        | Act::FactorEnrolled
        | Act::FactorReset => (Kind::Account, None),
        Act::SessionOpened { .. }
        | Act::SessionPlanned(_)
        | Act::SessionChanged { .. }
        | Act::SessionCancelled { .. } => (Kind::Session, None),
        Act::Enrolled(_) | Act::SeatGivenUp { .. } | Act::PracticalAssessed { .. } => {
            (Kind::Case, Some(Kind::Session))
        }
        Act::SheetImported { .. } => (Kind::Sheet, None),
        Act::BatchProposed { .. }
        | Act::BatchReleased
        | Act::BatchClosed { .. }
        | Act::DifferenceKept { .. } => (Kind::Batch, None),
        Act::TakenOver(_) => (Kind::Certificate, Some(Kind::Batch)),
        Act::FeedHeld(_) | Act::FeedResumed { .. } => (Kind::Halt, None),
        Act::Corrected { .. }
        | Act::Suspended(_)
        | Act::Resumed
        | Act::Lapsed
        | Act::Revoked { .. }
        | Act::Cancelled(_)
        | Act::ChangeProposed(_)
        | Act::ProposalDeclined { .. }
        | Act::ReviewExtended { .. } => (Kind::Certificate, None),
        Act::InquiryAsked(_)
        | Act::InquiryForwarded { .. }
        | Act::InquiryAnswered { .. }
        | Act::InquiryReopened { .. } => (Kind::Inquiry, None),
        Act::PublicationProposed(_)
        | Act::PublicationApproved
        | Act::PublicationWithdrawn { .. } => (Kind::Publication, None),
        act if act.grant().is_some() => (Kind::Case, Some(Kind::Certificate)),
        _ => (Kind::Case, None),
    }
}

const OFFICE: &str = "-- apply::office
SELECT record, version, body FROM offices WHERE record = $1 AND feed = $2";
const SHEET: &str = "-- apply::sheet\nSELECT record FROM sheets WHERE record = $1 AND feed = $2";
const SAME_SHEET: &str = "-- apply::same_sheet
SELECT record FROM sheets WHERE institution = $1 AND sha256 = $2 AND feed = $3";

impl Work<'_> {
    /// Folds an event into the records it changes, without recording it.
    ///
    /// # Errors
    /// `Refused` when the law or the register does not allow it: then nothing was changed.
    pub fn apply(&mut self, event: &Event) -> Result<()> {
        self.judge(event)?;
        let (own_id, other_id) = event.subjects();
        let (own_kind, other_kind) = kinds(&event.act);
        let own = self.load(own_kind, own_id)?;
        let other = match (other_kind, other_id) {
            (Some(kind), Some(id)) => self.load(kind, id)?,
            _ => None,
        };
        let begins = own.is_none();
        let (own, other) = fold::fold(own, other, event)?;
        self.settle(&event.act)?;
        self.keep(own_id, own, begins)?;
        match (other, other_id) {
            (Some(other), Some(id)) => self.keep(id, other, false),
            _ => Ok(()),
        }
    }

    /// What the register refuses before the law is asked.
    fn judge(&mut self, event: &Event) -> Result<()> {
        self.on_duty(event)?;
        self.admit(event).map_err(unknown)?;
        match &event.act {
            Act::OfficeEntered(office) if self.office(&office.code)?.is_some() => {
                Err(Refusal::AlreadyExists.into())
            }
            Act::AccountOpened(opening) if self.account_of(&opening.login)?.is_some() => {
                Err(Refusal::AlreadyExists.into())
            }
            Act::Registered(r) if self.ticket(&r.ticket)?.is_some() => {
                Err(Refusal::TicketTaken.into())
            }
            Act::SessionOpened { institution, on } => self.slot_is_free(institution, *on, ""),
            Act::SessionPlanned(plan) => self.slot_is_free(&event.by.office, plan.on, &plan.slot()),
            Act::SessionChanged { plan, .. } => self.may_change(event, plan),
            Act::Enrolled(enrolment) => self.ticket_is_free(&enrolment.ticket, event.record),
            Act::TicketGiven { ticket } => self.ticket_is_free(ticket, event.record),
            Act::SheetImported {
                institution,
                sha256,
                ..
            } if self.has_sheet(institution, sha256)? => Err(Refusal::AlreadyImported.into()),
            Act::Reported { .. } | Act::Resubmitted { .. } => {
                let case = self.case(event.record).map_err(unknown)?;
                super::chain::may_report(self, &case)
            }
            Act::Accepted => {
                let case = self.case(event.record).map_err(unknown)?;
                super::chain::authorised(self, &case)
            }
            Act::InquiryAsked(question) => self.may_ask(question).map_err(unknown),
            Act::InquiryForwarded { to, .. } => self.answers(to),
            Act::TransferOffered { to, .. } => self.takes_cases(to),
            _ => Ok(()),
        }
    }

    fn has_sheet(&mut self, institution: &OfficeCode, sha256: &str) -> Result<bool> {
        let waits = |s: &domain::office::Sheet| s.institution == *institution && s.sha256 == sha256;
        if self.sheets.iter().any(waits) {
            return Ok(true);
        }
        let asked = [institution.as_str().into(), sha256.into(), self.feed.into()];
        Ok(self.tx.query_opt(SAME_SHEET, &asked)?.is_some())
    }

    /// What is kept of a record; sheets are whole from their first event.
    fn load(&mut self, kind: Kind, id: RecordId) -> Result<Option<Record>> {
        let place = [id.as_i64().into(), self.feed.into()];
        Ok(match kind {
            Kind::Case => found(self.case(id))?.map(|c| Record::Case(Box::new(c))),
            Kind::Certificate => {
                found(self.certificate(id))?.map(|c| Record::Certificate(Box::new(c)))
            }
            Kind::Batch => {
                let batch = self.batch(id).map(|kept| kept.value.clone());
                found(batch)?.map(Record::Batch)
            }
            Kind::Account => found(self.account(id))?.map(Record::Account),
            Kind::Halt => {
                let halt = self.halt(id).map(|kept| kept.value.clone());
                found(halt)?.map(Record::Halt)
            }
            Kind::Inquiry => {
                let inquiry = self.inquiry(id).map(|kept| kept.value.clone());
                found(inquiry)?.map(|i| Record::Inquiry(Box::new(i)))
            }
            Kind::Publication => {
                let publication = self.publication(id).map(|kept| kept.value.clone());
                found(publication)?.map(|p| Record::Publication(Box::new(p)))
            }
            Kind::Office => {
                let known = self.offices.values().find(|(record, _)| *record == id);
                match known.map(|(_, kept)| kept.value.clone()) {
                    Some(office) => Some(Record::Office(office)),
                    None => match self.tx.query_opt(OFFICE, &place)? {
                        Some(row) => {
                            let (_, kept) = office_row(&row)?;
                            let office = kept.value.clone();
                            self.offices.insert(office.code.clone(), (id, kept));
                            Some(Record::Office(office))
                        }
                        None => None,
                    },
                }
            }
            Kind::Session => {
                let session = self.session(id).map(|kept| kept.value.clone());
                found(session)?.map(Record::Session)
            }
            Kind::Sheet => {
                let waits = self.sheets.iter().any(|s| s.id == id);
                if waits || self.tx.query_opt(SHEET, &place)?.is_some() {
                    return Err(Refusal::AlreadyExists.into());
                }
                None
            }
        })
    }

    fn keep(&mut self, id: RecordId, record: Record, begins: bool) -> Result<()> {
        match record {
            Record::Case(case) => {
                let key = if begins {
                    let person = &case.registration.person;
                    let keyring = &self.registry.keyring;
                    keyring.dossier_key(&person.document, &person.name)
                } else {
                    self.place(case.id, tables::CASE)?
                };
                self.keep_case(key, *case, begins)
            }
            Record::Certificate(certificate) => {
                let holder = &certificate.says.holder;
                let keyring = &self.registry.keyring;
                let key = keyring.dossier_key(&holder.document, &holder.name);
                self.put_certificate(key, *certificate)
            }
            Record::Office(office) => {
                self.keep_office(id, office);
                Ok(())
            }
            Record::Session(session) => {
                self.put_session(session);
                Ok(())
            }
            Record::Sheet(sheet) => {
                self.sheets.push(sheet);
                Ok(())
            }
            Record::Account(account) => {
                self.put_account(account);
                Ok(())
            }
            Record::Halt(halt) => {
                self.put_halt(halt);
                Ok(())
            }
            Record::Inquiry(inquiry) => {
                self.keep_inquiry(*inquiry);
                Ok(())
            }
            Record::Publication(publication) => {
                self.keep_publication(*publication);
                Ok(())
            }
            Record::Batch(batch) => {
                let kept = self
                    .batches
                    .entry(batch.id)
                    .or_insert_with(|| Kept::new(batch.clone()));
                kept.value = batch;
                kept.touched += 1;
                Ok(())
            }
        }
    }
}

impl Work<'_> {
    fn keep_office(&mut self, id: RecordId, office: Office) {
        self.office_changed = true;
        let code = office.code.clone();
        match self.offices.get_mut(&code) {
            Some((_, kept)) => {
                kept.value = office;
                kept.touched += 1;
            }
            None => {
                let mut kept = Kept::new(office);
                kept.touched = 1;
                self.offices.insert(code, (id, kept));
            }
        }
    }
}

/// None for what does not exist.
fn found<T>(loaded: Result<T>) -> Result<Option<T>> {
    match loaded {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// An event about what does not exist is refused like any other that does not follow.
fn unknown(error: Error) -> Error {
    match error {
        Error::NotFound => Refusal::Unknown.into(),
        other => other,
    }
}
