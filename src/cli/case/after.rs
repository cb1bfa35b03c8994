//! What becomes of a case beside its chain: a card that is held back, and another authority.

use std::error::Error;

use domain::{case::Tie, office::OfficeCode, record::RecordId};

use super::{
    super::ask::{ChosenArgs, coded, say},
    Which,
};
use crate::registry::{Command, Officer, Registry};

#[derive(clap::Subcommand)]
pub(super) enum What {
    /// Authority: hold a made card back before it is handed over
    Withhold {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// Authority: the card that was held back may go on
    EndWithholding {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Authority: annul the approval behind a card that another officer held back
    Annul {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        #[command(flatten)]
        ground: ChosenArgs,
    },
    /// Authority: offer a case to another authority, as its holder asks
    OfferTransfer {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        /// The other authority's code
        #[arg(long)]
        to: String,
        /// What ties the holder to it: R30 asks for one of the two
        #[arg(long, value_parser = ["household_register", "work_place"])]
        tie: Option<String>,
        /// Why, in the holder's words
        #[arg(long)]
        reason: String,
    },
    /// Authority: take a case that another one offers
    TakeTransfer {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
    },
    /// Authority: do not take it, or offer it no more
    DeclineTransfer {
        /// Case numbers
        #[arg(required = true)]
        cases: Vec<RecordId>,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Authority: the cases that others offer
    Offered,
}

impl What {
    /// Which cases, and what is done to them; none for what only looks.
    pub(super) fn command(&self) -> Option<(Which, Command)> {
        let (cases, command) = match self {
            Self::Withhold { cases, ground } => {
                let ground = ground.ground();
                (cases, Command::Withhold { ground })
            }
            Self::EndWithholding { cases, reason } => {
                let reason = reason.clone();
                (cases, Command::EndWithholding { reason })
            }
            Self::Annul { cases, ground } => {
                let ground = ground.ground();
                (cases, Command::Annul { ground })
            }
            Self::OfferTransfer {
                cases,
                to,
                tie,
                reason,
            } => {
                let to = OfficeCode::from(to.as_str());
                // Cannot fail: clap admits the two words only.
                let tie: Option<Tie> = tie.as_deref().and_then(coded);
                let reason = reason.clone();
                (cases, Command::OfferTransfer { to, tie, reason })
            }
            Self::TakeTransfer { cases } => (cases, Command::TakeTransfer),
            Self::DeclineTransfer { cases, reason } => {
                let reason = reason.clone();
                (cases, Command::DeclineTransfer { reason })
            }
            Self::Offered => return None,
        };
        let cases = cases.clone();
        Some((Which { cases, all: None }, command))
    }
}

/// The cases that other authorities offer.
pub(super) fn offered(registry: &Registry, by: &Officer) -> Result<(), Box<dyn Error>> {
    for case in registry.offered(by)? {
        let r = &case.registration;
        let item = registry.item_name(&r.item);
        let (id, state) = (case.id, case.state.word());
        say(&format!("{id}\t{state}\t{item}\t{}", r.authority))?;
    }
    Ok(())
}
