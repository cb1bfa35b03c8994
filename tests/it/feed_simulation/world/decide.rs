//! People who let things go on.

use domain::refusal::Refusal;
use kecha::registry::Error;
use rand::RngExt;

use super::{super::side, World};

impl World {
    /// The people of both sides decide, wisely or not; the province may take back first what it lost.
    pub(super) fn resumes(&mut self, one: usize) {
        let now = self.now(self.skew);
        let (keeper, ground) = (side::keeper(), "演练");
        let nation = self.line.nation.registry();
        if self.hold(one).is_some() {
            // The node itself comes first, where it stands still.
            let own = nation.resume_feed(None, ground, &keeper, now);
            assert!(own.is_ok() || !nation.stands_still(), "{own:?}");
            let code = self.line.follows[one].code.clone();
            let lifted = nation.resume_feed(Some(&code), ground, &keeper, now);
            lifted.expect("a person may always decide");
            self.provinces[one].held = None;
            self.provinces[one].was_resumed = true;
            self.tally.resumed += 1;
        }
        let own = self.provinces[one].side.registry();
        if !own.stands_still() {
            return;
        }
        if self.rng.random_range(0..4_u8) > 0 {
            let follows = &self.line.follows[one];
            loop {
                let has = own.entries().expect("counted");
                let page = nation.copy(follows, has, 5).expect("read");
                let Some(page) = page else { break };
                // Of another history nothing is taken.
                if own.take_back(&page, &self.witness).is_err() {
                    break;
                }
                self.tally.recovered += 1;
            }
        }
        let skew = self.provinces[one].skew;
        match own.resume_feed(None, ground, &keeper, self.now(skew)) {
            Ok(_) => self.tally.went_on += 1,
            Err(Error::Refused(Refusal::StillLost)) => {}
            Err(other) => panic!("a province could not decide: {other}"),
        }
    }

    /// Up to where the nation knows that it has cosigned and lost.
    pub(super) fn knows_of_loss(&self, one: usize) -> u64 {
        let sql = "SELECT COALESCE(MAX(size), 0) FROM lost WHERE feed = ?1";
        let feed = self.line.follows[one].feed;
        let asked = self.line.nation.database();
        let size: i64 = asked
            .query_row(sql, [feed], |row| row.get(0))
            .expect("asked");
        size.unsigned_abs()
    }
}
