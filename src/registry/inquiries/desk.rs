//! Inquiries on the authority's side: its list, one with its story, the answer, passing on.

use domain::{
    case::Case,
    certificate::Certificate,
    event::{Act, Event},
    inquiry::{Inquiry, Line, State, Words},
    office::{OfficeCode, Role},
    record::RecordId,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

use crate::registry::{
    Error, Officer, Registry, Result,
    store::{Ask, Param, Reader},
    tables,
    work::OWN,
};

/// One line of an authority's list.
#[derive(Clone, Debug)]
pub struct InquiryLine {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// The last day for the answer that is owed, and whether the calendar is sure of it.
    pub due: Option<(Date, bool)>,
    /// That day has passed.
    pub overdue: bool,
}

/// One inquiry with everything that happened to it.
#[derive(Clone, Debug)]
pub struct InquiryFile {
    /// The inquiry, with its limit.
    pub line: InquiryLine,
    /// Its events, oldest first, with their places in the journal.
    pub story: Vec<(i64, Event)>,
    /// The cases it may be about that are the officer's own authority's: the one it names, that of
    /// the ticket, those of the person.
    pub cases: Vec<Case>,
    /// The certificates of that authority that it may be about: those of the person, and those the
    /// cases ended in.
    pub certificates: Vec<Certificate>,
}

const OLDEST: &str = "-- inquiries::oldest
SELECT record, body FROM inquiries WHERE office = $1 AND state = $2 AND feed = 0
ORDER BY since, record LIMIT $3";
const LATEST: &str = "-- inquiries::latest
SELECT record, body FROM inquiries WHERE office = $1 AND state = $2 AND feed = 0
ORDER BY since DESC, record DESC LIMIT $3";
const COUNTS: &str = "-- inquiries::counts
SELECT since, COUNT(*) FROM inquiries WHERE office = $1 AND state IN ('asked', 'reopened')
AND feed = 0 GROUP BY since";

impl Registry {
    /// The inquiries that lie with the officer's own authority: those that wait for an answer, the
    /// first due first, or those that are answered, the latest first.
    ///
    /// # Errors
    /// `RoleNotAllowed` for who does not answer inquiries.
    pub fn inquiries(
        &self,
        officer: &Officer,
        open: bool,
        limit: u16,
        today: Date,
    ) -> Result<Vec<InquiryLine>> {
        answers_inquiries(officer)?;
        let sql = if open { OLDEST } else { LATEST };
        let states = State::WORDS.iter();
        let mut lines = Vec::new();
        for state in states.filter(|word| State::OPEN.contains(word) == open) {
            let office = officer.office.as_str().into();
            let asked = [office, (*state).into(), i64::from(limit).into()];
            for row in self.store.read(|r| Ok::<_, Error>(r.query(sql, &asked)?))? {
                let id = RecordId::from_i64(row.int(0)?);
                let inquiry = self.open_inquiry(OWN, id, row.blob(1)?)?;
                lines.push(self.inquiry_line(inquiry, today));
            }
        }
        // The version of the law of its day says when each is due.
        lines.sort_by_key(|l| (l.due, l.inquiry.since, l.inquiry.id));
        if !open {
            lines.reverse();
        }
        lines.truncate(usize::from(limit));
        Ok(lines)
    }

    fn inquiry_line(&self, inquiry: Inquiry, today: Date) -> InquiryLine {
        let due = inquiry.is_open().then(|| self.answer_due(&inquiry));
        InquiryLine {
            overdue: due.is_some_and(|(day, _)| day < today),
            due,
            inquiry,
        }
    }

    /// How many inquiries of an authority wait for an answer, and how many of them are overdue.
    ///
    /// # Errors
    /// What the database says.
    pub fn inquiry_counts(&self, office: &OfficeCode, today: Date) -> Result<(i64, i64)> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(COUNTS, &[office.as_str().into()])?))?;
        let (mut open, mut overdue) = (0, 0);
        for row in &rows {
            let since: Date = row
                .text(0)?
                .parse()
                .map_err(|_| Error::Internal("inquiries::counts"))?;
            let limit = u32::from(self.calendar().law(since).inquiry_answer.value);
            open += row.int(1)?;
            if self.calendar().add_workdays(since, limit).date < today {
                overdue += row.int(1)?;
            }
        }
        Ok((open, overdue))
    }

    /// One inquiry of the officer's own authority, with its story.
    ///
    /// # Errors
    /// `NotFound` also when it lies with another authority: nobody learns that it exists.
    pub fn inquiry_file(
        &self,
        officer: &Officer,
        id: RecordId,
        today: Date,
    ) -> Result<InquiryFile> {
        answers_inquiries(officer)?;
        self.store.read(|r| {
            let row = r.query_opt(tables::INQUIRY, &[id.as_i64().into(), OWN.into()])?;
            let row = row.ok_or(Error::NotFound)?;
            let inquiry = self.open_inquiry(OWN, id, row.blob(1)?)?;
            if inquiry.office != officer.office {
                return Err(Error::NotFound);
            }
            let story = self.story(r, id)?;
            let mut cases = self.cases_meant(r, &inquiry)?;
            cases.retain(|c| c.registration.authority == officer.office);
            let mut certificates = self.certificates_meant(r, &inquiry, &cases)?;
            certificates.retain(|c| c.says.authority == officer.office);
            Ok(InquiryFile {
                line: self.inquiry_line(inquiry, today),
                story,
                cases,
                certificates,
            })
        })
    }

    /// Every case that an inquiry may mean.
    fn cases_meant(&self, r: &mut Reader<'_>, inquiry: &Inquiry) -> Result<Vec<Case>> {
        let question = &inquiry.question;
        let mut named: Vec<RecordId> = question.case.into_iter().collect();
        if let Some(ticket) = question.ticket.as_ref().map(Line::expose) {
            let key = self.keyring.ticket_key(&domain::exam::ticket(ticket));
            let row = r.query_opt(tables::TICKET, &[Param::Blob(&key), OWN.into()])?;
            if let Some(row) = row {
                named.push(RecordId::from_i64(row.int(0)?));
            }
        }
        let mut cases: Vec<Case> = Vec::new();
        for id in named {
            let place = r.query_opt(tables::CASE, &[id.as_i64().into(), OWN.into()])?;
            if let Some(place) = place {
                cases.push(self.read_case(r, id, &place.bytes(1)?)?);
            }
        }
        if let Some(whom) = &question.whom {
            let key = self.keyring.dossier_key(&whom.document, &whom.name);
            let row = r.query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?;
            if let Some(row) = row {
                cases.extend(self.open_dossier(OWN, &key, row.blob(0)?)?.cases);
            }
        }
        let mut seen = std::collections::HashSet::new();
        cases.retain(|c| seen.insert(c.id));
        Ok(cases)
    }

    /// Every certificate that an inquiry may mean, beside the cases it means.
    fn certificates_meant(
        &self,
        r: &mut Reader<'_>,
        inquiry: &Inquiry,
        cases: &[Case],
    ) -> Result<Vec<Certificate>> {
        let mut certificates: Vec<Certificate> = Vec::new();
        if let Some(whom) = &inquiry.question.whom {
            let key = self.keyring.dossier_key(&whom.document, &whom.name);
            let row = r.query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?;
            if let Some(row) = row {
                certificates = self.open_dossier(OWN, &key, row.blob(0)?)?.certificates;
            }
        }
        for id in cases.iter().filter_map(|case| case.state.certificate()) {
            if certificates.iter().any(|c| c.says.certificate == id) {
                continue;
            }
            let place = r.query_opt(tables::CERTIFICATE, &[id.as_i64().into(), OWN.into()])?;
            let Some(place) = place else { continue };
            let key = place.bytes(1)?;
            let row = r.query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?;
            let row = row.ok_or(Error::Internal("inquiries::certificates"))?;
            let dossier = self.open_dossier(OWN, &key, row.blob(0)?)?;
            certificates.extend(dossier.certificate(id).cloned());
        }
        Ok(certificates)
    }

    /// The authorities an inquiry of this one can be passed on to.
    ///
    /// # Errors
    /// What the database says.
    pub fn other_authorities(&self, own: &OfficeCode) -> Result<Vec<(OfficeCode, String)>> {
        let all = self.own_offices(domain::office::OfficeKind::Authority)?;
        let others = all.into_iter().filter(|o| o.code != *own);
        Ok(others.map(|o| (o.code, o.name)).collect())
    }

    /// The authority's answer.
    ///
    /// # Errors
    /// `NotFound` also when it lies with another authority; `WrongState`, `RoleNotAllowed`.
    pub fn answer_inquiry(
        &self,
        id: RecordId,
        words: Words,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        self.change_inquiry(id, Act::InquiryAnswered { words }, by, now)
    }

    /// The inquiry goes to another authority, which has to answer it in the time that is left.
    ///
    /// # Errors
    /// As [`Registry::answer_inquiry`]; `Unknown`, `RoleOfAnotherOffice`, `AlreadyThisOffice`.
    pub fn forward_inquiry(
        &self,
        id: RecordId,
        to: OfficeCode,
        reason: Words,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        self.change_inquiry(id, Act::InquiryForwarded { to, reason }, by, now)
    }

    fn change_inquiry(&self, id: RecordId, act: Act, by: &Officer, now: Timestamp) -> Result<()> {
        let mut work = self.work()?;
        let inquiry = work.inquiry(id)?.value.clone();
        if inquiry.office != by.office {
            return Err(Error::NotFound);
        }
        if let Act::InquiryForwarded { to, .. } = &act {
            work.answers(to)?;
        }
        let by = by.acting(&act)?;
        work.on_inquiry(inquiry, act, by, now)?;
        work.commit()
    }
}

/// What people wrote about themselves is for those who answer it.
fn answers_inquiries(officer: &Officer) -> Result<()> {
    if officer.roles.contains(&Role::AcceptanceOfficer) {
        Ok(())
    } else {
        Err(Refusal::RoleNotAllowed.into())
    }
}
