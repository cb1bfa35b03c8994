//! Two nodes and those who would like to be one.

mod hostile;
mod line;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    response::Redirect,
    routing::post,
};
use tokio::{net::TcpListener, runtime::Runtime};

use super::{Client, Identity, MAX_BODY, Peer, PeerKey, listener::patient_listener};

const NATION: u8 = 1;
const PROVINCE: u8 = 2;
const OTHER_PROVINCE: u8 = 3;
const STRANGER: u8 = 4;

fn node(seed: u8) -> Identity {
    Identity::from_seed(&[seed; 32])
}

/// A nation that takes calls of two provinces, in a runtime of its own: when it stops, its
/// connections break, as those of a program do.
struct Nation {
    address: SocketAddr,
    seen: Arc<Mutex<HashSet<SocketAddr>>>,
    runtime: Option<Runtime>,
}

impl Nation {
    fn starts() -> Self {
        Self::starts_at(
            "127.0.0.1:0",
            Duration::from_secs(5),
            Duration::from_secs(60),
        )
    }

    fn starts_at(address: &str, handshake: Duration, still: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let std = std::net::TcpListener::bind(address).expect("an address");
        std.set_nonblocking(true).expect("a socket");
        let address = std.local_addr().expect("an address");
        let seen = Arc::default();
        let routes = routes(Arc::clone(&seen));
        runtime.spawn(async move {
            let tcp = TcpListener::from_std(std).expect("a socket");
            let peers = HashMap::from([
                (node(PROVINCE).public(), "91".to_owned()),
                (node(OTHER_PROVINCE).public(), "92".to_owned()),
            ]);
            let listener = patient_listener(tcp, &node(NATION), peers, handshake, still);
            let service = routes.into_make_service_with_connect_info::<Peer>();
            axum::serve(listener, service).await
        });
        Self {
            address,
            seen,
            runtime: Some(runtime),
        }
    }

    fn stops(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// How many connections have carried a request.
    fn connections(&self) -> usize {
        self.seen.lock().expect("no panic").len()
    }

    fn called_by(&self, seed: u8) -> Client {
        self.called(&node(seed), node(NATION).public())
    }

    fn called(&self, identity: &Identity, server: PeerKey) -> Client {
        Client::new(self.address.to_string(), identity, server).expect("a client")
    }

    /// The server goes on: a province is answered, and at once.
    async fn goes_on(&self) {
        let asked = std::time::Instant::now();
        let client = self.called_by(PROVINCE);
        let (_, body) = client.post("/who", Bytes::new()).await.expect("an answer");
        assert_eq!(body, "91");
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

impl Drop for Nation {
    fn drop(&mut self) {
        self.stops();
    }
}

fn routes(seen: Arc<Mutex<HashSet<SocketAddr>>>) -> Router {
    async fn who(
        State(seen): State<Arc<Mutex<HashSet<SocketAddr>>>>,
        ConnectInfo(peer): ConnectInfo<Peer>,
    ) -> String {
        seen.lock().expect("no panic").insert(peer.address);
        peer.province.to_string()
    }
    Router::new()
        .route("/who", post(who))
        .route("/echo", post(async |body: Bytes| body))
        .route("/elsewhere", post(async || Redirect::to("/who")))
        .route("/endless", post(async || vec![0_u8; MAX_BODY + 1]))
        .route(
            "/fails",
            post(async || -> () { std::panic::resume_unwind(Box::new(())) }),
        )
        .route(
            "/thinks",
            post(async || tokio::time::sleep(Duration::from_secs(60)).await),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(seen)
}

#[test]
fn a_key_is_one_line_of_text_and_back() {
    let key = node(PROVINCE).public();
    let text = key.to_string();
    assert_eq!(text.len(), 43);
    assert_eq!(text.parse(), Ok(key));
    assert_eq!(format!(" {text}\n").parse(), Ok(key));
    assert_eq!(format!("{:?}", node(PROVINCE)), format!("Identity({text})"));
    for wrong in [
        "",
        &text[1..],
        &format!("{text}="),
        &format!("{text}A"),
        &"A".repeat(43),
    ] {
        assert!(wrong.parse::<PeerKey>().is_err(), "{wrong}");
    }
}

/// The second test of RFC 8032, 7.1.
#[test]
fn a_seed_has_the_public_key_that_others_compute() {
    let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    assert_eq!(Identity::from_seed(&seed).public(), PeerKey(public));
}

fn hex(text: &str) -> [u8; 32] {
    let digits = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex");
    std::array::from_fn(digits)
}
