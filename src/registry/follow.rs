//! Following a province: its entries are laid under its own tree, compared with what it signed,
//! folded by the same law, and cosigned.
//!
//! Two kinds of trouble, two answers. An entry that breaks the law keeps its place in the tree and
//! is not applied (*quarantine*); the rest flows on. Broken mathematics — a signature, a root, two
//! histories, a step back — puts the whole feed *on hold*: nothing more of it is applied until a
//! person decides.

use std::collections::HashSet;

use domain::{event::Event, hold::Hold, record::RecordId};
use jiff::Timestamp;
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    cosignature::{Cosigner, Witness},
    frontier::Frontier,
    hash::{self, Hash},
    note::Verifier,
    tree,
};

use super::{
    Error, Followed, Page, Registry, Result, SetAside, SignedHead,
    entry::UNREADABLE,
    feed::{claimed, last_cosigned, read_error},
    halt::Leads,
    log,
    store::{Ask, Insert, Kind as Column, OnConflict, Param},
    work::Work,
};

/// A province that is followed.
#[derive(Clone, Debug)]
pub struct Province {
    /// Its number here.
    pub feed: i64,
    /// Its code.
    pub code: String,
    /// The key its checkpoints are signed with; its name is the log's origin.
    pub key: Verifier,
}

/// A feed as the watermarks page tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// The province's code.
    pub code: String,
    /// Entries that are here.
    pub entries: u64,
    /// All that the province had recorded by then is here.
    pub complete_to: Timestamp,
    /// Why it stands still, and since when.
    pub hold: Option<(Hold, Timestamp)>,
    /// Entries in quarantine.
    pub quarantined: u64,
}

const KNOWN: &str = "-- feeds::known\nSELECT feed FROM feeds WHERE code = $1";
const NEXT: &str = "-- feeds::next\nSELECT MAX(feed) + 1 FROM feeds";
const NEW: &str = "-- feeds::enter
INSERT INTO feeds (feed, code, hold, held_at, halt, complete_to, told, told_at, seen)
VALUES ($1, $2, '', 0, 0, 0, '', 0, 0)";
const NEW_HEAD: &str = "-- heads::enter
INSERT INTO heads (feed, entries, frontier, checkpoint) VALUES ($1, 0, $2, '')";
const STATE: &str = "-- feeds::state\nSELECT hold FROM feeds WHERE feed = $1";
const COMPLETE: &str = "-- feeds::complete\nUPDATE feeds SET complete_to = $2
WHERE feed = $1 AND complete_to < $2";
const ALL: &str = "-- feeds::all
SELECT f.code, h.entries, f.complete_to, f.hold, f.held_at,
       (SELECT COUNT(*) FROM quarantine q WHERE q.feed = f.feed)
FROM feeds f JOIN heads h ON h.feed = f.feed WHERE f.feed > 0 ORDER BY f.code";
const QUARANTINED: &str = "-- quarantine::records\nSELECT DISTINCT record FROM quarantine";
const ADVANCE: &str = "-- follow::advance
UPDATE heads SET entries = $2, frontier = $3, checkpoint = $4 WHERE feed = $1";
const KEEP_COSIGNED: &str = "-- follow::cosigned
INSERT INTO cosigned (feed, size, note) VALUES ($1, $2, $3)";

const NEWEST: &str = "-- quarantine::newest
SELECT idx, record, refusal FROM quarantine WHERE feed = $1 AND idx >= $2 ORDER BY idx DESC LIMIT 100";

const PUT_QUARANTINE: Insert<5> = Insert {
    name: "quarantine::append",
    table: "quarantine",
    columns: [
        ("feed", Column::Int),
        ("idx", Column::Int),
        ("record", Column::Int),
        ("refusal", Column::Text),
        ("at", Column::Int),
    ],
    on_conflict: OnConflict::Refuse,
};

/// What is done with a page.
enum Compared {
    /// It is taken.
    Right,
    /// It is left, and asked for again.
    Untimely,
    /// It puts the feed on hold.
    Wrong(Hold),
}

impl Registry {
    /// The key this node cosigns with, as C2SP writes one.
    #[must_use]
    pub fn witness_key(&self) -> &Witness {
        self.cosigner.public()
    }

    /// The number under which a province is followed here; a new one for a new province.
    ///
    /// # Errors
    /// What the database says.
    pub fn follow_province(&self, code: &str, key: Verifier) -> Result<Province> {
        let mut tx = self.store.begin()?;
        let feed = match tx.query_opt(KNOWN, &[code.into()])? {
            Some(row) => row.int(0)?,
            None => {
                let feed = tx.query_one(NEXT, &[])?.int(0)?;
                tx.execute(NEW, &[feed.into(), code.into()])?;
                let empty = Frontier::new().to_bytes();
                tx.execute(NEW_HEAD, &[feed.into(), (&empty).into()])?;
                feed
            }
        };
        tx.commit()?;
        self.reload_provinces()?;
        let code = code.to_owned();
        Ok(Province { feed, code, key })
    }

    /// Takes a page: all of it, or nothing. The same page again changes nothing.
    ///
    /// # Errors
    /// What the database says; every trouble with the page itself is in the answer.
    pub fn follow(&self, province: &Province, page: &Page, now: Timestamp) -> Result<Followed> {
        let mut work = self.work_on(province.feed)?;
        if let Some(hold) = work.standing()? {
            return work.answer(Some(hold), 0);
        }
        let have = work.head.entries().unsigned_abs();
        if page.from > have {
            // What is between was not sent, or was lost on the way: begin where this node ends.
            return work.answer(None, page.from);
        }
        match self.compare_page(&mut work, province, page, have)? {
            Compared::Right if page.end() > have => {}
            Compared::Right | Compared::Untimely => return work.answer(None, page.from),
            Compared::Wrong(hold) => {
                drop(work);
                return self.hold(province, hold, now);
            }
        }
        let quarantined = self.take(&mut work, page, have)?;
        if work.head.root() != signed_root(page).unwrap_or_else(Hash::empty_root) {
            drop(work);
            return self.hold(province, Hold::Fork, now);
        }
        let cosigned = self.cosign(page, now)?;
        work.finish_followed(&cosigned, &quarantined, now)?;
        if page.is_last {
            work.tx.execute(
                COMPLETE,
                &[province.feed.into(), now.as_millisecond().into()],
            )?;
        }
        let answer = work.answer(None, page.from)?;
        let offices = work.office_changed;
        work.tx.commit()?;
        self.remember(&quarantined);
        if offices {
            self.reload_directory()?;
        }
        Ok(answer)
    }

    /// What can be known of a page before it is taken: it is signed, and what it repeats is the same.
    fn compare_page(
        &self,
        work: &mut Work<'_>,
        province: &Province,
        page: &Page,
        have: u64,
    ) -> Result<Compared> {
        let Ok(note) = SignedCheckpoint::parse(page.checkpoint.as_bytes()) else {
            return Ok(Compared::Wrong(Hold::Signature));
        };
        let Some(signed) = claimed(&note, province.key.name(), &province.key) else {
            return Ok(Compared::Wrong(Hold::Signature));
        };
        let end = page.end();
        if signed.size() != end {
            return Ok(Compared::Wrong(Hold::Signature));
        }
        let again = usize::try_from(have.min(end) - page.from).unwrap_or(0);
        for (at, entry) in (page.from..).zip(&page.entries).take(again) {
            let run = tree::Run {
                level: 0,
                first: at,
                count: 1,
            };
            let kept = log::commitments(&mut work.tx, province.feed, run)?;
            if kept != [hash::commitment(&entry.salt, &entry.event)] {
                return Ok(Compared::Wrong(Hold::Fork));
            }
        }
        if end <= have {
            // Nothing new: its root must be the one that was here then.
            let frontier = Frontier::read(end, |run| log::hashes(&mut work.tx, province.feed, run));
            if frontier.map_err(read_error)?.root() != signed.root() {
                return Ok(Compared::Wrong(Hold::Fork));
            }
            return Ok(Compared::Right);
        }
        Ok(match work.leads(page, signed)? {
            Leads::There => Compared::Right,
            Leads::Unsaid => Compared::Untimely,
            Leads::Elsewhere => Compared::Wrong(Hold::Fork),
        })
    }

    /// Enters what is new, and folds it; tells what may not be applied.
    fn take(
        &self,
        work: &mut Work<'_>,
        page: &Page,
        have: u64,
    ) -> Result<Vec<(i64, RecordId, &'static str)>> {
        let known = usize::try_from(have - page.from).unwrap_or(usize::MAX);
        let mut quarantined = Vec::new();
        for entry in page.entries.iter().skip(known) {
            let idx = work.head.entries();
            let Ok(event) = Event::from_bytes(&entry.event) else {
                work.enter_unread(&entry.event, entry.salt)?;
                quarantined.push((idx, RecordId::from_raw(0), UNREADABLE));
                continue;
            };
            work.enter(&event, &entry.event, entry.salt)?;
            match work.apply(&event) {
                Ok(()) => {}
                Err(Error::Refused(refusal)) => {
                    quarantined.push((idx, event.record, refusal.code()));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(quarantined)
    }

    fn cosign(&self, page: &Page, now: Timestamp) -> Result<String> {
        let broken = |_| Error::Internal("follow::cosign");
        let mut note = SignedCheckpoint::parse(page.checkpoint.as_bytes())
            .map_err(|_| Error::Internal("follow::cosign"))?;
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let cosigner: &Cosigner = &self.cosigner;
        note.cosign(cosigner, seconds).map_err(broken)?;
        Ok(note.to_string())
    }

    /// Takes the signed head of a province: a step back, or another history, is seen in any schedule.
    ///
    /// # Errors
    /// What the database says.
    pub fn follow_head(
        &self,
        province: &Province,
        head: &SignedHead,
        now: Timestamp,
    ) -> Result<Followed> {
        let mut work = self.work_on(province.feed)?;
        if let Some(hold) = work.standing()? {
            return work.answer(Some(hold), 0);
        }
        let have = work.head.entries().unsigned_abs();
        let root = work.head.root();
        let note = SignedCheckpoint::parse(head.checkpoint.as_bytes());
        let signed = note
            .as_ref()
            .ok()
            .and_then(|note| claimed(note, province.key.name(), &province.key));
        let Some(signed) = signed else {
            drop(work);
            return self.hold(province, Hold::Signature, now);
        };
        if signed.size() < have {
            return match self.judge_short(work, province, head, signed)? {
                Ok(answer) => Ok(answer),
                Err(hold) => self.hold(province, hold, now),
            };
        }
        if head.since == have {
            let proof: Option<Vec<Hash>> = head.proof.iter().map(|h| h.parse().ok()).collect();
            let continues = proof.is_some_and(|proof| {
                tree::verify_consistency(have, signed.size(), &root, &signed.root(), &proof).is_ok()
            });
            if !continues {
                drop(work);
                return self.hold(province, Hold::Fork, now);
            }
        }
        if signed.size() == have {
            // No proof is needed, and none was asked for where the province did not know the size.
            if signed.root() != root {
                drop(work);
                return self.hold(province, Hold::Fork, now);
            }
            work.tx.execute(
                COMPLETE,
                &[province.feed.into(), now.as_millisecond().into()],
            )?;
        }
        let answer = work.answer(None, 0)?;
        work.tx.commit()?;
        Ok(answer)
    }

    /// A head with fewer entries than there are here. Of the same history it may have been on its
    /// way for long. Only a province that knows how many there are here, and signs fewer, has lost
    /// some: when a head is made, what it is proved to continue is never more than it has.
    fn judge_short(
        &self,
        mut work: Work<'_>,
        province: &Province,
        head: &SignedHead,
        signed: &Checkpoint,
    ) -> Result<std::result::Result<Followed, Hold>> {
        let then = Frontier::read(signed.size(), |run| {
            log::hashes(&mut work.tx, province.feed, run)
        });
        if then.map_err(read_error)?.root() != signed.root() {
            return Ok(Err(Hold::Fork));
        }
        if head.since == work.head.entries().unsigned_abs() {
            return Ok(Err(Hold::ProvinceRolledBack));
        }
        work.answer(None, 0).map(Ok)
    }

    /// Notes that all the province had recorded by then is here.
    ///
    /// # Errors
    /// What the database says.
    pub fn complete(&self, province: &Province, to: Timestamp) -> Result<()> {
        let mut tx = self.store.begin()?;
        tx.execute(
            COMPLETE,
            &[province.feed.into(), to.as_millisecond().into()],
        )?;
        Ok(tx.commit()?)
    }

    /// Every feed that is followed here.
    ///
    /// # Errors
    /// What the database says.
    pub fn watermarks(&self) -> Result<Vec<Watermark>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        rows.iter()
            .map(|row| {
                Ok(Watermark {
                    code: row.text(0)?.to_owned(),
                    entries: row.int(1)?.unsigned_abs(),
                    complete_to: at(row.int(2)?),
                    hold: match Hold::from_code(row.text(3)?) {
                        Some(hold) => Some((hold, at(row.int(4)?))),
                        None => None,
                    },
                    quarantined: row.int(5)?.unsigned_abs(),
                })
            })
            .collect()
    }

    /// Reads which records have entries in quarantine.
    pub(super) fn reload_quarantine(&self) -> Result<()> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(QUARANTINED, &[])?))?;
        let records: Result<HashSet<RecordId>> = rows
            .iter()
            .map(|row| Ok(RecordId::from_i64(row.int(0)?)))
            .collect();
        *self
            .quarantined
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = records?;
        Ok(())
    }

    fn remember(&self, quarantined: &[(i64, RecordId, &'static str)]) {
        if quarantined.is_empty() {
            return;
        }
        for (idx, record, refusal) in quarantined {
            tracing::error!(entry = idx, %record, refusal, "entry in quarantine");
        }
        let mut known = self
            .quarantined
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        known.extend(quarantined.iter().map(|(_, record, _)| *record));
    }
}

impl Work<'_> {
    /// Ends a turn of following: what was entered, under the checkpoint with our cosignature.
    fn finish_followed(
        &mut self,
        cosigned: &str,
        quarantined: &[(i64, RecordId, &'static str)],
        now: Timestamp,
    ) -> Result<()> {
        self.flush()?;
        let feed = Param::Int(self.feed);
        let rows: Vec<[Param<'_>; 5]> = quarantined
            .iter()
            .map(|(idx, record, refusal)| {
                [
                    feed,
                    (*idx).into(),
                    record.as_i64().into(),
                    (*refusal).into(),
                    now.as_millisecond().into(),
                ]
            })
            .collect();
        self.tx.insert_many(&PUT_QUARANTINE, &rows)?;
        let frontier = self.head.frontier();
        let entries = Param::Int(self.head.entries());
        self.tx.change_one(
            ADVANCE,
            &[feed, entries, (&frontier).into(), cosigned.into()],
        )?;
        self.tx
            .execute(KEEP_COSIGNED, &[feed, entries, cosigned.into()])?;
        Ok(())
    }
}

impl Work<'_> {
    /// Why the feed stands still already.
    pub fn standing(&mut self) -> Result<Option<Hold>> {
        let row = self.tx.query_one(STATE, &[self.feed.into()])?;
        Ok(Hold::from_code(row.text(0)?))
    }

    /// What the province is told, with what is in quarantine from an entry on.
    pub fn answer(&mut self, hold: Option<Hold>, from: u64) -> Result<Followed> {
        let first = i64::try_from(from).unwrap_or(i64::MAX);
        let rows = self.tx.query(NEWEST, &[self.feed.into(), first.into()])?;
        let quarantined = rows.iter().map(|row| {
            Ok(SetAside {
                entry: row.int(0)?.unsigned_abs(),
                record: RecordId::from_i64(row.int(1)?),
                refusal: row.text(2)?.to_owned(),
            })
        });
        let quarantined = quarantined.collect::<Result<_>>()?;
        let (again, cosigned) = match self.wanted_again()? {
            Some((size, furthest)) => (Some(size), furthest),
            None => {
                let last = last_cosigned(&mut self.tx, self.feed)?;
                (None, last.map(|(_, note)| note).unwrap_or_default())
            }
        };
        Ok(Followed {
            entries: self.head.entries().unsigned_abs(),
            cosigned,
            hold,
            again,
            quarantined,
        })
    }
}

fn signed_root(page: &Page) -> Option<Hash> {
    let note = SignedCheckpoint::parse(page.checkpoint.as_bytes()).ok()?;
    Some(note.claimed().root())
}
