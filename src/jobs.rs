//! What the program does by itself, by the clock: silence that the law takes for acceptance,
//! rechecks that were missed, sheets that nobody came back to, what is learnt and what became of
//! earlier estimates.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock,
    outlook::{Learner, Outlook},
    registry::{Reached, Registry, Result},
    track::{Keeper, Scorer},
};

/// How often the clock is looked at, and how far it goes on between two looks at the register.
const LOOK: Duration = Duration::from_secs(1);
const TICK: SignedDuration = SignedDuration::from_secs(60);
/// How often what was recorded is learnt from, and what was shown is written.
const LEARN: Duration = Duration::from_secs(5);
/// So many certificates whose recheck was missed are looked at in one tick, so that a register just
/// taken over leaves others their turn.
const LAPSES: u16 = 500;
/// So many due days are counted again in one turn.
const RECOUNTED: u16 = 500;
/// How long a sheet waits for the word of the officer who sent it, and a file for its end.
const UPLOAD_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Looks at the clock until it is dropped.
pub async fn run(registry: Arc<Registry>) {
    let mut look = tokio::time::interval(LOOK);
    let counting = Arc::clone(&registry);
    match tokio::task::spawn_blocking(move || recount(&counting)).await {
        Ok(Ok(0)) => {}
        Ok(Ok(cases)) => tracing::info!(cases, "due days counted on the new calendar"),
        Ok(Err(error)) => tracing::warn!(%error, "due days could not be counted anew"),
        Err(_) => tracing::error!("the count of due days broke off"),
    }
    let mut lapses = None;
    let mut due = clock::now();
    loop {
        look.tick().await;
        let now = clock::now();
        // A clock that was put right may stand a long way before the next look.
        if now < due && due.duration_since(now) <= TICK {
            continue;
        }
        due = now.saturating_add(TICK).unwrap_or(now);
        let (registry, at) = (Arc::clone(&registry), lapses.take());
        match tokio::task::spawn_blocking(move || once(&registry, at.as_ref())).await {
            Ok(Ok(reached)) => lapses = reached,
            Ok(Err(error)) => tracing::warn!(%error, "the jobs of this minute"),
            Err(_) => tracing::error!("the jobs of this minute broke off"),
        }
    }
}

/// Learns from what the register records, and remembers what was shown, until it is dropped.
pub async fn learn(registry: Arc<Registry>, outlook: Arc<RwLock<Outlook>>, keeper: Arc<Keeper>) {
    let mut tick = tokio::time::interval(LEARN);
    let mut hands = (Learner::default(), Scorer::new(keeper));
    loop {
        tick.tick().await;
        let (registry, outlook) = (Arc::clone(&registry), Arc::clone(&outlook));
        let learnt = tokio::task::spawn_blocking(move || {
            let (mut learner, mut scorer) = hands;
            learn_once(&mut learner, &mut scorer, &registry, &outlook);
            (learner, scorer)
        });
        match learnt.await {
            Ok(next) => hands = next,
            Err(_) => {
                // What is expected stays what it was until the node starts again.
                tracing::error!("learning broke off");
                return;
            }
        }
    }
}

fn learn_once(
    learner: &mut Learner,
    scorer: &mut Scorer,
    registry: &Registry,
    outlook: &RwLock<Outlook>,
) {
    let now = clock::now();
    match learner.learn(outlook, registry, now) {
        Ok(arrived) => scorer.arrive(arrived),
        Err(error) => tracing::warn!(%error, "what is expected was not learnt"),
    }
    if let Err(error) = scorer.step(registry, outlook, now) {
        tracing::warn!(%error, "what was shown was not remembered");
    }
}

/// A newer program knows more years: days that could still move are counted again, once.
fn recount(registry: &Registry) -> Result<u64> {
    let (mut changed, mut at) = (0, None);
    loop {
        let (here, reached) = registry.recount_due(at, RECOUNTED)?;
        changed += here;
        at = reached;
        if at.is_none() {
            return Ok(changed);
        }
    }
}

/// One look; `at` is how far the last one came among the missed rechecks.
fn once(registry: &Registry, at: Option<&Reached>) -> Result<Option<Reached>> {
    let now = clock::now();
    // What is no entry of the journal goes on in a register that stands still.
    let reached = if registry.stands_still() {
        at.cloned()
    } else {
        by_law(registry, now, at)?
    };
    registry.write_seen()?;
    let old = now.saturating_sub(UPLOAD_LIFE).unwrap_or(now);
    registry.empty_old_uploads(old)?;
    registry.empty_broken_files(old)?;
    Ok(reached)
}

/// What the law lets time do.
fn by_law(registry: &Registry, now: Timestamp, at: Option<&Reached>) -> Result<Option<Reached>> {
    let deemed = registry.deem_accepted(now)?;
    if !deemed.is_empty() {
        tracing::info!(cases = deemed.len(), "deemed accepted");
    }
    let (lapsed, reached) = registry.record_lapses(now, at, LAPSES)?;
    if !lapsed.is_empty() {
        tracing::info!(certificates = lapsed.len(), "lapsed");
    }
    Ok(reached)
}
