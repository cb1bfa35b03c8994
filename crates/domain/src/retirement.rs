//! The statutory retirement age, as a function of sex, birth month and post.
//!
//! Law: 全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定 of 2024-09-13, in force
//! 2025-01-01. Before that day the ages were 60, 55 and 50. Where the post of a woman is not known
//! the later age counts, because a refusal must be certain.

use jiff::civil::Date;

use crate::person::Sex;

/// What a woman's retirement age depends on besides her birth month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// 管理、技术岗位: the line that began at 55
    Cadre,
    /// 生产、操作岗位: the line that began at 50
    Worker,
    /// Not told: the later of the two
    Unknown,
}

/// An age in years and months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// Whole years.
    pub years: i32,
    /// Months beyond them, 0 to 11.
    pub months: i32,
}

/// One line of the table in the decision.
struct Line {
    /// The age before the decision, in years.
    base: i32,
    /// The first birth month (year, month) it moves.
    first: (i32, i32),
    /// So many birth months add one month.
    step: i32,
    /// Months added at most.
    most: i32,
}

/// The first day the stepwise ages are in force.
const IN_FORCE: Date = jiff::civil::date(2025, 1, 1);
const MEN: Line = Line {
    base: 60,
    first: (1965, 1),
    step: 4,
    most: 36,
};
const WOMEN_CADRE: Line = Line {
    base: 55,
    first: (1970, 1),
    step: 4,
    most: 36,
};
const WOMEN_WORKER: Line = Line {
    base: 50,
    first: (1975, 1),
    step: 2,
    most: 60,
};

impl Line {
    fn age(&self, birth: Date, on: Date) -> Age {
        let months = months_of(birth) - (self.first.0 * 12 + self.first.1 - 1);
        let added = if on < IN_FORCE || months < 0 {
            0
        } else {
            (months / self.step + 1).min(self.most)
        };
        Age {
            years: self.base + added / 12,
            months: added % 12,
        }
    }
}

fn months_of(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

/// The statutory retirement age of one person under the law of the day `on`.
///
/// ```
/// use domain::{person::Sex, retirement::{latest_age, Age, Post}};
/// use jiff::civil::date;
/// let age = latest_age(Sex::Male, date(1965, 5, 3), Post::Unknown, date(2026, 1, 1));
/// assert_eq!(age, Age { years: 60, months: 2 });
/// ```
#[must_use]
pub fn latest_age(sex: Sex, birth: Date, post: Post, on: Date) -> Age {
    match (sex, post) {
        (Sex::Male, _) => MEN.age(birth, on),
        (Sex::Female, Post::Cadre) => WOMEN_CADRE.age(birth, on),
        (Sex::Female, Post::Worker) => WOMEN_WORKER.age(birth, on),
        (Sex::Female, Post::Unknown) => WOMEN_CADRE.age(birth, on).max(WOMEN_WORKER.age(birth, on)),
    }
}

/// The age at which the law of today retires this person: the same as [`latest_age`] on a day when
/// the stepwise ages are in force.
#[must_use]
pub fn retires_on(sex: Sex, birth: Date, post: Post) -> (i32, i32) {
    let age = latest_age(sex, birth, post, IN_FORCE);
    (age.years, age.months)
}

/// Whether someone born on `birth` is older than `age` on the day `on`. The day the age is reached
/// is not above it.
#[must_use]
pub fn is_above(age: Age, birth: Date, on: Date) -> bool {
    let reached = months_of(birth) + age.years * 12 + age.months;
    (months_of(on), on.day()) > (reached, birth.day())
}

/// Whether someone born on `birth` has had the birthday number `years` by the day `on`.
#[must_use]
pub fn has_reached(years: i32, birth: Date, on: Date) -> bool {
    (months_of(on), on.day()) >= (months_of(birth) + years * 12, birth.day())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_table_of_the_decision() {
        use Post::{Cadre, Unknown, Worker};
        use Sex::{Female, Male};
        for (sex, post, (y, m), wanted) in [
            (Male, Unknown, (1964, 12), (60, 0)),
            (Male, Unknown, (1965, 1), (60, 1)),
            (Male, Unknown, (1965, 4), (60, 1)),
            (Male, Unknown, (1965, 5), (60, 2)),
            (Male, Unknown, (1968, 12), (61, 0)),
            (Male, Unknown, (1969, 1), (61, 1)),
            (Male, Unknown, (1976, 8), (62, 11)),
            (Male, Unknown, (1976, 9), (63, 0)),
            (Male, Unknown, (1990, 1), (63, 0)),
            (Female, Cadre, (1969, 12), (55, 0)),
            (Female, Cadre, (1970, 1), (55, 1)),
            (Female, Cadre, (1981, 8), (57, 11)),
            (Female, Cadre, (1981, 9), (58, 0)),
            (Female, Worker, (1974, 12), (50, 0)),
            (Female, Worker, (1975, 1), (50, 1)),
            (Female, Worker, (1975, 3), (50, 2)),
            (Female, Worker, (1984, 10), (54, 11)),
            (Female, Worker, (1984, 11), (55, 0)),
            (Female, Worker, (1999, 1), (55, 0)),
            (Female, Unknown, (1972, 1), (55, 7)),
            (Female, Unknown, (1990, 1), (58, 0)),
        ] {
            assert_eq!(
                retires_on(sex, date(y, m, 15), post),
                wanted,
                "{sex:?} {post:?} {y}-{m}"
            );
        }
    }

    #[test]
    fn before_2025_the_old_ages() {
        let age = latest_age(
            Sex::Male,
            date(1965, 6, 1),
            Post::Unknown,
            date(2024, 12, 31),
        );
        assert_eq!(
            age,
            Age {
                years: 60,
                months: 0
            }
        );
    }

    #[test]
    fn the_day_itself_is_not_above() {
        let (age, birth) = (
            Age {
                years: 60,
                months: 1,
            },
            date(1965, 1, 31),
        );
        assert!(!is_above(age, birth, date(2025, 2, 28)));
        assert!(is_above(age, birth, date(2025, 3, 1)));
        let birth = date(1966, 3, 10);
        let age = latest_age(Sex::Male, birth, Post::Unknown, date(2026, 7, 10));
        assert_eq!(
            age,
            Age {
                years: 60,
                months: 4
            }
        );
        assert!(!is_above(age, birth, date(2026, 7, 10)));
        assert!(is_above(age, birth, date(2026, 7, 11)));
    }

    #[test]
    fn the_eighteenth_birthday_counts() {
        assert!(has_reached(18, date(2008, 11, 20), date(2026, 11, 20)));
        assert!(!has_reached(18, date(2008, 11, 21), date(2026, 11, 20)));
        assert!(!has_reached(18, date(2008, 2, 29), date(2026, 2, 28)));
        assert!(has_reached(18, date(2008, 2, 29), date(2026, 3, 1)));
    }
}
