//! A question on its way to the register: what stands around it, and the misses it is counted by.

use std::sync::{Arc, PoisonError};

use domain::verdict::Verdict;
use jiff::Timestamp;

use super::{App, Trouble};
use crate::{
    clock,
    registry::{Answered, Around, Narrowed, Query},
};

/// Why a question was not answered.
pub(super) enum Stopped {
    /// Too many misses on this person.
    Wait(u64),
    /// The register's trouble.
    Trouble(Trouble),
}

/// What a question is paid with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A captcha.
    Captcha,
    /// A program's key.
    Key,
    /// The slip of a miss: the same question again, which tells no more than before.
    Slip,
}

impl App {
    /// The next slot of the own journal; none when it goes at once, or nowhere.
    pub(super) fn next_slot(&self, now: Timestamp) -> Option<Timestamp> {
        self.nation?.next_slot(now)
    }

    /// Asks the register, and counts misses against the person asked for: a wrong name unless the
    /// asker has a key or repeats a question, a wrong ticket in any case. A person closed by wrong names is still told to
    /// whoever has the ticket.
    ///
    /// # Errors
    /// `Wait` when there were too many misses.
    pub(super) async fn ask(
        self: &Arc<Self>,
        query: &Query,
        narrowed: Narrowed,
        by: By,
    ) -> Result<Answered, Stopped> {
        let ticketed = query.ticket.is_some();
        let keyed = by == By::Key;
        let counted = !keyed || ticketed;
        let document = counted.then(|| self.registry.asker(query).document);
        let mut closed = None;
        if let Some(document) = &document {
            if !keyed {
                closed = self.limits.names.open(document).err();
            }
            if ticketed {
                self.limits.tickets.open(document).map_err(Stopped::Wait)?;
            }
        }
        if let Some(wait) = closed.filter(|_| !ticketed) {
            return Err(Stopped::Wait(wait));
        }
        let around = self.around(narrowed);
        let answered = self
            .registry
            .ask_around(query, clock::now(), &around)
            .await
            .map_err(|e| Stopped::Trouble(e.into()))?;
        if let Some(document) = document {
            if by == By::Captcha && answered.answer.verdict == Verdict::NotFound {
                self.limits.names.miss(document).map_err(Stopped::Wait)?;
            }
            if answered.wrong_ticket {
                self.limits.tickets.miss(document).map_err(Stopped::Wait)?;
            }
        }
        match closed.filter(|_| answered.wrong_ticket) {
            Some(wait) => Err(Stopped::Wait(wait)),
            None => Ok(answered),
        }
    }
}

impl App {
    fn around(&self, narrowed: Narrowed) -> Around {
        let copies = self.copies.read().unwrap_or_else(PoisonError::into_inner);
        Around {
            usual: self.usual(&narrowed),
            narrowed,
            copies: Arc::clone(&copies),
            feeds_a_nation: self.nation.is_some(),
        }
    }
}
