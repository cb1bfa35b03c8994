//! The nightly comparison over the line. The province calls, because nobody can call it; it is asked
//! by its own clock, or because the nation left word with the answer to a signed head.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::body::Bytes;
use jiff::Timestamp;
use tokio::{
    sync::{Mutex, Notify},
    time::sleep,
};

use super::tls::Client;
use crate::{
    clock,
    registry::{Outcome, Province, Registry, Said, Side},
    schedule::Schedule,
};

/// Where the nation takes it.
pub const PATH: &str = "/feed/v1/compare";
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// A copy that is so few entries behind what its schedule wants is compared; one that has to catch up
/// is compared when it has, for what is not there yet would be folded in vain.
const NEAR: u64 = 1_000;
/// How long to wait after trouble.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the nation may take to count: a line on which nothing moves ends after five minutes.
pub const COUNTING: Duration = Duration::from_secs(280);

/// When to compare.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// The slots of the comparison.
    pub compare: Schedule,
    /// Those of the feed.
    pub feed: Schedule,
}

/// Compares when the clock says so, or somebody wishes it, until it is dropped. The client is its
/// own: while one side counts, the feed flows on.
pub async fn run(registry: Arc<Registry>, client: Client, when: When, wished: Arc<Notify>) {
    loop {
        let is_wished = tokio::select! {
            () = sleep(LOOK) => false,
            () = wished.notified() => true,
        };
        let now = clock::now();
        let due = with(&registry, move |r| is_due(r, when, now)).await;
        let done = match due {
            Ok(is_due) if is_due || is_wished => compare(&registry, &client).await.map(Some),
            Ok(_) => Ok(None),
            Err(trouble) => Err(trouble),
        };
        match done {
            Ok(None) => {}
            Ok(Some(outcome)) => {
                let differences = outcome.differences.len();
                tracing::info!(
                    entries = outcome.size,
                    differences,
                    "compared with the nation"
                );
            }
            Err(trouble) => {
                tracing::warn!(trouble, "the comparison waits");
                sleep(PATIENCE).await;
            }
        }
    }
}

/// Whether a slot has passed since the last comparison, and the copy is not catching up.
fn is_due(registry: &Registry, when: When, now: Timestamp) -> crate::registry::Result<bool> {
    let last = registry.last_compared()?;
    if when.compare.last_slot(now).is_none_or(|slot| last >= slot) {
        return Ok(false);
    }
    let have = registry.acknowledged()?.map_or(0, |(size, _)| size);
    let wanted = match when.feed.last_slot(now) {
        None => registry.entries()?,
        Some(slot) => registry.entries_due(have, slot)?,
    };
    Ok(wanted <= have + NEAR)
}

/// Compares the node's own journal with its copy at the nation, once.
///
/// # Errors
/// Why it came to nothing; that the two differ is an outcome and no error.
pub async fn compare(registry: &Arc<Registry>, client: &Client) -> Result<Outcome, String> {
    let Said::Figures(figures) = post(client, &Said::Begin).await? else {
        return Err("the nation did not say what it has".to_owned());
    };
    let mut side = with(registry, move |r| r.comparing(None, Some(&figures))).await?;
    while !side.is_done() {
        let (same, own) = with(registry, move |r| {
            let own = r.says(&side)?;
            Ok((side, own))
        })
        .await?;
        let theirs = post(client, &own).await?;
        side = with(registry, move |r| {
            let mut side = same;
            r.hears(&mut side, &own, &theirs)?;
            Ok(side)
        })
        .await?;
    }
    with(registry, |r| r.keep_comparison(side, clock::now())).await
}

async fn post(client: &Client, said: &Said) -> Result<Said, String> {
    let body = serde_json::to_vec(said).map_err(|e| e.to_string())?;
    let (status, body) = client
        .post(PATH, Bytes::from(body))
        .await
        .map_err(|e| e.to_string())?;
    if !status.is_success() {
        return Err(format!("the nation answered {status}"));
    }
    serde_json::from_slice(&body).map_err(|e| e.to_string())
}

async fn with<T: Send + 'static>(
    registry: &Arc<Registry>,
    ask: impl FnOnce(&Registry) -> crate::registry::Result<T> + Send + 'static,
) -> Result<T, String> {
    let registry = Arc::clone(registry);
    match tokio::task::spawn_blocking(move || ask(&registry)).await {
        Ok(done) => done.map_err(|e| e.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// The nation's sides of the comparisons that are under way, by province. They are counted one after
/// the other: when the provinces all call at the same time of night, one thread is busy.
#[derive(Default)]
pub struct UnderWay(Mutex<HashMap<String, Side>>);

impl UnderWay {
    /// Answers a province; none where it must begin anew.
    ///
    /// # Errors
    /// What the database says, or that the province is out of step.
    pub async fn answer(
        &self,
        registry: &Arc<Registry>,
        province: &Province,
        said: Said,
    ) -> Result<Option<Said>, String> {
        let mut sides = self.0.lock().await;
        let side = sides.remove(&province.code);
        let of = province.clone();
        let (answer, side) = with(registry, move |r| {
            let mut side = match (&said, side) {
                (Said::Begin, _) => {
                    let side = r.comparing(Some(&of), None)?;
                    return Ok((Some(r.says(&side)?), Some(side)));
                }
                (_, Some(side)) => side,
                (_, None) => return Ok((None, None)),
            };
            let own = r.says(&side)?;
            r.hears(&mut side, &own, &said)?;
            if side.is_done() {
                r.keep_comparison(side, clock::now())?;
                return Ok((Some(own), None));
            }
            Ok((Some(own), Some(side)))
        })
        .await?;
        if let Some(side) = side {
            sides.insert(province.code.clone(), side);
        }
        Ok(answer)
    }
}
