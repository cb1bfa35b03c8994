//! A certificate: what it says, and what has become of it.
//!
//! One record per person, category and item. A renewal, recheck, replacement or reissue changes
//! the record in place; what it said before stays in its events.

mod change;
mod opens;

use alloc::{
    format,
    string::{String, ToString},
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    change::{LONG_SERVICE, Proposal},
    opens::window,
};
use crate::{
    catalogue::Category,
    document::Document,
    event::{Act, Event, Grant},
    law::{self, Ground},
    management,
    office::By,
    person::Person,
    record::RecordId,
    refusal::Refusal,
    term,
    verdict::StatusWord,
};

/// A certificate, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What it says now.
    pub says: Grant,
    /// Where it comes from.
    pub origin: Origin,
    /// Times the card was reissued for loss; a reissued card carries the remark 补证.
    pub reissued: u8,
    /// When the last event happened.
    pub last: Timestamp,
    /// What has become of it.
    pub status: Status,
    /// The day it became so.
    pub since: Date,
    /// What an officer proposed and nobody decided yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proposal: Option<Proposal>,
}

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A case of this register: exam, acceptance and two decisions are in the journal.
    Case(RecordId),
    /// A batch taken over from a former register: its exam is not in the journal.
    TakenOver(RecordId),
}

/// What has become of a certificate. Expiry is not here: it follows from the day alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In force within its term.
    Valid,
    /// 暂扣
    Suspended {
        /// Why.
        ground: Ground,
    },
    /// 失效
    Lapsed,
    /// 撤销
    Revoked {
        /// Why.
        ground: Ground,
        /// Last day of the ban on a new application.
        banned_until: Option<Date>,
    },
    /// 注销
    Cancelled {
        /// Why.
        ground: Ground,
        /// Last day of the ban that a revocation before it brought.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        banned_until: Option<Date>,
    },
}

impl Status {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended { .. } => "suspended",
            Self::Lapsed => "lapsed",
            Self::Revoked { .. } => "revoked",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// 证号: `T` and the document number for a special-operation certificate, the document number alone
/// for a safety-management one. For holders of other documents than the resident ID the rule is not
/// published; the same one is used.
#[must_use]
pub fn number_for(category: Category, document: &Document) -> String {
    match category {
        Category::SpecialOperation => format!("T{}", document.expose()),
        Category::SafetyManagement => document.expose().to_string(),
    }
}

fn same_name(old: &Person, new: &Person) -> bool {
    old.name.folded() == new.name.folded()
}

/// Whether one thing changed at most: a certificate whose name and document both become others
/// would be handed to somebody else.
#[must_use]
pub fn shares_name_or_document(old: &Person, new: &Person) -> bool {
    same_name(old, new) || old.document == new.document
}

/// A certificate stays with its holder: under the same name and document, but for a replacement,
/// which is there because one of the two changed.
fn same_person(act: &Act, old: &Person, new: &Person) -> bool {
    match act {
        Act::Replaced(_) => shares_name_or_document(old, new),
        _ => same_name(old, new) && old.document == new.document,
    }
}

/// A recheck answers the one that was due, where rechecks were still done on that day; the next,
/// if the term leaves room for one, lies later.
fn rechecked(old: &Grant, new: &Grant) -> Result<bool, Refusal> {
    let due = old.recheck_due.ok_or(Refusal::TermDiffers)?;
    if due >= law::recheck_ends() {
        return Err(Refusal::KindNotInForce);
    }
    Ok(new
        .recheck_due
        .is_none_or(|next| due < next && next <= old.valid_until && next < law::recheck_ends()))
}

/// An extension joins the term that it extends, and the authority that issued decides it; what
/// is renewed by an exam begins a term of its own.
fn extension_stands(event: &Event, old: &Grant, new: &Grant) -> Result<bool, Refusal> {
    if old.category != Category::SafetyManagement {
        return Ok(true);
    }
    if new.authority != old.authority {
        return Err(Refusal::NotThisOffice);
    }
    let until = management::extended(old.valid_until, law::named(event.law));
    Ok(new.valid_from == old.valid_from && new.valid_until == until && new.recheck_due.is_none())
}

impl Certificate {
    /// Folds the first event of a certificate: issued by a case, or taken over.
    ///
    /// # Errors
    /// `NoFormerCertificate` for an act that needs one.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        match &event.act {
            Act::CertificateIssued(grant) => {
                Ok(Self::new(grant, Origin::Case(event.record), event))
            }
            Act::TakenOver(former) => {
                let says = &former.grant;
                if says.certificate != event.record {
                    return Err(Refusal::CertificateDiffers);
                }
                let told_order = [says.first_issued, says.valid_from, says.valid_until];
                if !told_order.is_sorted() || says.first_issued > event.day() {
                    return Err(Refusal::TermDiffers);
                }
                Ok(Self::new(says, Origin::TakenOver(former.batch), event))
            }
            _ => Err(Refusal::NoFormerCertificate),
        }
    }

    fn new(says: &Grant, origin: Origin, event: &Event) -> Self {
        Self {
            says: says.clone(),
            origin,
            reissued: 0,
            last: event.at,
            status: Status::Valid,
            since: event.day(),
            proposal: None,
        }
    }

    /// Does something to the certificate now.
    ///
    /// # Errors
    /// Why the law does not allow it.
    pub fn act(self, act: Act, by: By, at: Timestamp) -> Result<(Self, Event), Refusal> {
        let law = law::on(crate::event::legal_day(at)).name;
        let event = Event {
            at,
            by,
            law,
            record: self.says.certificate,
            act,
        };
        Ok((self.after(&event)?, event))
    }

    /// Folds one more event.
    ///
    /// # Errors
    /// Why the event is not lawful here.
    pub fn after(self, event: &Event) -> Result<Self, Refusal> {
        let id = event.act.grant().map_or(event.record, |g| g.certificate);
        if id != self.says.certificate {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        event.check_law_of_day()?;
        let next = match event.act.grant() {
            Some(new) => self.granted(event, new),
            None => self.changed(event),
        }?;
        Ok(Self {
            last: event.at,
            ..next
        })
    }

    /// The acts that a case ends in.
    fn granted(self, event: &Event, new: &Grant) -> Result<Self, Refusal> {
        let old = &self.says;
        if matches!(event.act, Act::CertificateIssued(_)) {
            return Err(Refusal::AlreadyExists);
        }
        if self.has_ended() {
            return Err(Refusal::CertificateEnded);
        }
        // Nobody is given a card whose revocation is being decided.
        if self.proposal.is_some() {
            return Err(Refusal::ProposalOpen);
        }
        if new.category != old.category
            || new.item != old.item
            || new.first_issued != old.first_issued
            || !same_person(&event.act, &old.holder, &new.holder)
        {
            return Err(Refusal::CertificateDiffers);
        }
        let same_term = new.valid_from == old.valid_from && new.valid_until == old.valid_until;
        let term_stands = match &event.act {
            Act::Renewed(_) => extension_stands(event, old, new)?,
            Act::Rechecked(_) => same_term && rechecked(old, new)?,
            _ => same_term && new.recheck_due == old.recheck_due,
        };
        if !term_stands {
            return Err(Refusal::TermDiffers);
        }
        let again = u8::from(matches!(event.act, Act::Reissued(_)));
        let reissued = self.reissued.saturating_add(again);
        let (status, since) = match (&event.act, self.status) {
            (Act::Renewed(_), Status::Lapsed) => (Status::Valid, event.day()),
            (_, Status::Lapsed) => return Err(Refusal::CertificateEnded),
            (_, status) => (status, self.since),
        };
        Ok(Self {
            says: new.clone(),
            reissued,
            status,
            since,
            ..self
        })
    }

    /// The status word on `day`: one function, for every surface that tells a status.
    #[must_use]
    pub fn status_on(&self, day: Date) -> StatusWord {
        match self.status {
            Status::Revoked { .. } => StatusWord::Revoked,
            Status::Cancelled { .. } => StatusWord::Cancelled,
            _ if day > self.says.valid_until => StatusWord::Expired,
            // Recorded or not: whether somebody did may not change what is told.
            Status::Lapsed => StatusWord::Lapsed,
            _ if self.missed_recheck(day) => StatusWord::Lapsed,
            Status::Suspended { .. } => StatusWord::Suspended,
            Status::Valid => StatusWord::Valid,
        }
    }

    /// A recheck that was due before 2026-06-01 and not done makes the certificate lapse by law
    /// (R30 art. 26), whether or not anybody recorded it.
    fn missed_recheck(&self, day: Date) -> bool {
        let due = self.says.recheck_due;
        due.is_some_and(|due| due < law::recheck_ends() && day > due)
    }

    /// The last day on which a lapse of it that nobody recorded yet can be averted by a recheck.
    #[must_use]
    pub fn lapses_after(&self) -> Option<Date> {
        let due = self.says.recheck_due?;
        let can = matches!(self.status, Status::Valid | Status::Suspended { .. });
        (can && due < law::recheck_ends()).then_some(due)
    }

    /// The next day by which the holder must act to keep it: the recheck while there is one, else
    /// the end of the term; for safety management the last day to ask for the extension in time,
    /// and after it the end.
    #[must_use]
    pub fn next_due(&self, day: Date) -> Option<Date> {
        if !matches!(
            self.status_on(day),
            StatusWord::Valid | StatusWord::Suspended
        ) {
            return None;
        }
        if let Some(due) = self
            .says
            .recheck_due
            .filter(|due| *due < law::recheck_ends())
        {
            return Some(due);
        }
        let until = self.says.valid_until;
        Some(match self.says.category {
            Category::SpecialOperation => until,
            Category::SafetyManagement => {
                let by = management::ask_by(until, law::on(day));
                if day > by { until } else { by }
            }
        })
    }

    /// Whether it was revoked or cancelled: nothing follows on it any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(
            self.status,
            Status::Revoked { .. } | Status::Cancelled { .. }
        )
    }

    /// Whether its revocation still bars a new application on `day`; the last day counts.
    #[must_use]
    pub fn bans_on(&self, day: Date) -> bool {
        match self.status {
            Status::Revoked { banned_until, .. } | Status::Cancelled { banned_until, .. } => {
                banned_until.is_some_and(|until| day <= until)
            }
            Status::Valid | Status::Suspended { .. } | Status::Lapsed => false,
        }
    }

    /// Why it is suspended, revoked or cancelled.
    #[must_use]
    pub fn ground(&self) -> Option<&Ground> {
        match &self.status {
            Status::Suspended { ground }
            | Status::Revoked { ground, .. }
            | Status::Cancelled { ground, .. } => Some(ground),
            Status::Valid | Status::Lapsed => None,
        }
    }

    /// What a new certificate or a renewal issued on `day` says.
    #[must_use]
    pub fn term_on(&self, day: Date) -> term::Term {
        term::issued_on(self.says.category, day, law::on(day))
    }
}
