//! The track record: how often the dates that were shown held, on a page and in the API.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, Json, extract::State as Of, response::Response};
use domain::{event::legal_day, record::RecordId, verdict::Stage};
use serde::Serialize;

use super::{
    App, Visitor,
    lang::Sentences,
    page::{self, Frame},
};
use crate::{
    chart::{self, Bars, Line, Lines},
    clock,
    estimate::Answer,
    outlook::Where,
    track::{Board, LAST, Share, State},
};

impl App {
    /// An estimate is shown for a case. It is noted in memory, once a day; nothing waits for it.
    pub fn shown(&self, case: RecordId, stage: Stage, place: &Where, answer: &Answer) {
        let today = legal_day(clock::now());
        let calendar = self.registry.calendar();
        let province = || {
            let outlook = self.outlook.read();
            let outlook = outlook.unwrap_or_else(std::sync::PoisonError::into_inner);
            outlook.province(place)
        };
        self.track
            .shown((case, stage), (today, calendar), answer, province);
    }

    /// That dates do not hold as often as they should, for those who are signed in.
    pub(super) fn record_alarm(&self, t: &Sentences) -> Option<String> {
        let watch = self.track.board().watch();
        let held = percent(watch.share.randomised()[1]);
        let values = [("share", held.as_str()), ("n", &LAST.to_string())];
        (watch.state == State::Red).then(|| t.with("alarm-record", &values))
    }
}

/// A share as people read it.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", share * 100.0))
}

/// A share of each date.
#[derive(Serialize)]
struct Three {
    #[serde(rename = "50")]
    p50: Option<f64>,
    #[serde(rename = "80")]
    p80: Option<f64>,
    #[serde(rename = "95")]
    p95: Option<f64>,
}

impl Three {
    fn of(shares: [Option<f64>; 3]) -> Self {
        // Four digits: more would say nothing.
        let [p50, p80, p95] = shares.map(|share| share.map(|s| (s * 1e4).round() / 1e4));
        Self { p50, p80, p95 }
    }
}

#[derive(Serialize)]
struct Told {
    n: u64,
    inside: Three,
    randomised: Three,
}

impl Told {
    fn of(share: &Share) -> Self {
        Self {
            n: share.n,
            inside: Three::of(share.inside()),
            randomised: Three::of(share.randomised()),
        }
    }
}

#[derive(Serialize)]
struct Month {
    month: String,
    #[serde(flatten)]
    told: Told,
}

#[derive(Serialize)]
struct Province {
    province: String,
    #[serde(flatten)]
    told: Told,
}

#[derive(Serialize)]
struct OfStage {
    stage: Stage,
    #[serde(flatten)]
    told: Told,
}

#[derive(Serialize)]
struct WatchTold {
    state: &'static str,
    of: usize,
    #[serde(flatten)]
    told: Told,
}

/// The answer of the API.
#[derive(Serialize)]
pub(super) struct Record {
    since: Option<jiff::civil::Date>,
    all: Told,
    months: Vec<Month>,
    provinces: Vec<Province>,
    stages: Vec<OfStage>,
    watch: WatchTold,
}

/// `GET /api/v1/track-record`.
pub(super) async fn give(Of(app): Of<Arc<App>>) -> Json<Record> {
    let board = app.track.board();
    let watch = board.watch();
    let months = board.months.iter().map(|((year, month), share)| Month {
        month: format!("{year:04}-{month:02}"),
        told: Told::of(share),
    });
    let provinces = board.provinces.iter().map(|(code, share)| Province {
        province: code.clone(),
        told: Told::of(share),
    });
    let stages = board.stages.iter().map(|(stage, share)| OfStage {
        stage: *stage,
        told: Told::of(share),
    });
    Json(Record {
        since: board.since,
        all: Told::of(&board.all),
        months: months.collect(),
        provinces: provinces.collect(),
        stages: stages.collect(),
        watch: WatchTold {
            state: watch.state.code(),
            of: LAST,
            told: Told::of(&watch.share),
        },
    })
}

/// A table of shares, with its chart where there is one.
struct Part {
    title: String,
    of: String,
    rows: Vec<(String, Share)>,
    chart: String,
}

#[derive(Template)]
#[template(path = "public/record.html")]
struct Page<'a> {
    f: Frame<'a>,
    board: Arc<Board>,
    parts: Vec<Part>,
}

impl Page<'_> {
    /// The watch in words.
    fn watch(&self) -> String {
        let watch = self.board.watch();
        let held = percent(watch.share.randomised()[1]);
        let values = [
            ("n", &*watch.share.n.to_string()),
            ("of", &*LAST.to_string()),
            ("share", &*held),
        ];
        let key = format!("record-watch-{}", watch.state.code());
        self.f.t.with(&key, &values)
    }

    fn state(&self) -> &'static str {
        self.board.watch().state.code()
    }

    /// How the 80 % dates held, in a sentence.
    fn answer(&self) -> String {
        let inside = percent(self.board.all.inside()[1]);
        let values = [("n", &*self.board.all.n.to_string()), ("share", &*inside)];
        self.f.t.with("record-answer", &values)
    }

    /// The cells of a row: how many, the shares, and the randomised shares.
    fn cells(share: &Share) -> Vec<String> {
        let mut cells = vec![share.n.to_string()];
        cells.extend(share.inside().map(percent));
        cells.extend(share.randomised().map(percent));
        cells
    }
}

/// `GET /when/record`.
pub(super) async fn show(
    Of(app): Of<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    let f = Frame::new(&app, &visitor, "record-title");
    let board = app.track.board();
    let parts = parts(&app, &f, &board);
    page::html(&Page { f, board, parts })
}

fn parts(app: &App, f: &Frame<'_>, board: &Board) -> Vec<Part> {
    if board.all.n == 0 {
        return Vec::new();
    }
    let months = board.months.iter().map(|((year, month), share)| {
        let name = chart::month(*year, *month, true, f.t);
        (name, *share)
    });
    let stages = board.stages.iter().map(|(stage, share)| {
        let name = f.word("stage", page::code(stage));
        (name, *share)
    });
    let provinces = board.provinces.iter().map(|(code, share)| {
        let name = if code.is_empty() {
            f.s("record-province-unknown")
        } else {
            app.province_name(code)
        };
        (name, *share)
    });
    let months: Vec<_> = months.collect();
    let lines = chart::figure(&lines(f, &months), f.t, "record-months");
    let mut parts = vec![Part {
        title: f.s("record-months"),
        of: f.s("record-month"),
        rows: months,
        chart: lines,
    }];
    for (id, rows) in [
        ("stage", stages.collect::<Vec<_>>()),
        ("province", provinces.collect()),
    ] {
        let title = f.s(&format!("record-{id}s"));
        let of = f.s(&format!("record-{id}"));
        let bars = bars(f, &title, &of, &rows);
        let chart = chart::figure(&bars, f.t, &format!("record-{id}s"));
        parts.push(Part {
            title,
            of,
            rows,
            chart,
        });
    }
    parts
}

fn lines(f: &Frame<'_>, months: &[(String, Share)]) -> Lines {
    let line = |at: usize, key: &str| {
        let values = months.iter().map(|(_, share)| share.inside()[at]);
        let values = values.map(|share| share.map(|s| (s * 1000.0).round() / 10.0));
        Line {
            name: f.s(key),
            values: values.collect(),
        }
    };
    let marks: Vec<String> = months.iter().map(|(name, _)| name.clone()).collect();
    Lines {
        title: f.s("record-months"),
        of: f.s("record-month"),
        unit: f.s("record-unit"),
        labels: marks.clone(),
        marks,
        lines: vec![
            line(0, "record-by-50"),
            line(1, "record-by-80"),
            line(2, "record-by-95"),
        ],
    }
}

/// How many came by the 50 % date, by the 80 % date, by the 95 % date, and later.
fn bars(f: &Frame<'_>, title: &str, of: &str, rows: &[(String, Share)]) -> Bars {
    let row = |(name, share): &(String, Share)| {
        let [p50, p80, p95] = share.count();
        let (second, third) = (p80.saturating_sub(p50), p95.saturating_sub(p80));
        let later = share.n.saturating_sub(p95);
        (name.clone(), vec![p50, second, third, later])
    };
    Bars {
        title: title.to_owned(),
        of: of.to_owned(),
        unit: f.s("record-estimates"),
        parts: ["by-50", "by-80", "by-95", "later"]
            .map(|key| f.s(&format!("record-{key}")))
            .to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}
