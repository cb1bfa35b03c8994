//! The pencil: marks with a paint, text whose width is known well enough to keep labels apart.

use std::fmt::Write as _;

/// A colour by what it means; the value is the one for light paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Ink,
    Quiet,
    Line,
    Paper,
    Shade,
    Today,
    Done,
    Hatch,
    By50,
    By80,
    By95,
    Age(usize),
    Series(usize),
}

/// Word and colour, as `static/chart.css` has them.
const AGES: [(&str, &str); 5] = [
    ("age1", "#cfe0f3"),
    ("age2", "#93b9e3"),
    ("age3", "#4f86c6"),
    ("age4", "#b9772a"),
    ("age5", "#7c3a12"),
];
const SERIES: [(&str, &str); 5] = [
    ("one", "#0b4f9c"),
    ("two", "#a85a00"),
    ("three", "#0a7a5a"),
    ("four", "#7b3fa0"),
    ("five", "#5b6675"),
];

impl Paint {
    fn word_and_colour(self) -> (&'static str, &'static str) {
        match self {
            Self::Ink => ("ink", "#14202e"),
            Self::Quiet => ("quiet", "#48566a"),
            Self::Line => ("line", "#dde3ea"),
            Self::Paper => ("paper", "#ffffff"),
            Self::Shade => ("shade", "#edf1f5"),
            Self::Today => ("today", "#a4161a"),
            Self::Done => ("done", "#0a6444"),
            Self::Hatch => ("hatch", "#8a94a3"),
            Self::By50 => ("by50", "#0b4f9c"),
            Self::By80 => ("by80", "#6b9bd6"),
            Self::By95 => ("by95", "#c2d8f1"),
            Self::Age(n) => AGES[n % AGES.len()],
            Self::Series(n) => SERIES[n % SERIES.len()],
        }
    }

    fn fill(self) -> String {
        let (word, colour) = self.word_and_colour();
        format!("class=\"f-{word}\" fill=\"{colour}\"")
    }

    fn stroke(self) -> String {
        let (word, colour) = self.word_and_colour();
        format!("class=\"s-{word}\" stroke=\"{colour}\"")
    }
}

/// Where a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub size: f64,
    pub bold: bool,
    pub paint: Paint,
}

/// A picture that is being drawn.
#[derive(Default)]
pub(super) struct Svg {
    out: String,
    pub(super) height: f64,
}

/// Stands where the picture's id comes in: ids of two pictures in one page differ.
const ID: &str = "\u{0}";

impl Svg {
    /// What was drawn, for a picture with that id.
    pub(super) fn body(&self, id: &str) -> String {
        self.out.replace(ID, id)
    }

    pub(super) fn rect(&mut self, paint: Paint, [x, y, w, h]: [f64; 4], round: f64) {
        if w <= 0.0 {
            return;
        }
        self.put(format_args!(
            "<rect {} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            paint.fill(),
            short(x),
            short(y),
            short(w),
            short(h),
            short(round),
        ));
    }

    pub(super) fn line(&mut self, paint: Paint, [x1, y1, x2, y2]: [f64; 4], width: f64) {
        self.put(format_args!(
            "<path {} stroke-width=\"{width}\" d=\"M{} {}L{} {}\"/>",
            paint.stroke(),
            short(x1),
            short(y1),
            short(x2),
            short(y2),
        ));
    }

    /// A line through points; `dash` as SVG writes it, empty for none.
    pub(super) fn path(&mut self, paint: Paint, points: &[(f64, f64)], width: f64, dash: &str) {
        let mut d = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let pen = if at == 0 { 'M' } else { 'L' };
            // Cannot fail: a string takes what is written.
            let _ = write!(d, "{pen}{} {}", short(*x), short(*y));
        }
        let dash = if dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{dash}\"")
        };
        self.put(format_args!(
            "<path {} fill=\"none\" stroke-width=\"{width}\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\"{dash} d=\"{d}\"/>",
            paint.stroke(),
        ));
    }

    /// A mark on a line: each series has another shape, so that colour is not needed.
    pub(super) fn marker(&mut self, series: usize, (x, y): (f64, f64)) {
        let around = |points: &[(f64, f64)]| -> String {
            let place = |(dx, dy): &(f64, f64)| format!("{} {}", short(x + dx), short(y + dy));
            points.iter().map(place).collect::<Vec<_>>().join("L")
        };
        let shape = match series % 4 {
            0 => format!("<circle cx=\"{}\" cy=\"{}\" r=\"3.6\"", short(x), short(y)),
            1 => format!(
                "<path d=\"M{}Z\"",
                around(&[(-3.4, -3.4), (3.4, -3.4), (3.4, 3.4), (-3.4, 3.4)])
            ),
            2 => format!(
                "<path d=\"M{}Z\"",
                around(&[(0.0, -4.6), (4.4, 3.4), (-4.4, 3.4)])
            ),
            _ => format!(
                "<path d=\"M{}Z\"",
                around(&[(0.0, -4.8), (4.8, 0.0), (0.0, 4.8), (-4.8, 0.0)])
            ),
        };
        let paint = Paint::Series(series).fill();
        self.put(format_args!("{shape} {paint}/>"));
    }

    pub(super) fn text(&mut self, look: Type, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if look.bold {
            " font-weight=\"600\""
        } else {
            ""
        };
        self.put(format_args!(
            "<text {} font-size=\"{}\"{weight} x=\"{}\" y=\"{}\" \
             text-anchor=\"{anchor}\">{}</text>",
            look.paint.fill(),
            look.size,
            short(x),
            short(y),
            escape(text),
        ));
    }

    /// A text that stands over lines: the paper shows around it.
    pub(super) fn over(&mut self, look: Type, at: (f64, f64), anchor: Anchor, text: &str) {
        let plain = self.out.len();
        self.text(look, at, anchor, text);
        let written = self.out.split_off(plain);
        let (word, _) = look.paint.word_and_colour();
        let halo = format!(
            "class=\"f-{word} s-paper\" stroke=\"#ffffff\" stroke-width=\"4\" \
             stroke-linejoin=\"round\" paint-order=\"stroke\""
        );
        let both = written.replacen(&format!("class=\"f-{word}\""), &halo, 1);
        self.out.push_str(&both);
    }

    /// Hatched, for what is not settled.
    pub(super) fn hatched(&mut self, [x, y, w, h]: [f64; 4]) {
        if w <= 0.0 {
            return;
        }
        self.put(format_args!(
            "<defs><pattern id=\"{ID}-hatch\" width=\"8\" height=\"8\" \
             patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <path {} stroke-width=\"1.2\" stroke-opacity=\".55\" d=\"M0 0V8\"/></pattern></defs>\
             <rect fill=\"url(#{ID}-hatch)\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            Paint::Hatch.stroke(),
            short(x),
            short(y),
            short(w),
            short(h),
        ));
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        // Cannot fail: a string takes what is written.
        let _ = self.out.write_fmt(what);
    }
}

/// A number with one decimal at most.
pub(super) fn short(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // No minus before a zero.
    format!("{}", rounded + 0.0)
}

/// Text as XML and HTML want it.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What XML 1.0 cannot hold.
            c if c.is_control() && !matches!(c, '\n' | '\t' | '\r') => {}
            c => out.push(c),
        }
    }
    out
}

/// About how wide a text is: a little too wide rather than too narrow.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        ' ' | '.' | ',' | ':' | 'i' | 'l' | 'j' | '|' | '\'' => 0.34,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.98,
        '0'..='9' => 0.64,
        c if c.is_ascii_uppercase() => 0.72,
        c if (c as u32) < 0x2000 => 0.62,
        '–' | '…' | '·' => 0.7,
        _ => 1.0,
    };
    text.chars().map(em).sum::<f64>() * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_becomes_markup() {
        assert_eq!(
            escape("<a href=\"x\">'&'\u{1}"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;"
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(12.04), "12");
        assert_eq!(short(12.06), "12.1");
        assert_eq!(short(-0.01), "0");
    }

    /// The style sheet and the attributes are the same colours.
    #[test]
    fn the_style_sheet_has_every_paint() {
        let light = super::super::STYLE
            .split("@media")
            .next()
            .unwrap_or_default();
        let fixed = [
            Paint::Ink,
            Paint::Quiet,
            Paint::Line,
            Paint::Paper,
            Paint::Shade,
            Paint::Today,
            Paint::Done,
            Paint::Hatch,
            Paint::By50,
            Paint::By80,
            Paint::By95,
        ];
        let ages = (0..5).map(Paint::Age);
        let series = (0..5).map(Paint::Series);
        for paint in fixed.into_iter().chain(ages).chain(series) {
            let (word, colour) = paint.word_and_colour();
            let colour = if colour == "#ffffff" { "#fff" } else { colour };
            assert!(light.contains(&format!("--c-{word}: {colour};")), "{word}");
            for (letter, what) in [('f', "fill"), ('s', "stroke")] {
                let rule = format!(".{letter}-{word} {{ {what}: var(--c-{word}); }}");
                assert!(light.contains(&rule), "{rule}");
            }
        }
    }
}
