//! An entry of a journal: the event's bytes, committed to under the tree and sealed.

use domain::{event::Event, record::RecordId};

use super::{Result, work::Work};

/// The kind of an entry whose bytes are no event that this program knows.
pub(super) const UNREADABLE: &str = "unreadable";

/// An event whose bytes are sealed and wait to be written.
pub(super) struct Entry {
    pub idx: i64,
    pub at: i64,
    pub kind: &'static str,
    pub commitment: [u8; 32],
    pub salt: [u8; 16],
    pub body: Vec<u8>,
    pub subjects: (RecordId, Option<RecordId>),
}

/// What an entry's sealed bytes are bound to: its place, so that no two can be exchanged.
pub(super) fn entry_aad(feed: i64, idx: i64) -> [u8; 21] {
    let mut aad = [0; 21];
    aad[..5].copy_from_slice(b"entry");
    aad[5..13].copy_from_slice(&feed.to_be_bytes());
    aad[13..].copy_from_slice(&idx.to_be_bytes());
    aad
}

impl Work<'_> {
    /// Puts an event that the domain has produced into the story.
    ///
    /// # Errors
    /// `RoleNotHeld` when its officer did not hold the role at that moment.
    pub fn journal(&mut self, event: &Event) -> Result<()> {
        self.on_duty(event)?;
        let salt: [u8; 16] = self.registry.chance.bytes();
        self.enter(event, &event.to_bytes(), salt)
    }

    /// Puts an event into the story with the bytes and the salt it is committed to by.
    pub fn enter(&mut self, event: &Event, bytes: &[u8], salt: [u8; 16]) -> Result<()> {
        let (at, kind) = (event.at.as_millisecond(), event.act.kind());
        self.put(bytes, salt, (at, kind), event.subjects())
    }

    /// Puts bytes into the story that are no event this program knows: they keep their place.
    pub fn enter_unread(&mut self, bytes: &[u8], salt: [u8; 16]) -> Result<()> {
        let nobody = (RecordId::from_raw(0), None);
        self.put(bytes, salt, (0, UNREADABLE), nobody)
    }

    fn put(
        &mut self,
        bytes: &[u8],
        salt: [u8; 16],
        (at, kind): (i64, &'static str),
        subjects: (RecordId, Option<RecordId>),
    ) -> Result<()> {
        let idx = self.head.entries();
        let commitment = tlog::hash::commitment(&salt, bytes);
        self.head.append(&commitment)?;
        let body = self.registry.seal(&entry_aad(self.feed, idx), bytes);
        self.entries.push(Entry {
            idx,
            at,
            kind,
            commitment,
            salt,
            body,
            subjects,
        });
        Ok(())
    }
}
