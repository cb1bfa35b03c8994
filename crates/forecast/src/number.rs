//! Conversions between counts and the real numbers the estimates are made of, in one place.

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}

/// A real number as an index: cut off below, and at `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range first; not a number becomes 0"
)]
pub(crate) fn index(value: f64, most: usize) -> usize {
    value.clamp(0.0, real(most)) as usize
}

/// A day some steps after another.
pub(crate) fn after(day: i32, steps: usize) -> i32 {
    day.saturating_add(i32::try_from(steps).unwrap_or(i32::MAX))
}

/// The steps from one day to a later one, 0 when it is not later.
pub(crate) fn steps(from: i32, to: i32) -> usize {
    usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0)
}

/// The cumulative standard normal distribution: Abramowitz & Stegun 26.2.17, error below 1e-7.
pub(crate) fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [
        0.319_381_530,
        -0.356_563_782,
        1.781_477_937,
        -1.821_255_978,
        1.330_274_429,
    ];
    let sum = series.iter().rev().fold(0.0, |sum, a| (sum + a) * t);
    let tail = (-z * z / 2.0).exp() / (2.0 * core::f64::consts::PI).sqrt() * sum;
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// ln Γ(x) for x > 0: Stirling's series after shifting x above 8, error below 1e-10.
pub(crate) fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 1.0;
    while x < 8.0 {
        shift *= x;
        x += 1.0;
    }
    let square = x * x;
    let series = 1.0 / (12.0 * x) * (1.0 - 1.0 / square * (1.0 / 30.0 - 1.0 / (105.0 * square)));
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + series - shift.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_functions_meet_their_tables() {
        for (z, p) in [
            (0.0, 0.5),
            (1.281_551_6, 0.9),
            (-1.644_853_6, 0.05),
            (3.0, 0.998_650_1),
        ] {
            assert!((normal(z) - p).abs() < 1e-6, "{z}: {}", normal(z));
        }
        for (x, y) in [(1.0, 0.0), (0.5, 0.572_364_942_9), (10.0, 12.801_827_480_1)] {
            assert!((ln_gamma(x) - y).abs() < 1e-9, "{x}: {}", ln_gamma(x));
        }
    }

    #[test]
    fn an_index_stays_in_its_range() {
        assert_eq!(index(-3.0, 9), 0);
        assert_eq!(index(f64::NAN, 9), 0);
        assert_eq!(index(3.9, 9), 3);
        assert_eq!(index(1e300, 9), 9);
        assert_eq!(steps(5, 3), 0);
        assert_eq!(steps(i32::MIN, i32::MAX), 4_294_967_295);
    }
}
