//! 考评组: several assessors score one practical part, each apart from the others.
//!
//! Nobody sees another's score before his own is in; that is kept by the pages, and here by taking
//! each assessor's score once. When all are in they agree or they do not. No rule that we know says
//! when they do, so the program sets one of its own (`docs/decisions/0026-panel.md`): the scores lie
//! no more than [`SPREAD`] points apart and on one side of the pass mark. Then their mean stands,
//! rounded down. Otherwise the lead, who is not one of them, chooses a score between the lowest and
//! the highest and says why.

use alloc::vec::Vec;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{exam::Ruling, law, office::OfficerId, record::RecordId, refusal::Refusal};

/// How far apart the scores of a panel that agrees may lie: the program's own value.
pub const SPREAD: u8 = 5;

/// One assessor's score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Whose.
    pub by: OfficerId,
    /// Points of 100.
    pub score: u8,
}

/// A panel at work on one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// The session.
    pub session: RecordId,
    /// Its day.
    pub on: Date,
    /// How many sit on it.
    pub of: u8,
    /// The scores that are in, in their order.
    pub marks: Vec<Mark>,
}

/// Where a panel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Scores are missing.
    Waiting {
        /// So many.
        left: u8,
    },
    /// All are in and agree on this.
    Agreed(u8),
    /// All are in and lie too far apart.
    Differs {
        /// The lowest.
        low: u8,
        /// The highest.
        high: u8,
    },
}

impl Panel {
    /// Where it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let scores = || self.marks.iter().map(|mark| mark.score);
        let count = u8::try_from(self.marks.len()).unwrap_or(u8::MAX);
        let (Some(low), Some(high)) = (scores().min(), scores().max()) else {
            return Standing::Waiting { left: self.of };
        };
        if count < self.of {
            return Standing::Waiting {
                left: self.of - count,
            };
        }
        let mark = law::on(self.on).pass_mark.value;
        if high - low > SPREAD || (low < mark) != (high < mark) {
            return Standing::Differs { low, high };
        }
        let sum: u32 = scores().map(u32::from).sum();
        // Cannot fail: a mean lies between the lowest and the highest.
        Standing::Agreed(u8::try_from(sum / u32::from(count)).unwrap_or(low))
    }

    /// Whether scores are missing.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self.standing(), Standing::Waiting { .. })
    }

    /// Whether this assessor's score is in.
    #[must_use]
    pub fn has(&self, assessor: &OfficerId) -> bool {
        self.marks.iter().any(|mark| mark.by == *assessor)
    }

    /// # Errors
    /// `PanelOpen` while scores are missing, `ScoreDiffers` for one that does not follow from
    /// them, `GroundMissing`; `SecondPersonRequired` for a lead who was one of the assessors.
    pub fn rules(&self, ruling: &Ruling, score: u8, by: &OfficerId) -> Result<(), Refusal> {
        match (self.standing(), ruling) {
            (Standing::Waiting { .. }, _) => Err(Refusal::PanelOpen),
            (Standing::Agreed(agreed), Ruling::Agreed) if agreed == score => Ok(()),
            (Standing::Differs { low, high }, Ruling::Resolved { reason }) => {
                if reason.trim().is_empty() {
                    Err(Refusal::GroundMissing)
                } else if self.has(by) {
                    Err(Refusal::SecondPersonRequired)
                } else if (low..=high).contains(&score) {
                    Ok(())
                } else {
                    Err(Refusal::ScoreDiffers)
                }
            }
            _ => Err(Refusal::ScoreDiffers),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn panel(of: u8, scores: &[u8]) -> Panel {
        let marks = scores.iter().zip(0..).map(|(score, n)| Mark {
            by: (*format!("a{n}")).into(),
            score: *score,
        });
        Panel {
            session: RecordId::from_raw(1),
            on: date(2026, 11, 20),
            of,
            marks: marks.collect::<Vec<_>>(),
        }
    }

    #[test]
    fn who_agrees_and_who_does_not() {
        for (of, scores, wanted) in [
            (2, &[][..], Standing::Waiting { left: 2 }),
            (2, &[90], Standing::Waiting { left: 1 }),
            (2, &[90, 90], Standing::Agreed(90)),
            (2, &[90, 85], Standing::Agreed(87)),
            (2, &[90, 84], Standing::Differs { low: 84, high: 90 }),
            (2, &[80, 79], Standing::Differs { low: 79, high: 80 }),
            (2, &[79, 75], Standing::Agreed(77)),
            (3, &[80, 81, 84], Standing::Agreed(81)),
        ] {
            assert_eq!(panel(of, scores).standing(), wanted, "{of} {scores:?}");
        }
    }

    #[test]
    fn the_lead_chooses_between_them_and_says_why() {
        let differs = panel(2, &[70, 90]);
        let because = |reason: &str| Ruling::Resolved {
            reason: reason.into(),
        };
        let (lead, one) = ("lead".into(), "a1".into());
        assert_eq!(differs.rules(&because("the film"), 70, &lead), Ok(()));
        assert_eq!(differs.rules(&because("the film"), 90, &lead), Ok(()));
        for (reason, score, by, refusal) in [
            ("the film", 69, &lead, Refusal::ScoreDiffers),
            ("the film", 91, &lead, Refusal::ScoreDiffers),
            (" ", 80, &lead, Refusal::GroundMissing),
            ("the film", 80, &one, Refusal::SecondPersonRequired),
        ] {
            assert_eq!(differs.rules(&because(reason), score, by), Err(refusal));
        }
        let refused = Err(Refusal::ScoreDiffers);
        assert_eq!(differs.rules(&Ruling::Agreed, 80, &one), refused);
        let agreed = panel(2, &[90, 88]);
        assert_eq!(agreed.rules(&Ruling::Agreed, 89, &one), Ok(()));
        assert_eq!(agreed.rules(&Ruling::Agreed, 90, &one), refused);
        assert_eq!(agreed.rules(&because("the film"), 89, &lead), refused);
    }

    proptest! {
        /// What stands is a score that the assessors could have meant: between theirs, and passed
        /// only where every one of them saw a pass.
        #[test]
        fn what_stands_lies_between(scores in proptest::collection::vec(0_u8..=100, 2..6)) {
            let of = u8::try_from(scores.len()).unwrap_or(0);
            let (low, high) = (scores.iter().min().copied(), scores.iter().max().copied());
            match panel(of, &scores).standing() {
                Standing::Agreed(score) => {
                    prop_assert!(Some(score) >= low && Some(score) <= high);
                    prop_assert!(scores.iter().all(|s| (*s >= 80) == (score >= 80)));
                    prop_assert!(scores.iter().all(|s| s.abs_diff(score) <= SPREAD));
                }
                Standing::Differs { low: l, high: h } => {
                    prop_assert_eq!((Some(l), Some(h)), (low, high));
                    prop_assert!(h - l > SPREAD || (l < 80 && h >= 80));
                }
                Standing::Waiting { left } => prop_assert!(false, "{left} missing"),
            }
            let less = panel(of + 1, &scores).standing();
            prop_assert_eq!(less, Standing::Waiting { left: 1 });
        }
    }
}
