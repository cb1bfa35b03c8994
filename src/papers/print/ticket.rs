//! Admission tickets: two equal halves on a page, one for the candidate, one for the institution.

use super::{
    A4, Press, Sheets, Ticket, Trouble,
    ink::{At, BLACK, BLUE, GREY, Ink},
};
use crate::lang::Sentences;

/// A half is so high.
const HALF: f32 = 297.0 / 2.0;
const LEFT: f32 = 20.0;
const RIGHT: f32 = A4.0 - 20.0;

/// A page for each ticket.
///
/// # Errors
/// A character the font does not have, a picture that cannot be read.
pub fn tickets(press: &Press<'_>, tickets: &[Ticket]) -> Result<Vec<u8>, Trouble> {
    let mut sheets = Sheets::new(press, &press.t.say("print-ticket"));
    for ticket in tickets {
        sheets.page(|ink| {
            for (top, whose) in [
                (0.0, "print-for-candidate"),
                (HALF, "print-for-institution"),
            ] {
                half(ink, press.t, ticket, (top, whose))?;
            }
            ink.line(At(8.0, HALF), At(A4.0 - 8.0, HALF), GREY)
        })?;
    }
    sheets.finish()
}

fn half(
    ink: &mut Ink<'_, '_>,
    t: &Sentences,
    ticket: &Ticket,
    (top, whose): (f32, &str),
) -> Result<(), Trouble> {
    let middle = A4.0 / 2.0;
    ink.centred(At(middle, top + 19.0), 20.0, BLUE, &t.say("print-ticket"))?;
    ink.centred(At(middle, top + 26.0), 10.0, GREY, &ticket.institution)?;
    let right = ink.width(9.0, &t.say(whose))?;
    ink.text(At(RIGHT - right, top + 12.0), 9.0, GREY, &t.say(whose))?;
    let photo = At(RIGHT - 27.0, top + 32.0);
    let empty = t.say("print-photo");
    ink.picture(photo, (27.0, 36.0), ticket.photo.as_deref(), &empty)?;
    let code = format!("kecha:ticket:{}", ticket.reference);
    ink.qr(At(RIGHT - 28.0, top + 71.0), 29.0, &code)?;
    let y = facts(ink, t, ticket, top + 38.0)?;
    rules(ink, t, ticket, y.max(top + 102.0))
}

/// What the ticket says, one fact below the other.
fn facts(ink: &mut Ink<'_, '_>, t: &Sentences, ticket: &Ticket, top: f32) -> Result<f32, Trouble> {
    let items = ticket.items.join("；");
    let facts = [
        ("print-number", &ticket.number),
        ("print-name", &ticket.name),
        ("print-document", &ticket.document),
        ("print-item", &items),
        ("print-place", &ticket.place),
        ("print-when", &ticket.when),
        ("print-seat", &ticket.seat),
    ];
    let mut y = top;
    for (word, fact) in facts {
        ink.text(At(LEFT, y), 10.0, GREY, &t.say(word))?;
        let unsaid = t.say("print-unsaid");
        let fact = if fact.is_empty() { &unsaid } else { fact };
        y = ink.block(At(LEFT + 28.0, y), (12.0, 5.5), (106.0, 2), fact)? + 3.0;
    }
    Ok(y)
}

/// Four lines of rules, and how to ask with the number.
fn rules(ink: &mut Ink<'_, '_>, t: &Sentences, ticket: &Ticket, top: f32) -> Result<(), Trouble> {
    let mut y = top;
    for rule in [
        "print-rule-1",
        "print-rule-2",
        "print-rule-3",
        "print-rule-4",
    ] {
        ink.text(At(LEFT, y), 8.5, BLACK, &t.say(rule))?;
        y += 5.0;
    }
    let telephone = &ticket.telephone;
    let how = t.with("print-how-to-ask", &[("telephone", telephone)]);
    ink.block(At(LEFT, y + 2.0), (8.5, 4.5), (RIGHT - LEFT, 2), &how)?;
    let reference = t.with("print-reference", &[("reference", &ticket.reference)]);
    ink.text(At(LEFT, top + 38.0), 8.0, GREY, &reference)
}
