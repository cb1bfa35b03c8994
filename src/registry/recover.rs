//! What a node has lost comes back from the other side's copy: entries that this node has signed
//! itself, byte for byte. No person has to believe anybody: they must give the signed root.

use domain::event::Event;
use tlog::{checkpoint::SignedCheckpoint, cosignature::Witness, tree};

use super::{
    Error, Page, Province, Registry, Result,
    feed::{claimed, last_cosigned, within},
    store::Reader,
    work::OWN,
};

impl Registry {
    /// The copy of a province's own entries from an index on, for the province that has lost them:
    /// proved to be the beginning of what was last cosigned. None where there are none.
    ///
    /// # Errors
    /// What the database says.
    pub fn copy(&self, province: &Province, from: u64, most: u16) -> Result<Option<Page>> {
        let feed = province.feed;
        self.store.read(|r: &mut Reader<'_>| {
            let entries = self.sent(r, feed, from, most)?;
            let (Some((size, checkpoint)), false) = (last_cosigned(r, feed)?, entries.is_empty())
            else {
                return Ok(None);
            };
            let end = from + entries.len() as u64;
            Ok(Some(Page {
                from,
                entries,
                checkpoint,
                is_last: end == size,
                within: Some(within(r, feed, end, size)?),
            }))
        })
    }

    /// Takes back entries of the own journal that this node has signed and lost. It may stand still
    /// meanwhile: nothing is recorded that was not recorded before. Tells how many it has now.
    ///
    /// # Errors
    /// `Setup` for entries that are not proved to be this node's own, or do not follow on what it
    /// has; then none of them is taken.
    pub fn take_back(&self, page: &Page, nation: &Witness) -> Result<u64> {
        let foreign = || {
            Error::Setup(
                "what the nation sends does not go on from here as this node signed it: none of it was taken".to_owned(),
            )
        };
        let note = SignedCheckpoint::parse(page.checkpoint.as_bytes()).map_err(|_| foreign())?;
        let log = self.log.public();
        let signed = claimed(&note, log.name(), log).ok_or_else(foreign)?;
        let by_nation = note.cosignatures(std::slice::from_ref(nation));
        if !by_nation.is_ok_and(|found| !found.is_empty()) {
            return Err(foreign());
        }
        let mut work = self.work_on(OWN)?;
        let own = work.head.entries().unsigned_abs();
        if page.from != own {
            return Err(foreign());
        }
        for entry in &page.entries {
            let event = Event::from_bytes(&entry.event).map_err(|_| foreign())?;
            work.enter(&event, &entry.event, entry.salt)?;
            work.apply(&event)?;
        }
        let within = page.within.as_ref().filter(|w| w.size == signed.size());
        let proved = within.is_some_and(|within| {
            let (end, root) = (page.end(), work.head.root());
            tree::verify_consistency(end, signed.size(), &root, &signed.root(), &within.proof)
                .is_ok()
        });
        if !proved {
            return Err(foreign());
        }
        let offices = work.office_changed;
        work.commit()?;
        if offices {
            self.reload_directory()?;
        }
        Ok(page.end())
    }
}
