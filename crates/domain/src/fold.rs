//! Any record, folded from its events: the one function behind every check that what is kept
//! equals what happened.
//!
//! An event changes its own record and, for some acts, a second one (the certificate of a grant,
//! the batch of a take-over, the session of a seat). Both follow or neither does: see [`fold`].

use alloc::boxed::Box;

use crate::{
    account::Account,
    batch::Batch,
    case::Case,
    certificate::Certificate,
    event::{Act, Event},
    hold::Halt,
    inquiry::Inquiry,
    office::{Office, Sheet},
    publication::Publication,
    record::RecordId,
    refusal::Refusal,
    session::Session,
};

/// A record of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An office of the directory.
    Office(Office),
    /// An account.
    Account(Account),
    /// An exam session.
    Session(Session),
    /// An imported sheet.
    Sheet(Sheet),
    /// A case.
    Case(Box<Case>),
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A take-over batch.
    Batch(Batch),
    /// A halt of a feed.
    Halt(Halt),
    /// An inquiry.
    Inquiry(Box<Inquiry>),
    /// A pack or an announcement.
    Publication(Box<Publication>),
}

impl Record {
    /// Folds the first event of the record `id`.
    ///
    /// # Errors
    /// `Unknown` for an act that needs a record before it, `NoFormerCertificate` for a grant that
    /// needs a certificate, `AlreadyExists` for an event that names one record as two; else what
    /// the record's own `begun` refuses.
    pub fn begun(id: RecordId, event: &Event) -> Result<Self, Refusal> {
        let (own, other) = distinct(event)?;
        if id == own {
            return match &event.act {
                Act::OfficeEntered(_) => Office::begun(event).map(Self::Office),
                Act::SessionOpened { .. } | Act::SessionPlanned(_) => {
                    Session::begun(event).map(Self::Session)
                }
                Act::AccountOpened(_) => Account::begun(event).map(Self::Account),
                Act::SheetImported { .. } => Sheet::begun(event).map(Self::Sheet),
                Act::Registered(_) => Case::begun(event).map(Box::new).map(Self::Case),
                Act::BatchProposed { .. } => Batch::begun(event).map(Self::Batch),
                Act::TakenOver(_) => Self::certificate(event),
                Act::FeedHeld(_) => Halt::begun(event).map(Self::Halt),
                Act::InquiryAsked(_) => Inquiry::begun(event).map(Box::new).map(Self::Inquiry),
                Act::PublicationProposed(_) => Publication::begun(event)
                    .map(Box::new)
                    .map(Self::Publication),
                _ => Err(Refusal::Unknown),
            };
        }
        match &event.act {
            act if act.grant().is_some() && other == Some(id) => Self::certificate(event),
            _ => Err(Refusal::Unknown),
        }
    }

    fn certificate(event: &Event) -> Result<Self, Refusal> {
        Certificate::begun(event)
            .map(Box::new)
            .map(Self::Certificate)
    }

    /// Folds one more event of the record.
    ///
    /// # Errors
    /// `AlreadyExists` for a second beginning; else what the record's own `after` refuses.
    pub fn after(self, event: &Event) -> Result<Self, Refusal> {
        distinct(event)?;
        match self {
            Self::Office(office) => office.after(event).map(Self::Office),
            Self::Account(account) => account.after(event).map(Self::Account),
            Self::Case(case) => case.after(event).map(Box::new).map(Self::Case),
            Self::Certificate(c) => c.after(event).map(Box::new).map(Self::Certificate),
            Self::Batch(batch) => batch.after(event).map(Self::Batch),
            Self::Halt(halt) => halt.after(event).map(Self::Halt),
            Self::Inquiry(i) => i.after(event).map(Box::new).map(Self::Inquiry),
            Self::Publication(p) => p.after(event).map(Box::new).map(Self::Publication),
            Self::Session(session) => session.after(event).map(Self::Session),
            // Nothing follows on a sheet.
            Self::Sheet(_) => Err(match &event.act {
                Act::SheetImported { .. } => Refusal::AlreadyExists,
                _ => Refusal::WrongState,
            }),
        }
    }

    /// Folds an event into this record where there is one, and begins it where there is none.
    fn next(id: RecordId, before: Option<Self>, event: &Event) -> Result<Self, Refusal> {
        match before {
            Some(record) => record.after(event),
            None => Self::begun(id, event),
        }
    }
}

/// Folds an event into every record it changes, or into none: its own, then the second one. Give
/// in what each was before, `None` for what does not exist yet.
///
/// # Errors
/// What either record refuses.
pub fn fold(
    own: Option<Record>,
    other: Option<Record>,
    event: &Event,
) -> Result<(Record, Option<Record>), Refusal> {
    let (own_id, other_id) = distinct(event)?;
    let other = other_id
        .map(|id| Record::next(id, other, event))
        .transpose()?;
    Ok((Record::next(own_id, own, event)?, other))
}

/// The subjects of an event that names two records only where there are two.
fn distinct(event: &Event) -> Result<(RecordId, Option<RecordId>), Refusal> {
    match event.subjects() {
        (own, Some(other)) if own == other => Err(Refusal::AlreadyExists),
        subjects => Ok(subjects),
    }
}
