//! The feed, as the one whose journal it is sees it: pages of entries with a checkpoint of exactly
//! their end, a signed head with the proof that it continues what the other has, and what comes
//! back. The journal is the outbox: there is no second queue.

use domain::{hold::Hold, record::RecordId};
use serde::{Deserialize, Serialize};
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    cosignature::Witness,
    frontier::Frontier,
    hash::Hash,
    tree::{self, ReadError},
};

use super::{
    Error, Registry, Result,
    entry::entry_aad,
    log::{self, Head},
    store::{Ask, Param, Reader},
    work::OWN,
};

/// One entry on its way: what the commitment is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The random salt.
    pub salt: [u8; 16],
    /// The event's bytes.
    pub event: Vec<u8>,
}

/// Some entries of a journal, applied whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The index of the first.
    pub from: u64,
    /// The entries.
    pub entries: Vec<Sent>,
    /// The signed checkpoint of the journal up to the last of them.
    pub checkpoint: String,
    /// Whether the journal ended there.
    pub is_last: bool,
    /// That it is the beginning of what the one who takes it has cosigned, or the one who gives it
    /// has: only where something was lost and is sent again.
    pub within: Option<Within>,
}

/// That a page's end continues into a longer journal that is signed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// How many entries the longer one has.
    pub size: u64,
    /// The consistency proof.
    pub proof: Vec<Hash>,
}

impl Page {
    /// The index after the last entry.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.from + self.entries.len() as u64
    }
}

/// The signed head of a journal, sent every minute in any schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The checkpoint.
    pub checkpoint: String,
    /// What it is proved to continue: so many entries, which the other has.
    pub since: u64,
    /// The consistency proof, hashes in hexadecimal.
    pub proof: Vec<String>,
}

/// What the follower answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// How many entries it has now: the next page begins there.
    pub entries: u64,
    /// The last checkpoint with its cosignature, its entries there or lost; empty while there is
    /// none.
    pub cosigned: String,
    /// Why the feed stands still.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hold: Option<Hold>,
    /// It has lost entries and wants them again, each page proved to be the beginning of so many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub again: Option<u64>,
    /// What it put in quarantine: of the page it answers, or the newest.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub quarantined: Vec<SetAside>,
}

/// An entry that its follower does not apply, as it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The entry.
    pub entry: u64,
    /// The record it is about.
    pub record: RecordId,
    /// The code of the refusal.
    pub refusal: String,
}

impl Followed {
    /// Up to where it says that it cosigned, were its entries lost or not.
    #[must_use]
    pub fn cosigned_to(&self) -> u64 {
        let note = SignedCheckpoint::parse(self.cosigned.as_bytes());
        note.map_or(0, |note| note.claimed().size())
    }
}

const ENTRIES: &str = "-- feed::entries
SELECT idx, salt, body FROM sealed WHERE feed = $3 AND idx >= $1 ORDER BY idx LIMIT $2";
const DUE: &str = "-- feed::due
SELECT COALESCE(MAX(idx) + 1, 0) FROM journal WHERE feed = 0 AND idx >= $1
AND (at <= $2 OR kind IN ('revoked', 'suspended', 'resumed', 'corrected'))";
const LAST_COSIGNED: &str = "-- cosigned::last
SELECT size, note FROM cosigned WHERE feed = $1 ORDER BY size DESC LIMIT 1";
const KEEP_COSIGNED: &str = "-- cosigned::keep
INSERT INTO cosigned (feed, size, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

impl Registry {
    /// How many entries the node's own journal has.
    ///
    /// # Errors
    /// What the database says.
    pub fn entries(&self) -> Result<u64> {
        self.store
            .read(|r| Ok(Head::read(r, OWN)?.entries().unsigned_abs()))
    }

    /// Up to which entry the other should have what was recorded by a slot, or is urgent; `from` is
    /// what it has.
    ///
    /// # Errors
    /// What the database says.
    pub fn entries_due(&self, from: u64, slot: jiff::Timestamp) -> Result<u64> {
        let first = i64::try_from(from).map_err(|_| Error::NotFound)?;
        let row = self.store.read(|r| {
            Ok::<_, Error>(r.query_one(DUE, &[first.into(), slot.as_millisecond().into()])?)
        })?;
        Ok(row.int(0)?.unsigned_abs().max(from))
    }

    /// The entries from an index on, at most so many; none when there are none.
    ///
    /// # Errors
    /// What the database says; `NotFound` for an entry whose bytes were destroyed.
    pub fn page(&self, from: u64, most: u16) -> Result<Option<Page>> {
        self.page_again(from, most, None)
    }

    /// The same for a follower that wants entries again, up to so many: proved to lead there, where
    /// there still are so many.
    ///
    /// # Errors
    /// Those of [`Registry::page`].
    pub fn page_again(&self, from: u64, most: u16, again: Option<u64>) -> Result<Option<Page>> {
        // A page ends where it is to be compared, or before.
        let most = match again {
            Some(to) if to > from => u16::try_from(to - from).unwrap_or(most).min(most),
            _ => most,
        };
        self.store.read(|r| {
            let head = Head::read(r, OWN)?.entries().unsigned_abs();
            let entries = self.sent(r, OWN, from, most)?;
            if entries.is_empty() {
                return Ok(None);
            }
            let end = from + entries.len() as u64;
            let within = match again {
                Some(size) if end <= size && size <= head => Some(within(r, OWN, end, size)?),
                _ => None,
            };
            Ok(Some(Page {
                from,
                entries,
                checkpoint: self.checkpoint_at(r, end)?.to_string(),
                is_last: end == head,
                within,
            }))
        })
    }

    /// The entries of a journal from an index on, with what they are committed to by.
    pub(super) fn sent(
        &self,
        r: &mut Reader<'_>,
        feed: i64,
        from: u64,
        most: u16,
    ) -> Result<Vec<Sent>> {
        let first = i64::try_from(from).map_err(|_| Error::NotFound)?;
        let rows = r.query(
            ENTRIES,
            &[first.into(), i64::from(most).into(), feed.into()],
        )?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let idx = row.int(0)?;
            let (Some(salt), Some(body)) = (row.opt_blob(1)?, row.opt_blob(2)?) else {
                return Err(Error::NotFound);
            };
            let event = self
                .keyring
                .open(&entry_aad(feed, idx), body)
                .map_err(|_| Error::Sealed("a journal entry"))?;
            entries.push(Sent {
                salt: salt.try_into().map_err(|_| Error::Internal("feed::page"))?,
                event: event.to_vec(),
            });
        }
        Ok(entries)
    }

    /// The signed checkpoint of the first so many entries.
    fn checkpoint_at(&self, r: &mut Reader<'_>, size: u64) -> Result<SignedCheckpoint> {
        let frontier = Frontier::read(size, |run| log::hashes(r, OWN, run)).map_err(read_error)?;
        log::signed(&frontier, &self.log)
    }

    /// The head of the node's own journal, proved to continue the first `since` entries.
    ///
    /// # Errors
    /// What the database says.
    pub fn signed_head(&self, since: u64) -> Result<SignedHead> {
        self.store.read(|r| {
            let size = Head::read(r, OWN)?.entries().unsigned_abs();
            // Whoever has more than there is here sees a roll-back by the sizes alone.
            let proof = if since > size {
                Vec::new()
            } else {
                tree::consistency(since, size, |run| log::hashes(r, OWN, run))
                    .map_err(read_error)?
            };
            Ok(SignedHead {
                checkpoint: self.checkpoint_at(r, size)?.to_string(),
                since,
                proof: proof.iter().map(ToString::to_string).collect(),
            })
        })
    }

    /// The last checkpoint of the node's own journal that the nation cosigned: all below it is
    /// queryable nationwide.
    ///
    /// # Errors
    /// What the database says.
    pub fn acknowledged(&self) -> Result<Option<(u64, String)>> {
        self.store.read(|r| last_cosigned(r, OWN))
    }

    /// Takes the nation's answer: keeps its cosignature, or notices that one of the two was set
    /// back to an older state. Tells why the feed stands still, if it does.
    ///
    /// # Errors
    /// What the database says; `Refused` never.
    pub fn acknowledge(
        &self,
        answer: &Followed,
        nation: &Witness,
        now: jiff::Timestamp,
    ) -> Result<Option<Hold>> {
        self.heed(answer, now)?;
        // Whatever the nation holds against us: what we signed and no longer have, we have lost.
        if self.has_lost(&answer.cosigned, now)? {
            return Ok(Some(answer.hold.unwrap_or(Hold::ProvinceRolledBack)));
        }
        if answer.hold.is_some() || answer.cosigned.is_empty() {
            return Ok(answer.hold);
        }
        let Ok(note) = SignedCheckpoint::parse(answer.cosigned.as_bytes()) else {
            return Ok(Some(Hold::Signature));
        };
        let log = self.log.public();
        let is_ours = note.verify(log.name(), log).is_ok();
        let by_nation = note
            .cosignatures(std::slice::from_ref(nation))
            .is_ok_and(|found| !found.is_empty());
        if !is_ours || !by_nation {
            return Ok(Some(Hold::Signature));
        }
        let size = note.claimed().size();
        let known = self.acknowledged()?.map_or(0, |(size, _)| size);
        if size < known {
            return Ok(Some(Hold::NationRolledBack));
        }
        if size > known {
            let mut tx = self.store.begin()?;
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            tx.execute(
                KEEP_COSIGNED,
                &[OWN.into(), size.into(), (&answer.cosigned).into()],
            )?;
            tx.commit()?;
        }
        Ok(None)
    }
}

/// The latest cosigned checkpoint of a feed.
pub(super) fn last_cosigned(r: &mut impl Ask, feed: i64) -> Result<Option<(u64, String)>> {
    let row = r.query_opt(LAST_COSIGNED, &[Param::Int(feed)])?;
    row.map(|row| Ok((row.int(0)?.unsigned_abs(), row.text(1)?.to_owned())))
        .transpose()
}

/// That the first `end` entries are the beginning of the first `size`.
pub(super) fn within(r: &mut impl Ask, feed: i64, end: u64, size: u64) -> Result<Within> {
    let proof = tree::consistency(end, size, |run| log::hashes(r, feed, run));
    Ok(Within {
        size,
        proof: proof.map_err(read_error)?,
    })
}

/// A checkpoint's size and root, when it is the log's own.
pub(super) fn claimed<'c>(
    note: &'c SignedCheckpoint,
    origin: &str,
    key: &tlog::note::Verifier,
) -> Option<&'c Checkpoint> {
    note.verify(origin, key).ok()
}

pub(super) fn read_error(error: ReadError<Error>) -> Error {
    match error {
        ReadError::Source(error) => error,
        ReadError::Size | ReadError::Length(_) => Error::Internal("log: the tree is not whole"),
    }
}
