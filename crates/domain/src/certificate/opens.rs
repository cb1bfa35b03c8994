//! What may be asked for today: whether a case about a certificate may begin.
//!
//! Asked at the counter and on the page of a certificate, so that what would be refused in a month
//! is refused at once. A sheet is judged by its exam.

use jiff::{Span, civil::Date};

use super::{Certificate, Status};
use crate::{
    catalogue::Category,
    law::{self, LawName, Limit, Unit},
    management::{self, Asked},
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};

/// How long before its last day a recheck or a renewal is asked for. R19's own number was not seen.
#[must_use]
pub fn window(day: Date) -> Limit {
    let r30 = law::on(day).name == LawName::R30;
    Limit {
        value: 60,
        unit: Unit::Days,
        source: if r30 {
            "R30 art. 22"
        } else {
            "R30 art. 22, carried over"
        },
        verified: r30,
        text: "",
    }
}

impl Certificate {
    /// Whether a case of that kind about it may begin on `day`.
    ///
    /// # Errors
    /// `CertificateEnded`, `CertificateSuspended` for a reissue, `ProposalOpen`, `WindowNotOpen`,
    /// `WindowClosed`; `KindNotInForce` for a recheck that is not done any more;
    /// `CertificateExists` for an initial one beside a certificate in force.
    pub fn opens(&self, kind: Kind, day: Date) -> Result<(), Refusal> {
        if kind == Kind::Initial {
            let in_force = matches!(
                self.status_on(day),
                StatusWord::Valid | StatusWord::Suspended
            );
            return if in_force {
                Err(Refusal::CertificateExists)
            } else {
                Ok(())
            };
        }
        if self.has_ended() {
            return Err(Refusal::CertificateEnded);
        }
        if self.proposal.is_some() {
            return Err(Refusal::ProposalOpen);
        }
        match kind {
            Kind::Recheck => self.recheck_opens(day),
            Kind::Renewal if self.says.category == Category::SafetyManagement => {
                self.extension_opens(day)
            }
            Kind::Renewal => self.renewal_opens(day),
            Kind::Replacement | Kind::Reissue => match self.status_on(day) {
                StatusWord::Valid => Ok(()),
                // The card of a suspended certificate is with the authority: it is not lost.
                StatusWord::Suspended if kind == Kind::Reissue => {
                    Err(Refusal::CertificateSuspended)
                }
                StatusWord::Suspended => Ok(()),
                _ => Err(Refusal::CertificateEnded),
            },
            Kind::Initial => Ok(()),
        }
    }

    fn recheck_opens(&self, day: Date) -> Result<(), Refusal> {
        let due = self.says.recheck_due.ok_or(Refusal::KindNotInForce)?;
        if law::on(day).recheck.is_none() || due >= law::recheck_ends() {
            return Err(Refusal::KindNotInForce);
        }
        within(day, due)
    }

    /// An extension has no first day: the law asks for it thirty days before the end at the latest,
    /// and one that comes later is taken while the term runs.
    fn extension_opens(&self, day: Date) -> Result<(), Refusal> {
        match management::asked_on(self.says.valid_until, day) {
            Asked::InTime | Asked::Late => Ok(()),
            Asked::TooLate => Err(Refusal::WindowClosed),
        }
    }

    /// One that lapsed is renewed until its term ends: it takes an exam all the same.
    fn renewal_opens(&self, day: Date) -> Result<(), Refusal> {
        let until = self.says.valid_until;
        let lapsed = self.missed_recheck(day) || matches!(self.status, Status::Lapsed);
        if lapsed && day <= until {
            return Ok(());
        }
        within(day, until)
    }
}

/// Whether `day` lies in the window before `last`, which still counts.
fn within(day: Date, last: Date) -> Result<(), Refusal> {
    let before = Span::new().days(i64::from(window(day).value));
    if day > last {
        Err(Refusal::WindowClosed)
    } else if day < last.saturating_sub(before) {
        Err(Refusal::WindowNotOpen)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_last_day_still_counts() {
        let last = date(2026, 5, 31);
        assert_eq!(within(date(2026, 3, 31), last), Err(Refusal::WindowNotOpen));
        assert_eq!(within(date(2026, 4, 1), last), Ok(()));
        assert_eq!(within(last, last), Ok(()));
        assert_eq!(within(date(2026, 6, 1), last), Err(Refusal::WindowClosed));
    }
}
