//! The only place that asks the system what day it is.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::Date;

/// The legal day in China: Asia/Shanghai, eight hours ahead of UTC, without summer time.
#[must_use]
pub fn today() -> Date {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    day_of(since.as_secs())
}

fn day_of(seconds: u64) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = i64::try_from((seconds + 8 * 3600) / 86_400).unwrap_or(0);
    let span = jiff::Span::new().try_days(days).unwrap_or_default();
    epoch.checked_add(span).unwrap_or(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_sixteen_hours_utc() {
        assert_eq!(day_of(0), jiff::civil::date(1970, 1, 1));
        assert_eq!(day_of(16 * 3600 - 1), jiff::civil::date(1970, 1, 1));
        assert_eq!(day_of(16 * 3600), jiff::civil::date(1970, 1, 2));
    }
}
