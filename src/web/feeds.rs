//! Watermarks: how far the copy of each followed province reaches, on a page, in the API, and in
//! every answer while a copy is more than a minute old.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{Extension, Json, extract::State, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    App, Visitor,
    page::{self, Frame},
};
use crate::{
    clock,
    registry::{Hold, Watermark},
    schedule::Schedule,
};

/// A copy older than this is told with every answer (DESIGN §3).
const OLD: SignedDuration = SignedDuration::from_secs(60);

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

#[derive(Serialize)]
pub(super) struct Feeds {
    feeds: Vec<FeedTold>,
}

impl FeedTold {
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
            .filter(|mark| now.duration_since(mark.complete_to) > OLD);
        let told = old.filter_map(|mark| {
            let province = self.followed.iter().find(|f| f.code == mark.code)?;
            Some(told(province, mark, now))
        });
        told.collect()
    }

    /// Reads the watermarks anew, so that an answer need not.
    pub(super) async fn refresh_feeds(self: &Arc<Self>) {
        if self.followed.is_empty() {
            return;
        }
        if let Ok(marks) = self.run(crate::registry::Registry::watermarks).await {
            *self.marks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(marks);
        }
    }
}

fn told(province: &Followed, mark: &Watermark, now: Timestamp) -> FeedTold {
    let age = now.duration_since(mark.complete_to);
    let state = match mark.hold {
        Some(_) => "on_hold",
        None if province.schedule.is_late(mark.complete_to, now) => "behind",
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

/// `GET /api/v1/feeds`.
pub(super) async fn give(State(app): State<Arc<App>>) -> Json<Feeds> {
    app.refresh_feeds().await;
    Json(Feeds {
        feeds: app.feeds(clock::now()),
    })
}

#[derive(Template)]
#[template(path = "public/feeds.html")]
struct Page<'a> {
    f: Frame<'a>,
    feeds: Vec<FeedTold>,
}

/// `GET /feeds`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    app.refresh_feeds().await;
    page::html(&Page {
        f: Frame::new(&app, &visitor, "feeds-title"),
        feeds: app.feeds(clock::now()),
    })
}
