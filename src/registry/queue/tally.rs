//! How many wait: counted from the index and only up to a limit, so that a long queue costs no more
//! to count than a page of it costs to show.

use jiff::civil::Date;

use super::super::{
    Due, Error, Officer, Registry, Result,
    store::{Ask, Reader},
};

/// No more are counted.
const MOST: i64 = 10_000;

/// So many; more than are counted where it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub n: i64,
    /// And more.
    pub more: bool,
}

impl Count {
    fn of(counted: i64) -> Self {
        Self {
            n: counted.min(MOST),
            more: counted > MOST,
        }
    }

    fn and(self, other: Self) -> Self {
        let both = Self::of(self.n + other.n);
        Self {
            more: both.more || self.more || other.more,
            ..both
        }
    }
}

/// How much waits for an officer.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// Cases of the office, by state; states without any are left out.
    pub states: Vec<(&'static str, Count)>,
    /// What the officer's roles can act on.
    pub own: Count,
    /// Of those, what must be done by that day, and what should have been before today.
    pub soon: Count,
    /// See `soon`.
    pub passed: Count,
    /// What the officer has in hand.
    pub mine: Count,
}

const OF_AUTHORITY: &str = "-- tally::of_authority
SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE authority = $1 AND state = $2 AND feed = 0
AND due >= $3 AND due <= $4 LIMIT 10001) AS counted";
const OF_INSTITUTION: &str = "-- tally::of_institution
SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE institution = $1 AND state = $2 AND feed = 0
AND due >= $3 AND due <= $4 LIMIT 10001) AS counted";
const IN_HAND: &str = "-- tally::in_hand
SELECT COUNT(*) FROM (SELECT 1 FROM claims k JOIN cases c
ON c.record = k.record AND c.feed = 0 AND c.state = k.state WHERE k.login = $1 LIMIT 2000) AS counted";

impl Registry {
    /// How much waits at the officer's office, and of it for the officer, whose roles act on the
    /// states in `own`; what is due by `soon` is counted apart.
    ///
    /// # Errors
    /// What the database says.
    pub fn tallies(
        &self,
        officer: &Officer,
        own: &[&'static str],
        (today, soon): (Date, Date),
    ) -> Result<Tallies> {
        let authority = self.is_authority(&officer.office);
        let sql = if authority {
            OF_AUTHORITY
        } else {
            OF_INSTITUTION
        };
        self.store.read(|r| {
            let count = |r: &mut Reader<'_>, state: &str, due: Due| {
                let (first, last) = due.days();
                let office = officer.office.as_str().into();
                let asked = [office, state.into(), (&first).into(), (&last).into()];
                Ok::<_, Error>(Count::of(r.query_one(sql, &asked)?.int(0)?))
            };
            let mut all = Tallies::default();
            for state in domain::case::State::WORDS {
                let here = count(r, state, Due::Any)?;
                if here.n > 0 {
                    all.states.push((state, here));
                }
                if !own.contains(&state) {
                    continue;
                }
                all.own = all.own.and(here);
                all.soon = all.soon.and(count(r, state, Due::Within(today, soon))?);
                all.passed = all.passed.and(count(r, state, Due::Passed(today))?);
            }
            let mine = r.query_one(IN_HAND, &[(&officer.login).into()])?;
            all.mine = Count::of(mine.int(0)?);
            Ok(all)
        })
    }
}
