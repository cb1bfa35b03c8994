//! Limits on the public question. The boundary is counted on the person asked for: whoever types
//! many wrong numbers under one name, or many names under one number, is stopped, from however many
//! addresses; a whole building site behind one address is not.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// The keyed limits of one process.
pub struct Limits {
    address: DefaultKeyedRateLimiter<IpAddr>,
    missed: DefaultKeyedRateLimiter<[u8; 16]>,
    sign_in: DefaultKeyedRateLimiter<IpAddr>,
}

const fn n(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

impl Default for Limits {
    fn default() -> Self {
        let per_day = |count: u32| {
            Quota::with_period(Duration::from_secs(86_400 / u64::from(count)))
                .unwrap_or_else(|| Quota::per_hour(n(1)))
                .allow_burst(n(count))
        };
        Self {
            address: RateLimiter::keyed(Quota::per_minute(n(60)).allow_burst(n(120))),
            missed: RateLimiter::keyed(per_day(10)),
            sign_in: RateLimiter::keyed(Quota::per_minute(n(12)).allow_burst(n(60))),
        }
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

    /// A miss on a document: another name may be tried only so often.
    ///
    /// # Errors
    /// How long to wait.
    pub fn miss(&self, document: [u8; 16]) -> Result<(), Wait> {
        self.missed.check_key(&document).map_err(|_| 8_640)
    }

    /// A sign-in from an address.
    ///
    /// # Errors
    /// How long to wait.
    pub fn sign_in(&self, from: IpAddr) -> Result<(), Wait> {
        self.sign_in.check_key(&prefix(from)).map_err(|_| 5)
    }

    /// Lets go of what is not counted any more.
    pub fn tidy(&self) {
        self.address.retain_recent();
        self.missed.retain_recent();
        self.sign_in.retain_recent();
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
