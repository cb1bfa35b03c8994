//! The demonstration's clock: a form on its pages moves it on, so that a transfer can be watched that
//! would take days. An office's node has neither the form nor the address.

use std::{sync::Arc, time::Duration};

use axum::{
    Form,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    super::{App, Trouble, page},
    home::back,
};
use crate::{clock, schedule::Schedule};

/// How long a page waits after a move: the provinces look at the clock and send what is due, and the
/// nation's page reads how far each copy reaches.
const SETTLES: Duration = Duration::from_millis(1500);

/// A province that waits for slots, in a demonstration.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its slots.
    pub schedule: Schedule,
}

/// The clock, as the form shows it.
pub struct Shown {
    /// What it says now.
    pub now: String,
    /// The next slot of each province that waits for one: its code, its name, when.
    pub slots: Vec<(String, String, String)>,
}

impl App {
    /// The demonstration's clock; none at an office.
    pub(in crate::web) fn demo_clock(&self) -> Option<Shown> {
        let now = clock::now();
        self.is_demo().then(|| Shown {
            now: page::moment(now),
            slots: self
                .waiting
                .get()
                .into_iter()
                .flatten()
                .filter_map(|w| {
                    let slot = w.schedule.next_slot(now)?;
                    Some((w.code.clone(), w.name.clone(), page::moment(slot)))
                })
                .collect(),
        })
    }

    /// Tells a demonstration which of its provinces wait for slots.
    pub fn knows_waiting(&self, provinces: Vec<Waiting>) {
        // The second time it knows already.
        let _ = self.waiting.set(provinces);
    }

    fn moment_wanted(&self, sent: &Sent, now: Timestamp) -> Option<Timestamp> {
        let hours = |n| now.checked_add(SignedDuration::from_hours(n)).ok();
        match sent.to.as_str() {
            "hour" => hours(1),
            "day" => hours(24),
            code => {
                let mut waiting = self.waiting.get()?.iter();
                let slot = waiting.find(|w| w.code == code)?.schedule.next_slot(now)?;
                // What is recorded in the slot's own second is in it, too.
                slot.checked_add(SignedDuration::from_secs(1)).ok()
            }
        }
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    to: String,
}

/// `POST /demo/clock`: moves the clock of all four nodes on.
pub async fn move_on(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let now = clock::now();
    let wanted = app.moment_wanted(&sent, now).ok_or(Trouble::NotFound)?;
    clock::move_to(wanted);
    tokio::time::sleep(SETTLES).await;
    Ok(Redirect::to(&back(&headers)).into_response())
}
