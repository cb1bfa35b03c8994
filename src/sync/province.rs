//! The province's side of the feed: it calls, because offices' networks let connections only out.
//!
//! There is nothing to remember but what the journal and the nation say: the next page begins where
//! the nation ends. What is lost on the way is sent again; what arrives twice changes nothing.

use std::{fmt, sync::Arc, time::Duration};

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use tlog::cosignature::Witness;
use tokio::{sync::Notify, time::sleep};

use super::{tls::Client, wire};
use crate::{
    clock,
    registry::{Followed, Hold, Registry},
    schedule::Schedule,
};

/// How often the journal is looked at.
const LOOK: Duration = Duration::from_millis(40);
/// How often the signed head goes over, in any schedule: at least every minute (DESIGN §4), and often
/// enough that a copy in which nothing changes does not look a minute old.
const HEAD: SignedDuration = SignedDuration::from_secs(20);
/// How long to wait after trouble, at first and at most.
const PATIENCE: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(10)];
/// How often a feed on hold is asked about.
const HELD: Duration = Duration::from_secs(15);

/// The nation, as a province knows it.
pub struct Nation {
    /// The line to it.
    pub client: Client,
    /// The key it cosigns with.
    pub witness: Witness,
    /// When routine entries go over.
    pub schedule: Schedule,
    /// Told when somebody there waits for a comparison.
    pub compare: Arc<Notify>,
}

/// Why nothing came of a step.
enum Trouble {
    /// The line, or the other end.
    Line(String),
    /// This node's own register.
    Register(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(what) => write!(f, "the nation is not reached: {what}"),
            Self::Register(what) => f.write_str(what),
        }
    }
}

type Step<T> = Result<T, Trouble>;

/// Feeds the nation until it is dropped.
pub async fn run(registry: Arc<Registry>, nation: Nation) {
    let mut feed = Feed {
        registry,
        nation,
        known: None,
        again: None,
        head_due: Timestamp::UNIX_EPOCH,
    };
    let mut patience = PATIENCE[0];
    loop {
        match feed.step().await {
            Ok(None) => {
                patience = PATIENCE[0];
                sleep(LOOK).await;
            }
            Ok(Some(hold)) => {
                tracing::error!(hold = hold.code(), "the feed stands still");
                feed.known = None;
                sleep(HELD).await;
            }
            Err(trouble) => {
                tracing::warn!(%trouble, "the feed waits");
                feed.known = None;
                sleep(patience).await;
                patience = (patience * 2).min(PATIENCE[1]);
            }
        }
    }
}

struct Feed {
    registry: Arc<Registry>,
    nation: Nation,
    /// How many entries the nation has; unknown until it has answered.
    known: Option<u64>,
    /// Up to where it wants entries again that it has lost.
    again: Option<u64>,
    /// By the clock and not by the system's: a demonstration's may run faster, or be moved on.
    head_due: Timestamp,
}

impl Feed {
    /// Sends what is due. Tells why the feed stands still, if it does.
    async fn step(&mut self) -> Step<Option<Hold>> {
        let now = clock::now();
        // A clock that was put right may stand a long way before the next one.
        let is_due = now >= self.head_due || self.head_due.duration_since(now) > HEAD;
        if self.known.is_none() || is_due {
            if let Some(hold) = self.head().await? {
                return Ok(Some(hold));
            }
            self.head_due = now.saturating_add(HEAD).unwrap_or(now);
        }
        loop {
            let known = self.known.unwrap_or(0);
            let until = self.due(known, clock::now()).await?;
            if until <= known {
                return Ok(None);
            }
            let most = u16::try_from(until - known)
                .unwrap_or(wire::MOST)
                .min(wire::MOST);
            let again = self.again;
            let page = self.with(move |r| r.page_again(known, most, again)).await?;
            let Some(page) = page else { return Ok(None) };
            let complete = page.end() >= until;
            let answer = self
                .post("/feed/v1/page", complete, wire::encode(&page))
                .await?;
            if let Some(hold) = self.take(answer).await? {
                return Ok(Some(hold));
            }
        }
    }

    /// Up to which entry the nation should have by now.
    async fn due(&self, known: u64, now: Timestamp) -> Step<u64> {
        match self.nation.schedule.last_slot(now) {
            None => self.with(Registry::entries).await,
            Some(slot) => self.with(move |r| r.entries_due(known, slot)).await,
        }
    }

    /// Sends the head; again when it was proved from another size than the nation has, for such a
    /// head shows neither two histories nor a step back.
    async fn head(&mut self) -> Step<Option<Hold>> {
        let since = self.known.unwrap_or(0);
        let hold = self.head_since(since).await?;
        match self.known {
            Some(known) if known != since => self.head_since(known).await,
            _ => Ok(hold),
        }
    }

    async fn head_since(&mut self, since: u64) -> Step<Option<Hold>> {
        let head = self.with(move |r| r.signed_head(since)).await?;
        let body = serde_json::to_vec(&head).map_err(|e| Trouble::Register(e.to_string()))?;
        let due = self.due(since, clock::now()).await?;
        let complete = self.known.is_some_and(|known| known >= due);
        let answer = self.post("/feed/v1/head", complete, body).await?;
        self.take(answer).await
    }

    /// Takes the nation's answer; shows it what it cosigned when it has lost it.
    async fn take(&mut self, answer: Followed) -> Step<Option<Hold>> {
        let (entries, told) = (answer.entries, answer.cosigned_to());
        self.again = answer.again;
        let witness = self.nation.witness.clone();
        let hold = self
            .with(move |r| r.acknowledge(&answer, &witness, clock::now()))
            .await?;
        self.known = Some(entries);
        if let Some((size, cosigned)) = self.with(Registry::acknowledged).await?
            && entries < size
            && told < size
            && hold.is_none_or(|hold| hold == Hold::NationRolledBack)
        {
            self.post("/feed/v1/witness", false, cosigned.into_bytes())
                .await?;
            return Ok(Some(Hold::NationRolledBack));
        }
        Ok(hold)
    }

    async fn post(&self, path: &str, complete: bool, body: Vec<u8>) -> Step<Followed> {
        let path = format!("{path}?complete={}", u8::from(complete));
        let body = call(&self.nation.client, &path, Bytes::from(body)).await?;
        let answered: wire::Answered =
            serde_json::from_slice(&body).map_err(|e| Trouble::Line(e.to_string()))?;
        if answered.compare {
            self.nation.compare.notify_one();
        }
        Ok(answered.followed)
    }

    async fn with<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Registry) -> crate::registry::Result<T> + Send + 'static,
    ) -> Step<T> {
        with(&self.registry, ask).await
    }
}

async fn call(client: &Client, path: &str, body: Bytes) -> Step<Bytes> {
    let sent = client.post(path, body).await;
    let (status, body) = sent.map_err(|e| Trouble::Line(e.to_string()))?;
    if !status.is_success() {
        return Err(Trouble::Line(format!("the nation answered {status}")));
    }
    Ok(body)
}

async fn with<T: Send + 'static>(
    registry: &Arc<Registry>,
    ask: impl FnOnce(&Registry) -> crate::registry::Result<T> + Send + 'static,
) -> Step<T> {
    let registry = Arc::clone(registry);
    match tokio::task::spawn_blocking(move || ask(&registry)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Trouble::Register(error.to_string())),
        Err(error) => Err(Trouble::Register(error.to_string())),
    }
}

/// Takes back from the nation's copy what this node has signed and lost. Tells how many entries it
/// had, and how many it has now; `progress` is told after each page.
///
/// # Errors
/// A nation that is not reached, or that sends what this node did not sign.
pub async fn recover(
    registry: Arc<Registry>,
    client: &Client,
    witness: &Witness,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(u64, u64), String> {
    let told = |trouble: Trouble| trouble.to_string();
    let had = with(&registry, Registry::entries).await.map_err(told)?;
    let mut has = had;
    loop {
        let path = format!("/feed/v1/lost?from={has}");
        let body = call(client, &path, Bytes::new()).await.map_err(told)?;
        if body.is_empty() {
            return Ok((had, has));
        }
        let page = wire::decode(&body).map_err(|e| e.to_string())?;
        let witness = witness.clone();
        has = with(&registry, move |r| r.take_back(&page, &witness))
            .await
            .map_err(told)?;
        progress(has);
    }
}
