//! The timeline of an estimate: stages on an axis of days, each with the days by which 50, 80 and
//! 95 in 100 are through.

use domain::calendar::{Calendar, YearStatus};
use jiff::{ToSpan, civil::Date};

use super::{
    Chart, Drawing, Table, Width, axis,
    axis::Dates,
    draw::{Anchor, Paint, Svg, Type, width_of},
    table::Cell,
};
use crate::lang::Sentences;

/// One line: a stage, or the whole way.
#[derive(Clone, Debug)]
pub struct Reach {
    /// What it is called.
    pub name: String,
    /// Its first day; of a stage still to come, the likely one.
    pub start: Date,
    /// By these days 50, 80 and 95 in 100 are through.
    pub by: [Date; 3],
    /// It is over since this day: then `by` says nothing.
    pub done: Option<Date>,
    /// The sum of the others, drawn apart.
    pub whole: bool,
}

/// Days off that are shaded.
#[derive(Clone, Debug)]
pub struct DaysOff {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
    /// The holiday.
    pub name: String,
}

/// The chart.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Its name.
    pub title: String,
    /// From top to bottom.
    pub rows: Vec<Reach>,
    /// The day from which one looks.
    pub today: Option<Date>,
    /// Holidays.
    pub days_off: Vec<DaysOff>,
    /// From this day on the calendar is not published: hatched.
    pub provisional_from: Option<Date>,
}

/// The holidays between two days.
#[must_use]
pub fn days_off(calendar: &Calendar, first: Date, last: Date, words: &Sentences) -> Vec<DaysOff> {
    let years = first.year()..=last.year();
    let all = years.flat_map(|year| calendar.stretches(year));
    let near = all.filter(|s| !s.worked && s.last >= first && s.first <= last);
    near.map(|s| DaysOff {
        first: s.first,
        last: s.last,
        name: axis::holiday(&s.name, words),
    })
    .collect()
}

/// The first day between two from which on the calendar is not published.
#[must_use]
pub fn provisional_from(calendar: &Calendar, first: Date, last: Date) -> Option<Date> {
    let mut years = first.year()..=last.year();
    let year = years.find(|y| !matches!(calendar.status(*y), YearStatus::Published { .. }))?;
    Date::new(year, 1, 1).ok()
}

const NAME: Type = Type {
    size: 14.0,
    bold: true,
    paint: Paint::Ink,
};
const SMALL: Type = Type {
    size: 12.0,
    bold: false,
    paint: Paint::Quiet,
};
/// The height of a bar.
const BAR: f64 = 18.0;
/// Above the bars: today's label, then the holidays' names.
const TOP: f64 = 44.0;

/// Where things stand on a screen of one width.
struct Plan {
    width: f64,
    /// Where days begin.
    left: f64,
    /// From one line to the next.
    pitch: f64,
    /// From the line's top to its bar.
    bar: f64,
}

impl Plan {
    fn of(width: Width, rows: &[Reach]) -> Self {
        let names = rows.iter().map(|row| width_of(&row.name, NAME.size));
        let widest = names.fold(150.0, f64::max);
        match width {
            Width::Desk => Self {
                width: width.pixels(),
                left: (widest + 18.0).min(width.pixels() / 2.0),
                pitch: 50.0,
                bar: 12.0,
            },
            Width::Phone => Self {
                width: width.pixels(),
                left: 0.0,
                pitch: 62.0,
                bar: 24.0,
            },
        }
    }

    fn is_narrow(&self) -> bool {
        self.left == 0.0
    }
}

impl Timeline {
    /// The days the axis shows: a little before the first, a little after the last.
    fn axis(&self, plan: &Plan) -> Dates {
        let starts = self.rows.iter().map(|r| r.start).chain(self.today);
        let ends = self.rows.iter().map(|r| r.done.unwrap_or(r.by[2]));
        let first = starts.min().unwrap_or(Date::constant(2026, 1, 1));
        let last = ends.chain(self.today).max().unwrap_or(first).max(first);
        let margin = i64::from((last - first).get_days()) / 30 + 1;
        Dates::new(
            first.saturating_sub(margin.days()),
            last.saturating_add(margin.days()),
            plan.left,
            plan.width - plan.left,
        )
    }

    /// The days of a row in words, as beside the bar.
    fn says(row: &Reach, words: &Sentences) -> String {
        match row.done {
            Some(done) => words.with("chart-done-on", &[("day", &axis::day(done, words))]),
            None if row.by[0] == row.by[2] => axis::day(row.by[0], words),
            None => words.with(
                "chart-range",
                &[
                    ("half", &axis::day(row.by[0], words)),
                    ("most", &axis::day(row.by[2], words)),
                ],
            ),
        }
    }

    fn background(
        &self,
        svg: &mut Svg,
        plan: &Plan,
        dates: &Dates,
        bottom: f64,
        words: &Sentences,
    ) {
        let tall = bottom - TOP;
        let mut free_from = plan.left;
        for off in &self.days_off {
            if off.last < dates.first || off.first > dates.last {
                continue;
            }
            let (x, end) = (dates.start_of(off.first), dates.end_of(off.last));
            svg.rect(Paint::Shade, [x, TOP, end - x, tall], 0.0);
            // A name that would not fit, or would touch the one before, is left to the table.
            let wide = width_of(&off.name, SMALL.size);
            let middle = f64::midpoint(x, end);
            let from = (middle - wide / 2.0).clamp(plan.left, plan.width - wide);
            if from >= free_from {
                let at = (from, TOP - 8.0);
                svg.text(SMALL, at, Anchor::Start, &off.name);
                free_from = from + wide + 10.0;
            }
        }
        if let Some(from) = self.provisional_from.filter(|from| *from <= dates.last) {
            let x = dates.start_of(from);
            svg.hatched([x, TOP, plan.width - x, tall]);
        }
        let mut year = None;
        for tick in dates.ticks(SMALL.size, words) {
            let x = dates.start_of(tick);
            svg.line(Paint::Line, [x, TOP, x, bottom + 5.0], 1.0);
            let label = axis::day(tick, words);
            let wide = width_of(&label, SMALL.size);
            let x = x.clamp(plan.left + wide / 2.0, plan.width - wide / 2.0);
            svg.text(SMALL, (x, bottom + 19.0), Anchor::Middle, &label);
            if year != Some(tick.year()) {
                year = Some(tick.year());
                let text = tick.year().to_string();
                svg.text(SMALL, (x, bottom + 35.0), Anchor::Middle, &text);
            }
        }
        svg.line(Paint::Quiet, [plan.left, bottom, plan.width, bottom], 1.0);
    }

    fn row(svg: &mut Svg, plan: &Plan, dates: &Dates, row: &Reach, top: f64, words: &Sentences) {
        let says = Self::says(row, words);
        if plan.is_narrow() {
            svg.over(NAME, (0.0, top + 15.0), Anchor::Start, &row.name);
            svg.over(SMALL, (plan.width, top + 15.0), Anchor::End, &says);
        } else {
            svg.over(NAME, (0.0, top + 18.0), Anchor::Start, &row.name);
            svg.over(SMALL, (0.0, top + 35.0), Anchor::Start, &says);
        }
        let y = top + plan.bar;
        let x = dates.start_of(row.start);
        if let Some(done) = row.done {
            let end = dates.end_of(done);
            svg.rect(Paint::Done, [x, y, (end - x).max(3.0), BAR], 3.0);
            return;
        }
        let [half, most, nearly] = row.by.map(|day| dates.end_of(day));
        svg.rect(Paint::By95, [x, y, nearly - x, BAR], 3.0);
        svg.rect(Paint::By80, [x, y, most - x, BAR], 3.0);
        svg.rect(Paint::By50, [x, y, half - x, BAR], 3.0);
    }

    fn mark_today(
        svg: &mut Svg,
        plan: &Plan,
        dates: &Dates,
        today: Date,
        bottom: f64,
        words: &Sentences,
    ) {
        let x = f64::midpoint(dates.start_of(today), dates.end_of(today));
        let day = axis::day(today, words);
        let label = words.with("chart-today", &[("day", &day)]);
        let look = Type {
            bold: true,
            paint: Paint::Paper,
            ..SMALL
        };
        let wide = width_of(&label, SMALL.size) + 14.0;
        let from = (x - wide / 2.0).clamp(0.0, plan.width - wide);
        svg.line(Paint::Today, [x, 20.0, x, bottom], 1.5);
        svg.rect(Paint::Today, [from, 0.0, wide, 20.0], 4.0);
        let middle = (from + wide / 2.0, 14.5);
        svg.text(look, middle, Anchor::Middle, &label);
    }

    /// What the colours mean; gives the height it took.
    fn legend(&self, svg: &mut Svg, plan: &Plan, top: f64, words: &Sentences) -> f64 {
        let open = self.rows.iter().any(|r| r.done.is_none());
        let done = self.rows.iter().any(|r| r.done.is_some());
        let shown = |from: Date| from <= self.axis(plan).last;
        let mut entries = Vec::new();
        if done {
            entries.push((Some(Paint::Done), "chart-done"));
        }
        if open {
            entries.push((Some(Paint::By50), "chart-by-50"));
            entries.push((Some(Paint::By80), "chart-by-80"));
            entries.push((Some(Paint::By95), "chart-by-95"));
        }
        if !self.days_off.is_empty() {
            entries.push((Some(Paint::Shade), "chart-days-off"));
        }
        if self.provisional_from.is_some_and(shown) {
            entries.push((None, "chart-provisional"));
        }
        let (mut x, mut y) = (plan.left, top);
        for (paint, key) in entries {
            let label = words.say(key);
            let wide = 22.0 + width_of(&label, SMALL.size) + 16.0;
            if x > plan.left && x + wide - 16.0 > plan.width {
                (x, y) = (plan.left, y + 22.0);
            }
            match paint {
                Some(paint) => svg.rect(paint, [x, y, 14.0, 14.0], 3.0),
                None => {
                    svg.rect(Paint::Shade, [x, y, 14.0, 14.0], 3.0);
                    svg.line(Paint::Hatch, [x, y + 9.0, x + 9.0, y], 1.2);
                    svg.line(Paint::Hatch, [x + 4.0, y + 14.0, x + 14.0, y + 4.0], 1.2);
                }
            }
            svg.text(SMALL, (x + 22.0, y + 11.5), Anchor::Start, &label);
            x += wide;
        }
        y + 20.0
    }
}

impl Chart for Timeline {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self, words: &Sentences) -> String {
        let said = self.rows.iter().map(|row| {
            let [half, most, nearly] = row.by.map(|day| day.to_string());
            match row.done {
                Some(done) => words.with(
                    "chart-says-done",
                    &[("name", &row.name), ("day", &done.to_string())],
                ),
                None => words.with(
                    "chart-says-reach",
                    &[
                        ("name", &row.name),
                        ("half", &half),
                        ("most", &most),
                        ("nearly", &nearly),
                    ],
                ),
            }
        });
        said.collect::<Vec<_>>().join(" ")
    }

    fn table(&self, words: &Sentences) -> Table {
        let head = [
            "chart-stage",
            "chart-from",
            "chart-by-50",
            "chart-by-80",
            "chart-by-95",
        ];
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![
                Cell::Words(row.name.clone()),
                Cell::Number(row.start.to_string()),
            ];
            cells.extend(match row.done {
                Some(done) => {
                    let done = words.with("chart-done-on", &[("day", &done.to_string())]);
                    [done, "–".to_owned(), "–".to_owned()].map(Cell::Number)
                }
                None => row.by.map(|day| Cell::Number(day.to_string())),
            });
            cells
        });
        let rows = rows.collect();
        let shown = self.axis(&Plan::of(Width::Desk, &self.rows));
        let off = self.days_off.iter();
        let off = off.filter(|off| off.last >= shown.first && off.first <= shown.last);
        let off = off.map(|off| {
            let (first, last) = (off.first.to_string(), off.last.to_string());
            let values = [("name", &*off.name), ("first", &*first), ("last", &*last)];
            words.with("chart-says-off", &values)
        });
        let mut notes: Vec<String> = off.collect();
        if let Some(from) = self.provisional_from.filter(|from| *from <= shown.last) {
            let day = from.to_string();
            notes.push(words.with("chart-says-provisional", &[("day", &day)]));
        }
        Table {
            head: head.map(|key| words.say(key)).to_vec(),
            rows,
            notes,
        }
    }

    fn draw(&self, width: Width, words: &Sentences) -> Drawing {
        let plan = Plan::of(width, &self.rows);
        let dates = self.axis(&plan);
        let mut svg = Svg::default();
        let mut top = TOP + 6.0;
        let mut tops = Vec::new();
        for row in &self.rows {
            // The whole stands apart from its parts.
            if row.whole && !tops.is_empty() {
                top += 10.0;
            }
            tops.push(top);
            top += plan.pitch;
        }
        let bottom = top + 2.0;
        self.background(&mut svg, &plan, &dates, bottom, words);
        // Under the bars, so that it hides none of them.
        if let Some(today) = self.today {
            Self::mark_today(&mut svg, &plan, &dates, today, bottom, words);
        }
        for (row, top) in self.rows.iter().zip(tops) {
            if row.whole {
                let y = top - 6.0;
                svg.line(Paint::Quiet, [0.0, y, plan.width, y], 0.7);
            }
            Self::row(&mut svg, &plan, &dates, row, top, words);
        }
        svg.height = self.legend(&mut svg, &plan, bottom + 52.0, words);
        Drawing(svg)
    }
}
