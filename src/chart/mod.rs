//! Charts drawn on the server: SVG without script, a title and a description inside, and beside
//! each the table of the same numbers.
//!
//! A chart takes plain values and the sentences of a language. It is drawn twice, for a desk and
//! for a phone: a picture that is only made smaller cannot be read. `static/chart.css` colours it;
//! each mark carries its colour as an attribute as well.

mod axis;
mod bars;
mod draw;
mod lines;
mod table;
mod timeline;

pub use bars::{Bars, ages};
pub use lines::{Line, Lines};
pub use table::{Cell, Table};
pub use timeline::{DaysOff, Reach, Timeline, days_off, provisional_from};

pub use axis::{day, holiday, month};
pub use draw::escape;

use crate::lang::Sentences;
use draw::Svg;

/// The style sheet of charts, for pages and for pictures that stand alone.
pub const STYLE: &str = include_str!("../../static/chart.css");

/// For which screen a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 720 pixels.
    Desk,
    /// 328 pixels: a screen of 360 less its margins.
    Phone,
}

impl Width {
    /// In pixels.
    #[must_use]
    pub fn pixels(self) -> f64 {
        match self {
            Self::Desk => 720.0,
            Self::Phone => 328.0,
        }
    }
}

/// A chart: what it is called, how it is drawn, and its numbers.
pub trait Chart {
    /// Its name, which is also the head of its table.
    fn title(&self) -> &str;
    /// What it shows, in words, for those who do not see it.
    fn describe(&self, words: &Sentences) -> String;
    /// Its numbers.
    fn table(&self, words: &Sentences) -> Table;
    /// Draws it for a screen; gives the picture without frame, title and description.
    fn draw(&self, width: Width, words: &Sentences) -> Drawing;
}

/// A picture without its frame.
pub struct Drawing(Svg);

/// An SVG file that stands alone, with its colours for light and dark.
#[must_use]
pub fn file(chart: &dyn Chart, width: Width, words: &Sentences) -> String {
    svg(chart, width, words, "chart", true)
}

/// A chart in a page: the picture in two widths and its table. `id` is unique in the page.
#[must_use]
pub fn figure(chart: &dyn Chart, words: &Sentences, id: &str) -> String {
    let wide = svg(chart, Width::Desk, words, &format!("{id}-wide"), false);
    let narrow = svg(chart, Width::Phone, words, &format!("{id}-narrow"), false);
    format!(
        "<figure class=\"figure\">\n<div class=\"wide-chart\">{wide}</div>\n\
         <div class=\"narrow-chart\">{narrow}</div>\n<details><summary>{}</summary>\n\
         <div class=\"figures\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">{}</div>\
         </details>\n</figure>\n",
        escape(&words.say("chart-numbers")),
        escape(chart.title()),
        chart.table(words).html(chart.title()),
    )
}

fn svg(chart: &dyn Chart, width: Width, words: &Sentences, id: &str, alone: bool) -> String {
    let Drawing(drawn) = chart.draw(width, words);
    let id = escape(id);
    let (w, h) = (width.pixels(), drawn.height);
    let (class, head) = if alone {
        let paper = "<rect width=\"100%\" height=\"100%\" class=\"f-paper\" fill=\"#ffffff\"/>";
        ("chart alone", format!("<style>{STYLE}</style>{paper}"))
    } else {
        ("chart", String::new())
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" role=\"img\" lang=\"{}\" \
         width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         aria-labelledby=\"{id}-title {id}-desc\" font-family=\"sans-serif\">\
         <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>{head}{}</svg>",
        words.code.tag(),
        escape(chart.title()),
        escape(&chart.describe(words)),
        drawn.body(&id),
    )
}
