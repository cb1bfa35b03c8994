//! The calling side: one connection to one server, kept open and dialled anew when it is broken.
//!
//! A caller has to know whether a request that failed may have been carried out. Two things make
//! the answer certain: nothing is sent before the server has confirmed the handshake, so a server
//! that refuses this node has read nothing; and a request is sent a second time only if no byte of
//! it had been written.

use std::{
    collections::HashMap, error::Error as _, fmt, future::poll_fn, io, net::Ipv4Addr, pin::Pin,
    sync::Arc, task::Poll, time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, Method, Request, StatusCode, Uri, header},
};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig,
    client::{AlwaysResolvesClientRawPublicKeys, Resumption},
    pki_types::ServerName,
    version::TLS13,
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
    sync::Mutex,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Identity, MAX_BODY, PeerKey, Pins};

/// How long it may take until a server has confirmed the handshake.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, beside the time a slow line needs for the request.
const ANSWER: Duration = Duration::from_secs(30);
/// The slowest line on which a long request is waited for.
const BYTES_PER_SECOND: usize = 128 << 10;

/// Speaks to the one server whose key it was given.
pub struct Client {
    address: String,
    host: HeaderValue,
    tls: TlsConnector,
    pub(super) connect: Duration,
    pub(super) answer: Duration,
    open: Mutex<Option<SendRequest<Body>>>,
}

/// Why a request has no answer.
#[derive(Debug)]
pub enum TransportError {
    /// Nobody answers at the address, or not in time.
    Unreachable(io::Error),
    /// Whoever answers at the address is not the server whose key was given.
    WrongServer(rustls::Error),
    /// The server does not know this node's key, or does not speak TLS 1.3 with bare keys.
    Refused(rustls::Error),
    /// The request cannot be written as HTTP.
    Unsendable(&'static str),
    /// The request was under way and no whole answer came.
    Unanswered(String),
}

impl TransportError {
    /// Whether the server may have read the request, and so may have done what it asks.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Unanswered(_))
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "the server cannot be reached: {error}"),
            Self::WrongServer(error) => {
                write!(f, "this is not the server with the given key: {error}")
            }
            Self::Refused(error) => write!(f, "the server refuses this node's key: {error}"),
            Self::Unsendable(why) => write!(f, "the request cannot be sent: {why}"),
            Self::Unanswered(why) => {
                write!(f, "no answer, the request may have arrived: {why}")
            }
        }
    }
}

impl std::error::Error for TransportError {}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        let inner = error.get_ref().and_then(|e| e.downcast_ref());
        match inner.cloned() {
            // What the server says of us, or what we say of it.
            Some(alert @ rustls::Error::AlertReceived(_)) => Self::Refused(alert),
            Some(other) => Self::WrongServer(other),
            None => Self::Unreachable(error),
        }
    }
}

fn unanswered(error: &hyper::Error) -> TransportError {
    let cause = error.source().map(|cause| format!(": {cause}"));
    TransportError::Unanswered(format!("{error}{}", cause.unwrap_or_default()))
}

impl Client {
    /// Will speak as this node to the server with that key; it dials when there is something to
    /// send.
    ///
    /// # Errors
    /// An address that is no host and port.
    pub fn new(
        address: String,
        identity: &Identity,
        server: PeerKey,
    ) -> Result<Self, TransportError> {
        let host = HeaderValue::from_str(&address)
            .map_err(|_| TransportError::Unsendable("the address is no host and port"))?;
        let pins = Pins::new(HashMap::from([(server, Arc::from("server"))]));
        // Cannot fail: the provider has the cipher suites of TLS 1.3.
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&pins.provider))
            .with_protocol_versions(&[&TLS13])
            .expect("TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(pins)
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                identity.presentable(),
            )));
        config.resumption = Resumption::disabled();
        Ok(Self {
            address,
            host,
            tls: TlsConnector::from(Arc::new(config)),
            connect: CONNECT,
            answer: ANSWER,
            open: Mutex::new(None),
        })
    }

    /// The same, for questions whose answer takes so long to find.
    #[must_use]
    pub fn patient(mut self, answer: Duration) -> Self {
        self.answer = answer;
        self
    }

    /// Sends a request and waits for its answer. Requests go one after the other; the answer is the
    /// server's, whatever its status, and a redirection is not followed.
    ///
    /// # Errors
    /// No answer; the error says whether the request may have arrived.
    pub async fn post(
        &self,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), TransportError> {
        let path: Uri = path
            .parse()
            .ok()
            .filter(|uri: &Uri| uri.authority().is_none() && uri.path().starts_with('/'))
            .ok_or(TransportError::Unsendable("the path is none"))?;
        let mut open = self.open.lock().await;
        loop {
            // Taken out while it is used: if it breaks, or the caller loses patience, it is gone.
            let kept = match open.take() {
                Some(kept) => self.still_open(kept).await,
                None => None,
            };
            let fresh = kept.is_none();
            let mut connection = match kept {
                Some(kept) => kept,
                None => self.dial().await?,
            };
            let request = self.request(path.clone(), body.clone());
            let seconds = u64::try_from(body.len() / BYTES_PER_SECOND).unwrap_or(u64::MAX);
            let patience = self.answer.saturating_add(Duration::from_secs(seconds));
            let exchanged = timeout(patience, exchange(&mut connection, request)).await;
            match exchanged.map_err(|_| TransportError::Unanswered("not in time".to_owned()))?? {
                Some(answer) => {
                    *open = Some(connection);
                    return Ok(answer);
                }
                // Closed before a byte of the request was written.
                None if fresh => {
                    return Err(TransportError::Unreachable(
                        io::ErrorKind::ConnectionReset.into(),
                    ));
                }
                None => {}
            }
        }
    }

    fn request(&self, path: Uri, body: Bytes) -> Request<Body> {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path;
        let headers = request.headers_mut();
        headers.insert(header::HOST, self.host.clone());
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        request
    }

    /// The connection, if it can take another request. One whose last request was answered before
    /// it was read to its end may never come to that.
    async fn still_open(&self, mut kept: SendRequest<Body>) -> Option<SendRequest<Body>> {
        let ready = timeout(self.connect, kept.ready()).await;
        matches!(ready, Ok(Ok(()))).then_some(kept)
    }

    async fn dial(&self) -> Result<SendRequest<Body>, TransportError> {
        let dialling = async {
            let tcp = TcpStream::connect(&self.address).await?;
            tcp.set_nodelay(true)?;
            // Keys have no names: this one is neither sent nor compared.
            let nobody = ServerName::from(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED));
            let mut tls = self.tls.connect(nobody, tcp).await?;
            confirmed(&mut tls).await?;
            Ok::<_, io::Error>(tls)
        };
        let tls = timeout(self.connect, dialling)
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let (sender, connection) = handshake(TokioIo::new(tls))
            .await
            .map_err(|error| TransportError::Unreachable(io::Error::other(error)))?;
        // It ends when the sender is dropped or the server hangs up; what failed, the sender says.
        tokio::spawn(async { drop(connection.await) });
        Ok(sender)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.address)
    }
}

/// Waits until the server has taken this node's key. In TLS 1.3 the client is done before the
/// server has looked at its key; the server's first ticket comes after, or else its refusal.
async fn confirmed(tls: &mut TlsStream<TcpStream>) -> io::Result<()> {
    poll_fn(|cx| {
        if tls.get_ref().1.tls13_tickets_received() > 0 {
            return Poll::Ready(Ok(()));
        }
        let mut byte = [0];
        let read = Pin::new(&mut *tls).poll_read(cx, &mut ReadBuf::new(&mut byte));
        match read {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // The end, or an answer to a question that was not asked.
            Poll::Ready(Ok(())) => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Poll::Pending if tls.get_ref().1.tls13_tickets_received() > 0 => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// One request and its whole answer; none if nothing of the request was written.
async fn exchange(
    connection: &mut SendRequest<Body>,
    request: Request<Body>,
) -> Result<Option<(StatusCode, Bytes)>, TransportError> {
    let (head, body) = match connection.try_send_request(request).await {
        Ok(answer) => answer.into_parts(),
        Err(mut error) => {
            return match error.take_message() {
                Some(_) => Ok(None),
                None => Err(unanswered(error.error())),
            };
        }
    };
    let body = to_bytes(Body::new(body), MAX_BODY)
        .await
        .map_err(|error| TransportError::Unanswered(error.to_string()))?;
    Ok(Some((head.status, body)))
}
