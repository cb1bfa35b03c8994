//! One schedule: a nation and its provinces, what happens to them, and what is true of it.

mod decide;

use std::collections::BTreeMap;

use domain::{
    catalogue::Category,
    person::Person,
    verdict::{Answer, CertificateShown, StatusWord},
};
use jiff::{SignedDuration, Timestamp};
use kecha::registry::{Error, Hold, Query, keyring::Keyring};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tempfile::TempDir;
use tlog::{cosignature::Witness, note::Signer};
use tokio::runtime::{Builder, Runtime};

use super::{
    Rule, Tally,
    line::{Call, Driver, Line, Lost},
    side::{self, NATION, People, Side},
};

/// What the judge says.
pub type Judged<T = ()> = Result<T, String>;
type Commitments = Vec<Vec<u8>>;
/// Sealed dossiers by their place.
type Sealed = BTreeMap<(i64, Vec<u8>), Vec<u8>>;

/// A province, and what the judge knows of its feed.
struct Province {
    side: Side,
    driver: Driver,
    people: People,
    /// How far its clock is off.
    skew: SignedDuration,
    /// It was set back to a state that lacks what it had.
    was_set_back: bool,
    /// The nation was, as far as this feed goes.
    nation_was: bool,
    /// A person let its feed go on.
    was_resumed: bool,
    /// Histories it has left.
    left: Vec<Commitments>,
    /// What the nation was last seen to have.
    seen: u64,
    held: Option<(Hold, Commitments)>,
}

pub struct World {
    rng: StdRng,
    line: Line,
    provinces: Vec<Province>,
    witness: Witness,
    clock: Timestamp,
    skew: SignedDuration,
    tally: Tally,
    dossiers: Sealed,
    runtime: Runtime,
    _home: TempDir,
}

/// Plays the schedule of that seed to its end.
pub fn play(seed: u64, without: Option<Rule>) -> Judged<Tally> {
    let mut world = World::new(seed, without);
    let steps = 14 + world.rng.random_range(0..26) + 2 * world.provinces.len();
    for _ in 0..steps {
        world.step()?;
        world.look()?;
        if without == Some(Rule::Sealed) {
            world.remembers_dossiers();
        }
    }
    world.heal()?;
    world.judge()?;
    Ok(world.tally)
}

impl World {
    fn new(seed: u64, without: Option<Rule>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let home = side::folder();
        let count = match rng.random_range(0..40_u8) {
            0..=31 => rng.random_range(1..=2),
            32..=38 => rng.random_range(3..=6),
            _ => rng.random_range(7..=34_usize),
        };
        let nation = Side::new(home.path(), NATION);
        let witness = nation.registry().witness_key().clone();
        let (mut provinces, mut follows, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..count {
            let name = format!("p{number:02}.example/log");
            let side = Side::new(home.path(), &name);
            let key = side.registry().log_key().parse().expect("a key");
            let followed = nation.registry().follow_province(&name[..3], key);
            follows.push(followed.expect("entered"));
            let seed = Keyring::load(&side.place).expect("keys");
            keys.push(Signer::new(&name, seed.log_seed()).expect("a key"));
            provinces.push(Province {
                side,
                driver: Driver::default(),
                people: People::of(number),
                skew: SignedDuration::ZERO,
                was_set_back: false,
                nation_was: false,
                was_resumed: false,
                left: Vec::new(),
                seen: 0,
                held: None,
            });
        }
        let line = Line {
            nation,
            follows,
            is_calm: false,
            late: Vec::new(),
            stale: Vec::new(),
            without,
            keys,
        };
        Self {
            rng,
            line,
            provinces,
            witness,
            clock: "2026-07-02T01:00:00Z".parse().expect("a moment"),
            skew: SignedDuration::ZERO,
            tally: Tally::default(),
            dossiers: Sealed::new(),
            runtime: Builder::new_current_thread().build().expect("a runtime"),
            _home: home,
        }
    }

    fn now(&self, skew: SignedDuration) -> Timestamp {
        self.clock.checked_add(skew).expect("a moment")
    }

    fn step(&mut self) -> Judged {
        let minutes = self.rng.random_range(0..20);
        self.clock = self.now(SignedDuration::from_mins(minutes));
        let one = self.rng.random_range(0..self.provinces.len());
        let nation_now = self.now(self.skew);
        match self.rng.random_range(0..100_u8) {
            0..=29 => self.acts(one),
            30..=69 => {
                self.provinces[one].driver.head_due |= self.rng.random_range(0..4_u8) == 0;
                let pages = self.rng.random_range(1..4);
                self.calls(one, |driver, call| driver.step(call, pages));
            }
            70..=75 => self.line.delivers_late(&mut self.rng, nation_now),
            76..=77 => self.takes_stale(),
            78..=80 => {
                self.provinces[one].side.crash();
                self.provinces[one].driver = Driver::default();
            }
            81..=82 => {
                let before = self.provinces[one].side.written();
                self.acts(one);
                let p = &mut self.provinces[one];
                p.side.comes_back(before, &mut self.rng);
                p.driver = Driver::default();
                self.tally.power_cuts += 1;
            }
            83 => self.line.nation.crash(),
            84..=86 => self.provinces[one].side.backs_up(),
            87..=89 => self.line.nation.backs_up(),
            90..=93 => return self.sets_back_province(one),
            94..=95 => return self.sets_back_nation(),
            96..=98 => (0..self.provinces.len()).for_each(|one| self.resumes(one)),
            _ => {
                let hours = SignedDuration::from_hours(self.rng.random_range(-24..=24));
                match self.rng.random_range(0..2_u8) {
                    0 => self.skew = hours,
                    _ => self.provinces[one].skew = hours,
                }
            }
        }
        if self.line.without == Some(Rule::Hold) {
            let db = self.line.nation.database();
            db.execute("UPDATE feeds SET hold = '' WHERE feed > 0", [])
                .expect("taken away");
        }
        Ok(())
    }

    fn acts(&mut self, one: usize) {
        let now = self.now(self.provinces[one].skew);
        let p = &mut self.provinces[one];
        p.people.acts(&p.side, &mut self.rng, now);
    }

    fn calls(
        &mut self,
        one: usize,
        step: impl FnOnce(&mut Driver, &mut Call<'_>) -> Result<Option<Hold>, Lost>,
    ) {
        let now = self.now(self.skew);
        let Province { side, driver, .. } = &mut self.provinces[one];
        let mut call = Call {
            line: &mut self.line,
            province: one,
            registry: side.registry(),
            witness: &self.witness,
            rng: &mut self.rng,
            now,
        };
        // What came of it is seen in what the two have afterwards.
        let _ = step(driver, &mut call);
    }

    fn takes_stale(&mut self) {
        if let Some((one, answer)) = self.line.stale.pop() {
            self.calls(one, |driver, call| driver.take(call, &answer));
        }
    }

    fn sets_back_province(&mut self, one: usize) -> Judged {
        let p = &mut self.provinces[one];
        if p.side.copies.is_empty() {
            p.side.backs_up();
            return Ok(());
        }
        let copy = self.rng.random_range(0..p.side.copies.len());
        let before = p.side.commitments(0);
        p.side.is_restored(copy);
        p.driver = Driver::default();
        if !p.side.commitments(0).starts_with(&before) {
            p.was_set_back = true;
            p.left.push(before);
            self.tally.provinces_set_back += 1;
        }
        if self.rng.random_range(0..2_u8) == 0 {
            self.exchanges(one)?;
        }
        Ok(())
    }

    fn sets_back_nation(&mut self) -> Judged {
        if self.line.nation.copies.is_empty() {
            return Ok(());
        }
        let copy = self.rng.random_range(0..self.line.nation.copies.len());
        let before = self.nation_has_all();
        self.line.nation.is_restored(copy);
        for (p, (had, has)) in self
            .provinces
            .iter_mut()
            .zip(before.iter().zip(all(&self.line)))
        {
            if !has.starts_with(had) {
                p.nation_was = true;
                self.tally.nation_set_back += 1;
            }
            p.seen = 0;
            p.held = None;
        }
        if self.rng.random_range(0..2_u8) == 0 {
            for one in 0..self.provinces.len() {
                self.exchanges(one)?;
            }
        }
        Ok(())
    }

    fn nation_has_all(&self) -> Vec<Commitments> {
        all(&self.line)
    }

    fn nation_has(&self, one: usize) -> Commitments {
        self.line.nation.commitments(self.line.follows[one].feed)
    }

    fn hold(&self, one: usize) -> Option<Hold> {
        let marks = self.line.nation.registry().watermarks().expect("read");
        marks[one].hold.map(|(hold, _)| hold)
    }

    /// A head and everything after it, on a line that loses nothing: whoever was set back is found.
    fn exchanges(&mut self, one: usize) -> Judged {
        let side = &self.provinces[one].side;
        let (own, there) = (side.commitments(0), self.nation_has(one));
        let stored = side.registry().acknowledged().expect("read");
        let stored = stored.map_or(0, |(size, _)| size);
        let was_calm = std::mem::replace(&mut self.line.is_calm, true);
        self.provinces[one].driver.head_due = true;
        self.calls(one, |driver, call| driver.step(call, u32::MAX));
        self.line.is_calm = was_calm;
        let is_held = self.hold(one).is_some();
        // Once a person knows of the loss, what was lost comes in again.
        let is_known = self.knows_of_loss(one) >= stored;
        if stored > there.len() as u64 && !is_held && !is_known {
            return Err("a nation that was set back is not noticed".to_owned());
        }
        if !own.starts_with(&there) && !is_held {
            return Err("a province that was set back is not noticed".to_owned());
        }
        Ok(())
    }

    /// What must be true after every step.
    fn look(&mut self) -> Judged {
        let marks = self.line.nation.registry().watermarks().expect("read");
        for (one, mark) in marks.into_iter().enumerate() {
            let p = &mut self.provinces[one];
            if mark.entries < p.seen {
                return Err(format!("{}: what was accepted is gone", mark.code));
            }
            p.seen = mark.entries;
            match (&p.held, mark.hold.map(|(hold, _)| hold)) {
                (None, None) => {}
                (None, Some(hold)) => {
                    let there = self.line.nation.commitments(self.line.follows[one].feed);
                    self.tally.holds.insert(hold);
                    p.held = Some((hold, there));
                }
                (Some((was, there)), Some(is)) if *was == is => {
                    if mark.entries != there.len() as u64 {
                        return Err(format!("{}: applied while on hold", mark.code));
                    }
                }
                _ => return Err(format!("{}: the hold was lifted by nobody", mark.code)),
            }
        }
        Ok(())
    }

    /// Keeps each dossier as it was when it was first there.
    fn remembers_dossiers(&mut self) {
        let db = self.line.nation.database();
        let mut asked = db
            .prepare("SELECT feed, key, body FROM dossiers")
            .expect("asked");
        let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        for row in rows.expect("asked") {
            let (feed, key, body) = row.expect("a dossier");
            self.dossiers.entry((feed, key)).or_insert(body);
        }
    }

    /// The line becomes good; what is late arrives, and everything is sent.
    fn heal(&mut self) -> Judged {
        self.skew = SignedDuration::ZERO;
        if self.rng.random_range(0..2_u8) == 0 {
            for one in 0..self.provinces.len() {
                self.exchanges(one)?;
                self.look()?;
                if self.rng.random_range(0..4_u8) > 0 {
                    self.resumes(one);
                }
            }
        }
        self.line.is_calm = true;
        while !self.line.late.is_empty() {
            let now = self.now(self.skew);
            self.line.delivers_late(&mut self.rng, now);
            self.look()?;
        }
        while !self.line.stale.is_empty() {
            self.takes_stale();
            self.look()?;
        }
        for _ in 0..2 {
            for one in 0..self.provinces.len() {
                self.exchanges(one)?;
                self.look()?;
            }
        }
        let db = self.line.nation.database();
        for ((feed, key), body) in &self.dossiers {
            let sql = "UPDATE dossiers SET body = ?3 WHERE feed = ?1 AND key = ?2";
            db.execute(sql, (feed, key, body)).expect("put back");
        }
        Ok(())
    }

    /// What must be true in the end.
    fn judge(&mut self) -> Judged {
        self.tally.schedules = 1;
        self.tally.provinces = self.provinces.len();
        for one in 0..self.provinces.len() {
            let (own, there) = (
                self.provinces[one].side.commitments(0),
                self.nation_has(one),
            );
            self.tally.entries += there.len();
            self.tally.revoked += self.provinces[one].people.revoked.len();
            self.judge_feed(one, &own, &there)
                .map_err(|what| format!("p{one:02}: {what}"))?;
        }
        let nation = self.line.nation.registry();
        let checked = nation.check(&mut |_, _| {}).expect("checked");
        if !checked.faults.is_empty() {
            return Err(format!("the nation's copy: {:?}", checked.faults));
        }
        let marks = nation.watermarks().expect("read");
        if marks.iter().any(|mark| mark.quarantined > 0) {
            return Err("a lawful entry is in quarantine".to_owned());
        }
        Ok(())
    }

    fn judge_feed(&self, one: usize, own: &Commitments, there: &Commitments) -> Judged {
        let p = &self.provinces[one];
        let nothing = |what: &str| Err(what.to_owned());
        let branches = p.left.iter().chain([own]);
        if !branches.clone().any(|branch| branch.starts_with(there)) {
            return nothing("the nation has what the province never recorded");
        }
        let writes = p.side.registry().deem_accepted(self.clock);
        let stands_still = matches!(writes, Err(Error::StandsStill));
        if stands_still && !p.was_set_back {
            return nothing("the province stands still without a reason");
        }
        let is_lawful = match self.hold(one) {
            // Both have lost the same, and both know it: nothing can come any more.
            None if stands_still && p.was_resumed && p.nation_was => true,
            None => {
                if own != there {
                    return nothing("the nation has not all that the province recorded");
                }
                let (size, _) = p
                    .side
                    .registry()
                    .acknowledged()
                    .expect("read")
                    .unwrap_or_default();
                if size != own.len() as u64 {
                    return nothing("the province does not know what the nation has");
                }
                self.judge_answers(p)?;
                true
            }
            Some(Hold::ProvinceRolledBack | Hold::Fork) => p.was_set_back,
            Some(Hold::NationRolledBack) => p.nation_was,
            Some(Hold::Signature) => false,
        };
        if !is_lawful {
            let hold = self.hold(one);
            return Err(format!("the feed is on hold without a reason: {hold:?}"));
        }
        if !own.starts_with(there) && !stands_still {
            return nothing("a province that was set back goes on writing");
        }
        for (person, commitment) in &p.people.revoked {
            let answer = self.ask(&self.line.nation, person);
            let is_revoked = |c: &CertificateShown| c.status == StatusWord::Revoked;
            let revoked = answer.certificates.first().is_some_and(is_revoked);
            if there.contains(commitment) && !revoked {
                return nothing("a revoked certificate lives again");
            }
        }
        Ok(())
    }

    fn judge_answers(&self, p: &Province) -> Judged {
        for (person, _) in &p.people.all {
            let here = self.ask(&p.side, person);
            let there = self.ask(&self.line.nation, person);
            let same = (here.verdict, &here.certificates, &here.progress)
                == (there.verdict, &there.certificates, &there.progress);
            if !same {
                return Err(format!(
                    "{:?} here, {:?} there",
                    here.verdict, there.verdict
                ));
            }
        }
        Ok(())
    }

    fn ask(&self, side: &Side, person: &Person) -> Answer {
        let query = Query {
            category: Category::SpecialOperation,
            document: person.document.clone(),
            name: person.name.clone(),
            ticket: None,
        };
        let asked = side.registry().ask(&query, self.clock);
        self.runtime.block_on(asked).expect("an answer")
    }
}

fn all(line: &Line) -> Vec<Commitments> {
    let has = |p: &kecha::registry::Province| line.nation.commitments(p.feed);
    line.follows.iter().map(has).collect()
}
