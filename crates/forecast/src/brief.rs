//! The chain this crate was made for, with what is known of it before any data: from an exam to the
//! day on which the certificate can be looked up nationwide.
//!
//! The ranges are those a Chinese special-operation certificate is commonly said to take, in
//! working days: scores 1 to 7, report and qualification 5 to 15, making 5 to 10, copying 0 to
//! several; 15 to 30 in all, 10 when smooth, two months and more when papers are missing. They
//! stand as 10 % and 90 % points. It is also the worked example of a chain with a loop in it.

use crate::chain::{Chain, Step, To};

/// Scores are being confirmed at the institution.
pub const SCORING: usize = 0;
/// Scores are confirmed, the case is not yet reported to the authority.
pub const REPORT: usize = 1;
/// Reported; the authority accepts it or returns it.
pub const ACCEPTANCE: usize = 2;
/// Returned; the institution completes and reports it again.
pub const CORRECTION: usize = 3;
/// Accepted; two officers decide.
pub const DECISION: usize = 4;
/// Approved; the certificate is made and issued.
pub const MAKING: usize = 5;
/// Issued; on the way to the nation's copy.
pub const SYNC: usize = 6;

/// The four stages, by the number each step names.
pub const STAGES: [&str; 4] = ["scoring", "qualification", "making", "sync"];

/// Why a certificate is applied for: an initial one goes the slowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// A first certificate.
    Initial,
    /// The mid-term recheck.
    Recheck,
    /// A renewal at the end of the term.
    Renewal,
    /// A change of data, or a card that was lost: no exam.
    WithoutExam,
}

impl Pace {
    /// How long each step takes, beside that of a first certificate.
    fn factor(self) -> f64 {
        match self {
            Self::Initial => 1.0,
            Self::Recheck => 0.85,
            Self::Renewal => 0.7,
            Self::WithoutExam => 0.65,
        }
    }
}

/// The chain with its priors.
#[must_use]
pub fn chain(pace: Pace) -> Chain {
    let days = |low: f64, high: f64| (low * pace.factor(), high * pace.factor());
    let to = To::Step;
    Chain {
        stages: STAGES.to_vec(),
        steps: vec![
            Step::new(
                "scoring",
                0,
                days(1.3, 7.3),
                &[("confirmed", to(REPORT), 1.0)],
            ),
            Step::new(
                "report",
                1,
                days(0.8, 4.2),
                &[("reported", to(ACCEPTANCE), 1.0)],
            ),
            Step::new(
                "acceptance",
                1,
                days(0.5, 3.8),
                &[
                    ("accepted", to(DECISION), 0.93),
                    ("returned", to(CORRECTION), 0.07),
                ],
            ),
            Step::new(
                "correction",
                1,
                days(2.0, 12.0),
                &[("resubmitted", to(ACCEPTANCE), 1.0)],
            ),
            Step::new(
                "decision",
                1,
                days(2.0, 6.5),
                &[("approved", to(MAKING), 0.97), ("rejected", To::Out, 0.03)],
            ),
            Step::new("making", 2, days(4.8, 10.2), &[("issued", to(SYNC), 1.0)]),
            Step::new("sync", 3, days(0.3, 3.2), &[("queryable", To::Done, 1.0)]),
        ],
    }
}
