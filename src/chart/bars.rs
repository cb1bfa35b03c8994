//! Bars that lie: what is under way, by place and by age.

use super::{
    Chart, Drawing, Table, Width, axis,
    draw::{Anchor, Paint, Svg, Type, short, width_of},
    table::Cell,
};
use crate::lang::Sentences;

/// The chart: rows of parts that add up.
#[derive(Clone, Debug)]
pub struct Bars {
    /// Its name.
    pub title: String,
    /// What a row is.
    pub of: String,
    /// What is counted.
    pub unit: String,
    /// What each part of a bar is, from the youngest to the oldest; at most five.
    pub parts: Vec<String>,
    /// The bars: a name, and the number of each part.
    pub rows: Vec<(String, Vec<u64>)>,
}

/// The names of ages: up to each of these numbers of working days, and above the last.
#[must_use]
pub fn ages(up_to: &[u32], words: &Sentences) -> Vec<String> {
    let mut names = Vec::new();
    let mut from = 0;
    for end in up_to {
        let (low, high) = (from.to_string(), end.to_string());
        names.push(words.with("chart-age", &[("low", &low), ("high", &high)]));
        from = end + 1;
    }
    let low = from.saturating_sub(1).to_string();
    names.push(words.with("chart-age-over", &[("low", &low)]));
    names
}

const NAME: Type = Type {
    size: 14.0,
    bold: false,
    paint: Paint::Ink,
};
const SMALL: Type = Type {
    size: 12.0,
    bold: false,
    paint: Paint::Quiet,
};
const BAR: f64 = 20.0;

fn as_f64(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a length on a screen")]
    let value = count as f64;
    value
}

impl Bars {
    fn total(row: &(String, Vec<u64>)) -> u64 {
        row.1.iter().sum()
    }

    /// The legend; gives where the bars begin.
    fn legend(&self, svg: &mut Svg, width: f64) -> f64 {
        if self.parts.len() < 2 {
            return 8.0;
        }
        let (mut x, mut y) = (0.0, 2.0);
        for (at, name) in self.parts.iter().enumerate() {
            let wide = 20.0 + width_of(name, SMALL.size) + 16.0;
            if x > 0.0 && x + wide - 16.0 > width {
                (x, y) = (0.0, y + 22.0);
            }
            svg.rect(Paint::Age(at), [x, y, 14.0, 14.0], 3.0);
            svg.text(SMALL, (x + 20.0, y + 11.5), Anchor::Start, name);
            x += wide;
        }
        y + 32.0
    }
}

/// A line for each mark, with its number below; `places` is where 0 stands and how far a case goes.
fn scale_lines(svg: &mut Svg, marks: &[f64], places: (f64, f64), [top, bottom]: [f64; 2]) {
    let (left, scale) = places;
    for mark in marks {
        let x = left + mark * scale;
        svg.line(Paint::Line, [x, top - 6.0, x, bottom + 4.0], 1.0);
        // At the edge of the picture there is no room for its left half.
        let anchor = if x == 0.0 {
            Anchor::Start
        } else {
            Anchor::Middle
        };
        svg.text(SMALL, (x, bottom + 19.0), anchor, &short(*mark));
    }
}

impl Chart for Bars {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self, words: &Sentences) -> String {
        let said = self.rows.iter().map(|row| {
            let total = Self::total(row).to_string();
            let values = [("name", &*row.0), ("count", &*total), ("unit", &*self.unit)];
            words.with("chart-says-bar", &values)
        });
        said.collect::<Vec<_>>().join(" ")
    }

    fn table(&self, words: &Sentences) -> Table {
        let mut head = vec![self.of.clone()];
        head.extend(self.parts.iter().cloned());
        head.push(words.say("chart-total"));
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![Cell::Words(row.0.clone())];
            let parts = (0..self.parts.len()).map(|at| row.1.get(at).copied().unwrap_or(0));
            cells.extend(parts.map(|n| Cell::Number(n.to_string())));
            cells.push(Cell::Number(Self::total(row).to_string()));
            cells
        });
        Table {
            head,
            rows: rows.collect(),
            notes: Vec::new(),
        }
    }

    fn draw(&self, width: Width, _: &Sentences) -> Drawing {
        let mut svg = Svg::default();
        let narrow = width == Width::Phone;
        let names = self.rows.iter().map(|(name, _)| width_of(name, NAME.size));
        let widest = names.fold(0.0, f64::max);
        let left = if narrow {
            0.0
        } else {
            widest.min(230.0) + 14.0
        };
        let pitch = if narrow { 50.0 } else { 34.0 };
        let most = self.rows.iter().map(Self::total).max().unwrap_or(0);
        let number = width_of(&most.to_string(), SMALL.size) + 10.0;
        let marks = axis::numbers(as_f64(most), if narrow { 3 } else { 5 });
        let end = marks.last().copied().unwrap_or(1.0);
        // The longest bar's number, or the last mark's half, stands beyond the field.
        let beyond = width_of(&short(end), SMALL.size) / 2.0;
        let longest = as_f64(most) / end;
        let room = width.pixels() - left - beyond;
        let room = room.min((width.pixels() - left - number) / longest.max(0.01));
        let scale = room / end;
        let top = self.legend(&mut svg, width.pixels());
        let bottom = top + as_f64(self.rows.len() as u64) * pitch;
        scale_lines(&mut svg, &marks, (left, scale), [top, bottom]);
        for (at, row) in self.rows.iter().enumerate() {
            let y = top + as_f64(at as u64) * pitch;
            let bar = if narrow {
                svg.over(NAME, (0.0, y + 14.0), Anchor::Start, &row.0);
                y + 21.0
            } else {
                let place = (left - 14.0, y + 20.0);
                svg.text(NAME, place, Anchor::End, &row.0);
                y + 5.0
            };
            let mut x = left;
            for (part, count) in row.1.iter().enumerate() {
                let wide = as_f64(*count) * scale;
                svg.rect(Paint::Age(part), [x, bar, wide, BAR], 0.0);
                x += wide;
            }
            let total = Self::total(row).to_string();
            let look = Type {
                paint: Paint::Ink,
                ..SMALL
            };
            svg.over(look, (x + 6.0, bar + 14.5), Anchor::Start, &total);
        }
        // On a phone the names stand on it.
        if !narrow {
            svg.line(Paint::Quiet, [left, top - 6.0, left, bottom + 4.0], 1.0);
        }
        let unit = (left + room, bottom + 38.0);
        svg.text(SMALL, unit, Anchor::End, &self.unit);
        svg.height = bottom + 44.0;
        Drawing(svg)
    }
}
