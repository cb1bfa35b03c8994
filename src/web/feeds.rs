//! Watermarks: how far the copy of each followed province reaches, on a page, in the API, and in
//! every answer while a copy is more than a minute old.

mod compared;

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{Extension, Json, extract::State, response::Response};
use domain::whynot::Copied;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub(super) use compared::ComparedTold;

use super::{
    App, Trouble, Visitor,
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Compared, Hold, Homes, Registry, Watermark},
    schedule::Schedule,
};

const OLD: SignedDuration = domain::whynot::COPY_OLD;

/// A followed province, as pages name it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When its entries come.
    pub schedule: Schedule,
    /// The address of its own query.
    pub url: String,
}

/// How far a copy reaches, as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct FeedTold {
    pub(super) province: String,
    pub(super) name: String,
    pub(super) entries: u64,
    pub(super) complete_to: Timestamp,
    pub(super) age_s: i64,
    pub(super) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hold: Option<&'static str>,
    pub(super) schedule: &'static str,
    pub(super) next_slot: Option<Timestamp>,
    pub(super) quarantined: u64,
    pub(super) local_query: String,
}

/// The answer of the API.
#[derive(Serialize)]
pub(super) struct Feeds {
    feeds: Vec<FeedAndCompared>,
    /// Of a province: its own journal beside its copy at the nation.
    own_compared: Option<ComparedTold>,
}

#[derive(Serialize)]
struct FeedAndCompared {
    #[serde(flatten)]
    feed: FeedTold,
    compared: Option<ComparedTold>,
}

/// The copies an answer is told from, certificate by certificate and case by case.
pub(super) struct HomesTold {
    /// None where it is the own register, or a copy of this minute.
    pub(super) certificates: Vec<Option<FeedTold>>,
    /// None where it is the own register.
    pub(super) progress: Vec<Option<FeedTold>>,
}

impl FeedTold {
    /// Whether more may have happened at home than is here.
    fn is_old(&self) -> bool {
        self.state != "current" || self.age_s > (OLD + clock::slack()).as_secs()
    }

    /// How far this copy reaches, and when it goes on, in words.
    pub(super) fn story(&self, f: &Frame<'_>) -> String {
        let values = [
            ("province", &*self.name),
            ("time", &*self.complete()),
            ("next", &*self.slot().unwrap_or_default()),
        ];
        let key = match (self.state, self.next_slot) {
            ("on_hold", _) => "sync-on-hold",
            (_, Some(_)) => "sync-slot",
            ("behind", None) => "sync-late",
            (_, None) => "sync-at-once",
        };
        f.t.with(key, &values)
    }

    /// When the copy was complete, for people.
    pub(super) fn complete(&self) -> String {
        page::moment(self.complete_to)
    }

    /// The province's name, and where it is asked about what is on its way there.
    pub(super) fn local_inquiry(&self) -> (String, String) {
        let url = self.local_query.trim_end_matches("/query");
        (self.name.clone(), format!("{url}/inquiry"))
    }

    /// When the next entries come, for people; nothing when they come at once.
    pub(super) fn slot(&self) -> Option<String> {
        self.next_slot.map(page::moment)
    }
}

impl App {
    /// Every feed, as it stands at that moment.
    pub(super) fn feeds(&self, now: Timestamp) -> Vec<FeedTold> {
        let marks = Arc::clone(&self.marks.read().unwrap_or_else(PoisonError::into_inner));
        let told = marks.iter().filter_map(|mark| {
            let province = self.followed.iter().find(|f| f.code == mark.code)?;
            Some(told(province, mark, now))
        });
        told.collect()
    }

    /// Those whose copy is more than a minute old.
    pub(super) fn old_feeds(&self, now: Timestamp) -> Vec<FeedTold> {
        let marks = Arc::clone(&self.marks.read().unwrap_or_else(PoisonError::into_inner));
        let old = marks
            .iter()
            .filter(|mark| now.duration_since(mark.complete_to) > OLD + clock::slack());
        let told = old.filter_map(|mark| {
            let province = self.followed.iter().find(|f| f.code == mark.code)?;
            Some(told(province, mark, now))
        });
        told.collect()
    }

    /// The copies that an answer is told from.
    pub(super) fn homes(&self, homes: &Homes, now: Timestamp) -> HomesTold {
        let mut feeds = Vec::new();
        if homes
            .certificates
            .iter()
            .chain(&homes.progress)
            .any(Option::is_some)
        {
            feeds = self.feeds(now);
        }
        let of = |code: &Option<String>| {
            let code = code.as_ref()?;
            feeds.iter().find(|feed| feed.province == *code).cloned()
        };
        let certificates = homes.certificates.iter();
        HomesTold {
            certificates: certificates
                .map(|code| of(code).filter(FeedTold::is_old))
                .collect(),
            progress: homes.progress.iter().map(of).collect(),
        }
    }

    /// Reads the watermarks anew, so that an answer need not.
    pub(super) async fn refresh_feeds(self: &Arc<Self>) {
        if self.nation.is_some()
            && let Err(trouble) = self.run(Registry::refresh_reach).await
        {
            tracing::warn!(?trouble, "how far the journal reaches");
        }
        if self.followed.is_empty() {
            return;
        }
        if let Ok(marks) = self.run(Registry::watermarks).await {
            let copied = |mark: &Watermark| Copied {
                province: mark.code.clone(),
                complete_to: mark.complete_to,
            };
            let is_followed = |m: &&Watermark| self.followed.iter().any(|f| f.code == m.code);
            let copies = marks.iter().filter(is_followed).map(copied).collect();
            *self.copies.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(copies);
            *self.marks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(marks);
        }
    }
}

fn told(province: &Followed, mark: &Watermark, now: Timestamp) -> FeedTold {
    let age = now.duration_since(mark.complete_to);
    let arrived = mark.complete_to.saturating_add(clock::slack());
    let arrived = arrived.unwrap_or(mark.complete_to);
    let state = match mark.hold {
        Some(_) => "on_hold",
        None if province.schedule.is_late(arrived, now) => "behind",
        None => "current",
    };
    FeedTold {
        province: mark.code.clone(),
        name: province.name.clone(),
        entries: mark.entries,
        complete_to: mark.complete_to,
        age_s: age.as_secs().max(0),
        state,
        hold: mark.hold.map(|(hold, _): (Hold, _)| hold.code()),
        schedule: province.schedule.word(),
        next_slot: province.schedule.next_slot(now),
        quarantined: mark.quarantined,
        local_query: format!("{}/query", province.url.trim_end_matches('/')),
    }
}

/// What is told of every feed and its comparison; what of the own journal.
fn with_compared(
    feeds: Vec<FeedTold>,
    compared: &[Compared],
    now: Timestamp,
) -> (Vec<FeedAndCompared>, Option<ComparedTold>) {
    let of = |code: &str| {
        let last = compared.iter().find(|c| c.province == code)?;
        Some(ComparedTold::of(last, now))
    };
    let feeds = feeds.into_iter().map(|feed| FeedAndCompared {
        compared: of(&feed.province),
        feed,
    });
    (feeds.collect(), of(""))
}

/// `GET /api/v1/feeds`.
pub(super) async fn give(State(app): State<Arc<App>>) -> Result<Json<Feeds>, Trouble> {
    app.refresh_feeds().await;
    let now = clock::now();
    let compared = app.run(Registry::comparisons).await?;
    let (feeds, own_compared) = with_compared(app.feeds(now), &compared, now);
    Ok(Json(Feeds {
        feeds,
        own_compared,
    }))
}

#[derive(Template)]
#[template(path = "public/feeds.html")]
struct Page<'a> {
    f: Frame<'a>,
    feeds: Vec<FeedAndCompared>,
    own: Option<ComparedTold>,
}

impl Page<'_> {
    /// Each comparison, under the name of whose journal it is about.
    fn compared(&self) -> Vec<(String, Option<&ComparedTold>)> {
        let own = self.own.iter();
        let own = own.map(|told| (self.f.s("compared-own"), Some(told)));
        let feeds = self.feeds.iter();
        own.chain(feeds.map(|of| (of.feed.name.clone(), of.compared.as_ref())))
            .collect()
    }

    /// When, over how much, and with what result.
    fn result(&self, told: &ComparedTold) -> String {
        let values = [
            ("time", &*told.when()),
            ("entries", &*told.entries.to_string()),
        ];
        self.f.t.with(&format!("compared-{}", told.state), &values)
    }
}

/// `GET /feeds`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    app.refresh_feeds().await;
    let now = clock::now();
    let compared = app.run(Registry::comparisons).await?;
    let (feeds, own) = with_compared(app.feeds(now), &compared, now);
    Ok(page::html(&Page {
        f: Frame::new(&app, &visitor, "feeds-title"),
        feeds,
        own,
    }))
}
