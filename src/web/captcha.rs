//! A picture with five characters: friction against scripts, not a boundary (the limits are).
//!
//! The answer follows from the challenge's number by a key that only this process has, so that no
//! flood of challenges can push out anybody's. It lives for five minutes and is used up by the first
//! try, before anything is looked up. The characters are our own strokes, bent anew each time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, rngs::StdRng};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How long an answer is waited for.
const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Characters of a challenge's number: its chance, then the moment it ends.
const NUMBER: [usize; 2] = [32, 12];
const LENGTH: usize = 5;
const WIDTH: usize = 200;
const HEIGHT: usize = 64;

/// Characters that nobody takes for another, each as strokes on a grid of 6 by 10: points as two
/// digits, strokes separated by blanks.
const GLYPHS: [(char, &str); 20] = [
    ('2', "02 11 31 52 54 0a 6a"),
    ('3', "01 50 64 35 66 58 3a 0a"),
    ('4', "40 06 66 40 4a"),
    ('6', "50 20 04 08 2a 4a 68 66 45 15 06"),
    ('7', "00 60 2a 14 54"),
    ('8', "30 11 13 35 57 59 3a 19 17 35 53 51 30"),
    ('9', "64 45 24 12 20 40 62 64 58 1a"),
    ('A', "0a 30 6a 16 56"),
    ('C', "61 40 20 03 07 2a 4a 69"),
    ('E', "60 00 0a 6a 05 45"),
    ('F', "60 00 0a 05 45"),
    ('H', "00 0a 60 6a 05 65"),
    ('K', "00 0a 60 05 6a"),
    ('L', "00 0a 6a"),
    ('M', "0a 00 36 60 6a"),
    ('N', "0a 00 6a 60"),
    ('P', "0a 00 40 62 63 45 05"),
    ('R', "0a 00 40 62 63 45 05 35 6a"),
    ('T', "00 60 30 3a"),
    ('X', "00 6a 60 0a"),
];

/// Challenges: the key they are answered by, and those that were tried.
pub struct Captchas {
    key: [u8; 32],
    tried: Mutex<HashMap<String, Timestamp>>,
}

impl Captchas {
    /// None tried yet; challenges of another process are not known.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            tried: Mutex::default(),
        }
    }

    /// Opens a challenge and gives its number.
    pub fn open(&self, rng: &mut StdRng, now: Timestamp) -> String {
        let [chance, end] = NUMBER;
        let until = (now + LIFE).as_millisecond();
        format!("{:0chance$x}{until:0end$x}", rng.random::<u128>())
    }

    /// When the challenge ends; none for what is no number of ours.
    fn until(id: &str) -> Option<Timestamp> {
        let [chance, end] = NUMBER;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if id.len() != chance + end || !id.bytes().all(hex) {
            return None;
        }
        let millis = i64::from_str_radix(id.get(chance..)?, 16).ok()?;
        Timestamp::from_millisecond(millis).ok()
    }

    fn answer(&self, id: &str) -> String {
        // Cannot fail: HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return String::new();
        };
        mac.update(b"captcha");
        mac.update(id.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let letter = |b: &u8| GLYPHS[usize::from(*b) % GLYPHS.len()].0;
        bytes.iter().take(LENGTH).map(letter).collect()
    }

    /// Lets go of what has ended anyway.
    pub fn tidy(&self, now: Timestamp) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.retain(|_, until| *until > now);
    }

    /// Draws a challenge that is still open, each time differently; PNG.
    #[must_use]
    pub fn draw(&self, id: &str, rng: &mut StdRng) -> Option<Vec<u8>> {
        let answer = self.peek(id)?;
        Some(png(&picture(&answer, rng)))
    }

    /// The picture as it stands in JSON.
    #[must_use]
    pub fn data_uri(&self, id: &str, rng: &mut StdRng) -> Option<String> {
        Some(format!(
            "data:image/png;base64,{}",
            STANDARD.encode(self.draw(id, rng)?)
        ))
    }

    /// Whether a challenge is still waiting for its answer.
    #[must_use]
    pub fn is_open(&self, id: &str, now: Timestamp) -> bool {
        let ends = Self::until(id).is_some_and(|u| now < u && u <= now + LIFE);
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        ends && !tried.contains_key(id)
    }

    /// Whether the answer is right. The challenge is used up either way.
    #[must_use]
    pub fn spend(&self, id: &str, answer: &str, now: Timestamp) -> bool {
        // A number somebody made up ends when ours do, or is none.
        let Some(until) = Self::until(id).filter(|u| now < *u && *u <= now + LIFE) else {
            return false;
        };
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let first = tried.insert(id.to_owned(), until).is_none();
        drop(tried);
        let typed: String = answer
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        let right = self.answer(id);
        first && bool::from(typed.as_bytes().ct_eq(right.as_bytes()))
    }

    /// The answer, for the tests that stand in for a human eye. No route leads here.
    #[doc(hidden)]
    #[must_use]
    pub fn peek(&self, id: &str) -> Option<String> {
        Self::until(id)?;
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        (!tried.contains_key(id)).then(|| self.answer(id))
    }
}

type Point = (f32, f32);

/// Strokes of a character; a stroke that would jump is one of several in [`GLYPHS`] drawn twice.
fn strokes(letter: char) -> Vec<Vec<Point>> {
    let Some((_, text)) = GLYPHS.iter().find(|(l, _)| *l == letter) else {
        return Vec::new();
    };
    let points: Vec<Point> = text
        .split(' ')
        .map(|p| {
            let digit = |i: usize| p.chars().nth(i).and_then(|c| c.to_digit(16)).unwrap_or(0);
            #[expect(clippy::cast_precision_loss, reason = "a digit")]
            let point = (digit(0) as f32, digit(1) as f32);
            point
        })
        .collect();
    let cuts: &[usize] = match letter {
        '4' => &[3],
        '7' => &[3],
        'A' => &[3],
        'E' => &[4],
        'F' | 'T' => {
            if letter == 'F' {
                &[3]
            } else {
                &[2]
            }
        }
        'H' => &[2, 4],
        'K' => &[2],
        'X' => &[2],
        _ => &[],
    };
    let mut lines = Vec::new();
    let mut from = 0;
    for &cut in cuts.iter().chain([points.len()].iter()) {
        lines.push(points[from..cut].to_vec());
        from = cut;
    }
    lines
}

/// Grey values, row by row, white background.
fn picture(text: &str, rng: &mut StdRng) -> Vec<u8> {
    let mut ink = vec![0.0_f32; WIDTH * HEIGHT];
    let wave = (
        rng.random_range(0.03..0.06_f32),
        rng.random_range(0.0..6.0_f32),
        rng.random_range(2.0..4.0_f32),
    );
    let bend = |(x, y): Point| (x, y + wave.2 * (x * wave.0 + wave.1).sin());
    let mut left = rng.random_range(10.0..18.0_f32);
    for letter in text.chars() {
        let (size, turn, lean) = (
            rng.random_range(3.3..4.1_f32),
            rng.random_range(-0.28..0.28_f32),
            rng.random_range(-0.2..0.2_f32),
        );
        let top = rng.random_range(8.0..16.0_f32);
        let thick = rng.random_range(1.5..2.1_f32);
        let place = |(x, y): Point| {
            let (x, y) = (x - 3.0 + lean * (5.0 - y), y - 5.0);
            let (sin, cos) = turn.sin_cos();
            bend((
                left + size * (3.0 + x * cos - y * sin),
                top + size * (5.0 + x * sin + y * cos),
            ))
        };
        for line in strokes(letter) {
            for pair in line.windows(2) {
                stroke(&mut ink, place(pair[0]), place(pair[1]), thick);
            }
        }
        left += size * 6.0 + rng.random_range(8.0..13.0_f32);
    }
    for _ in 0..3 {
        let (a, b) = (
            rng.random_range(5.0..60.0_f32),
            rng.random_range(5.0..60.0_f32),
        );
        let mid = (100.0, rng.random_range(0.0..64.0_f32));
        stroke(&mut ink, bend((4.0, a)), bend(mid), 0.9);
        stroke(&mut ink, bend(mid), bend((196.0, b)), 0.9);
    }
    ink.iter()
        .map(|ink| {
            let noise = rng.random_range(0.0..0.12_f32);
            let grey = 255.0 * (1.0 - (ink * 0.82 + noise).min(1.0));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 255"
            )]
            let grey = grey.clamp(0.0, 255.0) as u8;
            grey
        })
        .collect()
}

/// A line with round ends, anti-aliased by distance.
fn stroke(ink: &mut [f32], a: Point, b: Point, thick: f32) {
    for (at, ink) in ink.iter_mut().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a small picture")]
        let (x, y) = ((at % WIDTH) as f32, (at / WIDTH) as f32);
        let reach = thick + 1.0;
        if x < a.0.min(b.0) - reach
            || x > a.0.max(b.0) + reach
            || y < a.1.min(b.1) - reach
            || y > a.1.max(b.1) + reach
        {
            continue;
        }
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let long = (dx * dx + dy * dy).max(0.001);
        let along = (((x - a.0) * dx + (y - a.1) * dy) / long).clamp(0.0, 1.0);
        let (px, py) = (a.0 + along * dx, a.1 + along * dy);
        let away = (x - px).hypot(y - py);
        *ink = ink.max((thick + 0.5 - away).clamp(0.0, 1.0));
    }
}

fn png(grey: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    #[expect(clippy::cast_possible_truncation, reason = "small constants")]
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    // Cannot fail: writing into memory, with as many bytes as the header says.
    if let Ok(mut writer) = encoder.write_header() {
        drop(writer.write_image_data(grey));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_challenge_is_used_up_by_one_try() {
        let (captchas, mut rng) = (Captchas::new([7; 32]), StdRng::seed_from_u64(1));
        let mut open = || {
            let id = captchas.open(&mut rng, NOW);
            let answer = captchas.peek(&id).unwrap();
            let drawn = captchas.draw(&id, &mut rng).unwrap();
            assert!(drawn.starts_with(b"\x89PNG"));
            (id, answer)
        };
        let (id, answer) = open();
        assert!(captchas.is_open(&id, NOW));
        assert!(!captchas.is_open(&id, NOW + LIFE));
        assert!(!captchas.spend(&id, "?????", NOW));
        assert!(!captchas.is_open(&id, NOW));
        assert!(!captchas.spend(&id, &answer, NOW));
        assert_eq!(captchas.peek(&id), None);
        let (id, answer) = open();
        assert!(captchas.spend(&id, &answer.to_lowercase(), NOW));
        assert!(!captchas.spend(&id, &answer, NOW));
        let (id, answer) = open();
        assert!(!captchas.spend(&id, &answer, NOW + LIFE));
        captchas.tidy(NOW);
        assert_eq!(captchas.tried.lock().unwrap().len(), 2);
        captchas.tidy(NOW + LIFE);
        assert_eq!(captchas.tried.lock().unwrap().len(), 0);
    }

    #[test]
    fn a_number_of_ones_own_lives_no_longer() {
        let (captchas, mut rng) = (Captchas::new([7; 32]), StdRng::seed_from_u64(1));
        let later = captchas.open(&mut rng, NOW + LIFE);
        let answer = captchas.peek(&later).unwrap();
        assert!(!captchas.is_open(&later, NOW));
        assert!(!captchas.spend(&later, &answer, NOW));
        assert!(captchas.spend(&later, &answer, NOW + LIFE));
        for id in ["", "0", &later[1..], &later.to_uppercase(), &"-".repeat(44)] {
            assert_eq!(captchas.peek(id), None, "{id}");
            assert!(!captchas.spend(id, &answer, NOW + LIFE), "{id}");
        }
    }

    #[test]
    fn another_process_answers_otherwise() {
        let mut rng = StdRng::seed_from_u64(1);
        let (one, other) = (Captchas::new([7; 32]), Captchas::new([8; 32]));
        let ids: Vec<_> = (0..20).map(|_| one.open(&mut rng, NOW)).collect();
        let same = ids.iter().filter(|id| one.peek(id) == other.peek(id));
        assert_eq!(same.count(), 0);
    }
}
