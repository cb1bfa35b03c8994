//! What-if: a province, or all of them, played day by day on the working-day calendar.
//!
//! Pure: a scenario and a seed go in, cases with their dated events come out, the same bytes for
//! the same seed. No clock, no database. A province is played to its end before the next one
//! begins, so a nation needs the room of its largest province.
//!
//! `docs/simulation.md` describes the scenario file and what the model leaves out.

mod case;
mod chance;
mod days;
mod desk;
mod history;
mod log;
mod office;
mod province;
mod scenario;
mod shipped;
mod summary;

pub use case::{Case, Dated, End, OfficeName, Step, What};
pub use days::Days;
pub use desk::Load;
pub use history::histories;
pub use log::EventLog;
pub use province::{Play, play};
pub use scenario::{Scenario, ScenarioError, Speed};
pub use shipped::{SHIPPED, shipped};
pub use summary::{AGES, Histogram, KINDS, STAGES, Span, StepTally, Summary, ratio};

/// Plays every province of a scenario, and hands each to `each` when it is through. `progress` is
/// told the days played, of [`Days::count`] for each province.
///
/// # Errors
/// What `each` answers; the next province is not begun then.
pub fn run<E>(
    scenario: &Scenario,
    seed: u64,
    progress: &mut dyn FnMut(u64),
    mut each: impl FnMut(&Days, Play) -> Result<(), E>,
) -> Result<(), E> {
    let days = Days::of(scenario);
    let all = u64::from(days.count());
    for number in 0..scenario.province_count() {
        let before = all * u64::from(number);
        let mut day = |day: u32| progress(before + u64::from(day));
        each(&days, play(scenario, &days, seed, number, &mut day))?;
        progress(before + all);
    }
    Ok(())
}
