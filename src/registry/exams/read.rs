//! What pages ask about sessions.

use domain::{case::Case, event::Event, office::OfficeCode, record::RecordId, session::Session};
use jiff::civil::Date;

use super::super::{
    Error, Officer, Registry, Result,
    desk::{CaseLine, SessionLine},
    store::{Ask, Reader},
    tables,
    work::OWN,
};

/// A candidate of a session.
#[derive(Clone, Debug)]
pub struct SeatLine {
    /// The seat; none for whom only a sheet of results told of.
    pub seat: Option<u16>,
    /// The case, as it is now.
    pub case: Case,
}

/// One session with everybody in it.
#[derive(Clone, Debug)]
pub struct SessionFile {
    /// The session.
    pub session: Session,
    /// Its candidates, by seat, then a page of those without one.
    pub lines: Vec<SeatLine>,
    /// Where the next page of those begins; none at the end.
    pub next: Option<RecordId>,
    /// How many there are, by state.
    pub states: Vec<(String, i64)>,
    /// What happened to the session itself, oldest first.
    pub story: Vec<Event>,
    /// Who can be an assessor.
    pub assessors: Vec<Officer>,
}

/// So many candidates without a seat are on one page.
const MOST: usize = 500;
/// So many sessions are listed.
const LISTED: usize = 200;

const OF_SESSION: &str = "-- exams::of_session
SELECT record, dossier FROM cases WHERE institution = $1 AND session = $2 AND feed = 0
AND record > $3 ORDER BY record LIMIT $4";
const SESSION: &str = "-- exams::session\nSELECT body FROM sessions WHERE record = $1 AND feed = 0";
const SESSIONS: &str = "-- exams::sessions
SELECT body FROM sessions WHERE institution = $1 AND feed = 0 AND (held_on, record) < ($2, $3)
ORDER BY held_on DESC, record DESC LIMIT $4";

/// How far a list of sessions was read: the day and the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionsReached(Date, RecordId);

impl SessionsReached {
    /// As it stands in an address.
    #[must_use]
    pub fn written(self) -> String {
        format!("{}~{}", self.0, self.1)
    }

    /// Read from an address.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let (on, record) = written.split_once('~')?;
        Some(Self(on.parse().ok()?, record.parse().ok()?))
    }
}

impl Registry {
    /// The sessions the officer's office holds, or those registered with it, latest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn sessions_of(&self, officer: &Officer) -> Result<Vec<SessionLine>> {
        Ok(self.sessions_page(officer, None, LISTED)?.0)
    }

    /// The same, page by page: so many behind a place, and where the next page begins.
    ///
    /// # Errors
    /// What the database says.
    pub fn sessions_page(
        &self,
        officer: &Officer,
        after: Option<SessionsReached>,
        limit: usize,
    ) -> Result<(Vec<SessionLine>, Option<SessionsReached>)> {
        let from = after.map_or("9999-12-32".to_owned(), |at| at.0.to_string());
        let record = after.map_or(i64::MAX, |at| at.1.as_i64());
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        self.store.read(|r| {
            let mut sessions = Vec::new();
            for institution in self.examiners(&officer.office) {
                let office = institution.as_str().into();
                let asked = [office, (&from).into(), record.into(), most.into()];
                for row in r.query(SESSIONS, &asked)? {
                    sessions.push(read(row.text(0)?)?);
                }
            }
            sessions.sort_by_key(|s| std::cmp::Reverse((s.on, s.id)));
            let more = sessions.len() > limit;
            sessions.truncate(limit);
            let last = sessions.last().filter(|_| more);
            let next = last.map(|s| SessionsReached(s.on, s.id));
            // Those of one day by their hour.
            sessions.sort_by_key(|s| (std::cmp::Reverse(s.on), s.slot()));
            let mut lines = Vec::with_capacity(sessions.len());
            for session in sessions {
                let states = self.states_of(r, session.id)?;
                lines.push(SessionLine { session, states });
            }
            Ok((lines, next))
        })
    }

    /// Whose sessions an office is told of: those that report to an authority, or itself.
    fn examiners(&self, office: &OfficeCode) -> Vec<OfficeCode> {
        if !self.is_authority(office) {
            return vec![office.clone()];
        }
        let mut all = self.offices();
        all.retain(|o| o.reports_to.as_ref() == Some(office));
        all.into_iter().map(|o| o.code).collect()
    }

    /// One session of the officer's office, or one registered with it.
    ///
    /// # Errors
    /// `NotFound` also when it is another office's.
    pub fn session_file(&self, officer: &Officer, id: RecordId) -> Result<SessionFile> {
        self.session_page(officer, id, None)
    }

    /// The same; with a place the candidates behind it, of those without a seat.
    ///
    /// # Errors
    /// As [`Registry::session_file`].
    pub fn session_page(
        &self,
        officer: &Officer,
        id: RecordId,
        after: Option<RecordId>,
    ) -> Result<SessionFile> {
        let reports_to = |code: &OfficeCode| self.office(code).and_then(|o| o.reports_to);
        let mut file = self.store.read(|r| {
            let row = r.query_opt(SESSION, &[id.as_i64().into()])?;
            let session = read(row.ok_or(Error::NotFound)?.text(0)?)?;
            let theirs = session.plan.as_ref().map(|plan| plan.authority.clone());
            let authority = theirs.or_else(|| reports_to(&session.institution));
            if session.institution != officer.office && authority.as_ref() != Some(&officer.office)
            {
                return Err(Error::NotFound);
            }
            let (lines, next) = self.candidates(r, &session, after)?;
            let states = self.states_of(r, id)?;
            let own = |(_, event): (i64, Event)| (event.record == id).then_some(event);
            let story = self.story(r, id)?.into_iter().filter_map(own).collect();
            Ok::<_, Error>(SessionFile {
                session,
                lines,
                next,
                states,
                story,
                assessors: Vec::new(),
            })
        })?;
        file.assessors = self.assessors_of(&file.session.institution)?;
        Ok(file)
    }

    /// Who may sit on a panel of an institution.
    ///
    /// # Errors
    /// What the database says.
    pub fn assessors_of(&self, institution: &OfficeCode) -> Result<Vec<Officer>> {
        let assesses = |o: &Officer| {
            o.office == *institution && o.roles.contains(&domain::office::Role::Assessor)
        };
        Ok(self.accounts()?.into_iter().filter(assesses).collect())
    }

    fn candidates(
        &self,
        r: &mut Reader<'_>,
        session: &Session,
        after: Option<RecordId>,
    ) -> Result<(Vec<SeatLine>, Option<RecordId>)> {
        let mut lines = Vec::new();
        let seated = session.seated.iter().filter(|_| after.is_none());
        for (seat, id) in seated {
            let place = r
                .query_opt(tables::CASE, &[id.as_i64().into(), OWN.into()])?
                .ok_or(Error::NotFound)?;
            lines.push(SeatLine {
                seat: Some(*seat),
                case: self.read_case(r, *id, &place.bytes(1)?)?,
            });
        }
        let (institution, id) = (session.institution.as_str(), session.id.as_i64());
        let from = after.map_or(-1, RecordId::as_i64);
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let asked = [institution.into(), id.into(), from.into(), most.into()];
        let rows = r.query(OF_SESSION, &asked)?;
        for row in &rows {
            let id = RecordId::from_i64(row.int(0)?);
            if session.seat_of(id).is_none() {
                lines.push(SeatLine {
                    seat: None,
                    case: self.read_case(r, id, &row.bytes(1)?)?,
                });
            }
        }
        let last = rows.last().filter(|_| rows.len() == MOST);
        let next = last.map(|row| Ok::<_, Error>(RecordId::from_i64(row.int(0)?)));
        Ok((lines, next.transpose()?))
    }
}

fn read(body: &str) -> Result<Session> {
    serde_json::from_str(body).map_err(|_| Error::Internal("exams::read"))
}

impl SessionFile {
    /// Its candidates as lines of a list.
    #[must_use]
    pub fn told(&self, registry: &Registry, today: Date) -> Vec<CaseLine> {
        let cases = self.lines.iter().map(|line| line.case.clone());
        cases.map(|case| registry.told_line(case, today)).collect()
    }
}
