//! The cover of a run, and the list that those who fetch cards sign.

use super::{
    A4, Of, Press, Sheets, SignLine, Trouble,
    ink::{At, BLACK, BLUE, GREY, Ink},
};
use crate::lang::Sentences;

const LEFT: f32 = 15.0;
const RIGHT: f32 = A4.0 - 15.0;
const TOP: f32 = 38.0;
/// A line is so high that a name can be written into it.
const ROW: f32 = 9.5;
/// So many lines are on a page.
const A_PAGE: usize = 25;
/// Where the columns begin: line, name, document, item, institution, signature.
const COLUMNS: [f32; 6] = [15.0, 26.0, 54.0, 90.0, 128.0, 162.0];

/// One cover, then the list.
///
/// # Errors
/// A character the font does not have.
pub fn sign_list(press: &Press<'_>, of: &Of, lines: &[SignLine]) -> Result<Vec<u8>, Trouble> {
    let t = press.t;
    let mut sheets = Sheets::new(press, &t.say("print-sign-list"));
    sheets.page(|ink| cover(ink, t, of, lines))?;
    let pages = lines.len().div_ceil(A_PAGE);
    for (n, page) in lines.chunks(A_PAGE).enumerate() {
        sheets.page(|ink| {
            let (n, pages) = ((n + 1).to_string(), pages.to_string());
            let of_pages = t.with("print-page", &[("page", &n), ("pages", &pages)]);
            list(ink, t, of, (page, &of_pages))
        })?;
    }
    sheets.finish()
}

/// What the run is, how many cards of which item, and who stands for it.
fn cover(ink: &mut Ink<'_, '_>, t: &Sentences, of: &Of, lines: &[SignLine]) -> Result<(), Trouble> {
    ink.centred(At(A4.0 / 2.0, 45.0), 24.0, BLUE, &t.say("print-cover"))?;
    ink.centred(At(A4.0 / 2.0, 60.0), 16.0, BLACK, &of.run)?;
    let (cards, listed) = (of.cards.to_string(), lines.len().to_string());
    let facts = [
        ("print-authority", of.authority.clone()),
        ("print-on", of.on.to_string()),
        ("print-all-cards", cards),
        ("print-listed", listed),
    ];
    let mut y = 80.0;
    for (word, fact) in facts {
        ink.text(At(30.0, y), 11.0, GREY, &t.say(word))?;
        y = ink.block(At(70.0, y), (12.0, 6.0), (110.0, 2), &fact)? + 3.0;
    }
    y += 6.0;
    ink.text(At(30.0, y), 11.0, GREY, &t.say("print-by-item"))?;
    for (item, n) in counted(lines).into_iter().take(15) {
        y += 7.5;
        ink.block(At(30.0, y), (11.0, 5.0), (120.0, 1), item)?;
        ink.text(At(170.0, y), 11.0, BLACK, &n.to_string())?;
    }
    for (n, word) in ["print-printed-by", "print-checked-by"]
        .into_iter()
        .enumerate()
    {
        let x = if n == 0 { 30.0 } else { 115.0 };
        ink.text(At(x, 262.0), 10.0, GREY, &t.say(word))?;
        ink.line(At(x, 276.0), At(x + 65.0, 276.0), BLACK)?;
    }
    Ok(())
}

/// How many of each item, in the order of their first line.
fn counted(lines: &[SignLine]) -> Vec<(&str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for line in lines {
        match counts.iter_mut().find(|(item, _)| *item == line.item) {
            Some((_, n)) => *n += 1,
            None => counts.push((&line.item, 1)),
        }
    }
    counts
}

fn list(
    ink: &mut Ink<'_, '_>,
    t: &Sentences,
    of: &Of,
    (lines, of_pages): (&[SignLine], &str),
) -> Result<(), Trouble> {
    ink.text(At(LEFT, 18.0), 15.0, BLUE, &t.say("print-sign-list"))?;
    let said = format!("{}  {}", of.run, of.authority);
    ink.block(At(LEFT, 26.0), (9.0, 4.0), (140.0, 1), &said)?;
    let width = ink.width(9.0, of_pages)?;
    ink.text(At(RIGHT - width, 26.0), 9.0, GREY, of_pages)?;
    let heads = [
        "print-line",
        "print-name",
        "print-document",
        "print-card-item",
        "print-institution",
        "print-signature",
    ];
    for (x, head) in COLUMNS.iter().zip(heads) {
        ink.text(At(x + 1.0, TOP - 3.0), 8.0, GREY, &t.say(head))?;
    }
    ink.line(At(LEFT, TOP), At(RIGHT, TOP), BLACK)?;
    let mut y = TOP;
    for line in lines {
        let cells = [
            (line.line.to_string(), 9.0),
            (line.name.clone(), 27.0),
            (line.document.clone(), 35.0),
            (line.item.clone(), 37.0),
            (line.institution.clone(), 33.0),
        ];
        for (x, (cell, width)) in COLUMNS.iter().zip(cells) {
            ink.block(At(x + 1.0, y + 4.2), (8.0, 3.6), (width - 2.0, 2), &cell)?;
        }
        y += ROW;
        ink.line(At(LEFT, y), At(RIGHT, y), GREY)?;
    }
    for x in COLUMNS.iter().chain(&[RIGHT]) {
        ink.line(At(*x, TOP), At(*x, y), GREY)?;
    }
    ink.text(At(LEFT, 287.0), 7.5, GREY, &t.say("print-sign-hint"))
}
