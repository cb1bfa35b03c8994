//! Limits on the public question. The boundary is counted on the person asked for: whoever types
//! many wrong numbers under one name, or many names under one number, is stopped, from however many
//! addresses; a whole building site behind one address is not. Once stopped, the right name is not
//! answered either: else whoever goes on trying would still learn it.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// The keyed limits of one process.
pub struct Limits {
    address: DefaultKeyedRateLimiter<IpAddr>,
    /// Wrong names under a number.
    pub names: Boundary,
    /// Wrong tickets beside right details; programs with a key are counted, too.
    pub tickets: Boundary,
    /// Wrong passwords of an account.
    pub logins: Boundary,
    sign_in: DefaultKeyedRateLimiter<IpAddr>,
    /// Calls of programs that act for an office, by the digest of their key.
    programs: DefaultKeyedRateLimiter<[u8; 32]>,
    inquire: DefaultKeyedRateLimiter<IpAddr>,
    /// Inquiries about one person or ticket.
    pub targets: Boundary,
    /// Wrong passcodes on one reference.
    pub passcodes: Boundary,
}

const fn n(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address: RateLimiter::keyed(Quota::per_minute(n(60)).allow_burst(n(120))),
            names: Boundary::new(MISSES, DAY),
            tickets: Boundary::new(MISSES, DAY),
            logins: Boundary::new(MISSES, HOUR),
            sign_in: RateLimiter::keyed(Quota::per_minute(n(12)).allow_burst(n(60))),
            programs: RateLimiter::keyed(Quota::per_minute(n(300)).allow_burst(n(600))),
            inquire: RateLimiter::keyed(Quota::per_hour(n(20)).allow_burst(n(20))),
            targets: Boundary::new(INQUIRIES, DAY),
            passcodes: Boundary::new(MISSES, DAY),
        }
    }
}

/// Misses on one person in a day, and on one account in an hour.
const MISSES: u32 = 10;
/// Inquiries about one person or ticket in a day.
const INQUIRIES: u32 = 5;
const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

/// Misses on a person or an account, by a digest.
pub struct Boundary {
    missed: DefaultKeyedRateLimiter<[u8; 16]>,
    closed: Mutex<HashMap<[u8; 16], Instant>>,
    /// How long one of them counts.
    counts: Duration,
}

impl Boundary {
    fn new(misses: u32, within: Duration) -> Self {
        let counts = within / misses;
        let quota = Quota::with_period(counts).unwrap_or_else(|| Quota::per_hour(n(1)));
        Self {
            missed: RateLimiter::keyed(quota.allow_burst(n(misses))),
            closed: Mutex::default(),
            counts,
        }
    }

    /// Whether another try is allowed.
    ///
    /// # Errors
    /// How long to wait.
    pub fn open(&self, whom: &[u8; 16]) -> Result<(), Wait> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let left = closed
            .get(whom)
            .and_then(|until| until.checked_duration_since(Instant::now()));
        left.map_or(Ok(()), |left| Err(left.as_secs().max(1)))
    }

    /// A miss; the one too many closes the person or account for as long as a miss counts.
    ///
    /// # Errors
    /// How long to wait.
    pub fn miss(&self, whom: [u8; 16]) -> Result<(), Wait> {
        self.missed.check_key(&whom).map_err(|_| {
            let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            closed.insert(whom, Instant::now() + self.counts);
            self.counts.as_secs()
        })
    }

    fn tidy(&self) {
        self.missed.retain_recent();
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.retain(|_, until| *until > Instant::now());
    }
}

/// Seconds until another try, when there is none left now.
pub type Wait = u64;

impl Limits {
    /// A question or a captcha from an address.
    ///
    /// # Errors
    /// How long to wait.
    pub fn question(&self, from: IpAddr) -> Result<(), Wait> {
        self.address.check_key(&prefix(from)).map_err(|_| 2)
    }

    /// A sign-in from an address.
    ///
    /// # Errors
    /// How long to wait.
    pub fn sign_in(&self, from: IpAddr) -> Result<(), Wait> {
        self.sign_in.check_key(&prefix(from)).map_err(|_| 5)
    }

    /// A call of a program that acts for an office.
    ///
    /// # Errors
    /// How long to wait.
    pub fn program(&self, key: &[u8; 32]) -> Result<(), Wait> {
        self.programs.check_key(key).map_err(|_| 1)
    }

    /// An inquiry from an address.
    ///
    /// # Errors
    /// How long to wait.
    pub fn inquiry(&self, from: IpAddr) -> Result<(), Wait> {
        self.inquire.check_key(&prefix(from)).map_err(|_| 180)
    }

    /// Lets go of what is not counted any more.
    pub fn tidy(&self) {
        self.address.retain_recent();
        self.names.tidy();
        self.tickets.tidy();
        self.logins.tidy();
        self.sign_in.retain_recent();
        self.programs.retain_recent();
        self.inquire.retain_recent();
        self.targets.tidy();
        self.passcodes.tidy();
    }
}

/// An IPv6 visitor owns a whole /64.
fn prefix(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(v6) => {
            let s = v6.segments();
            IpAddr::V6(std::net::Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
        }
    }
}
