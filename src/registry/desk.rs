//! What officers see: queues, sessions, one case with its story.

use domain::{
    case::Case,
    catalogue::ItemCode,
    deadline::{self, Deadline},
    event::Event,
    office::{OfficeCode, OfficeKind},
    record::RecordId,
    session::Session,
    verdict::Kind,
};
use jiff::civil::Date;

use super::{
    Error, Officer, Registry, Result,
    entry::entry_aad,
    store::{Ask, Param, Reader, Row},
    tables::{self, NEVER},
    work::{self, OWN},
};

/// Which cases of the officer's own office.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// States to show; all when empty.
    pub states: Vec<String>,
    /// Only cases whose latest seat or sitting is in this exam session.
    pub session: Option<RecordId>,
    /// Only cases that are due then.
    pub due: Due,
    /// At most so many, first what is due first.
    pub limit: u16,
}

/// Which of a queue, by the day something must be done by law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    /// All, also what waits for no office.
    #[default]
    Any,
    /// From that day to the Sunday after it.
    Week(Date),
    /// From the one day to the other.
    Within(Date, Date),
    /// Before that day.
    Passed(Date),
}

impl Due {
    /// The first and the last day, as rows write them.
    pub(super) fn days(self) -> (String, String) {
        let first = || Date::ZERO.to_string();
        match self {
            Self::Any => (first(), NEVER.to_owned()),
            Self::Week(today) => (today.to_string(), sunday(today).to_string()),
            Self::Within(first, last) => (first.to_string(), last.to_string()),
            Self::Passed(today) => {
                let last = today.yesterday().unwrap_or(today);
                (first(), last.to_string())
            }
        }
    }
}

/// The last day of the week that a day is in.
#[must_use]
pub fn sunday(day: Date) -> Date {
    let left = 7 - i64::from(day.weekday().to_monday_one_offset());
    day.checked_add(jiff::Span::new().days(left)).unwrap_or(day)
}

/// How far a queue was read: the day and the number of the last record.
#[derive(Clone, Debug)]
pub struct Reached(pub(super) String, pub(super) i64);

/// One line of a queue.
#[derive(Clone, Debug)]
pub struct CaseLine {
    /// The case.
    pub case: Case,
    /// Name of the institution.
    pub institution: String,
    /// Name of the item.
    pub item: String,
    /// What is due next by law, if anything is.
    pub deadline: Option<Deadline>,
}

/// An exam session with its counts.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// The session.
    pub session: Session,
    /// Cases whose latest seat or sitting it is, by state.
    pub states: Vec<(String, i64)>,
}

/// One case with everything that happened to it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its events, oldest first, with their places in the journal.
    pub story: Vec<(i64, Event)>,
    /// The limits of the law at work in it, oldest first.
    pub deadlines: Vec<Deadline>,
}

/// The code of a value, as rows write it.
pub(super) fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// No record has this number.
const ANY_SESSION: i64 = -1;
const OF_INSTITUTION: &str = "-- cases::of_institution
SELECT record, dossier, due FROM cases WHERE institution = $1 AND state = $2 AND feed = 0
AND due >= $3 AND due <= $4 AND (CAST($5 AS BIGINT) = -1 OR session = $5)
ORDER BY due, record LIMIT $6";
const OF_AUTHORITY: &str = "-- cases::of_authority
SELECT record, dossier, due FROM cases WHERE authority = $1 AND state = $2 AND feed = 0
AND due >= $3 AND due <= $4 AND (CAST($5 AS BIGINT) = -1 OR session = $5)
ORDER BY due, record LIMIT $6";
const PAGE_OF_INSTITUTION: &str = "-- cases::page_of_institution
SELECT due, record FROM cases WHERE institution = $1 AND state = $2 AND feed = 0
AND due >= $3 AND (due > $3 OR record > $4) ORDER BY due, record LIMIT $5";
const PAGE_OF_AUTHORITY: &str = "-- cases::page_of_authority
SELECT due, record FROM cases WHERE authority = $1 AND state = $2 AND feed = 0
AND due >= $3 AND (due > $3 OR record > $4) ORDER BY due, record LIMIT $5";
const SILENT: &str = "-- cases::silent
SELECT record FROM cases WHERE state = 'reported' AND feed = 0 AND due < $1 ORDER BY due, record";
const COUNT_PEOPLE: &str = "-- people::count\nSELECT COUNT(*) FROM people";
const SESSION_STATES: &str = "-- cases::of_session
SELECT state, COUNT(*) FROM cases WHERE session = $1 AND feed = 0 GROUP BY state ORDER BY state";
const STORY: &str = "-- journal::story
SELECT s.idx, b.body FROM subject s JOIN sealed b ON b.idx = s.idx AND b.feed = s.feed
WHERE s.record = $1 AND s.feed = 0 ORDER BY s.idx";

impl Registry {
    /// The cases of the officer's own office in the asked states, first what is due first.
    ///
    /// # Errors
    /// What the database says.
    pub fn cases(&self, officer: &Officer, filter: &Filter, today: Date) -> Result<Vec<CaseLine>> {
        let sql = if self.is_authority(&officer.office) {
            OF_AUTHORITY
        } else {
            OF_INSTITUTION
        };
        let all: Vec<String> = domain::case::State::WORDS
            .iter()
            .map(ToString::to_string)
            .collect();
        let states = if filter.states.is_empty() {
            &all
        } else {
            &filter.states
        };
        let session = filter.session.map_or(ANY_SESSION, RecordId::as_i64);
        let (first, last) = filter.due.days();
        self.store.read(|r| {
            let mut rows = Vec::new();
            for state in states {
                let asked = [
                    officer.office.as_str().into(),
                    state.into(),
                    (&first).into(),
                    (&last).into(),
                    session.into(),
                    i64::from(filter.limit).into(),
                ];
                for row in r.query(sql, &asked)? {
                    rows.push((row.text(2)?.to_owned(), row.int(0)?, row));
                }
            }
            rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            rows.truncate(usize::from(filter.limit));
            let lines = rows.iter().map(|(_, _, row)| self.line(r, row, today));
            lines.collect()
        })
    }

    /// The numbers of the next cases of the officer's own office in a state, first what is due
    /// first, and how far that reaches; nothing of them is unsealed. What was passed over is not
    /// given again, so that whoever works through a long queue comes to its end.
    ///
    /// # Errors
    /// What the database says.
    pub fn case_numbers(
        &self,
        officer: &Officer,
        state: &str,
        after: Option<&Reached>,
        limit: u16,
    ) -> Result<(Vec<RecordId>, Option<Reached>)> {
        let sql = if self.is_authority(&officer.office) {
            PAGE_OF_AUTHORITY
        } else {
            PAGE_OF_INSTITUTION
        };
        let (due, record) = after.map_or(("", -1), |at| (at.0.as_str(), at.1));
        let asked = [
            officer.office.as_str().into(),
            state.into(),
            due.into(),
            record.into(),
            i64::from(limit).into(),
        ];
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(sql, &asked)?))?;
        let mut numbers = Vec::with_capacity(rows.len());
        for row in &rows {
            numbers.push(RecordId::from_i64(row.int(1)?));
        }
        let last = rows.last();
        let reached = last.map(|row| Ok::<_, Error>(Reached(row.text(0)?.to_owned(), row.int(1)?)));
        Ok((numbers, reached.transpose()?))
    }

    fn line(&self, r: &mut Reader<'_>, row: &Row, today: Date) -> Result<CaseLine> {
        let id = RecordId::from_i64(row.int(0)?);
        let key = row.bytes(1)?;
        let case = self.read_case(r, id, &key)?;
        Ok(self.told_line(case, today))
    }

    /// A case as a line of a list.
    pub(super) fn told_line(&self, case: Case, today: Date) -> CaseLine {
        CaseLine {
            institution: self.office_name(&case.registration.institution),
            item: self.item_name(&case.registration.item),
            deadline: deadline::current(&case, self.calendar(), today),
            case,
        }
    }

    /// A case by its number.
    pub(super) fn case_at(&self, r: &mut Reader<'_>, id: RecordId) -> Result<Case> {
        let place = r
            .query_opt(tables::CASE, &[id.as_i64().into(), OWN.into()])?
            .ok_or(Error::NotFound)?;
        self.read_case(r, id, &place.bytes(1)?)
    }

    pub(super) fn read_case(
        &self,
        r: &mut Reader<'_>,
        id: RecordId,
        key: &work::Key,
    ) -> Result<Case> {
        let sealed = r
            .query_opt(tables::DOSSIER, &[Param::Blob(key), OWN.into()])?
            .ok_or(Error::Internal("desk::read_case"))?;
        let dossier = self.open_dossier(OWN, key, sealed.blob(0)?)?;
        dossier
            .case(id)
            .cloned()
            .ok_or(Error::Internal("desk::read_case"))
    }

    /// How many people are in the register.
    ///
    /// # Errors
    /// What the database says.
    pub fn people(&self) -> Result<u64> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_one(COUNT_PEOPLE, &[])?))?;
        Ok(row.int(0)?.unsigned_abs())
    }

    /// The cases of a session by state.
    pub(super) fn states_of(
        &self,
        r: &mut Reader<'_>,
        session: RecordId,
    ) -> Result<Vec<(String, i64)>> {
        let rows = r.query(SESSION_STATES, &[session.as_i64().into()])?;
        rows.iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?)))
            .collect()
    }

    /// One case of the officer's own office, with its story, and its deadlines as of `today`.
    ///
    /// # Errors
    /// `NotFound` also when it is another office's: nobody learns that it exists.
    pub fn case_file(&self, officer: &Officer, id: RecordId, today: Date) -> Result<CaseFile> {
        let file = self.any_case_file(id, today)?;
        let r = &file.case.registration;
        let offered = file.case.offered_to(&officer.office);
        if offered || r.institution == officer.office || r.authority == officer.office {
            Ok(file)
        } else {
            Err(Error::NotFound)
        }
    }

    pub(super) fn any_case_file(&self, id: RecordId, today: Date) -> Result<CaseFile> {
        self.store.read(|r| {
            let case = self.case_at(r, id)?;
            let story = self.story(r, id)?;
            let deadlines = deadline::of(&case, self.calendar(), today);
            Ok(CaseFile {
                case,
                story,
                deadlines,
            })
        })
    }

    /// The events of a record, oldest first.
    pub(super) fn story(&self, r: &mut dyn Ask, id: RecordId) -> Result<Vec<(i64, Event)>> {
        let rows = r.query(STORY, &[id.as_i64().into()])?;
        rows.iter()
            .map(|row| {
                let idx = row.int(0)?;
                Ok((idx, self.open_event(idx, row.blob(1)?)?))
            })
            .collect()
    }

    pub(super) fn open_event(&self, idx: i64, body: &[u8]) -> Result<Event> {
        let bytes = self
            .keyring
            .open(&entry_aad(OWN, idx), body)
            .map_err(|_| Error::Sealed("a journal entry"))?;
        Event::from_bytes(&bytes).map_err(|_| Error::Internal("desk::open_event"))
    }

    /// Cases whose report was not answered before `day`, though the law's last day was earlier.
    pub(super) fn silent_before(&self, day: Date) -> Result<Vec<RecordId>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(SILENT, &[(&day.to_string()).into()])?))?;
        rows.iter()
            .map(|row| Ok(RecordId::from_i64(row.int(0)?)))
            .collect()
    }

    pub(super) fn is_authority(&self, office: &OfficeCode) -> bool {
        self.office(office)
            .is_some_and(|o| o.kind == OfficeKind::Authority)
    }

    /// The kinds of case there are, for forms.
    #[must_use]
    pub fn kinds() -> [Kind; 5] {
        [
            Kind::Initial,
            Kind::Recheck,
            Kind::Renewal,
            Kind::Replacement,
            Kind::Reissue,
        ]
    }

    /// Every item an institution may examine, with its name.
    #[must_use]
    pub fn items_of(&self, office: &OfficeCode) -> Vec<(ItemCode, String)> {
        let items = self
            .office(office)
            .and_then(|o| o.authorisation)
            .map(|a| a.items)
            .unwrap_or_default();
        items
            .into_iter()
            .map(|code| {
                let name = self.item_name(&code);
                (code, name)
            })
            .collect()
    }
}
