//! The answering side: hands on a connection once its other end has proven whose it is.
//!
//! Handshakes run beside each other and beside the accepting. One that takes too long is ended, and
//! when too many are unfinished the oldest goes: a node needs a few round trips, whoever holds
//! connections open to keep others out has to be faster than that with every one of them.

use std::{
    collections::{HashMap, VecDeque},
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use rustls::{
    ServerConfig,
    server::{AlwaysResolvesServerRawPublicKeys, StoresServerSessions},
    version::TLS13,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{Identity, PeerKey, Pins};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How many may be unfinished at once.
pub(super) const UNFINISHED: usize = 256;
/// How long a connection may lie still: a province sends its signed head every minute, so the other
/// end of this one is gone.
const STILL: Duration = Duration::from_secs(300);
/// So many refusals are told of in so long a stretch; the next one told of counts the others.
const SAID: u32 = 5;
const STRETCH: Duration = Duration::from_secs(60);

/// Who is at the other end of a connection: `ConnectInfo<Peer>` in a handler.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The province whose key it proved.
    pub province: Arc<str>,
    /// Where it calls from.
    pub address: SocketAddr,
}

/// A listener for `axum::serve` that admits the given peers and nobody else.
#[derive(Debug)]
pub struct PeerListener {
    tcp: TcpListener,
    tls: Arc<Handshake>,
    unfinished: JoinSet<Option<(Line, SocketAddr)>>,
    oldest_first: VecDeque<AbortHandle>,
}

/// Listens for peers: their keys, and the code of the province that each belongs to.
///
/// The router behind it wants a `DefaultBodyLimit` of `MAX_BODY`.
#[must_use]
pub fn listener(
    tcp: TcpListener,
    identity: &Identity,
    peers: HashMap<PeerKey, String>,
) -> PeerListener {
    patient_listener(tcp, identity, peers, HANDSHAKE, STILL)
}

pub(super) fn patient_listener(
    tcp: TcpListener,
    identity: &Identity,
    peers: HashMap<PeerKey, String>,
    patience: Duration,
    still: Duration,
) -> PeerListener {
    let peers = peers.into_iter().map(|(key, code)| (key, code.into()));
    let pins = Pins::new(peers.collect());
    // Cannot fail: the provider has the cipher suites of TLS 1.3.
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&pins.provider))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(Arc::clone(&pins) as _)
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(
            identity.presentable(),
        )));
    config.session_storage = Arc::new(Receipts);
    config.send_tls13_tickets = 1;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    PeerListener {
        tcp,
        tls: Arc::new(Handshake {
            acceptor,
            pins,
            patience,
            still,
            spoken: Spoken::default(),
        }),
        unfinished: JoinSet::new(),
        oldest_first: VecDeque::new(),
    }
}

/// Nothing is resumed: each connection proves the keys anew. A ticket is sent all the same, as the
/// receipt for a finished handshake that TLS 1.3 has no other message for; the client waits for it.
#[derive(Debug)]
struct Receipts;

impl StoresServerSessions for Receipts {
    fn put(&self, _key: Vec<u8>, _value: Vec<u8>) -> bool {
        true
    }

    fn get(&self, _key: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn take(&self, _key: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn can_cache(&self) -> bool {
        true
    }
}

struct Handshake {
    acceptor: TlsAcceptor,
    pins: Arc<Pins>,
    patience: Duration,
    still: Duration,
    spoken: Spoken,
}

/// When refusals were told of: whoever hammers the port must not fill the log.
#[derive(Debug, Default)]
pub(super) struct Spoken(Mutex<Refusals>);

#[derive(Debug, Default)]
struct Refusals {
    /// When the present stretch began.
    since: Option<Instant>,
    /// How many were told of in it.
    said: u32,
    /// How many were not, since the last one that was.
    unsaid: u64,
}

impl Spoken {
    /// Counts a refusal. When it may be told of, how many before it were not.
    pub(super) fn may_say(&self, now: Instant) -> Option<u64> {
        let mut refusals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals
            .since
            .is_none_or(|since| now.duration_since(since) >= STRETCH)
        {
            refusals.since = Some(now);
            refusals.said = 0;
        }
        if refusals.said >= SAID {
            refusals.unsaid += 1;
            return None;
        }
        refusals.said += 1;
        Some(std::mem::take(&mut refusals.unsaid))
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pins.fmt(f)
    }
}

impl Handshake {
    async fn with(self: Arc<Self>, tcp: TcpStream, from: SocketAddr) -> Option<(Line, SocketAddr)> {
        match timeout(self.patience, self.admit(tcp)).await {
            Ok(Ok(line)) => return Some((line, from)),
            Ok(Err(error)) => self.refused(from, &error),
            Err(_) => self.refused(from, &"no handshake in time"),
        }
        None
    }

    /// Says that a stranger was refused, and how many others since it was last said.
    fn refused(&self, from: SocketAddr, why: &dyn fmt::Display) {
        if let Some(unsaid) = self.spoken.may_say(Instant::now()) {
            tracing::info!(%from, %why, unsaid, "feed: refused");
        }
    }

    async fn admit(&self, tcp: TcpStream) -> io::Result<Line> {
        // Answers are short and waited for.
        tcp.set_nodelay(true)?;
        let tls = self.acceptor.accept(tcp).await?;
        let presented = tls.get_ref().1.peer_certificates();
        let province = presented
            .and_then(|chain| self.pins.whose(chain.first()?))
            .ok_or_else(|| io::Error::other("no key was presented"))?;
        Ok(Line {
            tls,
            province,
            patience: self.still,
            still: Box::pin(sleep(self.still)),
        })
    }
}

impl PeerListener {
    fn begin(&mut self, tcp: TcpStream, from: SocketAddr) {
        self.oldest_first.retain(|task| !task.is_finished());
        if self.oldest_first.len() >= UNFINISHED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            oldest.abort();
        }
        let task = self.unfinished.spawn(Arc::clone(&self.tls).with(tcp, from));
        self.oldest_first.push_back(task);
    }
}

impl axum::serve::Listener for PeerListener {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            tokio::select! {
                (tcp, from) = accepted(&self.tcp) => self.begin(tcp, from),
                // The handshake that was ended for a newer one is an error here, and no news.
                Some(done) = self.unfinished.join_next() => if let Ok(Some(admitted)) = done {
                    return admitted;
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

async fn accepted(tcp: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match tcp.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "feed: cannot accept");
                // Too many open files, most likely: some of them will be closed.
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Connected<IncomingStream<'_, PeerListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, PeerListener>) -> Self {
        Self {
            province: Arc::clone(&stream.io().province),
            address: *stream.remote_addr(),
        }
    }
}

/// A connection with a peer. It ends when nothing has moved on it for a while, or the lines that a
/// network broke without a word would pile up.
#[derive(Debug)]
pub struct Line {
    tls: TlsStream<TcpStream>,
    province: Arc<str>,
    patience: Duration,
    still: Pin<Box<Sleep>>,
}

impl Line {
    /// Looks at what came of moving bytes: it puts off the end, or finds that it has come.
    fn moved<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.still.as_mut().reset(Instant::now() + self.patience);
            return result;
        }
        self.still
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.tls).poll_read(cx, buf);
        self.moved(cx, read)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tls).poll_write(cx, buf);
        self.moved(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.tls).poll_flush(cx);
        match flushed {
            // There may have been nothing to flush.
            Poll::Ready(_) => flushed,
            Poll::Pending => self.moved(cx, flushed),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.tls).poll_shutdown(cx);
        self.moved(cx, closed)
    }
}
