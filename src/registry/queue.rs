//! The queue of an office: one page of it, in one of the orders an index serves.
//!
//! A page begins behind a place and not after a count of lines, so that the last page of a million
//! cases costs what the first does. What is asked for beside the way itself is looked for along the
//! way, case by case, and only for so long: a page that was not filled by then says where it
//! stopped. Only the lines that are shown are unsealed.

mod tally;
mod ways;

use std::collections::VecDeque;

use domain::{
    case::{Case, State},
    catalogue::{Category, ItemCode},
    office::OfficeCode,
    record::RecordId,
    verdict::Kind,
};
use jiff::civil::Date;

use self::ways::Way;
use super::{
    CaseLine, Due, Error, Officer, Registry, Result,
    desk::word,
    store::{Ask, Param, Reader, Row},
    tables::NEVER,
    work::Key,
};

pub use self::tally::{Count, Tallies};

/// So many rows are looked at for one page.
const LOOK: usize = 5_000;
/// So many cases are opened for one page that are then not shown.
const OPEN: usize = 400;
/// So many rows are read at a time where not all of them will be shown.
const STRETCH: usize = 300;
/// An officer has at most so many cases in hand that the desk shows.
const IN_HAND: i64 = 2_000;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By the day something must be done by law.
    #[default]
    Due,
    /// By the day the stage was entered.
    Since,
    /// By institution, then by the day it is due.
    Institution,
    /// By item, then by the day it is due.
    Item,
}

impl Sort {
    /// Each with its word in an address.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Due, "due"),
        (Self::Since, "since"),
        (Self::Institution, "institution"),
        (Self::Item, "item"),
    ];
}

/// What is asked of the queue.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    /// States to show.
    pub states: Vec<&'static str>,
    /// Only what the officer has in hand.
    pub mine: bool,
    /// Without what the officer may not decide, having done the first act.
    pub second: bool,
    /// Only cases that are due then.
    pub due: Due,
    /// Only these, where something is said.
    pub only: Only,
    /// The order.
    pub sort: Sort,
    /// Behind this place.
    pub after: Option<Place>,
    /// At most so many lines.
    pub limit: usize,
}

/// What a case must be to be shown.
#[derive(Clone, Debug, Default)]
pub struct Only {
    /// Its item.
    pub item: Option<ItemCode>,
    /// Its kind.
    pub kind: Option<Kind>,
    /// Its category.
    pub category: Option<Category>,
    /// Its institution.
    pub institution: Option<OfficeCode>,
    /// The session of its last sitting.
    pub session: Option<RecordId>,
}

/// A place on the way through a queue. It names days, offices, items and records, and no person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    first: String,
    second: String,
    record: i64,
}

impl Place {
    /// As it stands in an address.
    #[must_use]
    pub fn written(&self) -> String {
        let id = RecordId::from_i64(self.record);
        format!("{}~{}~{id}", self.first, self.second)
    }

    /// Read from an address.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let mut parts = written.split('~').map(str::to_owned);
        let (first, second) = (parts.next()?, parts.next()?);
        let record = parts.next()?.parse::<RecordId>().ok()?.as_i64();
        Some(Self {
            first,
            second,
            record,
        })
    }
}

/// One page.
#[derive(Clone, Debug, Default)]
pub struct QueuePage {
    /// Its lines, each with the officer who has it in hand.
    pub lines: Vec<(CaseLine, Option<String>)>,
    /// Where the next page begins; none at the end.
    pub next: Option<Place>,
    /// The page was not filled: so many cases were looked at, and more lie behind.
    pub looked: Option<usize>,
}

/// A row of the way.
struct Entry {
    place: Place,
    dossier: Key,
    due: String,
    item: String,
    kind: String,
    category: String,
    institution: String,
    session: Option<i64>,
}

/// One state's part of the way.
struct Stream {
    state: &'static str,
    waiting: VecDeque<Entry>,
    after: Place,
    ended: bool,
}

/// What is read of the rows along a way.
struct Walk<'q> {
    way: Way,
    authority: bool,
    office: &'q OfficeCode,
    queue: &'q Queue,
    days: (String, String),
    streams: Vec<Stream>,
    looked: usize,
}

impl Registry {
    /// A page of the queue of the officer's own office.
    ///
    /// # Errors
    /// What the database says.
    pub fn queue(&self, officer: &Officer, queue: &Queue, today: Date) -> Result<QueuePage> {
        self.store.read(|r| {
            if queue.mine {
                return self.in_hand(r, officer, queue, today);
            }
            let authority = self.is_authority(&officer.office);
            let mut walk = Walk::new(queue, &officer.office, authority);
            self.along(r, officer, &mut walk, today)
        })
    }

    fn along(
        &self,
        r: &mut Reader<'_>,
        officer: &Officer,
        walk: &mut Walk<'_>,
        today: Date,
    ) -> Result<QueuePage> {
        let queue = walk.queue;
        let mut page = QueuePage::default();
        let mut opened = 0;
        let mut last = None;
        loop {
            let is_full = page.lines.len() == queue.limit;
            // Whoever is shown a full page is told whether there is another.
            if !is_full && (walk.looked >= LOOK || opened >= OPEN) && walk.is_hungry() {
                page.looked = Some(walk.looked);
                break;
            }
            let Some(entry) = walk.next(r)? else {
                return Ok(page);
            };
            if is_full {
                break;
            }
            if walk.shows(&entry) {
                let line = self.line_of(r, &entry, today)?;
                if queue.second && !may_decide(&line.case, officer) {
                    opened += 1;
                } else {
                    let claimed = self.claimed(r, &line.case)?;
                    page.lines.push((line, claimed));
                }
            }
            last = Some(entry.place);
        }
        page.next = last.or_else(|| queue.after.clone());
        Ok(page)
    }

    fn in_hand(
        &self,
        r: &mut Reader<'_>,
        officer: &Officer,
        queue: &Queue,
        today: Date,
    ) -> Result<QueuePage> {
        let rows = r.query(ways::IN_HAND, &[(&officer.login).into(), IN_HAND.into()])?;
        let way = Way::of_sort(queue.sort);
        let walk = Walk::new(queue, &officer.office, true);
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let entry = Entry::of(row, way)?;
            let behind = queue.after.as_ref().is_none_or(|at| entry.place > *at);
            if behind && walk.shows(&entry) {
                entries.push(entry);
            }
        }
        entries.sort_by(|a, b| a.place.cmp(&b.place));
        let mut page = QueuePage::default();
        if entries.len() > queue.limit {
            entries.truncate(queue.limit);
            page.next = entries.last().map(|entry| entry.place.clone());
        }
        for entry in entries {
            let line = self.line_of(r, &entry, today)?;
            page.lines.push((line, Some(officer.login.clone())));
        }
        Ok(page)
    }

    fn line_of(&self, r: &mut Reader<'_>, entry: &Entry, today: Date) -> Result<CaseLine> {
        let id = RecordId::from_i64(entry.place.record);
        let case = self.read_case(r, id, &entry.dossier)?;
        Ok(self.told_line(case, today))
    }

    /// Some cases of the officer's own office as lines, each with its story.
    ///
    /// # Errors
    /// `NotFound` when one does not exist or is another office's.
    pub fn marked(
        &self,
        officer: &Officer,
        cases: &[RecordId],
        today: Date,
    ) -> Result<Vec<(CaseLine, Vec<domain::event::Event>)>> {
        self.store.read(|r| {
            let mut lines = Vec::with_capacity(cases.len());
            for id in cases {
                let case = self.own_case(r, officer, *id)?;
                let story = self.story(r, *id)?;
                let events = story.into_iter().map(|(_, event)| event).collect();
                lines.push((self.told_line(case, today), events));
            }
            Ok(lines)
        })
    }
}

/// Whether an officer would be a second one: whoever did the first act may not decide.
#[must_use]
pub fn may_decide(case: &Case, officer: &Officer) -> bool {
    let login = officer.login.as_str();
    let first = match &case.state {
        State::Reviewed { reviewer, .. } => reviewer.as_str() == login,
        _ => false,
    };
    let examined = case.entered_by.iter().chain(&case.confirmed_by);
    !first && !examined.into_iter().any(|by| by.as_str() == login)
}

impl<'q> Walk<'q> {
    fn new(queue: &'q Queue, office: &'q OfficeCode, authority: bool) -> Self {
        let way = Way::of(queue, authority);
        let days = queue.due.days();
        let before = Place {
            first: if way.by_due() {
                days.0.clone()
            } else {
                String::new()
            },
            second: String::new(),
            record: -1,
        };
        let after = queue
            .after
            .clone()
            .map_or(before.clone(), |a| a.max(before));
        let stream = |state: &&'static str| Stream {
            state,
            waiting: VecDeque::new(),
            after: after.clone(),
            ended: false,
        };
        Self {
            way,
            authority,
            office,
            queue,
            streams: queue.states.iter().map(stream).collect(),
            days,
            looked: 0,
        }
    }

    /// Whether rows must be read before another can be given.
    fn is_hungry(&self) -> bool {
        let mut streams = self.streams.iter();
        streams.any(|stream| stream.waiting.is_empty() && !stream.ended)
    }

    /// The next row of all states together; none at the end of the way.
    fn next(&mut self, r: &mut Reader<'_>) -> Result<Option<Entry>> {
        for at in 0..self.streams.len() {
            if self.streams[at].waiting.is_empty() && !self.streams[at].ended {
                self.fill(r, at)?;
            }
        }
        let heads = self.streams.iter_mut();
        let heads = heads.filter(|stream| !stream.waiting.is_empty());
        let first = heads.min_by(|a, b| a.head().cmp(&b.head()));
        Ok(first.and_then(|stream| stream.waiting.pop_front()))
    }

    fn fill(&mut self, r: &mut Reader<'_>, at: usize) -> Result<()> {
        let limit = if self.shows_all() {
            self.queue.limit + 1
        } else {
            STRETCH
        };
        let rows = {
            let stream = &self.streams[at];
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            self.ask(r, stream, limit)?
        };
        self.looked += rows.len();
        let way = self.way;
        let stream = &mut self.streams[at];
        for row in &rows {
            stream.waiting.push_back(Entry::of(row, way)?);
        }
        stream.ended = rows.len() < limit;
        if let Some(last) = stream.waiting.back() {
            stream.after = last.place.clone();
        }
        Ok(())
    }

    fn ask(&self, r: &mut Reader<'_>, stream: &Stream, limit: i64) -> Result<Vec<Row>> {
        let (sql, after) = (self.way.sql(self.authority), &stream.after);
        let only = &self.queue.only;
        let kind = only.kind.map(|kind| word(&kind)).unwrap_or_default();
        let facet: Option<Param<'_>> = match self.way {
            Way::OfItem => only.item.as_ref().map(|item| item.as_str().into()),
            Way::OfPlace => only.institution.as_ref().map(|code| code.as_str().into()),
            Way::OfKind => Some((&kind).into()),
            Way::OfSession => only.session.map(|id| id.as_i64().into()),
            _ => None,
        };
        let mut asked: Vec<Param<'_>> = vec![self.office.as_str().into(), stream.state.into()];
        if self.way.has_two() {
            asked.extend([Param::from(&after.first), Param::from(&after.second)]);
        } else {
            let last = if self.way.by_due() {
                &self.days.1
            } else {
                NEVER
            };
            asked.extend([Param::from(last), Param::from(&after.first)]);
        }
        asked.extend([Param::from(after.record), Param::from(limit)]);
        asked.extend(facet);
        Ok(r.query(sql, &asked)?)
    }

    /// Whether every row along the way is shown.
    fn shows_all(&self) -> bool {
        let only = &self.queue.only;
        let facets = [
            (only.item.is_some(), Way::OfItem),
            (only.institution.is_some(), Way::OfPlace),
            (only.kind.is_some(), Way::OfKind),
            (only.session.is_some(), Way::OfSession),
        ];
        let asked = facets.iter().filter(|(is_some, _)| *is_some);
        let served = asked.clone().all(|(_, way)| *way == self.way);
        let due = self.way.by_due() || self.queue.due == Due::Any;
        served && due && only.category.is_none() && !self.queue.second
    }

    /// Whether a row is what is asked for.
    fn shows(&self, entry: &Entry) -> bool {
        let only = &self.queue.only;
        let is = |wanted: Option<&str>, has: &str| wanted.is_none_or(|wanted| wanted == has);
        let kind = only.kind.map(|kind| word(&kind));
        let category = only.category.map(|category| word(&category));
        is(only.item.as_ref().map(ItemCode::as_str), &entry.item)
            && is(
                only.institution.as_ref().map(OfficeCode::as_str),
                &entry.institution,
            )
            && is(kind.as_deref(), &entry.kind)
            && is(category.as_deref(), &entry.category)
            && only
                .session
                .is_none_or(|id| Some(id.as_i64()) == entry.session)
            && self.days.0 <= entry.due
            && entry.due <= self.days.1
    }
}

impl Stream {
    fn head(&self) -> Option<&Place> {
        self.waiting.front().map(|entry| &entry.place)
    }
}

impl Entry {
    fn of(row: &Row, way: Way) -> Result<Self> {
        let text = |at: usize| row.text(at).map(str::to_owned);
        let (due, since, item, institution) = (text(2)?, text(3)?, text(4)?, text(7)?);
        let (first, second) = match way {
            Way::BySince => (since, String::new()),
            Way::ByPlace => (institution.clone(), due.clone()),
            Way::ByItem => (item.clone(), due.clone()),
            _ => (due.clone(), String::new()),
        };
        Ok(Self {
            place: Place {
                first,
                second,
                record: row.int(0)?,
            },
            dossier: row.bytes(1)?,
            due,
            item,
            kind: text(5)?,
            category: text(6)?,
            institution,
            session: row.opt_int(8)?,
        })
    }
}

/// What an officer sees of a case must be the own office's: nobody learns that another's exists.
pub(super) fn is_own(case: &Case, officer: &Officer) -> Result<()> {
    let r = &case.registration;
    if officer.office == r.institution || officer.office == r.authority {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}
