//! The running cases as somebody sees them who looks where it waits, and the limits that run.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

use domain::{office::OfficeCode, record::RecordId};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    Learner, Outlook,
    waiting::{self, Group, Risk, Scope, View},
    words,
};
use crate::registry::{DueCase, Place, Registry, Result};

/// So long limits are not looked at again while a day lasts.
const LOOK: SignedDuration = SignedDuration::from_secs(60);

impl Outlook {
    /// The authorities of the running cases.
    fn authorities(&self) -> BTreeSet<OfficeCode> {
        let running = self.running.values();
        let known: HashSet<_> = running.map(|r| &r.place.authority).collect();
        known.into_iter().cloned().collect()
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
        for running in self.running.values() {
            let (place, Some((step, since))) = (&running.place, running.step) else {
                continue;
            };
            if !scope.holds(&place.authority, &place.institution, step) {
                continue;
            }
            let age = *ages
                .entry(since)
                .or_insert_with(|| waiting::age(now - self.estimator.day(since)));
            self.group(&mut groups, scope, place).waiting[step][age] += 1;
        }
        let held = |risk: &&Risk| scope.holds(&risk.authority, &risk.institution, risk.step);
        let risks: Vec<&Risk> = self.risks.iter().filter(held).collect();
        for risk in &risks {
            if let Some(running) = self.running.get(&risk.case) {
                let group = self.group(&mut groups, scope, &running.place);
                let desk = group.desks.entry(risk.state.clone()).or_default();
                desk.add(risk);
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by(|a, b| (&a.province, &a.office).cmp(&(&b.province, &b.office)));
        let months = self.tally.months(&|office| match scope {
            // Institutions are counted beside their authorities.
            Scope::All => self.is_authority(office),
            Scope::Authority(own) | Scope::Institution(own) => own == office,
        });
        View {
            today,
            until: self.until(today),
            groups,
            months,
            risks: match scope {
                Scope::All => Vec::new(),
                _ => waiting::likeliest(risks.into_iter().cloned().collect()),
            },
        }
    }

    /// How probable it is that the limits of some cases are missed, where one is looked at.
    #[must_use]
    pub fn missed(&self, cases: &[RecordId]) -> Vec<(RecordId, f64)> {
        let wanted: HashSet<RecordId> = cases.iter().copied().collect();
        let risks = self.risks.iter().filter(|risk| wanted.contains(&risk.case));
        risks.map(|risk| (risk.case, risk.missed)).collect()
    }

    fn is_authority(&self, office: &OfficeCode) -> bool {
        let above = self.above.get(office.as_str());
        above.is_some_and(|above| above.authority.is_none())
    }

    fn group<'a, 'g>(
        &'a self,
        groups: &'g mut HashMap<&'a OfficeCode, Group>,
        scope: &Scope,
        place: &'a Place,
    ) -> &'g mut Group {
        let office = match scope {
            Scope::Institution(_) => &place.institution,
            _ => &place.authority,
        };
        groups.entry(office).or_insert_with(|| {
            let [province, ..] = self.path(place);
            Group::new(province, office.clone(), &self.tally)
        })
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
        let mut outlook = outlook.write().unwrap_or_else(PoisonError::into_inner);
        outlook.risks = risks;
        (self.is_new, self.looked) = (false, Some(now));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
