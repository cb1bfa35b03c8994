//! When is a running case done?
//!
//! An answer here is not a day but a distribution: by which day half of such cases are done, by
//! which four in five, by which nineteen in twenty. It is learnt from finished cases and from
//! unfinished ones, it leaves what was believed before at the speed the data deserve, and it is
//! steered by what became of earlier answers. There is no clock, no chance and no file in this
//! crate, and it depends on nothing: the same events say the same, on every machine.
//!
//! Two questions are answered by the same hazards:
//!
//! * **A chain whose steps are known** ([`Chain`], [`Model`]): steps that follow each other over
//!   working days, at places within places. [`brief`] is one, with its priors.
//! * **Any event log** ([`log`]): how long from this event to the end of the case?
//!
//! ```
//! use forecast::{Memory, Model, Situation, brief};
//!
//! let mut model = Model::new(brief::chain(brief::Pace::Initial), Memory::default());
//! let office = model.place(&["91", "9101"]);
//! // Twenty cases were accepted there, one a day, and decided after three days each.
//! for day in 0..20 {
//!     model.enter(office, brief::DECISION, day);
//!     model.leave(office, brief::DECISION, day, day + 3, 0);
//! }
//! model.begin(30);
//! let at = Situation { step: brief::DECISION, since: 30, today: 30 };
//! let forecast = model.estimate(office, at).forecast;
//! let (stage, done) = &forecast.stages[0];
//! assert_eq!((brief::STAGES[*stage], done.quantile(0.8)), ("qualification", 33));
//! ```
//!
//! # The mathematics
//!
//! **Discrete-time hazards.** Let `h(k)` be the probability that a case leaves a step on the k-th
//! day after it entered, given that it got there (Cox 1972; Singer and Willett 1993). With `r(k)`
//! cases at risk and `x(k)` leaving, `x(k) / r(k)` is its estimate and the product of `1 - h` that
//! of Kaplan and Meier (1958). A case that has not left counts in `r` for every day it has lived
//! through and in no `x`: it is censored, not forgotten, so forty cases that lie about count long
//! before one of them ends. With several outcomes the hazard is shared among them (competing risks).
//!
//! **Levels, shrunk.** A place's hazards are those of the place above, moved by what the place
//! itself saw: `h' = (x + m h) / (r + m)`, the mean of a beta distribution with mean `h` and the
//! weight of `m` cases after binomial data; outcomes likewise by the Dirichlet distribution. At the
//! top stands the prior. The strength `m` is chosen for each step, place and day from a grid by the
//! marginal (beta-binomial) likelihood of the counts: empirical Bayes (Efron and Morris 1975). A
//! place that looks like its parent stays tied to it, one that does not lets go
//! ([`hazard::Hazard::strength`]).
//!
//! Nothing is counted twice: a parent is moved only by what its *other* children saw. A hundred
//! cases of one child say less of the next than one each of a hundred, and many cases of one day
//! less than as many of different days, because they share what they wait for; both are
//! Kish's design effect (1965), `1 / (1 + ρ (n - 1))`.
//!
//! **Time.** What was seen fades with a half-life ([`Memory`]). "Lately" is one level more below
//! each place, with a half-life of days: an authority that changes its speed looks unlike its own
//! past, the tie is chosen weak, and it is followed within weeks; one that does not stays put.
//!
//! **Batches.** Something that leaves only on some days (cards made on Fridays, a feed that copies
//! on the 1st and 16th) is counted in those days instead: `h(k)` is then the hazard of the k-th
//! slot. Weekdays are learnt ([`Axis::Weekdays`]), schedules are told ([`Model::set_slots`]).
//!
//! **Propagation.** A chain is a semi-Markov process (Pyke 1961): the day's mass in each step is
//! sent on along the step's flow to later days and next steps, from the present step on and given
//! the time already spent in it. A return is a step like others and leads back: a loop, not one
//! long review. The end is given that it is reached at all ([`Forecast::out`] says how probably it
//! is not). A small weight goes to everything taking two or four times as long, for what no stay
//! has shown yet (Huber 1964).
//!
//! **The track record steers.** If fewer 80 % dates held than promised, later ones are asked for at
//! a higher level ([`Track`]): adaptive conformal inference (Gibbs and Candès 2021), whose
//! long-run share goes to what was promised whatever the world does. Whether dates hold is judged
//! by the randomised probability integral transform, because whole days and slots overshoot
//! otherwise ([`held`]; Gneiting, Balabdaoui and Raftery 2007), and how sharp they are by the
//! quantile loss ([`pinball`]; Koenker and Bassett 1978).
//!
//! # Its limits
//!
//! Steps are independent of each other given the place: a case that was slow in one is not
//! expected to be slow in the next. Queues are seen only through the waits they cause. A stop that
//! never happened before is not foreseen; a closure that is announced can be told as slots.

mod axis;
pub mod brief;
mod cell;
mod chain;
mod distribution;
pub mod hazard;
pub mod log;
mod model;
mod number;
mod track;
mod walk;

pub use axis::{Axis, WEEK, Week};
pub use cell::Memory;
pub use chain::{BINS, Chain, Outcome, Step, To};
pub use distribution::{Distribution, pinball};
pub use model::{Estimate, Model, Place, SPEAKS, Speeds};
pub use track::{LEVELS, Track, held};
pub use walk::{Forecast, HORIZON, Situation};
