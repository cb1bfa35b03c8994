//! What became of the estimates, added up.

use std::collections::{BTreeMap, VecDeque};

use domain::verdict::{Kind, Stage};
use forecast::{Track, held};
use jiff::civil::{Date, date};

use crate::outlook::Steering;

/// The watch looks at the last so many scores.
pub const LAST: usize = 500;
/// A share of fewer scores than this is not told.
pub const ENOUGH: u64 = 20;
/// The probabilities of the three dates.
pub const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];
/// Between these the share of 80 % dates that held is as promised.
pub const RIGHT: [f64; 2] = [0.75, 0.85];

/// What became of one estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The day the certificate became queryable.
    pub ended: Date,
    /// The province's code.
    pub province: String,
    /// Why it was applied for.
    pub kind: Kind,
    /// Where the case stood when the estimate was shown.
    pub stage: Stage,
    /// Whether it came on or before the 50, 80 and 95 % date.
    pub inside: [bool; 3],
    /// Where its day lay in the distribution that was told.
    pub told: (f64, f64),
    /// Where it lay before the record steered it.
    pub plain: (f64, f64),
}

/// Scores added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// How many.
    pub n: u64,
    inside: [u64; 3],
    randomised: [f64; 3],
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of estimates, as a share"
)]
fn part(sum: f64, n: u64) -> Option<f64> {
    (n > 0).then(|| sum / n as f64)
}

impl Share {
    fn add(&mut self, score: &Score) {
        self.n += 1;
        for (at, level) in LEVELS.into_iter().enumerate() {
            self.inside[at] += u64::from(score.inside[at]);
            self.randomised[at] += held(&[score.told], level);
        }
    }

    /// The share that came on or before each date; none of nothing.
    #[must_use]
    pub fn inside(&self) -> [Option<f64>; 3] {
        #[expect(clippy::cast_precision_loss, reason = "counts of estimates")]
        self.inside.map(|sum| part(sum as f64, self.n))
    }

    /// The same where a day that stands for many probabilities counts in part.
    #[must_use]
    pub fn randomised(&self) -> [Option<f64>; 3] {
        self.randomised.map(|sum| part(sum, self.n))
    }

    /// How many came on or before each date.
    #[must_use]
    pub fn count(&self) -> [u64; 3] {
        self.inside
    }
}

/// Whether the 80 % dates hold as often as they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Too few estimates have come to their end.
    Waiting,
    /// The share is as promised.
    Green,
    /// It is not.
    Red,
}

impl State {
    /// As the API writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Green => "green",
            Self::Red => "red",
        }
    }
}

/// The last scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// How many, at most [`LAST`].
    pub share: Share,
    /// What that means.
    pub state: State,
}

/// The record.
#[derive(Clone, Debug)]
pub struct Board {
    /// It tells of cases that ended on this day or later; none until it was read.
    pub since: Option<Date>,
    /// All of it.
    pub all: Share,
    /// By the month in which the case ended.
    pub months: BTreeMap<(i16, i8), Share>,
    /// By the code of the province.
    pub provinces: BTreeMap<String, Share>,
    /// By the stage in which the case stood.
    pub stages: BTreeMap<Stage, Share>,
    last: VecDeque<Score>,
    tracks: BTreeMap<Kind, Track>,
    today: Date,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            since: None,
            all: Share::default(),
            months: BTreeMap::new(),
            provinces: BTreeMap::new(),
            stages: BTreeMap::new(),
            last: VecDeque::new(),
            tracks: BTreeMap::new(),
            today: Date::MIN,
        }
    }
}

impl Board {
    /// An empty one, of cases that ended since a day; it steers by those that ended before `today`.
    #[must_use]
    pub fn since(since: Date, today: Date) -> Self {
        Self {
            since: Some(since),
            today,
            ..Self::default()
        }
    }

    /// Adds a score; in the order in which the cases ended.
    pub fn add(&mut self, score: Score) {
        let ended = score.ended;
        self.all.add(&score);
        let month = (ended.year(), ended.month());
        self.months.entry(month).or_default().add(&score);
        let province = self.provinces.entry(score.province.clone());
        province.or_default().add(&score);
        self.stages.entry(score.stage).or_default().add(&score);
        if ended < self.today {
            let track = self.tracks.entry(score.kind).or_default();
            track.begin(day(ended));
            track.score(day(ended), score.plain);
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(score);
    }

    /// What steers the estimates of the day.
    pub fn finish(&mut self) -> Steering {
        for track in self.tracks.values_mut() {
            track.begin(day(self.today));
        }
        let share = self.watch().share;
        Steering {
            tracks: self.tracks.clone(),
            record: share.inside()[1].filter(|_| share.n >= ENOUGH),
        }
    }

    /// The last scores, the oldest first.
    pub fn last_scores(&self) -> impl Iterator<Item = &Score> {
        self.last.iter()
    }

    /// How the last 80 % dates held.
    #[must_use]
    pub fn watch(&self) -> Watch {
        let mut share = Share::default();
        self.last_scores().for_each(|score| share.add(score));
        let state = match share.randomised()[1] {
            Some(held) if share.n >= LAST as u64 => {
                // A share that lies on the edge is inside it, however its sum was rounded.
                if held > RIGHT[0] - 1e-9 && held < RIGHT[1] + 1e-9 {
                    State::Green
                } else {
                    State::Red
                }
            }
            _ => State::Waiting,
        };
        Watch { share, state }
    }
}

/// A day's number, for the order alone.
fn day(of: Date) -> i32 {
    (of - date(2000, 1, 1)).get_days()
}
