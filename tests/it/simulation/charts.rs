//! Charts as files: well-formed, without script, with words for those who do not see them, and no
//! label over another.

use jiff::civil::{Date, date};
use kecha::{
    chart::{self, Bars, Cell, Chart, DaysOff, Line, Lines, Reach, Timeline, Width},
    lang::{Code, Sentences, shipped},
};
use quick_xml::{Reader, events::Event};

/// What stands in a picture: element, attributes, text.
struct Mark {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Mark {
    fn of(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    fn number(&self, name: &str) -> f64 {
        self.of(name).parse().unwrap_or(0.0)
    }
}

/// Reads a picture; fails where it is not well-formed.
fn marks(svg: &str) -> Vec<Mark> {
    let mut reader = Reader::from_str(svg);
    let mut marks: Vec<Mark> = Vec::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(e) | Event::Empty(e) => {
                let attributes = e.attributes().map(|a| a.expect("an attribute"));
                let attributes =
                    attributes.map(|a| (a.key.as_ref().to_owned(), a.value.to_string()));
                let attributes = attributes.collect();
                let name = e.name().as_ref().to_owned();
                marks.push(Mark {
                    name,
                    attributes,
                    text: String::new(),
                });
            }
            Event::Text(e) => {
                if let Some(last) = marks.last_mut() {
                    last.text.push_str(&e);
                }
            }
            Event::Eof => return marks,
            _ => {}
        }
    }
}

fn estimate(words: &Sentences, last: Date) -> Timeline {
    let reach = |key: &str, start, by, done, whole| Reach {
        name: words.say(key),
        start,
        by,
        done,
        whole,
    };
    let exam = date(2026, 11, 21);
    let query = [date(2026, 12, 18), date(2026, 12, 25), last];
    Timeline {
        title: "<& \"A\"".to_owned(),
        today: Some(date(2026, 12, 2)),
        rows: vec![
            reach(
                "stage-scoring",
                exam,
                [exam; 3],
                Some(date(2026, 11, 26)),
                false,
            ),
            reach(
                "stage-qualification",
                date(2026, 11, 26),
                [date(2026, 12, 8), date(2026, 12, 14), date(2026, 12, 28)],
                None,
                false,
            ),
            reach("stage-sync", date(2026, 12, 17), query, None, false),
            reach("simulate-all", exam, query, None, true),
        ],
        days_off: [("元旦", 1, 1, 1), ("春节", 2, 5, 11), ("清明节", 4, 4, 6)]
            .map(|(name, month, first, last)| DaysOff {
                first: date(2027, month, first),
                last: date(2027, month, last),
                name: chart::holiday(name, words),
            })
            .to_vec(),
        provisional_from: Some(date(2027, 1, 1)),
    }
}

fn bars(words: &Sentences) -> Bars {
    let row = |key: &str, counts: [u64; 5]| (words.say(key), counts.to_vec());
    Bars {
        title: "bars".to_owned(),
        of: words.say("chart-stage"),
        unit: words.say("chart-cases"),
        parts: chart::ages(&[5, 10, 20, 40], words),
        rows: vec![
            row("stage-scoring", [120, 3, 0, 0, 0]),
            row("simulate-step-approval", [3_000, 120, 22, 9, 1]),
            row("stage-making", [0; 5]),
        ],
    }
}

fn lines(words: &Sentences) -> Lines {
    let months: Vec<i8> = (1..=12).collect();
    let line = |key: &str, gap: usize| Line {
        name: words.say(key),
        values: (0..12_u8)
            .map(|at| (usize::from(at) != gap).then(|| f64::from(at % 5) + 2.0))
            .collect(),
    };
    Lines {
        title: "lines".to_owned(),
        of: words.say("chart-month"),
        unit: words.say("chart-median-workdays"),
        marks: months.iter().map(|m| format!("2026-{m:02}")).collect(),
        labels: months
            .iter()
            .map(|m| chart::month(2026, *m, *m == 1, words))
            .collect(),
        lines: vec![
            line("stage-scoring", 3),
            line("stage-qualification", 99),
            line("stage-making", 0),
        ],
    }
}

fn all(words: &Sentences) -> Vec<Box<dyn Chart>> {
    vec![
        Box::new(estimate(words, date(2027, 1, 12))),
        Box::new(estimate(words, date(2027, 5, 20))),
        Box::new(bars(words)),
        Box::new(lines(words)),
    ]
}

/// Every chart, language and width, as a file of its own.
fn each(mut look: impl FnMut(&str, f64, &[Mark], &str)) {
    for code in Code::ALL {
        let words = shipped(code);
        for chart in all(words) {
            for width in [Width::Desk, Width::Phone] {
                let svg = chart::file(&*chart, width, words);
                let what = format!("{} {width:?} {}", chart.title(), code.tag());
                look(&what, width.pixels(), &marks(&svg), &svg);
            }
        }
    }
}

#[test]
fn a_picture_has_words_and_no_script() {
    each(|what, _, marks, svg| {
        let first = &marks[0];
        assert_eq!(
            (first.name.as_str(), first.of("role")),
            ("svg", "img"),
            "{what}"
        );
        let labelled = first.of("aria-labelledby");
        for name in ["title", "desc"] {
            let mark = marks.iter().find(|m| m.name == name).expect(name);
            assert!(labelled.split(' ').any(|id| id == mark.of("id")), "{what}");
        }
        let desc = marks.iter().find(|m| m.name == "desc").expect("desc");
        assert!(desc.text.len() > 40, "{what}: {}", desc.text);
        for mark in marks {
            assert!(!["script", "image", "use", "foreignObject"].contains(&mark.name.as_str()));
            for (key, value) in &mark.attributes {
                assert!(!key.starts_with("on") && key != "style", "{what}: {key}");
                assert!(!value.contains("javascript"), "{what}");
            }
        }
        // A key that has no sentence would stand here as it is.
        for key in ["chart-", "simulate-", "stage-", "holiday-"] {
            let text = |m: &&Mark| m.name != "style" && m.text.contains(key);
            assert!(!marks.iter().any(|m| text(&m)), "{what}: {key}");
        }
        assert!(svg.contains("prefers-color-scheme: dark"), "{what}");
    });
}

/// A letter takes about so much of its height in the widest font we met, a Chinese character all.
fn box_of(mark: &Mark) -> [f64; 4] {
    let size = mark.number("font-size");
    let em = |c: char| if c as u32 >= 0x2e80 { 1.0 } else { 0.57 };
    let wide = mark.text.chars().map(em).sum::<f64>() * size;
    let x = match mark.of("text-anchor") {
        "start" => mark.number("x"),
        "middle" => mark.number("x") - wide / 2.0,
        _ => mark.number("x") - wide,
    };
    let y = mark.number("y");
    [x, y - size * 0.8, x + wide, y + size * 0.15]
}

#[test]
fn no_label_lies_over_another_or_outside() {
    let mut seen = 0;
    each(|what, width, marks, _| {
        let height = marks[0].number("height");
        let labels = marks.iter().filter(|m| m.name == "text");
        let boxes: Vec<_> = labels.map(|m| (m.text.clone(), box_of(m))).collect();
        seen += boxes.len();
        for (at, (text, a)) in boxes.iter().enumerate() {
            let inside = a[0] >= -1.0 && a[1] >= 0.0 && a[2] <= width + 1.0 && a[3] <= height;
            assert!(inside, "{what}: `{text}` is at {a:?}");
            for (other, b) in &boxes[at + 1..] {
                let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                assert!(apart, "{what}: `{text}` and `{other}`: {a:?} {b:?}");
            }
        }
    });
    assert!(seen > 300, "{seen}");
}

#[test]
fn a_table_has_the_numbers_of_its_picture() {
    let words = shipped(Code::En);
    let number = |text: &str| Cell::Number(text.to_owned());
    let table = estimate(words, date(2027, 1, 12)).table(words);
    assert_eq!(
        table.rows[3][1..],
        [
            number("2026-11-21"),
            number("2026-12-18"),
            number("2026-12-25"),
            number("2027-01-12"),
        ]
    );
    assert_eq!(table.rows[0][2], number("done 2026-11-26"));
    // Two holidays lie beyond the axis.
    assert_eq!(table.notes.len(), 2, "{:?}", table.notes);
    assert!(table.notes[1].contains("provisional"));
    let table = bars(words).table(words);
    assert_eq!(table.rows[1][6], number("3152"));
    let table = lines(words).table(words);
    assert_eq!(table.rows[3][1], number("–"));
    assert_eq!(table.rows[4][1], number("6"));
}

/// A bar ends on its day: twice as many days are twice as long.
#[test]
fn bars_are_as_long_as_their_days() {
    let words = shipped(Code::En);
    let svg = chart::file(&estimate(words, date(2027, 1, 12)), Width::Desk, words);
    let marks = marks(&svg);
    let widths = |class: &str| -> Vec<f64> {
        let bars = marks
            .iter()
            .filter(|m| m.name == "rect" && m.of("class") == class);
        // The legend's swatches are 14 wide.
        let widths = bars.map(|m| m.number("width"));
        widths.filter(|w| (w - 14.0).abs() > 0.01).collect()
    };
    // 13 days from 26 November to 8 December, 28 from 21 November to 18 December; both ends count.
    let by = widths("f-by50");
    assert_eq!(by.len(), 3);
    assert!((by[2] / by[0] - 28.0 / 13.0).abs() < 0.02, "{by:?}");
    let done = widths("f-done");
    assert!((done[0] / by[0] - 6.0 / 13.0).abs() < 0.02, "{done:?}");
}

#[test]
fn a_page_has_both_widths_and_each_id_once() {
    let words = shipped(Code::Zh);
    let page: String = all(words)
        .iter()
        .enumerate()
        .map(|(at, chart)| chart::figure(&**chart, words, &format!("c{at}")))
        .collect();
    let ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "{ids:?}");
    assert_eq!(page.matches("<svg").count(), 8);
    assert_eq!(page.matches("<table>").count(), 4);
    // Style sheets of a page come from its own address.
    assert!(!page.contains("<style") && !page.contains("style="));
    assert!(page.contains("&lt;&amp; &quot;A&quot;") && !page.contains("<& "));
}
