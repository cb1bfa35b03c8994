//! Drawing on a page, in millimetres from its upper left corner.

use fast_qr::{ECL, QRBuilder};
use krilla::{
    color::rgb,
    geom::{Path, PathBuilder, Point, Rect, Size, Transform},
    image::Image,
    paint::{Fill, Stroke},
    surface::Surface,
    text::TextDirection,
};

use super::{Trouble, face::Face};

/// A millimetre in points.
const MM: f32 = 72.0 / 25.4;

pub(super) const fn points(mm: f32) -> f32 {
    mm * MM
}

/// Black, the two colours of cards, grey for what is beside the matter, and the specimen's red.
pub(super) type Colour = (u8, u8, u8);
pub(super) const BLACK: Colour = (20, 32, 46);
pub(super) const GREY: Colour = (90, 100, 112);
pub(super) const BLUE: Colour = (11, 74, 143);
pub(super) const GREEN: Colour = (10, 100, 68);
pub(super) const WHITE: Colour = (255, 255, 255);
pub(super) const PALE_BLUE: Colour = (226, 238, 251);
pub(super) const PALE_GREEN: Colour = (226, 244, 235);
const PALE_RED: Colour = (240, 188, 190);

/// A place, in millimetres.
#[derive(Clone, Copy)]
pub(super) struct At(pub f32, pub f32);

/// Something to draw with.
pub(super) struct Ink<'s, 'f> {
    surface: &'s mut Surface<'f>,
    face: &'s Face,
}

fn fill(colour: Colour) -> Fill {
    Fill {
        paint: rgb::Color::new(colour.0, colour.1, colour.2).into(),
        ..Fill::default()
    }
}

fn path(draw: impl FnOnce(&mut PathBuilder)) -> Result<Path, Trouble> {
    let mut builder = PathBuilder::new();
    draw(&mut builder);
    builder.finish().ok_or(Trouble::Refused)
}

impl<'s, 'f> Ink<'s, 'f> {
    pub fn new(surface: &'s mut Surface<'f>, face: &'s Face) -> Self {
        Self { surface, face }
    }

    /// A line of text; `at` is where its base line begins, `size` in points.
    pub fn text(&mut self, at: At, size: f32, colour: Colour, text: &str) -> Result<(), Trouble> {
        self.face.shows(text)?;
        if text.is_empty() {
            return Ok(());
        }
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(colour)));
        let start = Point::from_xy(points(at.0), points(at.1));
        let font = self.face.font();
        self.surface
            .draw_text(start, font, size, text, false, TextDirection::LeftToRight);
        Ok(())
    }

    /// The width of a text in millimetres.
    pub fn width(&self, size: f32, text: &str) -> Result<f32, Trouble> {
        Ok(self.face.width(text)? * size / MM)
    }

    /// The same in the middle of `at`.
    pub fn centred(
        &mut self,
        at: At,
        size: f32,
        colour: Colour,
        text: &str,
    ) -> Result<(), Trouble> {
        let half = self.width(size, text)? / 2.0;
        self.text(At(at.0 - half, at.1), size, colour, text)
    }

    /// A text in so many lines of a width as it needs, each `step` millimetres below the other; one
    /// that needs more than `most` is written smaller. Returns the base line below the last.
    pub fn block(
        &mut self,
        at: At,
        (size, step): (f32, f32),
        (width, most): (f32, usize),
        text: &str,
    ) -> Result<f32, Trouble> {
        let mut size = size;
        let mut lines = self.lines(size, width, text)?;
        while lines.len() > most && size > 4.0 {
            size -= 0.5;
            lines = self.lines(size, width, text)?;
        }
        let mut y = at.1;
        for line in lines {
            self.text(At(at.0, y), size, BLACK, &line)?;
            y += step;
        }
        Ok(y)
    }

    /// Chinese breaks anywhere; a word of letters or digits is kept whole where it fits.
    fn lines(&self, size: f32, width: f32, text: &str) -> Result<Vec<String>, Trouble> {
        let mut lines = vec![String::new()];
        for part in parts(text) {
            let last = lines.last_mut().ok_or(Trouble::Refused)?;
            let wide = self.width(size, &format!("{last}{part}"))? > width;
            if !wide || last.is_empty() {
                last.push_str(&part);
            } else {
                lines.push(part.trim_start().to_owned());
            }
        }
        Ok(lines)
    }

    pub fn filled(&mut self, at: At, (w, h): (f32, f32), colour: Colour) -> Result<(), Trouble> {
        let rect = rect(at, (w, h))?;
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(colour)));
        self.surface.draw_path(&path(|p| p.push_rect(rect))?);
        Ok(())
    }

    pub fn framed(&mut self, at: At, (w, h): (f32, f32), colour: Colour) -> Result<(), Trouble> {
        let rect = rect(at, (w, h))?;
        self.stroked(&path(|p| p.push_rect(rect))?, 0.6, colour);
        Ok(())
    }

    pub fn line(&mut self, from: At, to: At, colour: Colour) -> Result<(), Trouble> {
        let line = path(|p| {
            p.move_to(points(from.0), points(from.1));
            p.line_to(points(to.0), points(to.1));
        })?;
        self.stroked(&line, 0.4, colour);
        Ok(())
    }

    fn stroked(&mut self, path: &Path, width: f32, colour: Colour) {
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(colour.0, colour.1, colour.2).into(),
            width,
            ..Stroke::default()
        }));
        self.surface.draw_path(path);
    }

    /// A QR code of so many millimetres, with the quiet zone of four modules around it.
    pub fn qr(&mut self, at: At, side: f32, text: &str) -> Result<(), Trouble> {
        let code = QRBuilder::new(text)
            .ecl(ECL::M)
            .build()
            .map_err(|_| Trouble::Refused)?;
        self.filled(at, (side, side), WHITE)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a QR code has at most 177 modules"
        )]
        let module = side / (code.size + 8) as f32;
        let mut dark = PathBuilder::new();
        for y in 0..code.size {
            for x in 0..code.size {
                if code[y][x].value() {
                    #[expect(clippy::cast_precision_loss, reason = "at most 177")]
                    let place = ((x + 4) as f32, (y + 4) as f32);
                    let corner = At(at.0 + place.0 * module, at.1 + place.1 * module);
                    dark.push_rect(rect(corner, (module, module))?);
                }
            }
        }
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill((0, 0, 0))));
        let dark = dark.finish().ok_or(Trouble::Refused)?;
        self.surface.draw_path(&dark);
        Ok(())
    }

    /// A picture in a box, in the middle of it and not distorted; an empty frame where there is
    /// none.
    pub fn picture(
        &mut self,
        at: At,
        (w, h): (f32, f32),
        photo: Option<&[u8]>,
        empty: &str,
    ) -> Result<(), Trouble> {
        let Some(bytes) = photo else {
            self.framed(at, (w, h), GREY)?;
            return self.centred(At(at.0 + w / 2.0, at.1 + h / 2.0), 7.0, GREY, empty);
        };
        let data = || bytes.to_vec().into();
        let image = Image::from_png(data(), true).or_else(|_| Image::from_jpeg(data(), true));
        let image = image.map_err(|_| Trouble::Picture)?;
        let (across, down) = image.size();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a picture is some thousand dots wide"
        )]
        let (across, down) = (across as f32, down as f32);
        let scale = (w / across).min(h / down);
        let (pw, ph) = (across * scale, down * scale);
        let corner = (at.0 + (w - pw) / 2.0, at.1 + (h - ph) / 2.0);
        let size = Size::from_wh(points(pw), points(ph)).ok_or(Trouble::Picture)?;
        let there = Transform::from_translate(points(corner.0), points(corner.1));
        self.surface.push_transform(&there);
        self.surface.draw_image(image, size);
        self.surface.pop();
        self.framed(at, (w, h), GREY)
    }

    /// A word across a page, so that the paper can be taken for no genuine one.
    pub fn across(&mut self, (w, h): (f32, f32), word: &str) -> Result<(), Trouble> {
        let wide = self.width(1.0, word)?;
        let size = (w * 0.8 / wide).min(60.0);
        for part in [0.25, 0.58, 0.91] {
            let (x, y) = (points(w * 0.12), points(h * part));
            self.surface
                .push_transform(&Transform::from_rotate_at(-18.0, x, y));
            let done = self.text(At(w * 0.12, h * part), size, PALE_RED, word);
            self.surface.pop();
            done?;
        }
        Ok(())
    }
}

fn rect(at: At, (w, h): (f32, f32)) -> Result<Rect, Trouble> {
    Rect::from_xywh(points(at.0), points(at.1), points(w), points(h)).ok_or(Trouble::Refused)
}

/// Words of letters and digits, and every other character for itself.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        let joins = c.is_ascii_graphic();
        match parts.last_mut() {
            Some(last) if joins && last.ends_with(|l: char| l.is_ascii_graphic()) => last.push(c),
            _ => parts.push(c.to_string()),
        }
    }
    parts
}
