//! Inquiries 查询异议 on the asker's side: asked, followed by reference and passcode, asked back. What
//! an authority does with them is in `desk`.
//!
//! Nobody learns from asking whether a person or a case is known here: the question is taken as it
//! was typed, and only the answer of a query can name a case, sealed for the browser that got it.

mod desk;

use domain::{
    event::Act,
    inquiry::{Inquiry, Line, Passcode, Question, Reference, Step, Subject, Whom, Words},
    office::{By, Office, OfficeCode, OfficeKind},
    record::RecordId,
    refusal::Refusal,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use self::desk::{InquiryFile, InquiryLine};
use super::{
    Error, Registry, Result,
    store::{Ask, Param},
    tables,
    work::{Kept, Key, OWN, Work, inquiry_aad},
};

/// What somebody asks, read and not yet placed.
#[derive(Clone, Debug)]
pub struct Inquiring {
    /// The authority chosen; a case has its own.
    pub to: Option<OfficeCode>,
    /// About what.
    pub subject: Subject,
    /// In the asker's words.
    pub words: Words,
    /// How the asker wants to be reached.
    pub contact: Option<Line>,
    /// Whom it is about.
    pub whom: Option<Whom>,
    /// The admission-ticket number.
    pub ticket: Option<Line>,
    /// The case, where an answer named one.
    pub case: Option<RecordId>,
    /// The institution.
    pub institution: Option<OfficeCode>,
    /// The day of the exam.
    pub exam_day: Option<Date>,
}

/// An inquiry that was taken in.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The number to follow it by.
    pub reference: Reference,
    /// What opens it, told this once; none where the same was asked before and is not answered yet.
    pub passcode: Option<Passcode>,
    /// The authority's name.
    pub office: String,
    /// The last day for the answer, and whether the calendar is sure of it.
    pub due: (Date, bool),
}

/// What a query's answer hands on to the question about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Whom was asked for.
    pub whom: Whom,
    /// The case that runs, if one does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<RecordId>,
    /// The admission-ticket number, where it was typed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticket: Option<Line>,
    /// Until when it may be used.
    pub until: Timestamp,
}

/// How long an answer may lie before the question about it is asked.
const ATTACHED: SignedDuration = SignedDuration::from_hours(2);

/// An inquiry as its asker sees it.
#[derive(Clone, Debug)]
pub struct Tracked {
    inquiry: Inquiry,
    /// The passcode was right.
    pub proved: bool,
    /// A passcode was given, and is another.
    pub wrong: bool,
    /// The last day for the answer that is owed, and whether the calendar is sure of it.
    pub due: Option<(Date, bool)>,
    /// Whether it is this node's own, so that its asker can ask back here.
    pub own: bool,
}

impl Tracked {
    /// The word of its state.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.inquiry.state.word()
    }

    /// What is asked.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.inquiry.question.subject
    }

    /// The authority that has it.
    #[must_use]
    pub fn office(&self) -> &OfficeCode {
        &self.inquiry.office
    }

    /// What happened; what was said only when the passcode was right.
    #[must_use]
    pub fn steps(&self) -> Vec<Step<'_>> {
        self.inquiry.steps(self.proved)
    }
}

const BY_REFERENCE: &str = "-- inquiries::by_reference
SELECT feed, record, body FROM inquiries WHERE reference = $1 ORDER BY feed";
const TAKEN: &str = "-- inquiries::reference_taken
SELECT record FROM inquiries WHERE reference = $1 AND feed = $2";
const ALIKE: &str = "-- inquiries::alike
SELECT record, body FROM inquiries WHERE alike = $1 AND feed = 0 ORDER BY record";
const OFFICES: &str =
    "-- inquiries::offices\nSELECT record, version, body FROM offices WHERE feed = 0 ORDER BY code";

impl Registry {
    /// The offices of this node's own directory of a kind: none on a node that only follows others.
    ///
    /// # Errors
    /// What the database says.
    pub fn own_offices(&self, kind: OfficeKind) -> Result<Vec<Office>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(OFFICES, &[])?))?;
        let mut offices = Vec::new();
        for row in &rows {
            let (_, kept) = super::work::office_row(row)?;
            if kept.value.kind == kind {
                offices.push(kept.value);
            }
        }
        Ok(offices)
    }

    /// Takes a question in. The same person asking the same again while it is open is told the same
    /// reference; a case that is not known here is left out without a word.
    ///
    /// # Errors
    /// `Unknown` or `RoleOfAnotherOffice` for an authority that is none, `ExamInFuture`.
    pub fn inquire(&self, asked: &Inquiring, now: Timestamp) -> Result<Taken> {
        let mut work = self.work()?;
        let case = match asked.case.map(|id| work.case(id)).transpose() {
            Ok(case) => case,
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        };
        let authority = case.as_ref().map(|c| c.registration.authority.clone());
        let to = authority.or_else(|| asked.to.clone());
        let reference = Reference::from_raw(self.chance.u64());
        let passcode = Passcode::from_raw(self.chance.u64());
        let question = Question {
            reference,
            proof: proof(reference, passcode),
            to: to.ok_or(Refusal::Unknown)?,
            subject: asked.subject,
            words: asked.words.clone(),
            contact: asked.contact.clone(),
            whom: asked.whom.clone(),
            ticket: asked.ticket.clone(),
            case: case.map(|c| c.id),
            institution: asked.institution.clone(),
            exam_day: asked.exam_day,
        };
        work.may_ask(&question)?;
        if let Some(open) = self.open_alike(&mut work, &question)? {
            return Ok(self.taken(&open, None));
        }
        let id = work.new_record();
        let (inquiry, event) = Inquiry::ask(id, question, now)?;
        let taken = self.taken(&inquiry, Some(passcode));
        work.journal(&event)?;
        work.keep_inquiry(inquiry);
        work.commit()?;
        Ok(taken)
    }

    fn taken(&self, inquiry: &Inquiry, passcode: Option<Passcode>) -> Taken {
        Taken {
            reference: inquiry.question.reference,
            passcode,
            office: self.office_name(&inquiry.office),
            due: self.answer_due(inquiry),
        }
    }

    fn open_alike(&self, work: &mut Work<'_>, question: &Question) -> Result<Option<Inquiry>> {
        let alike = self.keyring.alike_key(question);
        for row in work.tx.query(ALIKE, &[Param::Blob(&alike)])? {
            let id = RecordId::from_i64(row.int(0)?);
            let inquiry = self.open_inquiry(OWN, id, row.blob(1)?)?;
            if inquiry.is_open() {
                return Ok(Some(inquiry));
            }
        }
        Ok(None)
    }

    /// The last day for an answer, and whether the calendar is sure of it.
    fn answer_due(&self, inquiry: &Inquiry) -> (Date, bool) {
        let limit = self.calendar().law(inquiry.since).inquiry_answer.value;
        let reached = self
            .calendar()
            .add_workdays(inquiry.since, u32::from(limit));
        (reached.date, !reached.provisional)
    }

    pub(super) fn open_inquiry(&self, feed: i64, id: RecordId, sealed: &[u8]) -> Result<Inquiry> {
        let bytes = self
            .keyring
            .open(&inquiry_aad(feed, id), sealed)
            .map_err(|_| Error::Sealed("an inquiry"))?;
        serde_json::from_slice(&bytes).map_err(|_| Error::Internal("inquiries::open"))
    }

    /// The number that tries of a passcode are counted by.
    #[must_use]
    pub fn reference_digest(&self, reference: Reference) -> Key {
        self.keyring.reference_key(reference)
    }

    /// What questions about one person or ticket are counted by; none where neither is named.
    #[must_use]
    pub fn target_digest(&self, whom: Option<&Whom>, ticket: Option<&Line>) -> Option<Key> {
        let by_document = whom.map(|w| self.keyring.document_key(&w.document));
        by_document.or_else(|| ticket.map(|t| self.keyring.ticket_key(t.expose())))
    }

    /// The inquiry with that reference, of this node or of a province it follows.
    ///
    /// # Errors
    /// What the database says.
    pub fn track(
        &self,
        reference: Reference,
        passcode: Option<Passcode>,
    ) -> Result<Option<Tracked>> {
        let key = self.keyring.reference_key(reference);
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(BY_REFERENCE, &[Param::Blob(&key)])?))?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let feed = row.int(0)?;
        let inquiry = self.open_inquiry(feed, RecordId::from_i64(row.int(1)?), row.blob(2)?)?;
        let proved = passcode.is_some_and(|p| proves(&inquiry, p));
        Ok(Some(Tracked {
            proved,
            wrong: passcode.is_some() && !proved,
            due: inquiry.is_open().then(|| self.answer_due(&inquiry)),
            own: feed == OWN,
            inquiry,
        }))
    }

    /// The asker asks back.
    ///
    /// # Errors
    /// `NotFound` for a reference or a passcode that is not right, `WrongState` when it is not
    /// answered or was asked back before.
    pub fn ask_back(
        &self,
        reference: Reference,
        passcode: Passcode,
        words: &Words,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        let key = self.keyring.reference_key(reference);
        let row = work.tx.query_opt(TAKEN, &[(&key).into(), OWN.into()])?;
        let id = RecordId::from_i64(row.ok_or(Error::NotFound)?.int(0)?);
        let inquiry = work.inquiry(id)?.value.clone();
        if !proves(&inquiry, passcode) {
            return Err(Error::NotFound);
        }
        let by = By::asker(&inquiry.office);
        let words = words.clone();
        work.on_inquiry(inquiry, Act::InquiryReopened { words }, by, now)?;
        work.commit()
    }

    /// Seals what an answer hands on, for the browser that got the answer: `bound` is its form
    /// token.
    #[must_use]
    pub fn attach(
        &self,
        whom: Whom,
        case: Option<RecordId>,
        ticket: Option<Line>,
        bound: &str,
        now: Timestamp,
    ) -> Vec<u8> {
        let until = now.saturating_add(ATTACHED).unwrap_or(now);
        let attached = Attached {
            whom,
            case,
            ticket,
            until,
        };
        // Cannot fail: text and numbers.
        let bytes = serde_json::to_vec(&attached).unwrap_or_default();
        self.seal(&attached_aad(bound), &bytes)
    }

    /// What was handed on to this browser; none when it is another's, or too old.
    #[must_use]
    pub fn attached(&self, sealed: &[u8], bound: &str, now: Timestamp) -> Option<Attached> {
        let bytes = self.keyring.open(&attached_aad(bound), sealed).ok()?;
        let attached: Attached = serde_json::from_slice(&bytes).ok()?;
        (now <= attached.until).then_some(attached)
    }
}

fn attached_aad(bound: &str) -> Vec<u8> {
    [b"attached ", bound.as_bytes()].concat()
}

/// What an event keeps of the passcode: whoever folds the journal can check one, and nobody can
/// read it there.
fn proof(reference: Reference, passcode: Passcode) -> String {
    let said = format!("kecha inquiry v1\n{reference}\n{}", passcode.spelled());
    let digest = Sha256::digest(said.as_bytes());
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn proves(inquiry: &Inquiry, passcode: Passcode) -> bool {
    let question = &inquiry.question;
    let right = proof(question.reference, passcode);
    bool::from(right.as_bytes().ct_eq(question.proof.as_bytes()))
}

impl Work<'_> {
    /// An inquiry by its number.
    pub fn inquiry(&mut self, id: RecordId) -> Result<&mut Kept<Inquiry>> {
        if !self.inquiries.contains_key(&id) {
            let asked = [id.as_i64().into(), self.feed.into()];
            let row = self.tx.query_opt(tables::INQUIRY, &asked)?;
            let row = row.ok_or(Error::NotFound)?;
            let value = self.registry.open_inquiry(self.feed, id, row.blob(1)?)?;
            self.inquiries.insert(id, Kept::at(value, row.int(0)?));
        }
        // Cannot fail: it was just put in.
        self.inquiries
            .get_mut(&id)
            .ok_or(Error::Internal("inquiries::inquiry"))
    }

    /// Puts an inquiry aside, to be saved.
    pub fn keep_inquiry(&mut self, inquiry: Inquiry) {
        let kept = self
            .inquiries
            .entry(inquiry.id)
            .or_insert_with(|| Kept::new(inquiry.clone()));
        kept.value = inquiry;
        kept.touched += 1;
    }

    /// Does one thing to an inquiry, and records it.
    fn on_inquiry(&mut self, inquiry: Inquiry, act: Act, by: By, now: Timestamp) -> Result<()> {
        let at = Work::not_before(now, inquiry.last);
        let (inquiry, event) = inquiry.act(act, by, at)?;
        self.journal(&event)?;
        self.keep_inquiry(inquiry);
        Ok(())
    }

    /// What the register refuses of a question before the law is asked.
    ///
    /// # Errors
    /// Those of [`Work::answers`]; `NotFound` for a case that does not exist, `AlreadyExists` for a
    /// reference that is taken.
    pub fn may_ask(&mut self, question: &Question) -> Result<()> {
        self.answers(&question.to)?;
        if let Some(case) = question.case {
            self.case(case)?;
        }
        let waits = |kept: &Kept<Inquiry>| kept.value.question.reference == question.reference;
        let key = self.registry.keyring.reference_key(question.reference);
        if self.inquiries.values().any(waits)
            || self
                .tx
                .query_opt(TAKEN, &[(&key).into(), self.feed.into()])?
                .is_some()
        {
            return Err(Refusal::AlreadyExists.into());
        }
        Ok(())
    }

    /// Whether an office answers inquiries: an authority of the same directory does.
    ///
    /// # Errors
    /// `Unknown`, `RoleOfAnotherOffice`.
    pub fn answers(&mut self, office: &OfficeCode) -> Result<()> {
        match self.office(office)?.map(|o| o.kind) {
            Some(OfficeKind::Authority) => Ok(()),
            Some(OfficeKind::Institution) => Err(Refusal::RoleOfAnotherOffice.into()),
            None => Err(Refusal::Unknown.into()),
        }
    }
}
