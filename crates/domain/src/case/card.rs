//! The card of a case: how far it is, and into whose hands it goes.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::State;
use crate::{event::Act, record::RecordId, refusal::Refusal};

/// How far a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Card {
    /// It has its run; the certificate is not issued.
    Made,
    /// The certificate is issued; the card waits for the printer, also after it was spoiled.
    Issued,
    /// It lies in the cupboard.
    Printed,
    /// It was handed over.
    Delivered,
}

impl Card {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Made, Self::Issued, Self::Printed, Self::Delivered];

    /// The permanent word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Issued => "issued",
            Self::Printed => "printed",
            Self::Delivered => "delivered",
        }
    }

    /// The card with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|card| card.word() == word)
    }
}

/// 领取方式: into whose hands a card goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// 本人
    Holder,
    /// 代领人; the note says who.
    Agent,
    /// 考试机构, which hands it on.
    Institution,
    /// 邮寄; the note has the parcel's number.
    Post,
}

impl Handover {
    /// All of them, for forms.
    pub const ALL: [Self; 4] = [Self::Holder, Self::Agent, Self::Institution, Self::Post];

    /// The permanent word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Agent => "agent",
            Self::Institution => "institution",
            Self::Post => "post",
        }
    }

    /// The one with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }

    /// Whether it can be told afterwards in whose hands the card was.
    fn is_told(self, note: &str) -> bool {
        matches!(self, Self::Holder | Self::Institution) || !note.trim().is_empty()
    }
}

/// A printed card, still in the cupboard or no more.
struct Lies {
    certificate: RecordId,
    batch: String,
    printed: bool,
}

/// What is done to the card of an issued certificate. A card that was spoiled is printed again, so
/// that no card leaves the printer twice without a reason on record.
pub(super) fn after(act: &Act, state: &State) -> Result<State, Refusal> {
    let State::Issued {
        certificate,
        batch,
        printed,
        delivered: false,
    } = state
    else {
        return Err(Refusal::WrongState);
    };
    let card = Lies {
        certificate: *certificate,
        batch: batch.clone(),
        printed: *printed,
    };
    match act {
        Act::Printed if !card.printed => Ok(card.now(true, false)),
        Act::CardSpoiled { reason } if card.printed => {
            if reason.trim().is_empty() {
                return Err(Refusal::NoteMissing);
            }
            Ok(card.now(false, false))
        }
        Act::Delivered { to, note } if card.printed => {
            if !to.is_told(note) {
                return Err(Refusal::NoteMissing);
            }
            Ok(card.now(true, true))
        }
        _ => Err(Refusal::WrongState),
    }
}

impl Lies {
    fn now(self, printed: bool, delivered: bool) -> State {
        State::Issued {
            certificate: self.certificate,
            batch: self.batch,
            printed,
            delivered,
        }
    }
}
