//! A page of entries as bytes: numbers big-endian, lengths before what they measure.
//!
//! `"KP2"`, first index (8), whether it is the last (1), length of the checkpoint (4) and the
//! checkpoint, number of entries (4), and for each the salt (16), the event's length (4) and its bytes;
//! then the size that the page is proved to lead to (8), 0 for none, and where there is one the number
//! of hashes (1) and the hashes (32 each).

use serde::{Deserialize, Serialize};
use tlog::hash::Hash;

use crate::registry::{Followed, Page, Sent, Within};

/// What the nation answers, beside what it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What it has.
    #[serde(flatten)]
    pub followed: Followed,
    /// Somebody there waits for a comparison.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compare: bool,
}

/// The most entries in a page.
pub const MOST: u16 = 4_000;

const MAGIC: &[u8; 3] = b"KP2";

/// Writes a page.
#[must_use]
pub fn encode(page: &Page) -> Vec<u8> {
    let events: usize = page.entries.iter().map(|e| e.event.len() + 20).sum();
    let mut out = Vec::with_capacity(24 + page.checkpoint.len() + events);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&page.from.to_be_bytes());
    out.push(u8::from(page.is_last));
    measured(&mut out, page.checkpoint.as_bytes());
    out.extend_from_slice(&length(page.entries.len()));
    for entry in &page.entries {
        out.extend_from_slice(&entry.salt);
        measured(&mut out, &entry.event);
    }
    let leads_to = page.within.as_ref().map_or(0, |within| within.size);
    out.extend_from_slice(&leads_to.to_be_bytes());
    if let Some(within) = &page.within {
        // Cannot fail: a proof has two hashes for each of 63 levels at most.
        out.push(u8::try_from(within.proof.len()).unwrap_or(u8::MAX));
        for hash in &within.proof {
            out.extend_from_slice(hash.as_bytes());
        }
    }
    out
}

fn length(n: usize) -> [u8; 4] {
    // Cannot fail: nothing of a page is near four gigabytes.
    u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes()
}

fn measured(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&length(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Bytes that are no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPage;

impl std::fmt::Display for NoPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("these bytes are no page of entries")
    }
}

impl std::error::Error for NoPage {}

/// Reads a page. Memory follows what is there and not what is claimed.
///
/// # Errors
/// `NoPage` for everything that [`encode`] does not write.
pub fn decode(mut bytes: &[u8]) -> Result<Page, NoPage> {
    let rest = &mut bytes;
    if take::<3>(rest)? != *MAGIC {
        return Err(NoPage);
    }
    let from = u64::from_be_bytes(take(rest)?);
    let is_last = match take::<1>(rest)? {
        [0] => false,
        [1] => true,
        _ => return Err(NoPage),
    };
    let checkpoint = String::from_utf8(some(rest)?.to_vec()).map_err(|_| NoPage)?;
    let count = u32::from_be_bytes(take(rest)?);
    if count == 0 || count > u32::from(MOST) {
        return Err(NoPage);
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(Sent {
            salt: take(rest)?,
            event: some(rest)?.to_vec(),
        });
    }
    let within = match u64::from_be_bytes(take(rest)?) {
        0 => None,
        size => Some(Within {
            size,
            proof: hashes(rest)?,
        }),
    };
    // An index past the last entry must still be one.
    let fits = from
        .checked_add(u64::from(count))
        .is_some_and(|end| i64::try_from(end).is_ok());
    if !rest.is_empty() || !fits {
        return Err(NoPage);
    }
    Ok(Page {
        from,
        entries,
        checkpoint,
        is_last,
        within,
    })
}

fn hashes(rest: &mut &[u8]) -> Result<Vec<Hash>, NoPage> {
    let [count] = take::<1>(rest)?;
    (0..count).map(|_| Ok(Hash::new(take(rest)?))).collect()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], NoPage> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(NoPage)?;
    *rest = tail;
    Ok(*head)
}

fn some<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], NoPage> {
    let length = u32::from_be_bytes(take(rest)?) as usize;
    let (head, tail) = rest.split_at_checked(length).ok_or(NoPage)?;
    *rest = tail;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page() -> impl Strategy<Value = Page> {
        let entry = (any::<[u8; 16]>(), prop::collection::vec(any::<u8>(), 0..50));
        let entries = prop::collection::vec(entry, 1..8);
        let proof = prop::collection::vec(any::<[u8; 32]>(), 0..5);
        let within = prop::option::of((1..1_u64 << 40, proof));
        let rest = ("[ -~]{0,60}", any::<bool>(), within);
        (0..1_u64 << 40, entries, rest).prop_map(
            |(from, entries, (checkpoint, is_last, within))| Page {
                from,
                entries: entries
                    .into_iter()
                    .map(|(salt, event)| Sent { salt, event })
                    .collect(),
                checkpoint,
                is_last,
                within: within.map(|(size, proof)| Within {
                    size,
                    proof: proof.into_iter().map(Hash::new).collect(),
                }),
            },
        )
    }

    proptest! {
        #[test]
        fn a_page_is_read_as_it_was_written(page in page()) {
            prop_assert_eq!(decode(&encode(&page)), Ok(page));
        }

        #[test]
        fn a_page_cut_short_or_too_long_is_none(page in page(), cut in 0.0..1.0_f64) {
            let mut bytes = encode(&page);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                     reason = "a place in a short text")]
            let at = (bytes.len() as f64 * cut) as usize;
            prop_assert_eq!(decode(&bytes[..at]), Err(NoPage));
            bytes.push(0);
            prop_assert_eq!(decode(&bytes), Err(NoPage));
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn a_claim_of_four_billion_entries_takes_no_memory() {
        let mut bytes = b"KP2".to_vec();
        bytes.extend_from_slice(&[0; 9]);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(decode(&bytes), Err(NoPage));
    }
}
