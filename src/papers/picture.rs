//! Pictures of strangers: looked at within limits, and made anew.
//!
//! What is kept is never the file that was sent. Its pixels are decoded and encoded again as a plain
//! JPEG: whatever else was in it (where and with what it was taken, a second picture, a script) is
//! gone. A decoder is asked for the size before it may decode. A telephone writes a portrait lying
//! and notes how to turn it; that note is obeyed before it is dropped.

use std::{fmt, io::Cursor};

use png::{ColorType, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::lang::Sentences;

/// The largest file.
pub const BYTES: usize = 5 * 1024 * 1024;
/// The most pixels.
pub const PIXELS: usize = 4_000_000;
/// The narrowest and the lowest picture of anything but a face.
const LEAST: usize = 100;
/// The narrowest and the lowest photograph, enough for one inch of print at 300 dots.
pub const PHOTO: (usize, usize) = (240, 320);
/// Height by width of a photograph, in hundredths: one-inch and two-inch prints are 1.23 to 1.40.
pub const PORTRAIT: std::ops::RangeInclusive<usize> = 115..=160;
const QUALITY: u8 = 88;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// The file is larger than [`BYTES`].
    TooLarge,
    /// Neither JPEG nor PNG.
    NoPicture,
    /// A PDF: it may hold anything, so a scan of it is wanted.
    Pdf,
    /// More than [`PIXELS`].
    TooManyPixels,
    /// So small that nothing can be read on it.
    TooSmall,
    /// Cut off, or not what it says.
    Damaged,
    /// A photograph that lies, or is much higher than wide.
    NoPortrait,
}

impl PictureError {
    /// The end of its sentence's key.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NoPicture => "no-picture",
            Self::Pdf => "pdf",
            Self::TooManyPixels => "too-many-pixels",
            Self::TooSmall => "too-small",
            Self::Damaged => "damaged",
            Self::NoPortrait => "no-portrait",
        }
    }

    /// The sentence, with what to do.
    #[must_use]
    pub fn sentence(self, t: &Sentences) -> String {
        let (wide, high) = (PHOTO.0.to_string(), PHOTO.1.to_string());
        t.with(
            &format!("picture-{}", self.code()),
            &[("wide", &*wide), ("high", &*high)],
        )
    }
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for PictureError {}

type Result<T> = std::result::Result<T, PictureError>;

/// Pixels: three bytes each, row by row.
struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// Makes a picture anew. `photo` when it is to be printed on a card.
///
/// # Errors
/// Why it is not taken.
pub fn renew(bytes: &[u8], photo: bool) -> Result<Vec<u8>> {
    if bytes.len() > BYTES {
        return Err(PictureError::TooLarge);
    }
    let picture = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => jpeg(bytes, photo)?,
        [0x89, b'P', b'N', b'G', ..] => png(bytes, photo)?,
        [b'%', b'P', b'D', b'F', ..] => return Err(PictureError::Pdf),
        _ => return Err(PictureError::NoPicture),
    };
    encode(&picture)
}

/// The size a file claims, before anything of it is decoded.
fn admit(width: usize, height: usize, photo: bool) -> Result<()> {
    if width.checked_mul(height).is_none_or(|n| n > PIXELS) {
        return Err(PictureError::TooManyPixels);
    }
    let (wide, high) = if photo { PHOTO } else { (LEAST, LEAST) };
    if width < wide || height < high {
        // What lies has its sides changed.
        let lies = photo && width >= high && height >= wide;
        return Err(if lies {
            PictureError::NoPortrait
        } else {
            PictureError::TooSmall
        });
    }
    if photo && !PORTRAIT.contains(&(height * 100 / width)) {
        return Err(PictureError::NoPortrait);
    }
    Ok(())
}

fn jpeg(bytes: &[u8], photo: bool) -> Result<Picture> {
    let options = DecoderOptions::default()
        .set_max_width(PIXELS / LEAST)
        .set_max_height(PIXELS / LEAST)
        .set_strict_mode(false)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(|_| PictureError::Damaged)?;
    let (width, height) = decoder.dimensions().ok_or(PictureError::Damaged)?;
    let turn = decoder.exif().map_or(1, |exif| orientation(exif));
    let (shown_wide, shown_high) = if turn >= 5 {
        (height, width)
    } else {
        (width, height)
    };
    admit(shown_wide, shown_high, photo)?;
    let rgb = decoder.decode().map_err(|_| PictureError::Damaged)?;
    if rgb.len() != width * height * 3 {
        return Err(PictureError::Damaged);
    }
    let picture = Picture { width, height, rgb };
    Ok(turned(picture, turn))
}

fn png(bytes: &[u8], photo: bool) -> Result<Picture> {
    let limits = png::Limits {
        bytes: PIXELS * 8 + 64 * 1024,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| PictureError::Damaged)?;
    let side = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (width, height) = (side(reader.info().width), side(reader.info().height));
    admit(width, height, photo)?;
    let size = reader.output_buffer_size().ok_or(PictureError::Damaged)?;
    let mut data = vec![0; size];
    let frame = reader
        .next_frame(&mut data)
        .map_err(|_| PictureError::Damaged)?;
    data.truncate(frame.buffer_size());
    let rgb: Vec<u8> = match frame.color_type {
        ColorType::Rgb => data,
        ColorType::Grayscale => data.iter().flat_map(|g| [*g; 3]).collect(),
        ColorType::GrayscaleAlpha => data
            .chunks_exact(2)
            .flat_map(|p| [on_white(p[0], p[1]); 3])
            .collect(),
        ColorType::Rgba => data
            .chunks_exact(4)
            .flat_map(|p| [0, 1, 2].map(|c| on_white(p[c], p[3])))
            .collect(),
        ColorType::Indexed => return Err(PictureError::Damaged),
    };
    if rgb.len() != width * height * 3 {
        return Err(PictureError::Damaged);
    }
    Ok(Picture { width, height, rgb })
}

/// What lets light through is laid on white paper.
fn on_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u16::from(value), u16::from(alpha));
    let mixed = (value * alpha + 255 * (255 - alpha)) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

fn encode(picture: &Picture) -> Result<Vec<u8>> {
    let side = |n: usize| u16::try_from(n).map_err(|_| PictureError::TooManyPixels);
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    let mut out = Vec::with_capacity(picture.rgb.len() / 8);
    jpeg_encoder::Encoder::new(&mut out, QUALITY)
        .encode(&picture.rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .map_err(|_| PictureError::Damaged)?;
    Ok(out)
}

/// The orientation, 1 to 8, of a block of EXIF: a small TIFF file, entries of twelve bytes.
fn orientation(exif: &[u8]) -> u8 {
    let read = || {
        let little = match exif.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let short = |at: usize| {
            let two: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
            Some(if little {
                u16::from_le_bytes(two)
            } else {
                u16::from_be_bytes(two)
            })
        };
        let four: [u8; 4] = exif.get(4..8)?.try_into().ok()?;
        let first = if little {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        };
        let first = usize::try_from(first).ok()?;
        let count = usize::from(short(first)?);
        (0..count.min(512)).find_map(|n| {
            let entry = first.checked_add(2 + n * 12)?;
            (short(entry)? == 0x0112).then(|| short(entry + 8))?
        })
    };
    let value = read().and_then(|value| u8::try_from(value).ok());
    value.filter(|v| (1..=8).contains(v)).unwrap_or(1)
}

/// The picture as its orientation says that it is to be seen.
fn turned(picture: Picture, turn: u8) -> Picture {
    if turn == 1 {
        return picture;
    }
    let (w, h) = (picture.width, picture.height);
    let (width, height) = if turn >= 5 { (h, w) } else { (w, h) };
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = match turn {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            let at = (from_y * w + from_x) * 3;
            rgb.extend_from_slice(&picture.rgb[at..at + 3]);
        }
    }
    Picture { width, height, rgb }
}

#[cfg(test)]
mod tests;
