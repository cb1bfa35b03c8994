//! A halt 暂停: a feed whose mathematics is broken stands still until a person decides.
//!
//! That it stands still is a fact, seen by the node; that it goes on is a decision, with a ground.
//! Both are events of the journal of whoever stands still, so that no halt can be passed over in
//! silence. A halt of the node's own journal is written down when it ends: until then nothing is.

use alloc::string::String;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    event::{Act, Event},
    record::RecordId,
    refusal::Refusal,
};

/// Why a feed stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// A checkpoint is not signed by the province's key, or is not of its log.
    Signature,
    /// The entries do not have the signed root, or what was sent before differs: two histories.
    Fork,
    /// The province signs fewer entries than it signed before.
    ProvinceRolledBack,
    /// The nation has fewer entries than it cosigned before.
    NationRolledBack,
}

impl Hold {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Signature,
        Self::Fork,
        Self::ProvinceRolledBack,
        Self::NationRolledBack,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Fork => "fork",
            Self::ProvinceRolledBack => "province_rolled_back",
            Self::NationRolledBack => "nation_rolled_back",
        }
    }

    /// By its code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hold| hold.code() == code)
    }
}

/// What stands still, why, since when and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The code of the province whose feed it is; empty for the node's own journal.
    pub province: String,
    /// Why.
    pub hold: Hold,
    /// Since when: it may be written down later.
    pub since: Timestamp,
    /// How many entries of the feed were there.
    pub entries: u64,
}

/// A halt, folded from its events. The ground stays in its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// Its record.
    pub id: RecordId,
    /// What stands still.
    pub held: Held,
    /// Whether it goes on again.
    pub is_over: bool,
    /// When the last event happened.
    pub last: Timestamp,
}

impl Halt {
    /// The permanent word of the state.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.is_over { "resumed" } else { "held" }
    }

    /// Folds the beginning.
    ///
    /// # Errors
    /// `WrongState` for any other event, `OutOfOrder` for a halt of days to come,
    /// `RoleNotAllowed`, `WrongLaw`.
    pub fn begun(event: &Event) -> Result<Self, Refusal> {
        event.check_role()?;
        event.check_law_of_day()?;
        let Act::FeedHeld(held) = &event.act else {
            return Err(Refusal::WrongState);
        };
        if held.since > event.at {
            return Err(Refusal::OutOfOrder);
        }
        Ok(Self {
            id: event.record,
            held: (**held).clone(),
            is_over: false,
            last: event.at,
        })
    }

    /// Folds the decision that it goes on.
    ///
    /// # Errors
    /// `WrongState` when it goes on already, `GroundMissing`, `OutOfOrder`, `RoleNotAllowed`,
    /// `WrongLaw`, `Unknown` for another record's event.
    pub fn after(mut self, event: &Event) -> Result<Self, Refusal> {
        if event.record != self.id {
            return Err(Refusal::Unknown);
        }
        event.check_role()?;
        if event.at < self.last {
            return Err(Refusal::OutOfOrder);
        }
        event.check_law_of_day()?;
        let (false, Act::FeedResumed { ground }) = (self.is_over, &event.act) else {
            return Err(Refusal::WrongState);
        };
        if ground.trim().is_empty() {
            return Err(Refusal::GroundMissing);
        }
        self.is_over = true;
        self.last = event.at;
        Ok(self)
    }
}
