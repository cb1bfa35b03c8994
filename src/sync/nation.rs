//! The nation's side of the feed: it listens, and knows each province by its key.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::StatusCode,
    routing::post,
};
use tokio::net::TcpListener;

use super::{
    tls::{Identity, Peer, PeerKey, listener},
    wire,
};
use crate::{
    clock,
    registry::{Followed, Province, Registry, SignedHead},
};

type From = ConnectInfo<Peer>;
type Answer = Result<Json<Followed>, (StatusCode, String)>;

struct Nation {
    registry: Arc<Registry>,
    provinces: HashMap<String, Province>,
}

/// Answers the provinces on this socket until it is dropped.
///
/// # Errors
/// What the system says of the socket.
pub async fn run(
    registry: Arc<Registry>,
    socket: TcpListener,
    identity: &Identity,
    provinces: Vec<(PeerKey, Province)>,
) -> std::io::Result<()> {
    let peers = provinces
        .iter()
        .map(|(key, province)| (*key, province.code.clone()))
        .collect();
    let provinces = provinces
        .into_iter()
        .map(|(_, province)| (province.code.clone(), province))
        .collect();
    let nation = Arc::new(Nation {
        registry,
        provinces,
    });
    let router = Router::new()
        .route("/feed/v1/page", post(page))
        .route("/feed/v1/head", post(head))
        .route("/feed/v1/witness", post(witness))
        .layer(DefaultBodyLimit::max(wire::LONGEST))
        .with_state(nation);
    let peers = listener(socket, identity, peers);
    let service = router.into_make_service_with_connect_info::<Peer>();
    axum::serve(peers, service).await
}

async fn page(State(nation): State<Arc<Nation>>, ConnectInfo(peer): From, body: Bytes) -> Answer {
    let page = wire::decode(&body).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
    nation
        .answer(&peer, move |r, province| {
            r.follow(province, &page, clock::now())
        })
        .await
}

async fn head(
    State(nation): State<Arc<Nation>>,
    ConnectInfo(peer): From,
    Json(head): Json<SignedHead>,
) -> Answer {
    nation
        .answer(&peer, move |r, province| {
            r.follow_head(province, &head, clock::now())
        })
        .await
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

impl Nation {
    async fn answer(
        self: &Arc<Self>,
        peer: &Peer,
        take: impl FnOnce(&Registry, &Province) -> crate::registry::Result<Followed> + Send + 'static,
    ) -> Answer {
        let nation = Arc::clone(self);
        let code = peer.province.to_string();
        let done = tokio::task::spawn_blocking(move || {
            // Cannot fail: the listener admits only those who are in both lists.
            let province = nation.provinces.get(&code)?;
            Some(take(&nation.registry, province))
        });
        let unavailable = |what: String| (StatusCode::SERVICE_UNAVAILABLE, what);
        match done.await {
            Ok(Some(Ok(followed))) => Ok(Json(followed)),
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, "a province waits");
                Err(unavailable(error.to_string()))
            }
            Ok(None) => Err((StatusCode::FORBIDDEN, String::new())),
            Err(error) => Err(unavailable(error.to_string())),
        }
    }
}
