//! Who is not a peer is refused, is told so, and holds nobody up.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use axum::body::Bytes;
use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{
    AlertDescription, ClientConfig, ServerConfig, SignatureScheme,
    client::{AlwaysResolvesClientRawPublicKeys, ResolvesClientCert},
    pki_types::{CertificateDer, ServerName},
    server::AlwaysResolvesServerRawPublicKeys,
    sign::CertifiedKey,
    version::TLS13,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{Client, NATION, Nation, OTHER_PROVINCE, PROVINCE, STRANGER, node};
use crate::sync::tls::{
    Identity, PeerKey, Pins, TransportError,
    listener::{Spoken, UNFINISHED},
};

/// A certificate for `CERTIFIED`, made with `openssl req -x509`.
const CERTIFICATE: &str = "MIIBRDCB96ADAgECAhQs3wkwNL1jWAlUNE91l0OaTuBJ/DAFBgMrZXAwFzEVMBMGA1UE\
    AwwMZmVlZC5pbnZhbGlkMCAXDTI2MTEyNDA2NTkyNFoYDzIxMjYxMDMxMDY1OTI0WjAXMRUwEwYDVQQDDAxmZWVkLmlu\
    dmFsaWQwKjAFBgMrZXADIQBKqn13tufi4xdK4dGCITwhxFiyDQkusHfQ9iJex3q9caNTMFEwHQYDVR0OBBYEFDgqCrrJ\
    VZ5fEdupica/8EurIncWMB8GA1UdIwQYMBaAFDgqCrrJVZ5fEdupica/8EurIncWMA8GA1UdEwEB/wQFMAMBAf8wBQYD\
    K2VwA0EAlpP//807S1+eDsO4xtyEnPlGLSKahpaIXZHyo25BAK8g3Dk4obg84HRbaoIAs3f+uSM/EqfBto0N9QQ0lKIj\
    CQ==";

/// Presents something as a certificate, not as a bare key.
#[derive(Debug)]
struct Certified(Arc<CertifiedKey>);

impl ResolvesClientCert for Certified {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn pins(server: PeerKey) -> Arc<Pins> {
    Pins::new(HashMap::from([(server, Arc::from("server"))]))
}

/// Shakes hands with a nation in a way of one's own; ends when the nation hangs up.
async fn shakes(nation: &Nation, presents: Arc<dyn ResolvesClientCert>) -> AlertDescription {
    let pins = pins(node(NATION).public());
    let config = ClientConfig::builder_with_provider(Arc::clone(&pins.provider))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(pins)
        .with_client_cert_resolver(presents);
    let tcp = TcpStream::connect(nation.address).await.expect("a server");
    let name = ServerName::try_from("feed.invalid").expect("a name");
    let refused = async {
        let mut tls = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await?;
        let mut answer = Vec::new();
        tls.read_to_end(&mut answer).await?;
        Ok(answer)
    };
    let error: io::Error = refused.await.expect_err("a refusal");
    match error.get_ref().and_then(|e| e.downcast_ref()) {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert: {error:?}"),
    }
}

fn signing_as(presented: &[u8], signer: &Identity) -> Arc<CertifiedKey> {
    let presented = CertificateDer::from(presented.to_vec());
    Arc::new(CertifiedKey::new(vec![presented], Arc::clone(&signer.key)))
}

fn spki(identity: &Identity) -> CertificateDer<'static> {
    identity.presentable().cert[0].clone()
}

#[tokio::test]
async fn a_stranger_is_refused_and_knows_it_was_not_heard() {
    let nation = Nation::starts();
    let client = nation.called_by(STRANGER);
    for _ in 0..50 {
        let error = client
            .post("/who", Bytes::new())
            .await
            .expect_err("a refusal");
        assert!(matches!(error, TransportError::Refused(_)), "{error:?}");
        assert!(!error.may_have_arrived());
        assert!(
            error.to_string().contains("refuses this node's key"),
            "{error}"
        );
    }
    assert_eq!(nation.connections(), 0);
    nation.goes_on().await;
}

#[tokio::test]
async fn another_server_is_not_spoken_to() {
    let nation = Nation::starts();
    let other = node(STRANGER).public();
    let client = nation.called(&node(PROVINCE), other);
    let error = client
        .post("/who", Bytes::new())
        .await
        .expect_err("another");
    assert!(matches!(error, TransportError::WrongServer(_)), "{error:?}");
    assert!(!error.may_have_arrived());
    // An operator who sees the key that answers can compare it with the right one.
    let answers = node(NATION).public().to_string();
    assert!(error.to_string().contains(&answers), "{error}");
    assert_eq!(nation.connections(), 0);
    nation.goes_on().await;
}

#[tokio::test]
async fn a_key_without_its_secret_half_proves_nothing() {
    let nation = Nation::starts();
    let stolen = signing_as(&spki(&node(PROVINCE)), &node(STRANGER));
    let presents = Arc::new(AlwaysResolvesClientRawPublicKeys::new(stolen));
    assert_eq!(
        shakes(&nation, presents).await,
        AlertDescription::DecryptError
    );
    nation.goes_on().await;
}

/// Nor does another peer's secret.
#[tokio::test]
async fn one_province_cannot_speak_for_another() {
    let nation = Nation::starts();
    let borrowed = signing_as(&spki(&node(PROVINCE)), &node(OTHER_PROVINCE));
    let presents = Arc::new(AlwaysResolvesClientRawPublicKeys::new(borrowed));
    assert_eq!(
        shakes(&nation, presents).await,
        AlertDescription::DecryptError
    );
}

#[tokio::test]
async fn a_server_with_a_stolen_key_is_not_spoken_to() {
    let nation = node(NATION).public();
    let config = ServerConfig::builder_with_provider(Arc::clone(&pins(nation).provider))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(pins(node(PROVINCE).public()))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(
            signing_as(&spki(&node(NATION)), &node(STRANGER)),
        )));
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = tcp.local_addr().expect("an address").to_string();
    let server = tokio::spawn(async move {
        let (tcp, _) = tcp.accept().await.expect("a call");
        TlsAcceptor::from(Arc::new(config))
            .accept(tcp)
            .await
            .is_ok()
    });
    let client = Client::new(address, &node(PROVINCE), nation).expect("a client");
    let error = client
        .post("/who", Bytes::new())
        .await
        .expect_err("a forger");
    assert!(matches!(error, TransportError::WrongServer(_)), "{error:?}");
    assert!(!server.await.expect("no panic"));
}

/// Not even one for a peer's own key: what is written around the key would be believed by nobody.
#[tokio::test]
async fn a_certificate_is_no_key() {
    let nation = Nation::starts();
    let certificate = STANDARD.decode(CERTIFICATE).expect("base64");
    let own = spki(&node(PROVINCE));
    for presented in [&certificate[..], &own[..]] {
        let presents = Certified(signing_as(presented, &node(PROVINCE)));
        let alert = shakes(&nation, Arc::new(presents)).await;
        assert_eq!(alert, AlertDescription::HandshakeFailure);
    }
    // One that is sent where a bare key was agreed on.
    let disguised = signing_as(&certificate, &node(PROVINCE));
    let presents = Arc::new(AlwaysResolvesClientRawPublicKeys::new(disguised));
    assert_eq!(
        shakes(&nation, presents).await,
        AlertDescription::BadCertificate
    );
    nation.goes_on().await;
}

/// Sends bytes and reads what comes until the end.
async fn sends(nation: &Nation, bytes: &[u8]) -> Vec<u8> {
    let mut tcp = TcpStream::connect(nation.address).await.expect("a server");
    tcp.write_all(bytes).await.expect("sent");
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(3), tcp.read_to_end(&mut answer)).await;
    // A reset after the alert is an end as well.
    let _ = read.expect("the server hangs up");
    answer
}

#[tokio::test]
async fn http_without_tls_is_refused() {
    let nation = Nation::starts();
    let request = b"POST /who HTTP/1.1\r\nhost: feed.invalid\r\ncontent-length: 0\r\n\r\n";
    let answer = sends(&nation, request).await;
    // A fatal alert of TLS, and no word of HTTP.
    assert_eq!(
        (answer[0], answer.len(), answer[5]),
        (0x15, 7, 2),
        "{answer:x?}"
    );
    assert_eq!(nation.connections(), 0);
    nation.goes_on().await;
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let nation = Nation::starts();
    let answer = sends(&nation, &hello_1_2()).await;
    // Fatal: protocol_version.
    assert_eq!(answer, [0x15, 3, 3, 0, 2, 2, 70]);
    nation.goes_on().await;
}

/// The first message of a client that knows TLS 1.2 at most, and offers bare keys in it.
fn hello_1_2() -> Vec<u8> {
    let mut extensions = Vec::new();
    for (kind, body) in [
        (10_u8, &[0, 2, 0, 29][..]), // X25519
        (13, &[0, 2, 8, 7]),         // Ed25519
        (11, &[1, 0]),               // uncompressed points
        (23, &[]),                   // extended master secret
        (19, &[1, 2]),               // the client's bare key
        (20, &[1, 2]),               // the server's
    ] {
        let length = u8::try_from(body.len()).expect("short");
        extensions.extend([0, kind, 0, length]);
        extensions.extend(body);
    }
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    // No session; ECDHE_ECDSA with AES-128-GCM; no compression.
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    hello.extend([0, u8::try_from(extensions.len()).expect("short")]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len()).expect("short");
    let mut message = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
    message.extend(hello);
    message
}

/// More silent connections than there may be handshakes, all of them still open.
#[tokio::test]
async fn silence_delays_nobody() {
    let nation = Nation::starts();
    let mut silent = Vec::new();
    for _ in 0..UNFINISHED + 100 {
        silent.push(TcpStream::connect(nation.address).await.expect("a server"));
    }
    nation.goes_on().await;
    // Those that were there first made room; the last ones still have their time.
    let mut byte = [0];
    let first = timeout(Duration::from_secs(3), silent[0].read(&mut byte)).await;
    assert!(matches!(first, Ok(Ok(0) | Err(_))), "{first:?}");
    let last = silent.last_mut().expect("some").read(&mut byte);
    assert!(timeout(Duration::from_millis(100), last).await.is_err());
}

#[tokio::test]
async fn a_handshake_has_its_time() {
    let brief = Duration::from_millis(300);
    let nation = Nation::starts_at("127.0.0.1:0", brief, Duration::from_secs(60));
    // One says nothing, one stops in the middle of a word.
    assert!(sends(&nation, &[]).await.is_empty());
    assert!(sends(&nation, &hello_1_2()[..40]).await.is_empty());
    nation.goes_on().await;
}

/// Ten thousand refusals in a minute are five lines, and the sixth counts the others.
#[test]
fn whoever_hammers_the_port_does_not_fill_the_log() {
    let (spoken, start) = (Spoken::default(), Instant::now());
    let said = |from: u64, until: u64| -> Vec<u64> {
        let at = (from..until).map(|ms| start + Duration::from_millis(ms));
        at.filter_map(|now| spoken.may_say(now)).collect()
    };
    assert_eq!(said(0, 10_000), [0; 5]);
    assert!(said(10_000, 59_999).is_empty());
    assert_eq!(said(60_000, 60_001), [59_999 - 5]);
    assert_eq!(said(60_001, 60_003), [0, 0]);
}
