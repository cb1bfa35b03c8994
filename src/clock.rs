//! The only place that asks the system for the time or for chance. Everything else is given both
//! as values.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// The demonstration's clock: from when on, UTC milliseconds, and how many times as fast it runs.
static HASTENED: [AtomicI64; 2] = [AtomicI64::new(0), AtomicI64::new(1)];

/// Lets the clock run faster from now on. For the demonstration only, where a slot is to be watched.
pub fn hasten(times: u32) {
    HASTENED[0].store(system().as_millisecond(), Ordering::Relaxed);
    HASTENED[1].store(i64::from(times.max(1)), Ordering::Relaxed);
}

/// How far the demonstration's clock was moved on, milliseconds.
static MOVED: AtomicI64 = AtomicI64::new(0);

/// Moves the clock on to a moment; back it does not go. For the demonstration only.
pub fn move_to(moment: Timestamp) {
    let ahead = moment.as_millisecond() - now().as_millisecond();
    MOVED.fetch_add(ahead.max(0), Ordering::Relaxed);
}

/// What a second of the system's is on this clock beyond a second: nothing, but on a demonstration's
/// that runs faster. What travels between nodes takes the system's time.
#[must_use]
pub fn slack() -> SignedDuration {
    SignedDuration::from_secs(HASTENED[1].load(Ordering::Relaxed) - 1)
}

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    let [since, times] = [0, 1].map(|at: usize| HASTENED[at].load(Ordering::Relaxed));
    let moved = MOVED.load(Ordering::Relaxed);
    let real = system();
    if (times, moved) == (1, 0) {
        return real;
    }
    let passed = (real.as_millisecond() - since).saturating_mul(times);
    let now = since.saturating_add(passed).saturating_add(moved);
    Timestamp::from_millisecond(now).unwrap_or(real)
}

fn system() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks")]
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

/// Now in the world, whatever a demonstration's clock says: what a telephone computes codes by.
#[must_use]
pub fn real() -> Timestamp {
    system()
}

/// The legal day now: the date in China.
#[must_use]
pub fn today() -> Date {
    domain::event::legal_day(now())
}

/// A generator seeded by the system.
#[must_use]
pub fn rng() -> StdRng {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks")]
    rand::make_rng()
}

/// A generator that many threads share.
pub struct Chance(Mutex<StdRng>);

impl Chance {
    /// Seeded by the system.
    #[must_use]
    pub fn system() -> Self {
        Self(Mutex::new(rng()))
    }

    /// Seeded by hand, for tests and for the demo's people. Never for a node's keys.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// Lends the generator.
    pub fn with<T>(&self, use_it: impl FnOnce(&mut StdRng) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Random bits.
    pub fn u64(&self) -> u64 {
        self.with(Rng::next_u64)
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill_bytes(&mut bytes));
        bytes
    }
}

/// A number that links an error page with its log line.
#[must_use]
pub fn reference() -> u32 {
    rng().next_u32()
}
