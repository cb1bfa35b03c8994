//! What the program does by itself, by the clock: silence that the law takes for acceptance, and
//! sheets that nobody came back to.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;

use crate::{
    clock,
    registry::{Registry, Result},
};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(60);
/// How long a sheet waits for the word of the officer who sent it.
const UPLOAD_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Looks at the clock until it is dropped.
pub async fn run(registry: Arc<Registry>) {
    let mut tick = tokio::time::interval(TICK);
    loop {
        tick.tick().await;
        let registry = Arc::clone(&registry);
        match tokio::task::spawn_blocking(move || once(&registry)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the jobs of this minute"),
            Err(_) => tracing::error!("the jobs of this minute broke off"),
        }
    }
}

fn once(registry: &Registry) -> Result<()> {
    let now = clock::now();
    let deemed = registry.deem_accepted(now)?;
    if !deemed.is_empty() {
        tracing::info!(cases = deemed.len(), "deemed accepted");
    }
    registry.empty_old_uploads(now.saturating_sub(UPLOAD_LIFE).unwrap_or(now))
}
