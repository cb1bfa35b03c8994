//! Cards of 85.6 × 54 mm (ID-1), eight on a sheet, with cut marks. Each sheet of fronts is followed
//! by its backs, laid so that they meet when the sheet is turned over its long edge.

use super::{
    A4, CardFace, Of, Press, Sheets, Trouble,
    ink::{At, BLACK, BLUE, GREEN, GREY, Ink, PALE_BLUE, PALE_GREEN, WHITE},
};
use crate::lang::Sentences;

const CARD: (f32, f32) = (85.6, 54.0);
const GAP: (f32, f32) = (6.0, 8.0);
const COLUMNS: usize = 2;
/// So many cards are on a sheet.
const A_SHEET: usize = 8;

/// The sheets of cards of a run: fronts and backs by turns.
///
/// # Errors
/// A character the font does not have, a picture that cannot be read.
pub fn cards(press: &Press<'_>, of: &Of, cards: &[CardFace]) -> Result<Vec<u8>, Trouble> {
    let mut sheets = Sheets::new(press, &press.t.say("print-cards"));
    for sheet in cards.chunks(A_SHEET) {
        sheets.page(|ink| {
            head(ink, press.t, of, sheet, "print-fronts")?;
            for (n, card) in sheet.iter().enumerate() {
                let at = place(n, false);
                front(ink, press, card, at)?;
                marks(ink, at)?;
                let line = format!("{} – {}", of.run, card.line);
                ink.text(At(at.0 + 5.0, at.1 - 1.2), 6.0, GREY, &line)?;
            }
            Ok(())
        })?;
        sheets.page(|ink| {
            head(ink, press.t, of, sheet, "print-backs")?;
            for (n, card) in sheet.iter().enumerate() {
                let at = place(n, true);
                back(ink, press, of, card, at)?;
                marks(ink, at)?;
            }
            Ok(())
        })?;
    }
    sheets.finish()
}

/// The upper left corner of a card; the backs of a row stand the other way round.
fn place(n: usize, back: bool) -> At {
    let (row, column) = (n / COLUMNS, n % COLUMNS);
    let column = if back { COLUMNS - 1 - column } else { column };
    #[expect(clippy::cast_precision_loss, reason = "two columns, four rows")]
    let (row, column) = (row as f32, column as f32);
    let left = (A4.0 - 2.0 * CARD.0 - GAP.0) / 2.0;
    let top = (A4.1 - 4.0 * CARD.1 - 3.0 * GAP.1) / 2.0;
    At(
        left + column * (CARD.0 + GAP.0),
        top + row * (CARD.1 + GAP.1),
    )
}

/// What the printer's hand needs to know, outside every card.
fn head(
    ink: &mut Ink<'_, '_>,
    t: &Sentences,
    of: &Of,
    sheet: &[CardFace],
    side: &str,
) -> Result<(), Trouble> {
    let lines = sheet.first().zip(sheet.last());
    let (from, to) = lines.map_or((0, 0), |(a, b)| (a.line, b.line));
    let said = t.with(
        "print-sheet",
        &[
            ("run", &of.run),
            ("from", &from.to_string()),
            ("to", &to.to_string()),
            ("side", &t.say(side)),
        ],
    );
    ink.text(At(20.0, 13.0), 8.0, GREY, &said)
}

/// Where to cut: two strokes at each corner, which end before the card begins.
fn marks(ink: &mut Ink<'_, '_>, at: At) -> Result<(), Trouble> {
    let (left, top, right, bottom) = (at.0, at.1, at.0 + CARD.0, at.1 + CARD.1);
    for (x, out) in [(left, -1.0), (right, 1.0)] {
        for (y, up) in [(top, -1.0), (bottom, 1.0)] {
            ink.line(At(x + out * 0.5, y), At(x + out * 2.5, y), BLACK)?;
            ink.line(At(x, y + up * 0.5), At(x, y + up * 2.5), BLACK)?;
        }
    }
    Ok(())
}

fn colours(card: &CardFace) -> (super::ink::Colour, super::ink::Colour) {
    if card.green {
        (GREEN, PALE_GREEN)
    } else {
        (BLUE, PALE_BLUE)
    }
}

fn front(ink: &mut Ink<'_, '_>, press: &Press<'_>, card: &CardFace, at: At) -> Result<(), Trouble> {
    let t = press.t;
    let (deep, pale) = colours(card);
    let here = |x: f32, y: f32| At(at.0 + x, at.1 + y);
    ink.filled(at, CARD, pale)?;
    ink.filled(at, (CARD.0, 9.5), deep)?;
    ink.centred(here(CARD.0 / 2.0, 6.6), 11.5, WHITE, &card.title)?;
    if press.specimen {
        specimen(ink, t, at)?;
    }
    let empty = t.say("print-photo");
    ink.picture(
        here(62.0, 12.0),
        (20.0, 25.0),
        card.photo.as_deref(),
        &empty,
    )?;
    let code = format!("kecha:card:{}", card.reference);
    ink.qr(here(66.0, 38.2), 14.5, &code)?;
    let mut y = 14.0;
    for (word, fact, most) in facts(t, card) {
        ink.text(here(3.0, y), 5.5, GREY, &t.say(word))?;
        let below = ink.block(here(16.5, y), (7.0, 3.0), (44.0, most), &fact)?;
        y = (below - at.1 + 1.4).max(y + 4.4);
    }
    Ok(())
}

/// The lines of the front: the word, what it says, and how many lines of paper it may take.
fn facts(t: &Sentences, card: &CardFace) -> [(&'static str, String, usize); 9] {
    let (from, until) = card.valid;
    let valid = t.with(
        "print-valid",
        &[("from", &from.to_string()), ("until", &until.to_string())],
    );
    let recheck = card.recheck_due.map(|day| day.to_string());
    let recheck = recheck.unwrap_or_else(|| t.say("print-none"));
    // The two certificates differ in three lines: a manager has no work category, no item and no
    // recheck.
    let [kind, what, third] = match &card.appointment {
        Some((industry, unit)) => [
            ("print-industry", industry, 1),
            ("print-role", &card.item, 1),
            ("print-unit-type", unit, 1),
        ],
        None if card.green => [
            ("print-group", &card.group, 1),
            ("print-role", &card.item, 1),
            ("print-recheck", &recheck, 1),
        ],
        None => [
            ("print-group", &card.group, 1),
            ("print-card-item", &card.item, 2),
            ("print-recheck", &recheck, 1),
        ],
    };
    let facts = [
        ("print-name", &card.name, 1),
        ("print-sex", &card.sex, 1),
        ("print-certificate", &card.number, 1),
        kind,
        what,
        ("print-first", &card.first_issued.to_string(), 1),
        ("print-term", &valid, 1),
        third,
        ("print-authority", &card.authority, 1),
    ];
    facts.map(|(word, fact, most)| (word, fact.clone(), most))
}

fn back(
    ink: &mut Ink<'_, '_>,
    press: &Press<'_>,
    of: &Of,
    card: &CardFace,
    at: At,
) -> Result<(), Trouble> {
    let t = press.t;
    let (deep, pale) = colours(card);
    let here = |x: f32, y: f32| At(at.0 + x, at.1 + y);
    ink.filled(at, CARD, pale)?;
    ink.filled(here(0.0, CARD.1 - 3.0), (CARD.0, 3.0), deep)?;
    if press.specimen {
        specimen(ink, t, at)?;
    }
    ink.text(here(4.0, 7.0), 8.0, deep, &t.say("print-notes"))?;
    let mut y = at.1 + 12.0;
    for note in ["print-note-1", "print-note-2", "print-note-3"] {
        y = ink.block(At(at.0 + 4.0, y), (6.0, 3.2), (77.0, 2), &t.say(note))? + 1.0;
    }
    let only = t.with("print-only", &[("address", &of.official)]);
    y = ink.block(At(at.0 + 4.0, y), (6.0, 3.2), (77.0, 2), &only)? + 1.0;
    if !card.remark.is_empty() {
        let remark = t.with("print-remark", &[("remark", &card.remark)]);
        ink.block(At(at.0 + 4.0, y), (6.0, 3.2), (77.0, 2), &remark)?;
    }
    let said = format!(
        "{}  {}",
        t.with("print-reference", &[("reference", &card.reference)]),
        of.run
    );
    ink.text(here(4.0, CARD.1 - 5.0), 5.0, GREY, &said)
}

/// On the card itself, since it is cut out of the sheet.
fn specimen(ink: &mut Ink<'_, '_>, t: &Sentences, at: At) -> Result<(), Trouble> {
    let word = t.say("specimen-mark");
    ink.centred(At(at.0 + 34.0, at.1 + 33.0), 22.0, (240, 188, 190), &word)
}
