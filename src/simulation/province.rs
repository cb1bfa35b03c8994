//! One province, day by day: candidates come, offices work, the feed goes.

mod arrivals;
mod work;

use std::collections::BTreeMap;

use domain::verdict::Kind;
use jiff::tz::Offset;

use super::{
    case::{Case, Dated, End, Step, What},
    chance::Chance,
    days::Days,
    desk::{Load, Queue},
    office::Speeds,
    scenario::{Authorities, Institutions, Provinces, Scenario},
};
use crate::schedule::Schedule;

/// The last minute of a day at which something is issued.
const CLOSING: u16 = 17 * 60 + 30;

/// A province that was played to its end.
pub struct Play {
    /// Which, from 0.
    pub province: u16,
    /// Its cases, by the day they began; those of the warm-up are left out.
    pub cases: Vec<Case>,
    /// For each day, how many cases were in each step at its end; with those of the warm-up.
    pub inside: Vec<[u32; 9]>,
    /// For each day, how many of them could be done and lay on a desk.
    pub queued: Vec<[u32; 9]>,
    /// What each desk had to do.
    pub loads: Vec<Load>,
}

/// An institution of the run.
struct Institution<'s> {
    group: &'s Institutions,
    authority: usize,
    /// People a day, in an even month.
    daily: f64,
    /// The same of those who need no exam.
    daily_without: f64,
    /// Registered and not yet seated.
    waiting: u32,
    last_exam: u32,
    speeds: Speeds,
    scoring: Queue<'s>,
    reporting: Queue<'s>,
}

/// An authority of the run, its desks in the order of the chain.
struct Authority<'s> {
    group: &'s Authorities,
    speeds: Speeds,
    desks: [Queue<'s>; 5],
}

/// What the loop knows of a case beside its story.
struct Going {
    began: u32,
    /// Its delays, beside those of a first issue.
    factor: f64,
    /// Its session is reported so much later.
    late: u32,
}

struct World<'s> {
    scenario: &'s Scenario,
    days: &'s Days,
    group: &'s Provinces,
    province: u16,
    chance: Chance,
    cases: Vec<Case>,
    going: Vec<Going>,
    institutions: Vec<Institution<'s>>,
    authorities: Vec<Authority<'s>>,
    corrections: BTreeMap<u32, Vec<u32>>,
    slots: BTreeMap<(u32, u16), Vec<u32>>,
    inside: [u32; 9],
}

/// Plays one province of a scenario to its end; `progress` is told each day.
#[must_use]
pub fn play(
    scenario: &Scenario,
    days: &Days,
    seed: u64,
    province: u16,
    progress: &mut dyn FnMut(u32),
) -> Play {
    let mut world = World::new(scenario, days, seed, province);
    let (mut inside, mut queued) = (Vec::new(), Vec::new());
    for day in 0..days.count() {
        if (days.opens()..days.closes()).contains(&day) {
            world.arrive(day);
        }
        if days.is_workday(day) {
            world.correct(day);
            world.institutions_work(day);
            world.authorities_work(day);
        }
        world.feed(day);
        progress(day);
        inside.push(world.inside);
        queued.push(world.queued());
        if day >= days.closes() && world.inside.iter().all(|n| *n == 0) {
            break;
        }
    }
    let start = days.date(days.start());
    let mut cases = world.cases;
    cases.retain(|case| case.exam_date >= start);
    for (number, case) in (0..).zip(&mut cases) {
        case.number = number;
    }
    let of_institutions = world.institutions.into_iter();
    let mut loads: Vec<Load> = of_institutions
        .flat_map(|i| [i.scoring.load, i.reporting.load])
        .collect();
    let desks = world.authorities.into_iter().flat_map(|a| a.desks);
    loads.extend(desks.map(|desk| desk.load));
    Play {
        province,
        cases,
        inside,
        queued,
        loads,
    }
}

impl<'s> World<'s> {
    fn new(scenario: &'s Scenario, days: &'s Days, seed: u64, province: u16) -> Self {
        let mut chance = Chance::new(seed, u64::from(province));
        let group = scenario.group_of(province);
        let authorities = authorities(scenario, group, days, &mut chance);
        let institutions = institutions(scenario, group, days, authorities.len(), &mut chance);
        Self {
            scenario,
            days,
            group,
            province,
            chance,
            cases: Vec::new(),
            going: Vec::new(),
            institutions,
            authorities,
            corrections: BTreeMap::new(),
            slots: BTreeMap::new(),
            inside: [0; 9],
        }
    }

    fn queued(&self) -> [u32; 9] {
        let mut queued = [0; 9];
        let of = self
            .institutions
            .iter()
            .flat_map(|i| [&i.scoring, &i.reporting]);
        let desks = self.authorities.iter().flat_map(|a| &a.desks);
        for desk in of.chain(desks) {
            queued[desk.load.step as usize] += desk.waiting();
        }
        queued
    }

    fn tell(&mut self, case: u32, what: What, day: u32, minute: u16) {
        let on = self.days.date(day);
        if let Some(case) = self.case(case) {
            case.events.push(Dated { what, on, minute });
        }
    }

    fn case(&mut self, case: u32) -> Option<&mut Case> {
        self.cases.get_mut(usize::try_from(case).ok()?)
    }

    fn come(&mut self, step: Step) {
        self.inside[step as usize] += 1;
    }

    fn leave(&mut self, step: Step) {
        self.inside[step as usize] -= 1;
    }

    fn ends(&mut self, case: u32, end: End) {
        if let Some(case) = self.case(case) {
            case.end = Some(end);
        }
    }

    /// The share of each kind that sits an exam, or does not.
    fn shares(&self, kinds: &[Kind]) -> Vec<f64> {
        let share = |kind: &Kind| self.scenario.kinds.of(*kind).share;
        kinds.iter().map(share).collect()
    }

    /// An entry of this day waits for its slot, or is there a minute later.
    fn send(&mut self, case: u32, day: u32, minute: u16, slot: Option<(u32, u16)>) {
        match slot {
            None => {
                self.tell(case, What::Queryable, day, minute + 1);
                self.ends(case, End::Queryable);
            }
            Some(slot) => {
                self.come(Step::Sync);
                self.slots.entry(slot).or_default().push(case);
            }
        }
    }

    /// The slot for what is issued on a day: none when the feed streams.
    fn slot(&self, day: u32) -> Option<(u32, u16)> {
        if matches!(self.group.feed, Schedule::Streaming) {
            return None;
        }
        let (hour, minute) = (CLOSING / 60, CLOSING % 60);
        let at = |n: u16| i8::try_from(n).unwrap_or(0);
        let closing = self.days.date(day).at(at(hour), at(minute), 0, 0);
        let offset = Offset::constant(8);
        let moment = offset.to_timestamp(closing).ok()?;
        let next = offset.to_datetime(self.group.feed.next_slot(moment)?);
        let minute = u16::try_from(next.hour()).ok()? * 60 + u16::try_from(next.minute()).ok()?;
        Some((self.days.number(next.date())?, minute))
    }

    fn feed(&mut self, day: u32) {
        while let Some(((at, minute), cases)) = self.slots.pop_first() {
            if at > day {
                self.slots.insert((at, minute), cases);
                return;
            }
            for case in cases {
                self.leave(Step::Sync);
                self.tell(case, What::Queryable, at, minute);
                self.ends(case, End::Queryable);
            }
        }
    }
}

fn authorities<'s>(
    scenario: &'s Scenario,
    province: &Provinces,
    days: &Days,
    chance: &mut Chance,
) -> Vec<Authority<'s>> {
    let mut all = Vec::new();
    for group in &scenario.authorities {
        for _ in 0..group.count {
            let number = u16::try_from(all.len()).unwrap_or(u16::MAX);
            all.push(Authority {
                group,
                speeds: Speeds::draw(&group.pace, province.speed, days, chance),
                desks: [
                    Queue::new(&group.acceptance, number, Step::Acceptance),
                    Queue::new(&group.review, number, Step::Review),
                    Queue::new(&group.approval, number, Step::Approval),
                    Queue::new(&group.making, number, Step::Making),
                    Queue::new(&group.issue, number, Step::Issue),
                ],
            });
        }
    }
    all
}

fn institutions<'s>(
    scenario: &'s Scenario,
    province: &Provinces,
    days: &Days,
    authorities: usize,
    chance: &mut Chance,
) -> Vec<Institution<'s>> {
    let share = |kinds: &[Kind]| -> f64 { kinds.iter().map(|k| scenario.kinds.of(*k).share).sum() };
    let (exam, without) = (share(&arrivals::EXAM), share(&arrivals::WITHOUT));
    let groups: f64 = scenario.institutions.iter().map(|group| group.share).sum();
    let mut all: Vec<Institution<'s>> = Vec::new();
    for group in &scenario.institutions {
        for _ in 0..group.count {
            let number = u16::try_from(all.len()).unwrap_or(u16::MAX);
            let part = group.share / groups / f64::from(group.count);
            let daily = f64::from(province.candidates) * part / 365.0;
            all.push(Institution {
                group,
                authority: all.len() % authorities.max(1),
                daily: daily * exam / (exam + without),
                daily_without: daily * without / (exam + without),
                waiting: 0,
                last_exam: 0,
                speeds: Speeds::draw(&group.pace, province.speed, days, chance),
                scoring: Queue::new(&group.scoring, number, Step::Scoring),
                reporting: Queue::new(&group.reporting, number, Step::Reporting),
            });
        }
    }
    all
}
