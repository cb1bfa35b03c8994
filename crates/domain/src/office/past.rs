//! What an office was before: a report may come long after the exam it is about, and rests on what
//! the institution was authorised for on that day.

use alloc::vec::Vec;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Authorisation;

/// What an institution was authorised for before, and when it was suspended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Former authorisations, oldest first, each cut off where the next one began.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub authorisations: Vec<Authorisation>,
    /// Suspensions, oldest first; the last one may still run.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub suspensions: Vec<Suspension>,
}

/// A time in which an office might not act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Its first day.
    pub from: Date,
    /// The day from which the office might act again; none while it may not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended: Option<Date>,
}

impl Past {
    pub(super) fn is_empty(&self) -> bool {
        self.authorisations.is_empty() && self.suspensions.is_empty()
    }

    /// Puts away an authorisation that another one follows from a day on.
    pub(super) fn keep(&mut self, former: Authorisation, next: Date) {
        self.authorisations.push(former);
        // What the new one covers is its own from its first day on.
        self.authorisations.retain(|a| a.from < next);
        let before = next.yesterday().unwrap_or(next);
        for a in &mut self.authorisations {
            a.until = a.until.min(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned, string::String, vec};

    use jiff::civil::date;

    use super::*;
    use crate::{
        catalogue::ItemCode,
        event::{Act, Event},
        law::{self, Ground},
        office::{By, Office, OfficeKind},
        record::RecordId,
    };

    fn given(number: &str, items: &[&str], from: Date, until: Date) -> Authorisation {
        Authorisation {
            number: number.to_owned(),
            items: items.iter().map(|i| (*i).into()).collect(),
            from,
            until,
        }
    }

    fn school() -> Office {
        Office {
            code: "9911".into(),
            name: "第一考试点".to_owned(),
            kind: OfficeKind::Institution,
            telephone: String::new(),
            reports_to: Some("9901".into()),
            authorisation: Some(given(
                "1",
                &["2.1", "1.2"],
                date(2020, 1, 1),
                date(2026, 12, 31),
            )),
            suspended: None,
            past: Past::default(),
        }
    }

    fn then(office: Office, on: Date, act: Act) -> Office {
        let at = jiff::tz::Offset::constant(8).to_timestamp(on.at(12, 0, 0, 0));
        let event = Event {
            at: at.expect("a moment"),
            by: By {
                officer: "keeper".into(),
                office: "99".into(),
                role: act.roles()[0],
            },
            law: law::on(on).name,
            record: RecordId::from_raw(1),
            act,
        };
        office.after(&event).expect("lawful")
    }

    fn ground() -> Ground {
        Ground::new("第一条", "整改")
    }

    #[test]
    fn an_exam_keeps_the_authorisation_it_was_held_under() {
        let narrower = given("2", &["2.1"], date(2026, 3, 1), date(2028, 2, 29));
        let school = then(school(), date(2026, 2, 1), Act::OfficeAuthorised(narrower));
        for (item, day, covered) in [
            ("1.2", date(2026, 2, 28), true),
            ("1.2", date(2026, 3, 1), false),
            ("2.1", date(2026, 2, 28), true),
            ("2.1", date(2028, 2, 29), true),
            ("2.1", date(2028, 3, 1), false),
            ("2.1", date(2019, 12, 31), false),
        ] {
            assert_eq!(
                school.could_examine(&item.into(), day),
                covered,
                "{item} {day}"
            );
        }
        // Put right from the first day on: nothing of the wrong one is left.
        let right = given("3", &["3.1"], date(2020, 1, 1), date(2026, 12, 31));
        let school = then(school, date(2026, 2, 2), Act::OfficeAuthorised(right));
        assert!(!school.could_examine(&"2.1".into(), date(2026, 3, 2)));
        assert!(school.past.authorisations.is_empty());
    }

    #[test]
    fn what_was_held_before_a_suspension_counts_and_what_was_held_in_it_does_not() {
        let item = ItemCode::from("2.1");
        let school = then(school(), date(2026, 4, 1), Act::OfficeSuspended(ground()));
        assert!(school.could_examine(&item, date(2026, 3, 31)));
        assert!(!school.could_examine(&item, date(2026, 4, 1)));
        assert!(!school.may_examine(&item, date(2026, 3, 31)));
        let school = then(school, date(2026, 5, 6), Act::OfficeResumed(ground()));
        for (day, could) in [
            (date(2026, 3, 31), true),
            (date(2026, 5, 5), false),
            (date(2026, 5, 6), true),
        ] {
            assert_eq!(school.could_examine(&item, day), could, "{day}");
            assert_eq!(school.may_examine(&item, day), could, "{day}");
        }
        assert_eq!(
            school.past.suspensions,
            vec![Suspension {
                from: date(2026, 4, 1),
                ended: Some(date(2026, 5, 6)),
            }]
        );
    }
}
