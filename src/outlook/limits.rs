//! The running cases as somebody sees them who looks where it waits, and the limits that run.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

use domain::{office::OfficeCode, record::RecordId};
use forecast::brief;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    Learner, Outlook, Running,
    waiting::{self, Desk, Group, Risk, Scope, Stays, View},
    words,
};
use crate::registry::{DueCase, Registry, Result};

/// So long limits are not looked at again while a day lasts.
const LOOK: SignedDuration = SignedDuration::from_secs(60);

/// A province's code, an authority and an institution.
type Spot = (String, OfficeCode, OfficeCode);

/// The limits as pages ask for them, made when they were last looked at: nothing here is as long as
/// the queue but the one number of each case that is due soon.
#[derive(Default)]
pub(super) struct Looked {
    /// By place, then by state and step.
    desks: HashMap<Spot, HashMap<(String, usize), Desk>>,
    /// The likeliest to be missed of every office.
    likeliest: Vec<Risk>,
    /// How probable it is that the limit of a case is missed that has not passed.
    missed: HashMap<RecordId, f64>,
}

impl Outlook {
    /// A case begins or ceases to wait in its step.
    pub(super) fn count(&mut self, running: &Running, begins: bool) {
        let Some((step, since)) = running.step else {
            return;
        };
        let [province, ..] = self.path(&running.place);
        let (authority, institution) = (&running.place.authority, &running.place.institution);
        let place = (province, authority.clone(), institution.clone());
        let days = &mut self.waits.entry(place).or_default()[step];
        let waiting = days.entry(since).or_default();
        if begins {
            *waiting += 1;
        } else {
            *waiting = waiting.saturating_sub(1);
        }
        if *waiting == 0 {
            days.remove(&since);
        }
    }

    /// The authorities of the running cases.
    fn authorities(&self) -> BTreeSet<OfficeCode> {
        self.waits.keys().map(|place| place.1.clone()).collect()
    }

    /// The last day on which a limit may run out that is looked at.
    fn until(&self, today: Date) -> Date {
        self.estimator.ahead(today, waiting::AHEAD)
    }

    /// How probable it is that a limit is missed; none for a case that is not where it says.
    fn risk(&self, due: &DueCase, today: Date) -> Option<Risk> {
        let running = self.running.get(&due.case)?;
        let (desk, step) = waiting::desk(due.state)?;
        let (at, since) = running.step.filter(|(at, _)| *at == step)?;
        let passed = due.due < today;
        let place = self.path(&running.place);
        let missed = if passed {
            1.0
        } else {
            let place = (running.place.kind, &words(&place)[..]);
            self.estimator.stays(place, (at, since), today, due.due)
        };
        Some(Risk {
            case: due.case,
            authority: running.place.authority.clone(),
            institution: running.place.institution.clone(),
            state: due.state.to_owned(),
            desk,
            step,
            since,
            due: due.due,
            missed,
            passed,
        })
    }

    /// Where the running cases of a part wait, how long stays took there, and which limits will
    /// likely be missed.
    #[must_use]
    pub fn view(&self, scope: &Scope, today: Date) -> View {
        let mut groups: HashMap<&OfficeCode, Group> = HashMap::new();
        let mut ages: HashMap<Date, usize> = HashMap::new();
        let now = self.estimator.day(today);
        for (place, steps) in &self.waits {
            for (step, days) in steps.iter().enumerate() {
                if days.is_empty() || !scope.holds(&place.1, &place.2, step) {
                    continue;
                }
                let waiting = &mut self.group(&mut groups, scope, place).waiting[step];
                for (since, count) in days {
                    let age = ages
                        .entry(*since)
                        .or_insert_with(|| waiting::age(now - self.estimator.day(*since)));
                    waiting[*age] += count;
                }
            }
        }
        for (place, desks) in &self.looked.desks {
            for ((state, step), desk) in desks {
                if scope.holds(&place.1, &place.2, *step) {
                    let group = self.group(&mut groups, scope, place);
                    let kept = group.desks.entry(state.clone()).or_default();
                    *kept = std::mem::take(kept).with(desk);
                }
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by(|a, b| (&a.province, &a.office).cmp(&(&b.province, &b.office)));
        let months = self.tally.months(&|office| match scope {
            // Institutions are counted beside their authorities.
            Scope::All => self.is_authority(office),
            Scope::Authority(own) | Scope::Institution(own) => own == office,
        });
        let held = |risk: &&Risk| scope.holds(&risk.authority, &risk.institution, risk.step);
        View {
            today,
            until: self.until(today),
            groups,
            months,
            risks: match scope {
                Scope::All => Vec::new(),
                _ => {
                    waiting::likeliest(self.looked.likeliest.iter().filter(held).cloned().collect())
                }
            },
        }
    }

    /// How long an institution took in the last three months: from the exam to the scores, and from
    /// the scores to the report.
    #[must_use]
    pub fn pace(&self, institution: &OfficeCode) -> [Stays; 2] {
        let paces = self.tally.lately(institution, 3);
        [brief::SCORING, brief::REPORT].map(|step| paces.steps[step].clone())
    }

    /// What pages ask of the limits that were looked at.
    pub(super) fn summed(&self, risks: &[Risk]) -> Looked {
        let mut looked = Looked::default();
        let mut offices: HashMap<&OfficeCode, Vec<&Risk>> = HashMap::new();
        for risk in risks {
            let Some(running) = self.running.get(&risk.case) else {
                continue;
            };
            let [province, ..] = self.path(&running.place);
            let place = (province, risk.authority.clone(), risk.institution.clone());
            let desks = looked.desks.entry(place).or_default();
            let desk = desks.entry((risk.state.clone(), risk.step)).or_default();
            desk.add(risk);
            if risk.passed {
                continue;
            }
            looked.missed.insert(risk.case, risk.missed);
            offices.entry(&risk.authority).or_default().push(risk);
            if waiting::OF_INSTITUTION.contains(&risk.step) {
                offices.entry(&risk.institution).or_default().push(risk);
            }
        }
        let mut chosen = HashSet::new();
        for mut own in offices.into_values() {
            own.sort_by(|a, b| waiting::likelier(a, b));
            let first = own.into_iter().take(waiting::SHOWN);
            let new = first.filter(|risk| chosen.insert(risk.case)).cloned();
            looked.likeliest.extend(new);
        }
        looked
    }

    /// How probable it is that the limits of some cases are missed, where one is looked at.
    #[must_use]
    pub fn missed(&self, cases: &[RecordId]) -> Vec<(RecordId, f64)> {
        let missed = &self.looked.missed;
        let known = cases
            .iter()
            .filter_map(|case| Some((*case, *missed.get(case)?)));
        known.collect()
    }

    fn is_authority(&self, office: &OfficeCode) -> bool {
        let above = self.above.get(office.as_str());
        above.is_some_and(|above| above.authority.is_none())
    }

    fn group<'a, 'g>(
        &'a self,
        groups: &'g mut HashMap<&'a OfficeCode, Group>,
        scope: &Scope,
        place: &'a Spot,
    ) -> &'g mut Group {
        let office = match scope {
            Scope::Institution(_) => &place.2,
            _ => &place.1,
        };
        groups
            .entry(office)
            .or_insert_with(|| Group::new(place.0.clone(), office.clone(), &self.tally))
    }
}

impl Learner {
    /// Looks at the limits that run, once a minute at most while one day lasts: others read the
    /// outlook meanwhile.
    pub(super) fn look_at_limits(
        &mut self,
        outlook: &RwLock<Outlook>,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<()> {
        let today = domain::event::legal_day(now);
        let begun = |at: Timestamp| domain::event::legal_day(at) != today;
        let later = |at: Timestamp| now.duration_since(at) >= LOOK || now < at;
        if let Some(at) = self.looked
            && !begun(at)
            && !(self.is_new && later(at))
        {
            return Ok(());
        }
        let (authorities, until) = {
            let outlook = outlook.read().unwrap_or_else(PoisonError::into_inner);
            (outlook.authorities(), outlook.until(today))
        };
        let mut risks = Vec::new();
        for authority in authorities {
            let due = registry.due_until(&authority, until)?;
            let outlook = outlook.read().unwrap_or_else(PoisonError::into_inner);
            risks.extend(due.iter().filter_map(|due| outlook.risk(due, today)));
        }
        let looked = {
            let outlook = outlook.read().unwrap_or_else(PoisonError::into_inner);
            outlook.summed(&risks)
        };
        let mut outlook = outlook.write().unwrap_or_else(PoisonError::into_inner);
        outlook.looked = looked;
        (self.is_new, self.looked) = (false, Some(now));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
