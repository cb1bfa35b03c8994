//! The second factor: a secret that the officer's telephone shares with the node, and the code of
//! the moment that both compute (TOTP, RFC 6238: HMAC-SHA-1, 30 seconds, six digits).
//!
//! A code counts once, and in the half minute before and after its own, because clocks differ. The
//! time is that of the world, also where a demonstration's clock was moved on.

use domain::event::Act;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::{
    Error, Officer, Registry, Result,
    store::{Ask, Param},
};
use crate::clock;
use domain::refusal::Refusal;

/// Seconds that a code counts.
const STEP: i64 = 30;
/// A shared secret: 160 bits, as RFC 4226 advises.
pub type Secret = [u8; 20];

const GET: &str = "-- factors::get\nSELECT secret, step FROM factors WHERE login = $1";
const PUT: &str = "-- factors::put
INSERT INTO factors (login, secret, step) VALUES ($1, $2, $3)
ON CONFLICT (login) DO UPDATE SET secret = excluded.secret, step = excluded.step";
const USE: &str = "-- factors::use
UPDATE factors SET step = $2 WHERE login = $1 AND step < $2 AND secret IS NOT NULL";

/// The code of a step of time.
#[must_use]
fn code_of(secret: &[u8], step: i64) -> String {
    // Cannot fail: HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let from = usize::from(hash[19] & 15);
    let bits = [hash[from], hash[from + 1], hash[from + 2], hash[from + 3]];
    let number = u32::from_be_bytes(bits) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}

fn step_at(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP)
}

/// The code that a telephone shows at that moment.
#[must_use]
pub fn code_at(secret: &[u8], at: Timestamp) -> String {
    code_of(secret, step_at(at))
}

/// The step a code belongs to, of those that count now and come after `last`.
fn step_of(secret: &[u8], code: &str, at: Timestamp, last: i64) -> Option<i64> {
    let now = step_at(at);
    let same = |step: &i64| bool::from(code_of(secret, *step).as_bytes().ct_eq(code.as_bytes()));
    (now - 1..=now + 1).filter(|step| *step > last).find(same)
}

/// The secret as it is typed into a telephone: base 32 (RFC 4648), in groups of four.
#[must_use]
pub fn spelled(secret: &Secret) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |n: usize| usize::from(secret[n / 8] >> (7 - n % 8) & 1);
    let mut text = String::new();
    for letter in 0..32 {
        if letter > 0 && letter % 4 == 0 {
            text.push(' ');
        }
        let five = (0..5).fold(0, |sum, n| sum << 1 | bit(letter * 5 + n));
        text.push(char::from(LETTERS[five]));
    }
    text
}

fn aad(login: &str) -> Vec<u8> {
    [b"factor", login.as_bytes()].concat()
}

impl Registry {
    /// The secret that is offered to whoever enrols in this browser: the same each time the page is
    /// shown, and nobody else's.
    #[must_use]
    pub fn offered_secret(&self, login: &str, session: &[u8; 32]) -> Secret {
        let mut secret = Secret::default();
        // Cannot fail: HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(self.session_key()) else {
            return secret;
        };
        mac.update(b"second factor");
        mac.update(session);
        mac.update(login.as_bytes());
        secret.copy_from_slice(&mac.finalize().into_bytes()[..20]);
        secret
    }

    /// Gives the own account a second factor; the code shows that the telephone has the secret.
    ///
    /// # Errors
    /// `CodeWrong`; `AlreadyExists` when there is one, `RoleNotAllowed` for an account without a
    /// role.
    pub fn enrol_factor(
        &self,
        by: &Officer,
        secret: &Secret,
        code: &str,
        (real, now): (Timestamp, Timestamp),
    ) -> Result<()> {
        let step = step_of(secret, code, real, -1).ok_or(Refusal::CodeWrong)?;
        let sealed = self.seal(&aad(&by.login), secret);
        let mut work = self.work()?;
        let account = work.own_account(&by.login)?;
        let acting = by.acting(&Act::FactorEnrolled)?;
        work.follow_account(account, Act::FactorEnrolled, acting, now)?;
        let row = [(&by.login).into(), (&sealed).into(), step.into()];
        work.tx.execute(PUT, &row)?;
        work.commit()
    }

    /// Whether the code is the one of now, and uses it up.
    ///
    /// # Errors
    /// What the database says.
    pub fn use_code(&self, login: &str, code: &str, real: Timestamp) -> Result<bool> {
        let Some((secret, last)) = self.factor(login)? else {
            return Ok(false);
        };
        let Some(step) = step_of(&secret, code, real, last) else {
            return Ok(false);
        };
        let mut tx = self.store.begin()?;
        // Of two browsers that send the same code at once, one finds it used.
        let used = tx.execute(USE, &[login.into(), step.into()])? == 1;
        tx.commit()?;
        Ok(used)
    }

    /// The next code that would count, for the page of a demonstration.
    ///
    /// # Errors
    /// What the database says.
    pub fn next_code(&self, login: &str) -> Result<Option<String>> {
        let now = step_at(clock::real());
        let next = |(secret, last): (Vec<u8>, i64)| {
            let mut steps = now..=now + 1;
            Some(code_of(&secret, steps.find(|step| *step > last)?))
        };
        Ok(self.factor(login)?.and_then(next))
    }

    fn factor(&self, login: &str) -> Result<Option<(Vec<u8>, i64)>> {
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(GET, &[login.into()])?))?;
        let Some(row) = row else { return Ok(None) };
        if row.param(0) == Some(Param::Null) {
            return Ok(None);
        }
        let secret = self.keyring.open(&aad(login), row.blob(0)?);
        let secret = secret.map_err(|_| Error::Sealed("a second factor"))?;
        Ok(Some((secret.to_vec(), row.int(1)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    /// RFC 6238, appendix B, the column of SHA-1: the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_standard() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(second).expect("a moment");
            assert_eq!(code_at(SECRET, at), code, "{second}");
        }
    }

    #[test]
    fn a_code_counts_half_a_minute_early_and_late_and_once() {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let code = code_at(SECRET, at(3000));
        for (second, counts) in [
            (2969, false),
            (2970, true),
            (3000, true),
            (3059, true),
            (3060, false),
        ] {
            let step = step_of(SECRET, &code, at(second), 0);
            assert_eq!(step, counts.then_some(100), "{second}");
        }
        assert_eq!(step_of(SECRET, &code, at(3000), 100), None, "used");
        for wrong in ["", "000000", "28708", "2870820"] {
            assert_eq!(step_of(SECRET, wrong, at(59), 0), None, "{wrong}");
        }
    }

    /// RFC 4648, section 10 has shorter ones only; this is what `base32` prints.
    #[test]
    fn a_secret_is_spelled_for_a_telephone() {
        let text = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
        assert_eq!(spelled(SECRET), text);
    }
}
