//! A desk at work: cases that ripen, a queue, and officers who can do so much a day.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    case::{OfficeName, Step},
    chance::Chance,
    days::Days,
    scenario::{Desk, Order},
    summary::ratio,
};

/// What a desk had to do, and did, while candidates came.
#[derive(Clone, Debug)]
pub struct Load {
    /// Which office of its kind, within the province.
    pub office: u16,
    /// What the desk does.
    pub step: Step,
    /// What its officers could have done.
    pub offered: u64,
    /// What they did.
    pub handled: u64,
    /// Working days that what they did had lain ready.
    pub waited: u64,
    /// The longest queue at the end of a day.
    pub longest: u32,
    /// Days whose evening found something undone for want of officers.
    pub short_days: u32,
    /// Days worked.
    pub days: u32,
}

impl Load {
    /// The office's name, in its province.
    #[must_use]
    pub fn name(&self, province: u16) -> OfficeName {
        let institution = matches!(self.step, Step::Scoring | Step::Reporting);
        OfficeName::new(province, if institution { 'I' } else { 'A' }, self.office)
    }

    /// The working days that a case lay ready on this desk.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        ratio(self.waited, self.handled)
    }
}

/// A case in the queue: its rank, its number, and since when it can be done.
type Place = Reverse<(i64, u32, u32)>;

/// A desk of one office.
pub(super) struct Queue<'s> {
    desk: &'s Desk,
    /// What cannot be done before its day.
    ripening: BinaryHeap<Reverse<(u32, u32, u32)>>,
    ready: BinaryHeap<Place>,
    came: i64,
    pub(super) load: Load,
}

impl<'s> Queue<'s> {
    pub(super) fn new(desk: &'s Desk, office: u16, step: Step) -> Self {
        Self {
            desk,
            ripening: BinaryHeap::new(),
            ready: BinaryHeap::new(),
            came: 0,
            load: Load {
                office,
                step,
                offered: 0,
                handled: 0,
                waited: 0,
                longest: 0,
                short_days: 0,
                days: 0,
            },
        }
    }

    /// Working days until a case that comes now can be done, at this speed.
    pub(super) fn delay(&self, factor: f64, chance: &mut Chance) -> u32 {
        whole(chance.triangle(self.desk.delay.0) * factor)
    }

    /// A case comes, and can be done from a day on; `began` is the day of its exam.
    pub(super) fn enter(&mut self, case: u32, began: u32, from: u32) {
        self.ripening.push(Reverse((from, case, began)));
    }

    /// How many can be done and are not.
    pub(super) fn waiting(&self) -> u32 {
        u32::try_from(self.ready.len()).unwrap_or(u32::MAX)
    }

    fn ripen(&mut self, day: u32, chance: &mut Chance) {
        while let Some(Reverse((from, case, began))) = self.ripening.peek().copied()
            && from <= day
        {
            self.ripening.pop();
            self.came += 1;
            let rank = match self.desk.order {
                Order::FirstCome => self.came,
                Order::Oldest => i64::from(began),
                Order::Newest => -self.came,
                Order::Chance => i64::from(chance.below(u32::MAX)),
            };
            self.ready.push(Reverse((rank, case, from)));
        }
    }

    /// What the officers do on a working day at this speed, in the order they do it.
    pub(super) fn work(
        &mut self,
        day: u32,
        speed: f64,
        days: &Days,
        chance: &mut Chance,
    ) -> Vec<u32> {
        self.ripen(day, chance);
        if !days.is_batch_day(day, &self.desk.days) {
            return Vec::new();
        }
        let absent = |chance: &mut Chance| chance.happens(self.desk.absence);
        let present = (0..self.desk.officers).filter(|_| !absent(chance)).count();
        let each = u32::try_from(present).unwrap_or(0) * self.desk.per_officer;
        let most = capacity(each, speed);
        let counts = (days.start()..days.closes()).contains(&day);
        let mut done = Vec::new();
        for _ in 0..most {
            let Some(Reverse((_, case, from))) = self.ready.pop() else {
                break;
            };
            if counts {
                self.load.waited += u64::from(days.between(from, day));
            }
            done.push(case);
        }
        if counts {
            self.load.days += 1;
            self.load.offered += u64::from(most);
            self.load.handled += done.len() as u64;
            self.load.longest = self.load.longest.max(self.waiting());
            self.load.short_days += u32::from(!self.ready.is_empty());
        }
        done
    }
}

/// What so many cases a day become at a speed: never none where somebody works.
pub(super) fn capacity(each: u32, speed: f64) -> u32 {
    if each == 0 {
        return 0;
    }
    floor(f64::from(each) * speed).max(1)
}

/// Rounded to a whole number of working days.
pub(super) fn whole(workdays: f64) -> u32 {
    floor(workdays + 0.5)
}

fn floor(value: f64) -> u32 {
    // Saturates at both ends, which is what is wanted.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bounds of a scenario keep it small"
    )]
    let whole = value as u32;
    whole
}
