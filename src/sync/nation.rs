//! The nation's side of the feed: it listens, and knows each province by its key.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Query, State},
    http::StatusCode,
    routing::post,
};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::{
    comparison::{self, UnderWay},
    tls::{self, Identity, Peer, PeerKey, listener},
    wire,
};
use crate::{
    clock,
    registry::{Followed, Province, Registry, Said, SignedHead},
    schedule::Schedule,
};

type From = ConnectInfo<Peer>;
type Answered<T> = Result<Json<T>, (StatusCode, String)>;
type Answer = Answered<Followed>;

struct Nation {
    registry: Arc<Registry>,
    provinces: HashMap<String, Province>,
    schedules: HashMap<String, Schedule>,
    comparisons: UnderWay,
}

/// Answers the provinces on this socket until it is dropped.
///
/// # Errors
/// What the system says of the socket.
pub async fn run(
    registry: Arc<Registry>,
    socket: TcpListener,
    identity: &Identity,
    provinces: Vec<(PeerKey, Province, Schedule)>,
) -> std::io::Result<()> {
    let codes = provinces.iter().map(|(key, p, _)| (*key, p.code.clone()));
    let peers = codes.collect();
    let schedules = provinces
        .iter()
        .map(|(_, p, schedule)| (p.code.clone(), *schedule));
    let schedules = schedules.collect();
    let provinces = provinces
        .into_iter()
        .map(|(_, province, _)| (province.code.clone(), province))
        .collect();
    let nation = Arc::new(Nation {
        registry,
        provinces,
        schedules,
        comparisons: UnderWay::default(),
    });
    let router = Router::new()
        .route("/feed/v1/page", post(page))
        .route("/feed/v1/head", post(head))
        .route("/feed/v1/witness", post(witness))
        .route("/feed/v1/lost", post(lost))
        .route(comparison::PATH, post(compare))
        .layer(DefaultBodyLimit::max(tls::MAX_BODY))
        .with_state(nation);
    let peers = listener(socket, identity, peers);
    let service = router.into_make_service_with_connect_info::<Peer>();
    axum::serve(peers, service).await
}

/// What the province says beside what it sends.
#[derive(Clone, Copy, Deserialize)]
struct Complete {
    /// With this the nation has all that its schedule wants.
    #[serde(default)]
    complete: u8,
}

async fn page(
    State(nation): State<Arc<Nation>>,
    ConnectInfo(peer): From,
    Query(asked): Query<Complete>,
    body: Bytes,
) -> Answer {
    let page = wire::decode(&body).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
    let answer = nation
        .answer(&peer, move |r, province| {
            r.follow(province, &page, clock::now())
        })
        .await?;
    nation.complete(&peer, asked, answer).await
}

async fn head(
    State(nation): State<Arc<Nation>>,
    ConnectInfo(peer): From,
    Query(asked): Query<Complete>,
    body: Bytes,
) -> Answered<wire::Answered> {
    let head: SignedHead =
        serde_json::from_slice(&body).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
    let answer = nation
        .answer(&peer, move |r, province| {
            r.follow_head(province, &head, clock::now())
        })
        .await?;
    let Json(followed) = nation.complete(&peer, asked, answer).await?;
    let Json(compare) = nation.answer(&peer, Registry::wishes_comparison).await?;
    Ok(Json(wire::Answered { followed, compare }))
}

async fn compare(
    State(nation): State<Arc<Nation>>,
    ConnectInfo(peer): From,
    body: Bytes,
) -> Answered<Said> {
    let said: Said =
        serde_json::from_slice(&body).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
    let province = nation.provinces.get(&*peer.province);
    let province = province.ok_or((StatusCode::FORBIDDEN, String::new()))?;
    let answered = nation.comparisons.answer(&nation.registry, province, said);
    match answered.await {
        Ok(Some(said)) => Ok(Json(said)),
        Ok(None) => Err((StatusCode::CONFLICT, String::new())),
        Err(what) => {
            tracing::warn!(what, "a comparison broke off");
            Err((StatusCode::SERVICE_UNAVAILABLE, what))
        }
    }
}

async fn witness(
    State(nation): State<Arc<Nation>>,
    ConnectInfo(peer): From,
    cosigned: String,
) -> Answer {
    nation
        .answer(&peer, move |r, province| {
            r.follow_witness(province, &cosigned, clock::now())
        })
        .await
}

/// Where a province's journal ends that has lost entries.
#[derive(Clone, Copy, Deserialize)]
struct Lost {
    from: u64,
}

/// Entries of the province's own journal, for a province that has lost them; no bytes where there
/// are none.
async fn lost(
    State(nation): State<Arc<Nation>>,
    ConnectInfo(peer): From,
    Query(asked): Query<Lost>,
) -> Result<Vec<u8>, (StatusCode, String)> {
    let page = nation
        .answer(&peer, move |r, province| {
            r.copy(province, asked.from, wire::MOST)
        })
        .await?;
    Ok(page.0.as_ref().map_or_else(Vec::new, wire::encode))
}

impl Nation {
    /// Notes that a copy is as complete as its schedule wants it: to the last slot, or to now.
    async fn complete(
        self: &Arc<Self>,
        peer: &Peer,
        asked: Complete,
        answer: Json<Followed>,
    ) -> Answer {
        if asked.complete == 0 || answer.hold.is_some() {
            return Ok(answer);
        }
        let now = clock::now();
        let schedule = self.schedules.get(&*peer.province);
        let to = schedule.and_then(|s| s.last_slot(now)).unwrap_or(now);
        self.answer(peer, move |r, province| {
            r.complete(province, to)?;
            Ok(answer.0)
        })
        .await
    }

    async fn answer<T: Send + 'static>(
        self: &Arc<Self>,
        peer: &Peer,
        take: impl FnOnce(&Registry, &Province) -> crate::registry::Result<T> + Send + 'static,
    ) -> Answered<T> {
        let nation = Arc::clone(self);
        let code = peer.province.to_string();
        let done = tokio::task::spawn_blocking(move || {
            // Cannot fail: the listener admits only those who are in both lists.
            let province = nation.provinces.get(&code)?;
            Some(take(&nation.registry, province))
        });
        let unavailable = |what: String| (StatusCode::SERVICE_UNAVAILABLE, what);
        match done.await {
            Ok(Some(Ok(answer))) => Ok(Json(answer)),
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, "a province waits");
                Err(unavailable(error.to_string()))
            }
            Ok(None) => Err((StatusCode::FORBIDDEN, String::new())),
            Err(error) => Err(unavailable(error.to_string())),
        }
    }
}
