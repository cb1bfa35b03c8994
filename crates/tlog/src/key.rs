//! Keys and their names: how a note's signature lines say who signed, and how keys are written down
//! (C2SP signed-note, "Signatures" and "Verifier keys").
//!
//! The same Ed25519 key pair gives another key id for each type of signature, so a key that signs
//! for a log ([`crate::note`]) cannot be mistaken for one that cosigns ([`crate::cosignature`]).
//! The type is part of the Rust type here.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The type byte of Ed25519 signatures over a note's text.
pub const ED25519: u8 = 0x01;

/// The type byte of timestamped Ed25519 cosignatures of a checkpoint.
pub const COSIGNATURE: u8 = 0x04;

/// The four bytes that tell a key from others with its name: the beginning of
/// SHA-256(name ‖ 0x0A ‖ type ‖ public key). It identifies and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

/// Someone's public key, under a name, for one type of signature.
///
/// Prints and reads as a *verifier key*: `<name>+<key id in hex>+<base64 of type and key>`.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey<const TYPE: u8> {
    name: String,
    id: KeyId,
    key: VerifyingKey,
}

/// A private key, under a name, for one type of signature. It does not print; [`SecretKey::expose`]
/// gives its text. The key is wiped from memory when dropped.
#[derive(Clone)]
pub struct SecretKey<const TYPE: u8> {
    key: SigningKey,
    public: PublicKey<TYPE>,
}

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The name is empty, or has a space, a plus or a control character.
    Name,
    /// The parts between the plus signs are not those of a key.
    Shape,
    /// The key is for another type of signature; its type byte.
    Type(u8),
    /// The key id is not that of this name and key.
    Id,
    /// The 32 bytes are not a public key, or are one that would accept anybody's signature.
    Key,
}

impl KeyId {
    /// A key id that was computed elsewhere.
    pub const fn new(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The id that C2SP signed-note recommends for a key of this name and type.
    pub fn of(name: &str, signature_type: u8, public_key: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', signature_type])
            .chain_update(public_key)
            .finalize()
            .into();
        Self([digest[0], digest[1], digest[2], digest[3]])
    }

    /// The four bytes, as they stand in front of a signature.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

/// Whether a key may have this name: not empty, no Unicode space, no plus, no control character.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c < ' ')
}

impl<const TYPE: u8> PublicKey<TYPE> {
    /// The key with these 32 bytes (RFC 8032, section 5.1.2), under this name.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Key`].
    pub fn new(name: &str, key: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let key = VerifyingKey::from_bytes(key).map_err(|_| KeyError::Key)?;
        if key.is_weak() {
            return Err(KeyError::Key);
        }
        Ok(Self {
            name: name.to_owned(),
            id: KeyId::of(name, TYPE, key.as_bytes()),
            key,
        })
    }

    /// Whose key it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its key id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether these 64 bytes are this key's Ed25519 signature of the message.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl<const TYPE: u8> SecretKey<TYPE> {
    /// The key that grows from this seed (RFC 8032, section 5.1.5), under this name. The seed must
    /// come from a good source of randomness; this crate has none.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::new(name, key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey<TYPE> {
        &self.public
    }

    /// The private key as text, `PRIVATE+KEY+<name>+<key id in hex>+<base64 of type and seed>`, as
    /// Go's `sumdb/note` writes it. Whoever reads it can sign.
    pub fn expose(&self) -> String {
        let PublicKey { name, id, .. } = &self.public;
        format!(
            "PRIVATE+KEY+{name}+{id}+{}",
            typed(TYPE, self.key.as_bytes())
        )
    }

    /// The Ed25519 signature of the message.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// A key and the type byte in front of it, in base64.
fn typed(signature_type: u8, key: &[u8; 32]) -> String {
    let mut bytes = [signature_type; 33];
    bytes[1..].copy_from_slice(key);
    STANDARD.encode(bytes)
}

/// The reverse of [`typed`].
fn untyped<const TYPE: u8>(text: &str) -> Result<[u8; 32], KeyError> {
    let bytes = STANDARD.decode(text).map_err(|_| KeyError::Shape)?;
    match bytes.split_first() {
        Some((&have, key)) if have == TYPE => key.try_into().map_err(|_| KeyError::Shape),
        Some((&other, _)) => Err(KeyError::Type(other)),
        None => Err(KeyError::Shape),
    }
}

impl<const TYPE: u8> FromStr for PublicKey<TYPE> {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Shape);
        };
        let key = Self::new(name, &untyped::<TYPE>(key)?)?;
        if key.id.to_string() != id {
            return Err(KeyError::Id);
        }
        Ok(key)
    }
}

impl<const TYPE: u8> FromStr for SecretKey<TYPE> {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Shape)?;
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(seed)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Shape);
        };
        let key = Self::new(name, &untyped::<TYPE>(seed)?)?;
        if key.public.id.to_string() != id {
            return Err(KeyError::Id);
        }
        Ok(key)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl<const TYPE: u8> fmt::Display for PublicKey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}+{}+{}",
            self.name,
            self.id,
            typed(TYPE, self.key.as_bytes())
        )
    }
}

impl<const TYPE: u8> fmt::Debug for PublicKey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl<const TYPE: u8> fmt::Debug for SecretKey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}+{})", self.public.name, self.public.id)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the key's name is empty or has a space, plus or control"),
            Self::Shape => f.write_str("this is not written like a key"),
            Self::Type(have) => write!(f, "the key is of the type {have:#04x}, not the one needed"),
            Self::Id => f.write_str("the key id does not belong to this name and key"),
            Self::Key => f.write_str("the 32 bytes are not a usable public key"),
        }
    }
}

impl std::error::Error for KeyError {}
