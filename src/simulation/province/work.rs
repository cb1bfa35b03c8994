//! What the offices do on a working day, in the order of the chain: what one desk has done by noon
//! the next may do in the afternoon.

use super::{
    super::{
        case::{End, Step, What},
        desk::whole,
        office::is_stopped,
    },
    World,
    arrivals::minute,
};

/// The desks of an authority, as `Authority::desks` has them.
const DESKS: [Step; 5] = [
    Step::Acceptance,
    Step::Review,
    Step::Approval,
    Step::Making,
    Step::Issue,
];
/// After so many returns what is handed in is complete.
const RETURNS: usize = 3;

impl World<'_> {
    fn factor(&self, case: u32) -> (u32, f64, u32) {
        let going = usize::try_from(case).ok().and_then(|at| self.going.get(at));
        going.map_or((0, 1.0, 0), |g| (g.began, g.factor, g.late))
    }

    /// Applicants hand in again what was returned.
    pub(super) fn correct(&mut self, day: u32) {
        while let Some((at, cases)) = self.corrections.pop_first() {
            if at > day {
                self.corrections.insert(at, cases);
                return;
            }
            for (place, case) in (0..).zip(cases) {
                self.leave(Step::Correction);
                self.tell(case, What::Resubmitted, day, 10 * 60 + minute(place));
                self.hand_on(case, 0, day, 0);
            }
        }
    }

    /// Institutions confirm scores, then report.
    pub(super) fn institutions_work(&mut self, day: u32) {
        for at in 0..self.institutions.len() {
            let institution = &mut self.institutions[at];
            let speed = institution.speeds.on(day);
            let pass_rate = institution.group.pass_rate;
            let done = institution
                .scoring
                .work(day, speed, self.days, &mut self.chance);
            for (place, case) in (0..).zip(done) {
                self.leave(Step::Scoring);
                self.tell(case, What::ScoresConfirmed, day, 9 * 60 + minute(place));
                if self.chance.happens(pass_rate) {
                    self.report_after(at, case, day);
                } else {
                    self.ends(case, End::NotPassed);
                }
            }
            let institution = &mut self.institutions[at];
            let done = institution
                .reporting
                .work(day, speed, self.days, &mut self.chance);
            for (place, case) in (0..).zip(done) {
                self.leave(Step::Reporting);
                self.tell(case, What::Reported, day, 11 * 60 + minute(place));
                self.hand_on(case, 0, day, 0);
            }
        }
    }

    /// A case comes to the institution's reporting desk.
    pub(super) fn report_after(&mut self, at: usize, case: u32, day: u32) {
        let (began, factor, late) = self.factor(case);
        let institution = &mut self.institutions[at];
        let speed = institution.speeds.on(day);
        let delay = institution
            .reporting
            .delay(factor / speed, &mut self.chance);
        let from = self.days.after(day, delay + late);
        institution.reporting.enter(case, began, from);
        self.come(Step::Reporting);
    }

    /// A case comes to a desk of its authority.
    fn hand_on(&mut self, case: u32, desk: usize, day: u32, further: u32) {
        let (began, factor, _) = self.factor(case);
        let at = self.case(case).map_or(0, |c| usize::from(c.authority));
        let authority = &mut self.authorities[at];
        let speed = authority.speeds.on(day);
        let queue = &mut authority.desks[desk];
        let delay = queue.delay(factor / speed, &mut self.chance);
        queue.enter(case, began, self.days.after(day, delay + further));
        self.come(DESKS[desk]);
    }

    /// Authorities accept, review, decide, make and issue.
    pub(super) fn authorities_work(&mut self, day: u32) {
        let slot = self.slot(day);
        for at in 0..self.authorities.len() {
            if is_stopped(&self.authorities[at].group.stops, self.days, day) {
                continue;
            }
            for (desk, step) in DESKS.into_iter().enumerate() {
                let authority = &mut self.authorities[at];
                let speed = authority.speeds.on(day);
                let queue = &mut authority.desks[desk];
                let done = queue.work(day, speed, self.days, &mut self.chance);
                for (place, case) in (0..).zip(done) {
                    self.leave(step);
                    self.handled(case, at, step, day, minute(place), slot);
                }
            }
        }
    }

    /// An officer of an authority is through with a case.
    fn handled(
        &mut self,
        case: u32,
        at: usize,
        step: Step,
        day: u32,
        minute: u16,
        slot: Option<(u32, u16)>,
    ) {
        let group = self.authorities[at].group;
        match step {
            Step::Acceptance => self.accept(case, at, day, 13 * 60 + 30 + minute),
            Step::Review => {
                self.tell(case, What::Reviewed, day, 14 * 60 + 30 + minute);
                self.hand_on(case, 2, day, 0);
            }
            Step::Approval if self.chance.happens(group.approved) => {
                self.tell(case, What::Approved, day, 15 * 60 + 30 + minute);
                self.hand_on(case, 3, day, 0);
            }
            Step::Approval => {
                self.tell(case, What::Rejected, day, 15 * 60 + 30 + minute);
                self.ends(case, End::Rejected);
            }
            Step::Making => {
                self.tell(case, What::Made, day, 16 * 60 + 30 + minute);
                self.hand_on(case, 4, day, 0);
            }
            _ => {
                let minute = 17 * 60 + minute;
                self.tell(case, What::Granted, day, minute);
                self.send(case, day, minute, slot);
            }
        }
    }

    /// Accepted, or returned with everything that is missing.
    fn accept(&mut self, case: u32, at: usize, day: u32, minute: u16) {
        let group = self.authorities[at].group;
        let is_return = |what| what == What::Returned;
        let returns = self
            .case(case)
            .map_or(0, |c| c.events.iter().filter(|e| is_return(e.what)).count());
        let complete = if returns == 0 {
            group.complete
        } else {
            group.complete_again
        };
        if returns >= RETURNS || self.chance.happens(complete) {
            self.tell(case, What::Accepted, day, minute);
            let further = if self.chance.happens(group.inspected) {
                whole(self.chance.triangle(group.inspection.0))
            } else {
                0
            };
            self.hand_on(case, 1, day, further);
        } else {
            self.tell(case, What::Returned, day, minute);
            let delay = whole(self.chance.triangle(group.correction.0)).max(1);
            let until = self.days.after(day, delay);
            self.corrections.entry(until).or_default().push(case);
            self.come(Step::Correction);
        }
    }
}
