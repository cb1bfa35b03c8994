//! Halts: what stands still, what was lost, and the way back.
//!
//! Nothing is ever taken back: a hold is lifted, and whatever comes next is compared with the same
//! tree as before. Entries that somebody has signed for and lost are remembered by that signature,
//! and only what leads to it may come in their place.

use std::sync::atomic::Ordering;

use domain::{
    event::{Act, Event, legal_day},
    hold::{Halt, Held, Hold},
    law,
    office::By,
    record::RecordId,
    refusal::Refusal,
};
use jiff::Timestamp;
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    frontier::Frontier,
    hash::Hash,
    tree,
};

use super::{
    Error, Followed, Officer, Page, Province, Registry, Result,
    feed::{claimed, read_error},
    log,
    store::{Ask, Row},
    work::{OWN, Work},
};

const STAND_STILL: &str = "-- feeds::hold
UPDATE feeds SET hold = $2, held_at = $3, halt = $4 WHERE feed = $1 AND hold = ''";
const GO_ON: &str = "-- feeds::go_on\nUPDATE feeds SET hold = '', halt = 0 WHERE feed = $1";
const STATE: &str = "-- halts::state\nSELECT feed, hold, held_at, halt FROM feeds WHERE code = $1";
const OWN_STATE: &str = "-- feeds::own_state\nSELECT hold FROM feeds WHERE feed = 0";
const ENTRIES: &str = "-- halts::entries\nSELECT entries FROM heads WHERE feed = $1";
const LOSE: &str = "-- lost::keep
INSERT INTO lost (feed, size, root, note) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const OWN_LOST: &str = "-- lost::own\nSELECT size, root FROM lost WHERE feed = 0";
const NEXT_LOST: &str = "-- lost::next
SELECT size, root FROM lost WHERE feed = $1 AND size > $2 ORDER BY size LIMIT 1";
const LAST_LOST: &str = "-- lost::last
SELECT size, note FROM lost WHERE feed = $1 AND size > $2 ORDER BY size DESC LIMIT 1";

/// How a page stands to what was cosigned here and lost.
pub(super) enum Leads {
    /// There is nothing that it has to lead to, or it is proved to.
    There,
    /// It says nothing of it: it was on its way when that was not known, or was cut elsewhere.
    Unsaid,
    /// It leads elsewhere.
    Elsewhere,
}

impl Registry {
    /// Whether this node was set back to an older state: it writes nothing until a person decides.
    #[must_use]
    pub fn stands_still(&self) -> bool {
        self.stands_still.load(Ordering::Acquire)
    }

    /// Reads whether this node was found to be set back, here or by another process.
    ///
    /// # Errors
    /// What the database says.
    pub fn reload_standstill(&self) -> Result<bool> {
        let own = self.store.read(|r| own_hold(r))?;
        self.stands_still.store(own.is_some(), Ordering::Release);
        Ok(own.is_some())
    }

    /// Puts a feed on hold. The halt goes into this node's journal, unless this node was set back
    /// itself: then it writes nothing, and stands still as well.
    pub(super) fn hold(&self, province: &Province, hold: Hold, now: Timestamp) -> Result<Followed> {
        self.hold_with(province, hold, None, now)
    }

    /// The same, and what was lost is kept in the same transaction: a loss that is known and a feed
    /// that flows would mean that a person has decided.
    fn hold_with(
        &self,
        province: &Province,
        hold: Hold,
        lost: Option<(&Checkpoint, &str)>,
        now: Timestamp,
    ) -> Result<Followed> {
        let mut work = self.work_on(OWN)?;
        if let Some((signed, note)) = lost {
            lose(&mut work, province.feed, signed, note)?;
        }
        let set_back = hold == Hold::NationRolledBack;
        let may_write = !set_back && own_hold(&mut work.tx)?.is_none();
        let row = work.tx.query_one(STATE, &[province.code.as_str().into()])?;
        if row.text(1)?.is_empty() {
            let halt = if may_write {
                let entries = entries(&mut work, province.feed)?;
                let held = Held {
                    province: province.code.clone(),
                    hold,
                    since: now,
                    entries,
                };
                self.write_halt(&mut work, held, now)?.as_i64()
            } else {
                0
            };
            let (code, since) = (hold.code(), now.as_millisecond());
            let row = [province.feed.into(), code.into(), since.into(), halt.into()];
            work.tx.execute(STAND_STILL, &row)?;
        }
        if set_back {
            let row = [OWN.into(), hold.code().into(), now.as_millisecond().into()];
            let row = [row[0], row[1], row[2], 0.into()];
            work.tx.execute(STAND_STILL, &row)?;
        }
        work.commit()?;
        if set_back {
            self.stands_still.store(true, Ordering::Release);
        }
        tracing::error!(province = province.code, hold = hold.code(), "feed on hold");
        self.work_on(province.feed)?.answer(Some(hold), 0)
    }

    fn write_halt(&self, work: &mut Work<'_>, held: Held, now: Timestamp) -> Result<RecordId> {
        // The node itself has seen it: it is known by the name of its log.
        let node = self.log.public().name().into();
        let event = Event {
            at: now,
            by: By::clock(&node),
            law: law::on(legal_day(now)).name,
            record: work.new_record(),
            act: Act::FeedHeld(Box::new(held)),
        };
        let halt = Halt::begun(&event)?;
        work.journal(&event)?;
        work.put_halt(halt);
        Ok(event.record)
    }

    /// A person lets a feed go on that stands still, or, without a province, this node itself.
    /// Tells why it stood still.
    ///
    /// # Errors
    /// `NotFound` for a province that is not followed; `WrongState` where nothing stands still;
    /// `GroundMissing`, `RoleNotAllowed`; `StillLost` while this node's journal lacks what it
    /// signed; `StandsStill` for a province's feed while the node itself stands still.
    pub fn resume_feed(
        &self,
        province: Option<&str>,
        ground: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Hold> {
        let mut work = self.work_on(OWN)?;
        let code = province.unwrap_or_default();
        let row = work.tx.query_opt(STATE, &[code.into()])?;
        let row = row.ok_or(Error::NotFound)?;
        let (feed, since) = (row.int(0)?, at(&row, 2)?);
        let hold = Hold::from_code(row.text(1)?).ok_or(Refusal::WrongState)?;
        let act = Act::FeedResumed {
            ground: ground.trim().to_owned(),
        };
        let by = by.acting(&act)?;
        if feed != OWN && own_hold(&mut work.tx)?.is_some() {
            return Err(Error::StandsStill);
        }
        if feed == OWN && lacks_what_it_signed(&mut work)? {
            return Err(Refusal::StillLost.into());
        }
        // A clock that was set back must not keep anybody from deciding.
        let now = Work::not_before(now, since);
        let record = match row.int(3)? {
            0 => {
                let held = Held {
                    province: code.to_owned(),
                    hold,
                    since,
                    entries: entries(&mut work, feed)?,
                };
                self.write_halt(&mut work, held, now)?
            }
            record => RecordId::from_i64(record),
        };
        let halt = work.halt(record)?.value.clone();
        let now = Work::not_before(now, halt.last);
        let event = Event {
            at: now,
            by,
            law: law::on(legal_day(now)).name,
            record,
            act,
        };
        let halt = halt.after(&event)?;
        work.journal(&event)?;
        work.put_halt(halt);
        work.tx.change_one(GO_ON, &[feed.into()])?;
        work.commit()?;
        if feed == OWN {
            self.stands_still.store(false, Ordering::Release);
        }
        tracing::warn!(
            province = code,
            hold = hold.code(),
            "a person lets it go on"
        );
        Ok(hold)
    }

    /// Whether a checkpoint with our own signature reaches further than our journal, or is of
    /// another history: then this node stands still.
    pub(super) fn has_lost(&self, checkpoint: &str, now: Timestamp) -> Result<bool> {
        let Ok(note) = SignedCheckpoint::parse(checkpoint.as_bytes()) else {
            return Ok(false);
        };
        let log = self.log.public();
        let Some(signed) = claimed(&note, log.name(), log) else {
            return Ok(false);
        };
        let has_it = self.store.read(|r| {
            let entries = log::Head::read(r, OWN)?.entries().unsigned_abs();
            has(r, entries, signed.size(), signed.root())
        })?;
        if has_it {
            return Ok(false);
        }
        let mut work = self.work_on(OWN)?;
        let since = now.as_millisecond();
        lose(&mut work, OWN, signed, checkpoint)?;
        let code = Hold::ProvinceRolledBack.code();
        let row = [OWN.into(), code.into(), since.into(), 0.into()];
        work.tx.execute(STAND_STILL, &row)?;
        work.commit()?;
        self.stands_still.store(true, Ordering::Release);
        Ok(true)
    }

    /// The province shows a checkpoint that this node cosigned and no longer has: this node was set
    /// back to an older state. What it lost is to be sent again.
    ///
    /// # Errors
    /// What the database says.
    pub fn follow_witness(
        &self,
        province: &Province,
        cosigned: &str,
        now: Timestamp,
    ) -> Result<Followed> {
        let note = SignedCheckpoint::parse(cosigned.as_bytes()).ok();
        let own = std::slice::from_ref(self.witness_key());
        let by_us = note
            .as_ref()
            .filter(|note| note.cosignatures(own).is_ok_and(|found| !found.is_empty()));
        let shown = by_us.and_then(|note| claimed(note, province.key.name(), &province.key));
        let mut work = self.work_on(province.feed)?;
        let have = work.head.entries();
        let Some(shown) = shown.filter(|c| c.size() > have.unsigned_abs()) else {
            let hold = work.standing()?;
            return work.answer(hold, 0);
        };
        let known = work
            .tx
            .query_opt(LAST_LOST, &[province.feed.into(), have.into()])?;
        let known = known.map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
        if known < shown.size() {
            drop(work);
            let lost = Some((shown, cosigned));
            return self.hold_with(province, Hold::NationRolledBack, lost, now);
        }
        // A person knows of the loss already: one more place on the way to be compared.
        lose(&mut work, province.feed, shown, cosigned)?;
        let hold = work.standing()?;
        let answer = work.answer(hold, 0)?;
        work.tx.commit()?;
        Ok(answer)
    }
}

impl Work<'_> {
    /// How a page stands to what was cosigned here and lost. It must end there, or before.
    pub fn leads(&mut self, page: &Page, signed: &Checkpoint) -> Result<Leads> {
        let place = [self.feed.into(), self.head.entries().into()];
        let Some(lost) = self.tx.query_opt(NEXT_LOST, &place)? else {
            return Ok(Leads::There);
        };
        let (size, root) = (lost.int(0)?.unsigned_abs(), Hash::new(lost.bytes(1)?));
        let Some(within) = page.within.as_ref().filter(|w| w.size == size) else {
            return Ok(Leads::Unsaid);
        };
        let proved =
            tree::verify_consistency(page.end(), size, &signed.root(), &root, &within.proof);
        Ok(match proved {
            Ok(()) => Leads::There,
            Err(_) => Leads::Elsewhere,
        })
    }

    /// Up to where entries are wanted again, and the note of the furthest that was cosigned.
    pub fn wanted_again(&mut self) -> Result<Option<(u64, String)>> {
        let place = [self.feed.into(), self.head.entries().into()];
        let Some(next) = self.tx.query_opt(NEXT_LOST, &place)? else {
            return Ok(None);
        };
        let last = self.tx.query_one(LAST_LOST, &place)?;
        Ok(Some((
            next.int(0)?.unsigned_abs(),
            last.text(1)?.to_owned(),
        )))
    }
}

/// Why this node itself stands still.
pub(super) fn own_hold(r: &mut impl Ask) -> Result<Option<Hold>> {
    Ok(Hold::from_code(r.query_one(OWN_STATE, &[])?.text(0)?))
}

fn at(row: &Row, column: usize) -> Result<Timestamp> {
    Ok(Timestamp::from_millisecond(row.int(column)?).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn entries(work: &mut Work<'_>, feed: i64) -> Result<u64> {
    let row = work.tx.query_one(ENTRIES, &[feed.into()])?;
    Ok(row.int(0)?.unsigned_abs())
}

fn lose(work: &mut Work<'_>, feed: i64, signed: &Checkpoint, note: &str) -> Result<()> {
    let size = i64::try_from(signed.size()).unwrap_or(i64::MAX);
    let root = signed.root();
    let row = [
        feed.into(),
        size.into(),
        root.as_bytes().into(),
        note.into(),
    ];
    work.tx.execute(LOSE, &row)?;
    Ok(())
}

/// Whether the own journal, with so many entries, has that root where it had so many.
fn has(r: &mut impl Ask, entries: u64, size: u64, root: Hash) -> Result<bool> {
    if size > entries {
        return Ok(false);
    }
    let then = Frontier::read(size, |run| log::hashes(r, OWN, run));
    Ok(then.map_err(read_error)?.root() == root)
}

/// Whether the own journal lacks anything that somebody showed this node its signature of.
fn lacks_what_it_signed(work: &mut Work<'_>) -> Result<bool> {
    let entries = work.head.entries().unsigned_abs();
    for row in work.tx.query(OWN_LOST, &[])? {
        let (size, root) = (row.int(0)?.unsigned_abs(), Hash::new(row.bytes(1)?));
        if !has(&mut work.tx, entries, size, root)? {
            return Ok(true);
        }
    }
    Ok(false)
}
