//! What a person at this node must look at: feeds that stand still, entries in quarantine, and what
//! the nation tells of this node's own journal. Nothing here is about a person but opaque numbers.

use domain::{
    event::{Act, Event},
    hold::Hold,
    record::RecordId,
};
use jiff::Timestamp;

use super::{
    Error, Followed, Registry, Result, SetAside,
    entry::entry_aad,
    store::{Ask, Reader, Row},
    work::OWN,
};

/// What stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The province whose feed it is; empty for this node's own journal.
    pub province: String,
    /// Why.
    pub hold: Hold,
    /// Since when.
    pub since: Timestamp,
}

/// An entry in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The province; empty for an entry of this node's own journal, in quarantine at the nation.
    pub province: String,
    /// The entry.
    pub entry: u64,
    /// The record it is about; none where it cannot be read.
    pub record: Option<RecordId>,
    /// The code of the refusal.
    pub refusal: String,
    /// When it was put there, or became known here.
    pub at: Timestamp,
    /// Whether a person has looked at it.
    pub is_seen: bool,
}

/// All that is to be looked at now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// This node itself stands still.
    pub own: Option<Alarm>,
    /// The nation holds the copy of this node's journal.
    pub told: Option<Alarm>,
    /// Feeds of provinces on hold.
    pub held: Vec<Alarm>,
    /// The newest entries in quarantine that nobody has looked at.
    pub unseen: Vec<Quarantined>,
    /// How many there are.
    pub unseen_count: u64,
}

impl Alarms {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A halt with its story, for those who keep the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaltTold {
    /// What stood still.
    pub alarm: Alarm,
    /// How many entries of the feed were there.
    pub entries: u64,
    /// When it went on, who decided it, and why.
    pub resumed: Option<(Timestamp, String, String)>,
}

const HELD: &str = "-- alarm::held
SELECT feed, code, hold, held_at, told, told_at FROM feeds WHERE hold <> '' OR told <> '' ORDER BY code";
/// Entries in quarantine here, and those of the own journal at the nation.
const ALL: &str = "-- alarm::quarantined
SELECT f.code, q.idx, q.record, q.refusal, q.at, f.seen FROM quarantine q
JOIN feeds f ON f.feed = q.feed WHERE q.idx >= f.seen * $1 UNION ALL
SELECT f.code, a.idx, a.record, a.refusal, a.at, f.seen FROM abroad a
JOIN feeds f ON f.feed = 0 WHERE a.idx >= f.seen * $1 ORDER BY 5 DESC, 2 DESC LIMIT 100";
const COUNT: &str = "-- alarm::count
SELECT (SELECT COUNT(*) FROM quarantine q JOIN feeds f ON f.feed = q.feed WHERE q.idx >= f.seen) +
(SELECT COUNT(*) FROM abroad a JOIN feeds f ON f.feed = 0 WHERE a.idx >= f.seen)";
const SEEN: &str = "-- alarm::seen\nUPDATE feeds SET seen = $2 WHERE code = $1 AND seen < $2";
const TOLD: &str = "-- alarm::told\nSELECT told FROM feeds WHERE feed = 0";
const TELL: &str = "-- alarm::tell\nUPDATE feeds SET told = $1, told_at = $2 WHERE feed = 0";
const ABROAD: &str = "-- alarm::abroad\nSELECT idx FROM abroad WHERE idx = $1";
const PUT_ABROAD: &str = "-- alarm::put_abroad
INSERT INTO abroad (idx, record, refusal, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const STORIES: &str = "-- alarm::stories
SELECT e.idx, e.body FROM halts h JOIN subject s ON s.record = h.record AND s.feed = h.feed
JOIN sealed e ON e.feed = h.feed AND e.idx = s.idx WHERE h.feed = 0 ORDER BY e.idx";

impl Registry {
    /// What a person must look at now.
    ///
    /// # Errors
    /// What the database says.
    pub fn alarms(&self) -> Result<Alarms> {
        self.store.read(|r| {
            let mut alarms = Alarms::default();
            for row in r.query(HELD, &[])? {
                let held = standing(&row, 2)?;
                if row.int(0)? == OWN {
                    (alarms.own, alarms.told) = (held, standing(&row, 4)?);
                } else {
                    alarms.held.extend(held);
                }
            }
            alarms.unseen = quarantined(r, true)?;
            let full = alarms.unseen.len() == 100;
            alarms.unseen_count = if full {
                r.query_one(COUNT, &[])?.int(0)?.unsigned_abs()
            } else {
                alarms.unseen.len() as u64
            };
            Ok(alarms)
        })
    }

    /// The newest entries in quarantine, at most 100, looked at or not.
    ///
    /// # Errors
    /// What the database says.
    pub fn quarantine(&self) -> Result<Vec<Quarantined>> {
        self.store.read(|r| quarantined(r, false))
    }

    /// A person has looked at what is in quarantine below an index; without a province, of this
    /// node's own journal.
    ///
    /// # Errors
    /// What the database says.
    pub fn see_quarantined(&self, province: Option<&str>, below: u64) -> Result<()> {
        let below = i64::try_from(below).unwrap_or(i64::MAX);
        let mut tx = self.store.begin()?;
        tx.execute(SEEN, &[province.unwrap_or_default().into(), below.into()])?;
        Ok(tx.commit()?)
    }

    /// Every halt of this node's journal with its story, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn halts(&self) -> Result<Vec<HaltTold>> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(STORIES, &[])?))?;
        let mut told: Vec<(RecordId, HaltTold)> = Vec::new();
        for row in &rows {
            let Some(body) = row.opt_blob(1)? else {
                continue;
            };
            let bytes = self.keyring.open(&entry_aad(OWN, row.int(0)?), body);
            let bytes = bytes.map_err(|_| Error::Sealed("a journal entry"))?;
            let event = Event::from_bytes(&bytes).map_err(|_| Error::Internal("alarm::halts"))?;
            match event.act {
                Act::FeedHeld(held) => {
                    let alarm = Alarm {
                        province: held.province,
                        hold: held.hold,
                        since: held.since,
                    };
                    let halt = HaltTold {
                        alarm,
                        entries: held.entries,
                        resumed: None,
                    };
                    told.push((event.record, halt));
                }
                Act::FeedResumed { ground } => {
                    let by = event.by.officer.as_str().to_owned();
                    let of = told.iter_mut().find(|(record, _)| *record == event.record);
                    if let Some((_, halt)) = of {
                        halt.resumed = Some((event.at, by, ground));
                    }
                }
                _ => {}
            }
        }
        Ok(told.into_iter().rev().map(|(_, halt)| halt).collect())
    }

    /// Keeps what the nation tells of this node's own journal.
    pub(super) fn heed(&self, answer: &Followed, now: Timestamp) -> Result<()> {
        let code = answer.hold.map_or("", Hold::code);
        let (is_new, unknown) = self.store.read(|r| {
            let known = r.query_one(TOLD, &[])?;
            let mut unknown = Vec::new();
            for one in &answer.quarantined {
                if r.query_opt(ABROAD, &[index(one).into()])?.is_none() {
                    unknown.push(one);
                }
            }
            Ok::<_, Error>((known.text(0)? != code, unknown))
        })?;
        if !is_new && unknown.is_empty() {
            return Ok(());
        }
        let now = now.as_millisecond();
        let mut tx = self.store.begin()?;
        if is_new {
            tx.execute(TELL, &[code.into(), now.into()])?;
        }
        for one in unknown {
            let (record, refusal) = (one.record.as_i64(), one.refusal.as_str());
            let row = [index(one).into(), record.into(), refusal.into(), now.into()];
            tx.execute(PUT_ABROAD, &row)?;
            tracing::error!(entry = one.entry, refusal, "in quarantine at the nation");
        }
        Ok(tx.commit()?)
    }
}

fn index(one: &SetAside) -> i64 {
    i64::try_from(one.entry).unwrap_or(i64::MAX)
}

/// What a row of feeds says in a column, and since when in the next.
fn standing(row: &Row, column: usize) -> Result<Option<Alarm>> {
    let Some(hold) = Hold::from_code(row.text(column)?) else {
        return Ok(None);
    };
    Ok(Some(Alarm {
        province: row.text(1)?.to_owned(),
        hold,
        since: moment(row, column + 1)?,
    }))
}

fn moment(row: &Row, column: usize) -> Result<Timestamp> {
    Ok(Timestamp::from_millisecond(row.int(column)?).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn quarantined(r: &mut Reader<'_>, unseen: bool) -> Result<Vec<Quarantined>> {
    let rows = r.query(ALL, &[i64::from(unseen).into()])?;
    rows.iter()
        .map(|row| {
            Ok(Quarantined {
                province: row.text(0)?.to_owned(),
                entry: row.int(1)?.unsigned_abs(),
                record: Some(row.int(2)?)
                    .filter(|r| *r != 0)
                    .map(RecordId::from_i64),
                refusal: row.text(3)?.to_owned(),
                at: moment(row, 4)?,
                is_seen: row.int(1)? < row.int(5)?,
            })
        })
        .collect()
}
