//! What pages ask about sessions.

use domain::{
    case::Case,
    event::Event,
    office::{OfficeCode, OfficeKind},
    record::RecordId,
    session::Session,
};

use super::super::{
    Error, Officer, Registry, Result,
    desk::SessionLine,
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

/// What the print of an admission ticket needs, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The candidate's name.
    pub name: String,
    /// The document, masked.
    pub document: String,
    /// SHA-256 of the photograph, where one was handed in.
    pub photo: Option<String>,
    /// The institution's name.
    pub institution: String,
    /// The item's name.
    pub item: String,
    /// Where.
    pub place: String,
    /// The day.
    pub on: jiff::civil::Date,
    /// When it begins.
    pub begins: String,
    /// The seat.
    pub seat: u16,
    /// The admission-ticket number for this session.
    pub ticket: String,
}

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
                    let states = self.states_of(r, &institution, session.id)?;
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
    /// What each admission ticket says. The photograph is none until the register keeps one.
    #[must_use]
    pub fn tickets(&self, registry: &Registry) -> Vec<Admission> {
        let Some(plan) = &self.session.plan else {
            return Vec::new();
        };
        let institution = registry.office_name(&self.session.institution);
        let seated = self
            .lines
            .iter()
            .filter_map(|line| Some((line.seat?, &line.case)));
        seated
            .map(|(seat, case)| Admission {
                name: case.registration.person.name.expose().to_owned(),
                document: case.registration.person.document.to_string(),
                photo: None,
                institution: institution.clone(),
                item: registry.item_name(&case.registration.item),
                place: plan.place.clone(),
                on: plan.on,
                begins: plan.begins.clone(),
                seat,
                ticket: case
                    .ticket_in(self.session.id)
                    .unwrap_or_default()
                    .to_owned(),
            })
            .collect()
    }
}
