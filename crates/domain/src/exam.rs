//! Exam parts, sittings and results, and whether they add up to a pass.

use alloc::vec::Vec;

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{law, record::RecordId};

/// The two parts of every exam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 理论考试
    Theory,
    /// 实际操作考试
    Practical,
}

/// One part sat once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which part.
    pub part: Part,
    /// The exam session.
    pub session: RecordId,
    /// The day of the exam.
    pub on: Date,
    /// Points of 100, whole.
    pub score: u8,
}

/// All that one case has sat, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exam {
    /// The sittings, oldest first.
    pub attempts: Vec<Attempt>,
}

/// What the sittings add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Both parts passed, the older within the time a passed part counts.
    Passed,
    /// Not yet, with what the law still allows.
    NotPassed {
        /// Sittings left; none where the law does not count them.
        resits_left: Option<u8>,
    },
}

impl Exam {
    /// The last sitting of a part.
    #[must_use]
    pub fn last(&self, part: Part) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|a| a.part == part)
    }

    /// The day of the latest sitting.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.attempts.iter().map(|a| a.on).max()
    }

    /// Sittings of a part so far.
    #[must_use]
    pub fn sittings(&self, part: Part) -> u8 {
        u8::try_from(self.attempts.iter().filter(|a| a.part == part).count()).unwrap_or(u8::MAX)
    }

    /// Whether the last sitting of `part` reached the pass mark of its day and still counts on `day`.
    #[must_use]
    pub fn passed(&self, part: Part, day: Date) -> bool {
        self.last(part).is_some_and(|a| {
            let law = law::on(a.on);
            let void_after =
                a.on.saturating_add(i32::from(law.result_valid.value).months());
            a.score >= law.pass_mark.value && day <= void_after
        })
    }

    /// The result under the law of the last exam day. A practical part counts only beside a passed
    /// theory part (安监总培训〔2013〕104号), and an absent part is not passed.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let Some(day) = self.last_day() else {
            return Outcome::NotPassed { resits_left: None };
        };
        if self.passed(Part::Theory, day) && self.passed(Part::Practical, day) {
            return Outcome::Passed;
        }
        let law = law::on(day);
        let part = if self.passed(Part::Theory, day) {
            Part::Practical
        } else {
            Part::Theory
        };
        let allowed = match part {
            Part::Theory => law.theory_attempts,
            Part::Practical => Some(law.practical_attempts),
        };
        let resits_left = allowed.map(|a| a.value.saturating_sub(self.sittings(part)));
        Outcome::NotPassed { resits_left }
    }

    /// Whether the law of `day` allows another sitting of `part`.
    #[must_use]
    pub fn may_sit(&self, part: Part, day: Date) -> bool {
        let law = law::on(day);
        let allowed = match part {
            Part::Theory => law.theory_attempts,
            Part::Practical => Some(law.practical_attempts),
        };
        allowed.is_none_or(|a| self.sittings(part) < a.value)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use jiff::civil::date;

    use super::*;

    fn sat(part: Part, on: Date, score: u8) -> Attempt {
        Attempt {
            part,
            session: RecordId::from_raw(1),
            on,
            score,
        }
    }

    #[test]
    fn both_parts_at_eighty_pass() {
        let day = date(2026, 11, 20);
        let exam = |t, p| Exam {
            attempts: vec![sat(Part::Theory, day, t), sat(Part::Practical, day, p)],
        };
        assert_eq!(exam(80, 80).outcome(), Outcome::Passed);
        assert_eq!(
            exam(80, 79).outcome(),
            Outcome::NotPassed {
                resits_left: Some(4)
            }
        );
        assert_eq!(
            exam(79, 100).outcome(),
            Outcome::NotPassed { resits_left: None }
        );
    }

    #[test]
    fn r30_allows_one_resit_and_r19_five_practicals() {
        let r30 = date(2026, 5, 20);
        let mut exam = Exam {
            attempts: vec![sat(Part::Theory, r30, 70)],
        };
        assert_eq!(
            exam.outcome(),
            Outcome::NotPassed {
                resits_left: Some(1)
            }
        );
        exam.attempts.push(sat(Part::Theory, r30, 71));
        assert_eq!(
            exam.outcome(),
            Outcome::NotPassed {
                resits_left: Some(0)
            }
        );
        assert!(!exam.may_sit(Part::Theory, r30));
        assert!(exam.may_sit(Part::Theory, date(2026, 6, 1)));
    }

    #[test]
    fn a_passed_theory_counts_for_twelve_months() {
        let attempts = vec![
            sat(Part::Theory, date(2026, 6, 10), 90),
            sat(Part::Practical, date(2027, 6, 10), 90),
        ];
        assert_eq!(Exam { attempts }.outcome(), Outcome::Passed);
        let attempts = vec![
            sat(Part::Theory, date(2026, 6, 10), 90),
            sat(Part::Practical, date(2027, 6, 11), 90),
        ];
        assert_ne!(Exam { attempts }.outcome(), Outcome::Passed);
    }
}
