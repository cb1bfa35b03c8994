//! Who comes: exam sessions, and applications that need no exam.

use domain::{law, verdict::Kind};

use super::{
    super::{
        case::{Case, Dated, Step, What},
        desk::whole,
    },
    Going, World,
};

/// The kinds that sit an exam.
pub(super) const EXAM: [Kind; 3] = [Kind::Initial, Kind::Recheck, Kind::Renewal];
/// The kinds that do not (R30 art. 20).
pub(super) const WITHOUT: [Kind; 2] = [Kind::Replacement, Kind::Reissue];
/// A session is held when a third of its seats are taken, or after so many days.
const SELDOM: u32 = 14;

impl World<'_> {
    /// Candidates register; on an exam day they are seated.
    pub(super) fn arrive(&mut self, day: u32) {
        let season = &self.scenario.season;
        let month = usize::from(self.days.date(day).month().unsigned_abs()) - 1;
        let busy = season[month] * 12.0 / season.iter().sum::<f64>();
        let weekday = self.days.date(day).weekday();
        for at in 0..self.institutions.len() {
            let institution = &mut self.institutions[at];
            let group = institution.group;
            institution.waiting += self.chance.count(institution.daily * busy);
            let due = day - institution.last_exam >= SELDOM;
            let enough = institution.waiting * 3 >= group.seats || due;
            let exam = group.exam_days.contains(&weekday) && !self.days.is_holiday(day);
            if exam && enough && institution.waiting > 0 {
                let seated = institution.waiting.min(group.seats);
                institution.waiting -= seated;
                institution.last_exam = day;
                self.session(at, day, seated);
            }
            if self.days.is_workday(day) {
                // Five working days bring what seven days do.
                let mean = self.institutions[at].daily_without * busy * 7.0 / 5.0;
                for _ in 0..self.chance.count(mean) {
                    self.application(at, day);
                }
            }
        }
    }

    /// One session: the sheet is one, so its cases ripen together and are late together.
    fn session(&mut self, at: usize, day: u32, seated: u32) {
        let (late, delay) = {
            let institution = &self.institutions[at];
            let group = institution.group;
            let speed = institution.speeds.on(day);
            let late = if self.chance.happens(group.late) {
                whole(self.chance.triangle(group.late_by.0))
            } else {
                0
            };
            let delay = institution.scoring.delay(1.0 / speed, &mut self.chance);
            (late, delay)
        };
        let from = self.days.after(day, delay).max(day + 1);
        let shares = self.shares(&EXAM);
        for seat in 0..seated {
            let mut kind = EXAM[self.chance.weighted(&shares)];
            if kind == Kind::Recheck && self.days.date(day) >= law::recheck_ends() {
                kind = Kind::Renewal;
            }
            let before = 5 + self.chance.below(25);
            let registered = self.days.worked_by(day.saturating_sub(before));
            let case = self.begin(at, kind, day, late);
            let minute = minute(seat);
            self.tell(case, What::Registered, registered, 600 + minute);
            self.tell(case, What::TheoryScored, day, 630 + minute);
            self.tell(case, What::PracticalScored, day, 930 + minute);
            self.come(Step::Scoring);
            self.institutions[at].scoring.enter(case, day, from);
        }
    }

    /// Changed data or a lost card.
    fn application(&mut self, at: usize, day: u32) {
        let shares = self.shares(&WITHOUT);
        let kind = WITHOUT[self.chance.weighted(&shares)];
        let case = self.begin(at, kind, day, 0);
        self.tell(case, What::Registered, day, 9 * 60 + minute(case));
        self.report_after(at, case, day);
    }

    fn begin(&mut self, at: usize, kind: Kind, day: u32, late: u32) -> u32 {
        let number = u32::try_from(self.cases.len()).unwrap_or(u32::MAX);
        let items = u32::try_from(self.scenario.items.len()).unwrap_or(1);
        let authority = self.institutions[at].authority;
        self.cases.push(Case {
            number,
            province: self.province,
            authority: u16::try_from(authority).unwrap_or(u16::MAX),
            institution: u16::try_from(at).unwrap_or(u16::MAX),
            kind,
            item: u16::try_from(self.chance.below(items)).unwrap_or(0),
            exam_date: self.days.date(day),
            events: Vec::<Dated>::with_capacity(12),
            end: None,
        });
        self.going.push(Going {
            began: day,
            factor: self.scenario.kinds.of(kind).delay,
            late,
        });
        number
    }
}

/// Spreads what is done in one hour over it.
pub(super) fn minute(place: u32) -> u16 {
    u16::try_from(place % 30).unwrap_or(0)
}
