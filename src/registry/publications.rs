//! Publications: packs and announcements, proposed by one officer and approved by another, and what
//! of them is in force.
//!
//! Whoever decides by a pack holds a reference for as long as it takes, so every set of versions
//! that was ever in force is kept in memory until the program ends: a few, in the years it runs.

use std::sync::PoisonError;

use domain::{
    calendar::Calendar,
    catalogue::Catalogue,
    event::{Act, Event},
    pack::{PackFault, list_faults},
    publication::{Announcement, Content, Proposal, Publication},
    record::RecordId,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Officer, Registry, Result, chain,
    store::Ask,
    tables,
    work::{Kept, OWN, Work},
};
use crate::clock;

const ALL: &str = "-- publications::all
SELECT f.code, p.body FROM publications p JOIN feeds f ON f.feed = p.feed
ORDER BY p.feed, p.record DESC";
const STAND: &str = "-- publications::stand
SELECT COUNT(*), COALESCE(CAST(SUM(version) AS BIGINT), 0) FROM publications WHERE feed = 0";
const OWN_ALL: &str = "-- publications::own
SELECT body FROM publications WHERE feed = 0 ORDER BY record";
/// A publication, and whose it is.
#[derive(Clone, Debug)]
pub struct Published {
    /// The code of the province; empty for this node's own.
    pub province: String,
    /// The publication.
    pub publication: Publication,
}

/// The versions a node goes by, and what it announces.
pub struct Versions {
    /// The working days, and the limits in force on each.
    calendar: Calendar,
    /// The catalogue that the settings name, or the program's own.
    first: Catalogue,
    /// Those that follow on it, by their first day.
    later: Vec<(Date, Catalogue)>,
    announcements: Vec<Announcement>,
    /// How many publications there were, and how many events about them.
    stand: (i64, i64),
}

impl Versions {
    /// Nothing published yet.
    pub(super) fn kept(calendar: Calendar, first: Catalogue) -> &'static Self {
        Box::leak(Box::new(Self {
            calendar,
            first,
            later: Vec::new(),
            announcements: Vec::new(),
            stand: (0, 0),
        }))
    }

    /// The catalogue in force on a day.
    fn catalogue(&self, day: Date) -> &Catalogue {
        let later = self.later.iter().rev().find(|(from, _)| *from <= day);
        later.map_or(&self.first, |(_, catalogue)| catalogue)
    }

    /// The newest catalogue, in force or not yet.
    fn newest(&self) -> &Catalogue {
        let later = self.later.last();
        later.map_or(&self.first, |(_, catalogue)| catalogue)
    }

    /// With everything that was approved, in the order it was proposed.
    fn with(&self, all: &[Publication], stand: (i64, i64)) -> Self {
        let mut next = Self {
            calendar: Calendar::shipped(),
            first: self.first.clone(),
            later: Vec::new(),
            announcements: Vec::new(),
            stand,
        };
        for content in all.iter().filter_map(Publication::published) {
            match content {
                Content::RulePack(pack) => next.calendar = next.calendar.with_pack(pack),
                Content::Catalogue(list) => {
                    if let (Some(from), Ok(catalogue)) = (list.from, Catalogue::of(list)) {
                        next.later.push((from, catalogue));
                    }
                }
                Content::Announcement(a) => next.announcements.push(a.clone()),
            }
        }
        next.later.sort_by_key(|(from, _)| *from);
        next
    }

    /// What is published now, where that is not what is known here.
    fn read(&self, r: &mut impl Ask) -> Result<Option<Self>> {
        let row = r.query_one(STAND, &[])?;
        let stand = (row.int(0)?, row.int(1)?);
        if stand == self.stand {
            return Ok(None);
        }
        let rows = r.query(OWN_ALL, &[])?;
        let all: Result<Vec<_>> = rows.iter().map(|row| parsed(row.text(0)?)).collect();
        Ok(Some(self.with(&all?, stand)))
    }

    /// What speaks against publishing this beside all that is approved.
    fn faults(&self, content: &Content, today: Date) -> Vec<PackFault> {
        match content {
            Content::RulePack(pack) => pack.faults(self.calendar.laws(), today),
            Content::Catalogue(list) => {
                let mut faults = list_faults(list, self.newest(), today);
                let taken = |from: Date| self.later.iter().any(|(day, _)| *day >= from);
                if list.from.is_some_and(taken) {
                    let (place, code) = ("from".to_owned(), "first_day_taken");
                    faults.push(PackFault { place, code });
                }
                faults
            }
            Content::Announcement(_) => Vec::new(),
        }
    }
}

impl Registry {
    /// The versions in force, as they were when last read.
    pub(super) fn versions(&self) -> &'static Versions {
        *self.versions.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The working-day calendar, with the law's limits in force on each day.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.versions().calendar
    }

    /// The catalogue in force today.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        self.versions().catalogue(clock::today())
    }

    /// The catalogues, by their first day; the first has none.
    #[must_use]
    pub fn catalogues(&self) -> Vec<(Option<Date>, &Catalogue)> {
        let versions = self.versions();
        let later = versions.later.iter().map(|(from, c)| (Some(*from), c));
        [(None, &versions.first)].into_iter().chain(later).collect()
    }

    /// What is announced on a day, the newest first.
    #[must_use]
    pub fn announced(&self, day: Date) -> Vec<&Announcement> {
        let all = self.versions().announcements.iter().rev();
        all.filter(|a| a.is_shown_on(day)).collect()
    }

    /// Reads what is published: another process may have approved something.
    ///
    /// # Errors
    /// What the database says.
    pub fn reload_publications(&self) -> Result<()> {
        let known = self.versions();
        if let Some(next) = self.store.read(|r| known.read(r))? {
            let mut versions = self
                .versions
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            *versions = Box::leak(Box::new(next));
        }
        Ok(())
    }

    /// What speaks against publishing this; nothing where it can be proposed.
    ///
    /// # Errors
    /// What the database says.
    pub fn publication_faults(&self, content: &Content, today: Date) -> Result<Vec<PackFault>> {
        self.reload_publications()?;
        Ok(self.versions().faults(content, today))
    }

    /// Proposes a publication: all of it, and the digest of the file it was read from.
    ///
    /// # Errors
    /// `PackFaulty`, `FirstDayPassed`, `RoleNotAllowed`.
    pub fn propose_publication(
        &self,
        proposal: Proposal,
        by: &Officer,
        now: Timestamp,
    ) -> Result<RecordId> {
        let mut work = self.work()?;
        self.fits(&mut work, &proposal.content, now)?;
        let id = work.new_record();
        let act = Act::PublicationProposed(Box::new(proposal));
        let event = chain::event(id, act, by, now)?;
        let publication = Publication::begun(&event)?;
        work.journal(&event)?;
        work.keep_publication(publication);
        work.commit()?;
        Ok(id)
    }

    /// A second officer approves it. A pack that fits no more, since another was approved
    /// meanwhile, is not approved.
    ///
    /// # Errors
    /// `SecondPersonRequired`, `PackFaulty`, `FirstDayPassed`, `WrongState`, `RoleNotAllowed`,
    /// `NotFound`.
    pub fn approve_publication(&self, id: RecordId, by: &Officer, now: Timestamp) -> Result<()> {
        self.change_publication(id, Act::PublicationApproved, by, now)
    }

    /// It is taken back.
    ///
    /// # Errors
    /// `GroundMissing`, `WrongState`, `RoleNotAllowed`, `NotFound`.
    pub fn withdraw_publication(
        &self,
        id: RecordId,
        ground: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let ground = ground.trim().to_owned();
        self.change_publication(id, Act::PublicationWithdrawn { ground }, by, now)
    }

    fn change_publication(
        &self,
        id: RecordId,
        act: Act,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        let publication = work.publication(id)?.value.clone();
        // A clock that was set back must not keep anybody from deciding.
        let now = Work::not_before(now, publication.last);
        let approves = matches!(act, Act::PublicationApproved);
        let content = publication.proposal.content.clone();
        let event = chain::event(id, act, by, now)?;
        let publication = publication.after(&event)?;
        if approves {
            self.fits(&mut work, &content, now)?;
        }
        work.journal(&event)?;
        work.keep_publication(publication);
        work.commit()?;
        self.reload_publications()
    }

    /// Asked inside the turn: nothing can be approved meanwhile.
    fn fits(&self, work: &mut Work<'_>, content: &Content, now: Timestamp) -> Result<()> {
        let today = domain::event::legal_day(now);
        let (known, next) = (self.versions(), self.versions().read(&mut work.tx)?);
        match next.as_ref().unwrap_or(known).faults(content, today) {
            faults if faults.is_empty() => Ok(()),
            _ => Err(Refusal::PackFaulty.into()),
        }
    }

    /// Every publication, this node's own first, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn publications(&self) -> Result<Vec<Published>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        rows.iter()
            .map(|row| {
                Ok(Published {
                    province: row.text(0)?.to_owned(),
                    publication: parsed(row.text(1)?)?,
                })
            })
            .collect()
    }

    /// One publication of this node's own with its events, oldest first.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn publication(&self, id: RecordId) -> Result<(Publication, Vec<(i64, Event)>)> {
        self.store.read(|r| {
            let row = r.query_opt(tables::PUBLICATION, &[id.as_i64().into(), OWN.into()])?;
            let row = row.ok_or(Error::NotFound)?;
            Ok((parsed(row.text(1)?)?, self.story(r, id)?))
        })
    }
}

fn parsed(body: &str) -> Result<Publication> {
    serde_json::from_str(body).map_err(|_| Error::Internal("publications::parsed"))
}

impl Work<'_> {
    /// A publication by its number.
    pub fn publication(&mut self, id: RecordId) -> Result<&mut Kept<Publication>> {
        if !self.publications.contains_key(&id) {
            let row = self
                .tx
                .query_opt(tables::PUBLICATION, &[id.as_i64().into(), self.feed.into()])?
                .ok_or(Error::NotFound)?;
            let kept = Kept::at(parsed(row.text(1)?)?, row.int(0)?);
            self.publications.insert(id, kept);
        }
        // Cannot fail: it was just put in.
        self.publications
            .get_mut(&id)
            .ok_or(Error::Internal("work::publication"))
    }

    /// Keeps a publication as an event has left it.
    pub fn keep_publication(&mut self, publication: Publication) {
        let kept = self
            .publications
            .entry(publication.id)
            .or_insert_with(|| Kept::new(publication.clone()));
        kept.value = publication;
        kept.touched += 1;
    }
}
