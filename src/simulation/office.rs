//! How fast an office is on each day.

use super::{
    chance::Chance,
    days::Days,
    scenario::{Pace, Stop},
};

/// An office's speed on every day of a run.
pub(super) struct Speeds(Vec<f64>);

impl Speeds {
    /// Draws the speeds of one office of a group.
    pub(super) fn draw(pace: &Pace, base: f64, days: &Days, chance: &mut Chance) -> Self {
        let mut own = base * (pace.spread * chance.normal()).exp();
        let mut month = None;
        let start = days.start();
        let speeds = (0..days.count()).map(|day| {
            let date = days.date(day);
            if month.is_some_and(|m| m != date.month()) {
                own *= (pace.wander * chance.normal()).exp();
            }
            month = Some(date.month());
            // Negative before the first day that counts, so that the drift is 1 on it.
            let years = (f64::from(day) - f64::from(start)) / 365.0;
            let drifted = own * (1.0 + pace.drift).powf(years);
            let changed = pace.changes.iter().filter(|c| c.on <= date);
            changed.fold(drifted, |speed, change| speed * change.speed)
        });
        Self(speeds.collect())
    }

    /// On a day; the last one stays.
    pub(super) fn on(&self, day: u32) -> f64 {
        let at = usize::try_from(day).ok().and_then(|day| self.0.get(day));
        at.or(self.0.last()).copied().unwrap_or(1.0)
    }
}

/// Whether an office stands still on a day.
pub(super) fn is_stopped(stops: &[Stop], days: &Days, day: u32) -> bool {
    let date = days.date(day);
    stops.iter().any(|s| s.from <= date && date <= s.until)
}
