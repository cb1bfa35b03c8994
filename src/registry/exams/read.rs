//! What pages ask about sessions.

use domain::{
    case::Case,
    event::Event,
    office::{OfficeCode, OfficeKind},
    record::RecordId,
    session::Session,
};
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
    /// Its candidates, by seat; at most [`MOST`] of those without one.
    pub lines: Vec<SeatLine>,
    /// What happened to the session itself, oldest first.
    pub story: Vec<Event>,
    /// Who can be an assessor.
    pub assessors: Vec<Officer>,
}

/// So many candidates without a seat are listed; the queue has them all.
const MOST: i64 = 500;

const OF_SESSION: &str = "-- exams::of_session
SELECT record, dossier FROM cases WHERE institution = $1 AND session = $2 AND feed = 0
ORDER BY record LIMIT $3";
const SESSION: &str = "-- exams::session\nSELECT body FROM sessions WHERE record = $1 AND feed = 0";
const SESSIONS: &str = "-- exams::sessions
SELECT body FROM sessions WHERE institution = $1 AND feed = 0 ORDER BY held_on DESC, slot LIMIT 200";

impl Registry {
    /// The sessions the officer's office holds, or those registered with it, latest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn sessions_of(&self, officer: &Officer) -> Result<Vec<SessionLine>> {
        let offices = self.offices();
        let theirs = |code: &OfficeCode| {
            let reports = |o: &&domain::office::Office| o.reports_to.as_ref() == Some(code);
            let mut all: Vec<_> = offices
                .iter()
                .filter(reports)
                .map(|o| o.code.clone())
                .collect();
            all.sort();
            all
        };
        let authority = self
            .office(&officer.office)
            .is_some_and(|o| o.kind == OfficeKind::Authority);
        let institutions = if authority {
            theirs(&officer.office)
        } else {
            vec![officer.office.clone()]
        };
        let mut lines = Vec::new();
        for institution in institutions {
            self.store.read(|r| {
                for row in r.query(SESSIONS, &[institution.as_str().into()])? {
                    let session = read(row.text(0)?)?;
                    let states = self.states_of(r, session.id)?;
                    lines.push(SessionLine { session, states });
                }
                Ok::<_, Error>(())
            })?;
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.session.on));
        lines.truncate(200);
        Ok(lines)
    }

    /// One session of the officer's office, or one registered with it.
    ///
    /// # Errors
    /// `NotFound` also when it is another office's.
    pub fn session_file(&self, officer: &Officer, id: RecordId) -> Result<SessionFile> {
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
            let lines = self.candidates(r, &session)?;
            let own = |(_, event): (i64, Event)| (event.record == id).then_some(event);
            let story = self.story(r, id)?.into_iter().filter_map(own).collect();
            Ok::<_, Error>(SessionFile {
                session,
                lines,
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

    fn candidates(&self, r: &mut Reader<'_>, session: &Session) -> Result<Vec<SeatLine>> {
        let mut lines = Vec::new();
        for (seat, id) in &session.seated {
            let place = r
                .query_opt(tables::CASE, &[id.as_i64().into(), OWN.into()])?
                .ok_or(Error::NotFound)?;
            lines.push(SeatLine {
                seat: Some(*seat),
                case: self.read_case(r, *id, &place.bytes(1)?)?,
            });
        }
        let institution = session.institution.as_str();
        let asked = [institution.into(), session.id.as_i64().into(), MOST.into()];
        for row in r.query(OF_SESSION, &asked)? {
            let id = RecordId::from_i64(row.int(0)?);
            if session.seat_of(id).is_none() {
                lines.push(SeatLine {
                    seat: None,
                    case: self.read_case(r, id, &row.bytes(1)?)?,
                });
            }
        }
        Ok(lines)
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
