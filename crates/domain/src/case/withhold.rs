//! 扣发: a made card is held back before it is handed over, and then goes on, or the approval that
//! led to it is annulled. Once the certificate is issued, only a revocation takes it away.

use serde::{Deserialize, Serialize};

use super::{Case, State};
use crate::{
    event::{Act, Event},
    law::{Ground, grounds},
    office::OfficerId,
    refusal::Refusal,
};

/// Why a card is held back, and who may not annul the approval behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withholding {
    /// Why.
    pub ground: Ground,
    /// Who held it back.
    pub by: OfficerId,
}

impl Case {
    /// Holds a card back, lets it go on, or annuls the approval. The limit of the delivery runs on:
    /// no law that we know stops it.
    pub(super) fn withholding(mut self, event: &Event) -> Result<Self, Refusal> {
        let made = matches!(self.state, State::Made { .. });
        let not_handed_over = matches!(
            self.state,
            State::Issued {
                delivered: false,
                ..
            }
        );
        if !made && !not_handed_over {
            return Err(Refusal::WrongState);
        }
        match &event.act {
            Act::Withheld(_) if self.withheld.is_some() => return Err(Refusal::CardWithheld),
            Act::Withheld(ground) => {
                self.judge(ground, event)?;
                self.withheld = Some(Withholding {
                    ground: ground.clone(),
                    by: event.by.officer.clone(),
                });
            }
            Act::WithholdingEnded { reason } => {
                if reason.trim().is_empty() {
                    return Err(Refusal::GroundMissing);
                }
                self.withheld.take().ok_or(Refusal::NotWithheld)?;
            }
            Act::Annulled(ground) if made => {
                let withheld = self.withheld.take().ok_or(Refusal::NotWithheld)?;
                if withheld.by == event.by.officer {
                    return Err(Refusal::SecondPersonRequired);
                }
                let entry = self.judge(ground, event)?;
                self.banned_until = entry.and_then(|e| e.banned_until(event.day()));
                self.state = State::Annulled {
                    ground: ground.clone(),
                    officers: [withheld.by, event.by.officer.clone()],
                };
            }
            _ => return Err(Refusal::WrongState),
        }
        Ok(self)
    }

    /// The entry that the ground of an act names, by the law of the act.
    pub(super) fn judge(
        &self,
        ground: &Ground,
        event: &Event,
    ) -> Result<Option<&'static grounds::Entry>, Refusal> {
        let day = self.law_day(&event.act, event.at);
        grounds::chosen(ground, &self.choice(event.act.kind(), day))
    }

    /// The day whose law a decision of today goes by.
    #[must_use]
    pub fn law_day_now(&self, today: jiff::civil::Date) -> jiff::civil::Date {
        match &self.state {
            State::Reported { on, .. } | State::Accepted { on, .. } => *on,
            State::Reviewed { accepted, .. } => *accepted,
            _ => today,
        }
    }

    /// What a ground for an act on it is chosen by, under the law of `day`.
    #[must_use]
    pub fn choice<'a>(&self, act: &'a str, day: jiff::civil::Date) -> grounds::For<'a> {
        grounds::For {
            act,
            category: self.registration.category,
            day,
            kind: Some(self.registration.kind),
            status: None,
        }
    }

    /// Whether its refusal still bars a new application on `day`; the last day counts.
    #[must_use]
    pub fn bans_on(&self, day: jiff::civil::Date) -> bool {
        self.banned_until.is_some_and(|until| day <= until)
    }
}
