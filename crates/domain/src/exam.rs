//! Exam parts, sittings and results, and whether they add up to a pass.

use alloc::{string::String, vec::Vec};

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Category,
    document::{is_blank, narrow},
    event::Act,
    law,
    office::Role,
    record::RecordId,
};

/// An admission-ticket number 准考证号 as it is kept and compared: capitals and digits without
/// blanks and hyphens, however a sheet or a person writes it.
///
/// ```
/// assert_eq!(domain::exam::ticket(" zk－2026-０１７ "), "ZK2026017");
/// ```
#[must_use]
pub fn ticket(written: &str) -> String {
    written
        .chars()
        .filter(|c| !is_blank(*c))
        .map(narrow)
        .filter(|c| !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .flat_map(char::to_uppercase)
        .collect()
}

/// The two parts of every exam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 理论考试
    Theory,
    /// 实际操作考试
    Practical,
}

/// The exam machine 考试机 that a theory score comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its number or name, as the machine writes it.
    pub name: String,
    /// When it gave the score.
    pub at: Timestamp,
}

/// How a panel came to the practical score that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// 一致: the assessors' scores agree.
    Agreed,
    /// 裁定: they did not, and the lead chose between them, with a reason.
    Resolved {
        /// Why this one.
        reason: String,
    },
}

impl Ruling {
    /// Who records a practical score: the clerk from a sheet, the last assessor of a panel that
    /// agrees, the lead where one does not.
    pub(crate) fn roles(panel: Option<&Self>) -> &'static [Role] {
        match panel {
            None => &[Role::InstitutionClerk],
            Some(Self::Agreed) => &[Role::Assessor],
            Some(Self::Resolved { .. }) => &[Role::InstitutionLead],
        }
    }
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

impl Attempt {
    /// The sitting that an act records.
    #[must_use]
    pub fn of(act: &Act) -> Option<Self> {
        let (part, session, on, score) = match act {
            Act::TheoryScored {
                session, on, score, ..
            } => (Part::Theory, *session, *on, *score),
            Act::PracticalScored {
                session, on, score, ..
            } => (Part::Practical, *session, *on, *score),
            _ => return None,
        };
        Some(Self {
            part,
            session,
            on,
            score,
        })
    }

    /// Whether it reached the pass mark of its day, and `day` lies within the time that it counts.
    fn counts_on(&self, day: Date) -> bool {
        self.score >= law::on(self.on).pass_mark.value && day <= self.counts_until()
    }

    /// The last day that a pass in it counts.
    fn counts_until(&self) -> Date {
        let months = i32::from(law::on(self.on).result_valid.value).months();
        self.on.saturating_add(months)
    }
}

/// All that one case has sat, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exam {
    /// The sittings, oldest first.
    pub attempts: Vec<Attempt>,
    /// There is no practical part: managers are examined by theory alone.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub theory_only: bool,
}

/// What the sittings add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every part passed, the older within the time a passed part counts.
    Passed,
    /// Not yet, with what the law still allows.
    NotPassed {
        /// Sittings left; none where the law does not count them.
        resits_left: Option<u8>,
    },
}

impl Exam {
    /// The exam of a category, nothing sat yet.
    #[must_use]
    pub fn of(category: Category) -> Self {
        Self {
            attempts: Vec::new(),
            theory_only: category == Category::SafetyManagement,
        }
    }

    /// The parts that are sat.
    #[must_use]
    pub fn parts(&self) -> &'static [Part] {
        if self.theory_only {
            &[Part::Theory]
        } else {
            &[Part::Theory, Part::Practical]
        }
    }

    /// The last sitting of a part.
    #[must_use]
    pub fn last(&self, part: Part) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|a| a.part == part)
    }

    /// The last day on which the oldest of the parts' last sittings counts; after it nothing can be
    /// reported on them (安监总培训〔2013〕104号).
    #[must_use]
    pub fn counts_until(&self) -> Option<Date> {
        let parts = self.parts().iter();
        let ends = parts.map(|part| Some(self.last(*part)?.counts_until()));
        ends.reduce(|one, other| Some(one?.min(other?))).flatten()
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
    /// A practical part counts only where theory was passed when it was sat (安监总培训〔2013〕104号).
    #[must_use]
    pub fn passed(&self, part: Part, day: Date) -> bool {
        let after_theory = |sat: &Attempt| {
            self.attempts
                .iter()
                .any(|a| a.part == Part::Theory && a.on <= sat.on && a.counts_on(sat.on))
        };
        self.last(part)
            .is_some_and(|a| a.counts_on(day) && (part == Part::Theory || after_theory(a)))
    }

    /// The result under the law of the last exam day. An absent part is not passed.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let Some(day) = self.last_day() else {
            return Outcome::NotPassed { resits_left: None };
        };
        if self.parts().iter().all(|part| self.passed(*part, day)) {
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
        if !self.parts().contains(&part) {
            return false;
        }
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

    fn exam(attempts: Vec<Attempt>) -> Exam {
        Exam {
            attempts,
            ..Exam::default()
        }
    }

    #[test]
    fn a_manager_sits_theory_alone() {
        let day = date(2026, 11, 20);
        let mut exam = Exam::of(Category::SafetyManagement);
        assert_eq!(exam.counts_until(), None);
        exam.attempts.push(sat(Part::Theory, day, 79));
        assert_eq!(exam.outcome(), Outcome::NotPassed { resits_left: None });
        assert!(!exam.may_sit(Part::Practical, day));
        exam.attempts.push(sat(Part::Theory, day, 80));
        assert_eq!(exam.outcome(), Outcome::Passed);
        assert_eq!(exam.counts_until(), Some(date(2027, 11, 20)));
    }

    #[test]
    fn both_parts_at_eighty_pass() {
        let day = date(2026, 11, 20);
        let exam = |t, p| Exam {
            attempts: vec![sat(Part::Theory, day, t), sat(Part::Practical, day, p)],
            ..Exam::default()
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
            ..Exam::default()
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
    fn a_practical_part_sat_before_theory_was_passed_does_not_count() {
        let (first, second) = (date(2026, 7, 1), date(2026, 8, 1));
        let mut attempts = vec![
            sat(Part::Theory, first, 79),
            sat(Part::Practical, first, 95),
            sat(Part::Theory, second, 80),
        ];
        let left = Outcome::NotPassed {
            resits_left: Some(4),
        };
        assert_eq!(exam(attempts.clone()).outcome(), left);
        attempts.push(sat(Part::Practical, second, 80));
        assert_eq!(exam(attempts).outcome(), Outcome::Passed);
    }

    #[test]
    fn a_passed_theory_counts_for_twelve_months() {
        let attempts = vec![
            sat(Part::Theory, date(2026, 6, 10), 90),
            sat(Part::Practical, date(2027, 6, 10), 90),
        ];
        assert_eq!(exam(attempts).outcome(), Outcome::Passed);
        let attempts = vec![
            sat(Part::Theory, date(2026, 6, 10), 90),
            sat(Part::Practical, date(2027, 6, 11), 90),
        ];
        assert_ne!(exam(attempts).outcome(), Outcome::Passed);
    }
}
