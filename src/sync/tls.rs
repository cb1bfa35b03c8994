//! The line between two nodes: HTTP/1.1 over TLS 1.3, each side known by its Ed25519 key.
//!
//! There are no certificates. Each side sends its bare public key (RFC 7250) and proves that it has
//! the secret one; the other compares it with the keys it was given. So there is no authority that
//! could vouch for a stranger, no name that could be hijacked, and no date on which the feed stops.
//!
//! What may go wrong: whoever has a node's seed can speak as that node. `docs/decisions/0014` says
//! why it is so.

mod client;
mod listener;
#[cfg(test)]
mod tests;

pub use client::{Client, TransportError};
pub use listener::{Line, Peer, PeerListener, listener};

use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls13_signature_with_raw_key},
    pki_types::{
        CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
    },
    server::danger::{ClientCertVerified, ClientCertVerifier},
    sign::{CertifiedKey, SigningKey},
};
use zeroize::Zeroizing;

/// The longest body either side sends: a server sets it as the limit of its router, a client reads
/// no longer answer.
pub const MAX_BODY: usize = 16 << 20;

/// What stands before the 32 bytes of a seed in PKCS#8, and before those of a public key in the
/// form that TLS sends (RFC 8410).
const SECRET: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
const PUBLIC: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// The public key by which a node is known on the line: 43 characters of base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerKey([u8; 32]);

/// A text that is not the key of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKey;

impl PeerKey {
    /// The key in what a handshake calls a certificate.
    fn presented(certificate: &[u8]) -> Option<Self> {
        let key = certificate.strip_prefix(&PUBLIC)?;
        Some(Self(key.try_into().ok()?))
    }
}

impl fmt::Display for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerKey({self})")
    }
}

impl FromStr for PeerKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let mut key = [0; 32];
        let read = STANDARD_NO_PAD.decode_slice(text.trim(), &mut key);
        let whole = read.is_ok_and(|bytes| bytes == key.len());
        // Anybody can sign for a weak key, and 32 zeros, which a template might hold, are one.
        let strong = ed25519_dalek::VerifyingKey::from_bytes(&key).is_ok_and(|key| !key.is_weak());
        (whole && strong).then_some(Self(key)).ok_or(NotAKey)
    }
}

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node's key is an Ed25519 public key, 43 characters of base64")
    }
}

impl std::error::Error for NotAKey {}

/// A node's own key on the line.
#[derive(Clone)]
pub struct Identity {
    key: Arc<dyn SigningKey>,
    public: PeerKey,
}

impl Identity {
    /// The key that grows from a seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mut secret = Zeroizing::new([0; SECRET.len() + 32]);
        secret[..SECRET.len()].copy_from_slice(&SECRET);
        secret[SECRET.len()..].copy_from_slice(seed);
        let secret = PrivatePkcs8KeyDer::from(&secret[..]);
        // Cannot fail: every 32 bytes are an Ed25519 seed, and the form around them is constant.
        let key = ring::sign::any_eddsa_type(&secret).expect("a seed is a key");
        let public = key.public_key();
        let public = public.and_then(|spki| PeerKey::presented(&spki));
        // Cannot fail: an Ed25519 key tells its public half, in the one form that RFC 8410 has.
        let public = public.expect("an Ed25519 public key");
        Self { key, public }
    }

    /// What the other side is to be given.
    #[must_use]
    pub const fn public(&self) -> PeerKey {
        self.public
    }

    /// The key as TLS wants to present it.
    fn presentable(&self) -> Arc<CertifiedKey> {
        let spki = [&PUBLIC[..], &self.public.0[..]].concat();
        Arc::new(CertifiedKey::new(
            vec![CertificateDer::from(spki)],
            Arc::clone(&self.key),
        ))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.public)
    }
}

/// The keys that are believed, and whose each is.
#[derive(Debug)]
struct Pins {
    peers: HashMap<PeerKey, Arc<str>>,
    provider: Arc<CryptoProvider>,
}

/// A key that is nobody's here.
#[derive(Debug)]
struct Stranger(PeerKey);

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key {} is not known here", self.0)
    }
}

impl std::error::Error for Stranger {}

impl Pins {
    fn new(peers: HashMap<PeerKey, Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            peers,
            provider: Arc::new(ring::default_provider()),
        })
    }

    fn whose(&self, presented: &CertificateDer<'_>) -> Option<Arc<str>> {
        self.peers.get(&PeerKey::presented(presented)?).cloned()
    }

    fn check(&self, presented: &CertificateDer<'_>) -> Result<(), Error> {
        let Some(key) = PeerKey::presented(presented) else {
            return Err(CertificateError::BadEncoding.into());
        };
        if self.peers.contains_key(&key) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(Stranger(key)))).into())
    }

    /// Whether the other side has the secret half of the key it presented.
    fn prove(
        &self,
        message: &[u8],
        presented: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(
            message,
            &SubjectPublicKeyInfoDer::from(presented.as_ref()),
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }
}

/// TLS 1.2 is not spoken here; it could not prove a key in this way.
fn too_old() -> Error {
    Error::General("only TLS 1.3 is spoken".to_owned())
}

impl ServerCertVerifier for Pins {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end_entity)
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(too_old())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Pins {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(end_entity)
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(too_old())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
