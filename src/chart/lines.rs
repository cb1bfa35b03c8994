//! Lines over time: the median of each stage month by month, or queues day by day.

use super::{
    Chart, Drawing, Table, Width, axis,
    draw::{Anchor, Paint, Svg, Type, short, width_of},
    table::Cell,
};
use crate::lang::Sentences;

/// One line; a point may be missing.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// One value for each mark of the axis.
    pub values: Vec<Option<f64>>,
}

/// The chart.
#[derive(Clone, Debug)]
pub struct Lines {
    /// Its name.
    pub title: String,
    /// What a mark of the axis is, such as a month.
    pub of: String,
    /// What is measured.
    pub unit: String,
    /// The marks of the axis, as in the table.
    pub marks: Vec<String>,
    /// Their labels below the axis; an empty one is not written.
    pub labels: Vec<String>,
    /// The lines; at most five.
    pub lines: Vec<Line>,
}

const SMALL: Type = Type {
    size: 12.0,
    bold: false,
    paint: Paint::Quiet,
};
const DASHES: [&str; 5] = ["", "7 4", "2 4", "10 3 2 3", "4 2"];
/// More points than these are drawn without markers.
const MARKED: usize = 26;

fn place(at: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
    let value = at as f64;
    value
}

impl Lines {
    fn last_of(line: &Line) -> Option<(usize, f64)> {
        let values = line.values.iter().enumerate().rev();
        values.flat_map(|(at, v)| v.map(|v| (at, v))).next()
    }

    /// Above the lines, with the mark of each; gives where the drawing begins.
    fn legend(&self, svg: &mut Svg, width: f64) -> f64 {
        let (mut x, mut y) = (0.0, 4.0);
        for (at, line) in self.lines.iter().enumerate() {
            let wide = 30.0 + width_of(&line.name, SMALL.size) + 18.0;
            if x > 0.0 && x + wide - 18.0 > width {
                (x, y) = (0.0, y + 22.0);
            }
            let middle = y + 7.0;
            let dash = DASHES[at % DASHES.len()];
            let stroke = [(x, middle), (x + 24.0, middle)];
            svg.path(Paint::Series(at), &stroke, 2.0, dash);
            if self.marks.len() <= MARKED {
                svg.marker(at, (x + 12.0, middle));
            }
            let look = Type {
                paint: Paint::Ink,
                ..SMALL
            };
            svg.text(look, (x + 30.0, y + 11.5), Anchor::Start, &line.name);
            x += wide;
        }
        y + 26.0
    }

    fn grid(&self, svg: &mut Svg, plot: &Plot, marks: &[f64]) {
        for mark in marks {
            let y = plot.y(*mark);
            let paint = if *mark == 0.0 {
                Paint::Quiet
            } else {
                Paint::Line
            };
            svg.line(paint, [plot.left, y, plot.right, y], 1.0);
            let at = (plot.left - 8.0, y + 4.0);
            svg.text(SMALL, at, Anchor::End, &short(*mark));
        }
        let mut free_from = 0.0;
        for (at, label) in self.labels.iter().enumerate() {
            if label.is_empty() {
                continue;
            }
            let wide = width_of(label, SMALL.size);
            let x = plot.x(at);
            let from = (x - wide / 2.0).min(plot.edge - wide);
            // A label that would touch the one before is left to the table.
            if from < free_from {
                continue;
            }
            svg.line(Paint::Quiet, [x, plot.bottom, x, plot.bottom + 4.0], 1.0);
            let under = (from, plot.bottom + 19.0);
            svg.text(SMALL, under, Anchor::Start, label);
            free_from = from + wide + 10.0;
        }
    }

    fn curve(&self, svg: &mut Svg, plot: &Plot, at: usize, line: &Line) {
        let mut points = Vec::new();
        let values = line.values.iter().copied().chain([None]);
        for (mark, value) in values.enumerate() {
            match value {
                Some(value) => points.push((plot.x(mark), plot.y(value))),
                // A gap ends a stroke.
                None => {
                    let dash = DASHES[at % DASHES.len()];
                    if points.len() > 1 {
                        svg.path(Paint::Series(at), &points, 2.0, dash);
                    }
                    if self.marks.len() <= MARKED {
                        points.iter().for_each(|point| svg.marker(at, *point));
                    }
                    points.clear();
                }
            }
        }
    }
}

/// The field the lines are drawn in.
struct Plot {
    left: f64,
    right: f64,
    /// The right edge of the picture.
    edge: f64,
    top: f64,
    bottom: f64,
    most: f64,
    steps: f64,
}

impl Plot {
    fn x(&self, at: usize) -> f64 {
        self.left + 8.0 + place(at) / self.steps * (self.right - self.left - 16.0)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - value / self.most * (self.bottom - self.top)
    }
}

impl Chart for Lines {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self, words: &Sentences) -> String {
        let said = self.lines.iter().filter_map(|line| {
            let first = line.values.iter().flatten().next()?;
            let (_, last) = Self::last_of(line)?;
            let most = line.values.iter().flatten().copied().fold(0.0, f64::max);
            let values = [
                ("name", line.name.clone()),
                ("first", short(*first)),
                ("last", short(last)),
                ("most", short(most)),
                ("unit", self.unit.clone()),
            ];
            let values: Vec<_> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
            Some(words.with("chart-says-line", &values))
        });
        said.collect::<Vec<_>>().join(" ")
    }

    fn table(&self, _: &Sentences) -> Table {
        let mut head = vec![self.of.clone()];
        head.extend(self.lines.iter().map(|line| line.name.clone()));
        let rows = self.marks.iter().enumerate().map(|(at, mark)| {
            let mut cells = vec![Cell::Words(mark.clone())];
            cells.extend(self.lines.iter().map(|line| {
                let value = line.values.get(at).copied().flatten();
                Cell::Number(value.map_or("–".to_owned(), short))
            }));
            cells
        });
        Table {
            head,
            rows: rows.collect(),
            notes: vec![self.unit.clone()],
        }
    }

    fn draw(&self, width: Width, _: &Sentences) -> Drawing {
        let mut svg = Svg::default();
        let narrow = width == Width::Phone;
        let values = self.lines.iter().flat_map(|line| &line.values).flatten();
        let marks = axis::numbers(values.copied().fold(0.0, f64::max), 4);
        let most = marks.last().copied().unwrap_or(1.0);
        let top = self.legend(&mut svg, width.pixels()) + 34.0;
        let bottom = top + if narrow { 190.0 } else { 240.0 };
        let plot = Plot {
            left: width_of(&short(most), SMALL.size) + 12.0,
            right: width.pixels(),
            edge: width.pixels(),
            top,
            bottom,
            most,
            steps: place(self.marks.len().saturating_sub(1).max(1)),
        };
        svg.text(SMALL, (0.0, top - 18.0), Anchor::Start, &self.unit);
        self.grid(&mut svg, &plot, &marks);
        for (at, line) in self.lines.iter().enumerate() {
            self.curve(&mut svg, &plot, at, line);
        }
        svg.height = bottom + 28.0;
        Drawing(svg)
    }
}
