//! What is printed: admission tickets, cards, and the list that those who fetch cards sign.
//!
//! Values in, the bytes of a PDF out. The same values give the same bytes: no time, no chance and
//! no name of a machine is in them. A QR code says a record number and nothing else: neither a
//! person's number nor a name, and no address either, because whoever scans an address trusts it.

mod card;
mod face;
mod ink;
mod list;
mod ticket;

use std::fmt;

use jiff::civil::Date;
use krilla::{Document, metadata::Metadata, page::PageSettings};

use self::ink::{Ink, points};
pub use self::{card::cards, face::Face, list::sign_list, ticket::tickets};
use crate::lang::Sentences;

/// Width and height of an A4 sheet, in millimetres.
const A4: (f32, f32) = (210.0, 297.0);

/// Why nothing was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No font was found where one is looked for, or the one that is set cannot be read.
    NoFont(String),
    /// The font has no such character, which a paper would have to show.
    NoGlyph(char),
    /// A picture that cannot be read.
    Picture,
    /// The writer of the PDF refused.
    Refused,
}

impl Trouble {
    /// The sentence for people, with the remedy.
    #[must_use]
    pub fn told(&self, t: &Sentences) -> String {
        match self {
            Self::NoFont(place) => t.with("print-no-font", &[("place", place)]),
            Self::NoGlyph(c) => {
                let code = format!("U+{:04X}", u32::from(*c));
                t.with(
                    "print-no-glyph",
                    &[("sign", &c.to_string()), ("code", &code)],
                )
            }
            Self::Picture => t.say("print-picture"),
            Self::Refused => t.say("print-refused"),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(crate::lang::shipped(crate::lang::Code::En)))
    }
}

impl std::error::Error for Trouble {}

/// An admission ticket 准考证.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The candidate.
    pub name: String,
    /// The document's number, masked.
    pub document: String,
    /// 考试机构
    pub institution: String,
    /// Its telephone.
    pub telephone: String,
    /// Where, when it is known.
    pub place: String,
    /// When: day and hour, as far as they are known.
    pub when: String,
    /// 座位号
    pub seat: String,
    /// 准操项目, and what for.
    pub items: Vec<String>,
    /// 准考证号
    pub number: String,
    /// The case's record number: what the QR code says.
    pub reference: String,
    /// The candidate's picture, PNG or JPEG.
    pub photo: Option<Vec<u8>>,
}

/// One card 特种作业操作证.
#[derive(Clone, Debug)]
pub struct CardFace {
    /// Its line in the run.
    pub line: usize,
    /// The safety-management certificate is green, the other blue.
    pub green: bool,
    /// The certificate's title.
    pub title: String,
    /// Holder.
    pub name: String,
    /// 性别
    pub sex: String,
    /// 证号
    pub number: String,
    /// 作业类别
    pub group: String,
    /// 准操项目, or the role of a manager.
    pub item: String,
    /// 行业类别 and 单位类型, of a manager.
    pub appointment: Option<(String, String)>,
    /// 初领日期
    pub first_issued: Date,
    /// First and last valid day.
    pub valid: (Date, Date),
    /// Last day of the recheck, where there is one.
    pub recheck_due: Option<Date>,
    /// 签发机关
    pub authority: String,
    /// 备注, such as that it was made again for a lost one.
    pub remark: String,
    /// The certificate's record number: what the QR code says.
    pub reference: String,
    /// The holder's picture, PNG or JPEG.
    pub photo: Option<Vec<u8>>,
}

/// A line of the list to sign.
#[derive(Clone, Debug)]
pub struct SignLine {
    /// Its line in the run.
    pub line: usize,
    /// Who.
    pub name: String,
    /// The document's number, masked.
    pub document: String,
    /// For what.
    pub item: String,
    /// Who examined, and may fetch the card.
    pub institution: String,
}

/// The run 制证批次 that cards and list belong to.
#[derive(Clone, Debug)]
pub struct Of {
    /// 制证批次号
    pub run: String,
    /// 签发机关
    pub authority: String,
    /// The day it is printed.
    pub on: Date,
    /// How many cards the whole run has.
    pub cards: usize,
    /// The one address to trust.
    pub official: String,
}

/// How papers are printed here.
pub struct Press<'a> {
    /// With which font.
    pub face: &'a Face,
    /// The words.
    pub t: &'a Sentences,
    /// A demonstration: every paper says so.
    pub specimen: bool,
}

/// Pages drawn one after another, put into a document.
struct Sheets<'a> {
    press: &'a Press<'a>,
    document: Document,
}

impl<'a> Sheets<'a> {
    fn new(press: &'a Press<'a>, title: &str) -> Self {
        let mut document = Document::new();
        // The title names the kind of paper and nobody.
        let metadata = Metadata::new()
            .title(title.to_owned())
            .language(press.t.code.tag().to_owned())
            .creator("kecha".to_owned());
        document.set_metadata(metadata);
        Self { press, document }
    }

    /// One A4 page.
    fn page(
        &mut self,
        draw: impl FnOnce(&mut Ink<'_, '_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let size = PageSettings::from_wh(points(A4.0), points(A4.1)).ok_or(Trouble::Refused)?;
        let mut page = self.document.start_page_with(size);
        let mut surface = page.surface();
        let mut ink = Ink::new(&mut surface, self.press.face);
        draw(&mut ink)?;
        if self.press.specimen {
            ink.across(A4, &self.press.t.say("specimen-mark"))?;
        }
        surface.finish();
        page.finish();
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, Trouble> {
        self.document.finish().map_err(|_| Trouble::Refused)
    }
}

#[cfg(test)]
mod tests;
