//! The font: where it is found, which face of it is taken, and which characters it has.

use std::{fs, path::Path, sync::Arc};

use krilla::text::Font;

use super::Trouble;

/// Where a font lies that has every Chinese character a name may be written with, when nothing is
/// set. The first is Debian's `fonts-noto-cjk`; the others are where other systems put it.
const PLACES: [&str; 5] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/local/share/fonts/NotoSansCJK-Regular.ttc",
];

/// A font that papers are printed with.
pub struct Face {
    bytes: Arc<Vec<u8>>,
    index: u32,
    font: Font,
}

impl Face {
    /// The font that is set, or the first one found.
    ///
    /// # Errors
    /// `NoFont` with the place that was looked at.
    pub fn find(set: Option<&str>) -> Result<Self, Trouble> {
        if let Some(path) = set {
            return Self::load(Path::new(path));
        }
        PLACES
            .iter()
            .map(Path::new)
            .find(|path| path.exists())
            .map_or_else(|| Err(Trouble::NoFont(PLACES[0].to_owned())), Self::load)
    }

    /// A font file: of a collection the face for simplified Chinese, or the first.
    ///
    /// # Errors
    /// `NoFont` when it cannot be read, or is none.
    pub fn load(path: &Path) -> Result<Self, Trouble> {
        let none = || Trouble::NoFont(path.display().to_string());
        let bytes = Arc::new(fs::read(path).map_err(|_| none())?);
        let faces = ttf_parser::fonts_in_collection(&bytes).unwrap_or(1);
        let index = (0..faces).find(|i| is_simplified(&bytes, *i)).unwrap_or(0);
        let font = Font::new(Arc::clone(&bytes).into(), index).ok_or_else(none)?;
        let face = Self { bytes, index, font };
        face.read().ok_or_else(none)?;
        Ok(face)
    }

    fn read(&self) -> Option<ttf_parser::Face<'_>> {
        ttf_parser::Face::parse(&self.bytes, self.index).ok()
    }

    pub(super) fn font(&self) -> Font {
        self.font.clone()
    }

    /// Whether every character of a text can be shown.
    ///
    /// # Errors
    /// `NoGlyph` with the first that cannot: a paper with a hole in a name is no paper.
    pub fn shows(&self, text: &str) -> Result<(), Trouble> {
        let face = self.read().ok_or(Trouble::Refused)?;
        match text.chars().find(|c| face.glyph_index(*c).is_none()) {
            Some(c) => Err(Trouble::NoGlyph(c)),
            None => Ok(()),
        }
    }

    /// How wide a text is at a size of one.
    pub(super) fn width(&self, text: &str) -> Result<f32, Trouble> {
        let face = self.read().ok_or(Trouble::Refused)?;
        let mut units = 0.0;
        for c in text.chars() {
            let glyph = face.glyph_index(c).ok_or(Trouble::NoGlyph(c))?;
            units += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
        }
        Ok(units / f32::from(face.units_per_em()))
    }
}

/// Whether a face of a collection is the one for simplified Chinese, by its name.
fn is_simplified(bytes: &[u8], index: u32) -> bool {
    let Ok(face) = ttf_parser::Face::parse(bytes, index) else {
        return false;
    };
    face.names()
        .into_iter()
        .filter(|name| name.name_id == ttf_parser::name_id::FULL_NAME)
        .filter_map(|name| name.to_string())
        .any(|name| name.split(' ').any(|word| word == "SC"))
}
