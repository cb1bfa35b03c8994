//! The keys of this node, kept in a file of their own apart from the database, so that a stolen
//! database opens nothing and answers nothing.
//!
//! Three sorts: sealing keys (the newest seals, the others still open what they sealed), the
//! index key (look-ups go by a keyed digest: an unkeyed one of a document number is tried out in
//! hours) and the session key. None prints, and all are wiped when dropped.
//!
//! What may go wrong: a file lost is every sealed record lost, so a file is never overwritten by
//! another node's keys, and a new one is on the disk before it is known under its name.

mod domain;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub use self::domain::Domain;

/// The name of the file in the node's folder.
pub const FILE: &str = "keys.json";

/// The first byte of everything sealed; another byte is another format.
const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const TAG: usize = 16;
const HEAD: usize = 1 + KEY_ID + NONCE;
/// The format of the file.
const FILE_VERSION: u32 = 1;

/// Why a key, a file or something sealed cannot be used. Says nothing of what was in it.
#[derive(Debug)]
pub enum KeyError {
    /// The file cannot be read or written.
    File(io::Error),
    /// There are keys already; they are never overwritten.
    Exists,
    /// Others than the file's owner may read it.
    Exposed,
    /// The file is there and is not a key file this program knows.
    Unreadable,
    /// What was to be opened is too short or of an unknown format.
    Malformed,
    /// It was sealed with a key that is not in this keyring.
    UnknownKey(u32),
    /// It was changed, or sealed for another purpose or another place.
    NotGenuine,
    /// A key to be added has an identifier that is not newer than all others.
    NotNewer,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "the key file cannot be used: {}", error.kind()),
            Self::Exists => f.write_str(
                "there is a key file already: it is never overwritten, because what was sealed \
                 with its keys would be lost",
            ),
            Self::Exposed => f.write_str(
                "others than its owner may read the key file: take their rights away (chmod 600) \
                 and consider its keys known",
            ),
            Self::Unreadable => f.write_str(
                "the key file is not one this program knows: restore it from its backup",
            ),
            Self::Malformed => f.write_str("this is not something sealed here"),
            Self::UnknownKey(id) => {
                write!(
                    f,
                    "it was sealed with key {id}, which is not in the key file"
                )
            }
            Self::NotGenuine => f.write_str("it was changed or sealed for another purpose"),
            Self::NotNewer => f.write_str("a new key must have a newer number than all others"),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<io::Error> for KeyError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// 32 secret bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Secret([u8; 32]);

impl Secret {
    fn draw(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Self([0; 32]);
        rng.fill_bytes(&mut secret.0);
        secret
    }
}

/// One sealing key with its cipher made ready.
struct Sealing {
    id: u32,
    secret: Secret,
    cipher: XChaCha20Poly1305,
}

impl Sealing {
    fn new(id: u32, secret: Secret) -> Self {
        let cipher = XChaCha20Poly1305::new((&secret.0).into());
        Self { id, secret, cipher }
    }
}

/// All keys of this node.
pub struct Keyring {
    /// Oldest first; never empty.
    sealing: Vec<Sealing>,
    index: Secret,
    session: Secret,
    log: Secret,
    witness: Secret,
    line: Secret,
    /// The index key's state for each domain, with the tag already in: a digest copies it.
    ready: [Hmac<Sha256>; 6],
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring of {} sealing keys", self.sealing.len())
    }
}

/// The file's text. Hexadecimal, so that it can be written on paper.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u32,
    sealing: Vec<TextKey>,
    index: String,
    session: String,
    log: String,
    witness: String,
    line: String,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct TextKey {
    id: u32,
    key: String,
}

impl Keyring {
    /// New keys for a new node.
    #[must_use]
    pub fn create(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let sealing = vec![Sealing::new(1, Secret::draw(rng))];
        let others = [(); 5].map(|()| Secret::draw(rng));
        Self::assemble(sealing, others)
    }

    fn assemble(sealing: Vec<Sealing>, [index, session, log, witness, line]: [Secret; 5]) -> Self {
        let ready = Domain::ALL.map(|domain| {
            let mut state = keyed(&index);
            absorb(&mut state, domain.tag());
            state
        });
        Self {
            sealing,
            index,
            session,
            log,
            witness,
            line,
            ready,
        }
    }

    /// Reads the keys from the node's folder.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let mut file = File::open(folder.join(FILE))?;
        #[cfg(unix)]
        if std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0 {
            return Err(KeyError::Exposed);
        }
        // Room enough for hundreds of keys, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
        file.read_to_end(&mut bytes)?;
        let text: Text = serde_json::from_slice(&bytes).map_err(|_| KeyError::Unreadable)?;
        let in_order = text.sealing.windows(2).all(|pair| pair[0].id < pair[1].id);
        if text.version != FILE_VERSION || text.sealing.is_empty() || !in_order {
            return Err(KeyError::Unreadable);
        }
        let sealing: Result<Vec<_>, KeyError> = text
            .sealing
            .iter()
            .map(|key| Ok(Sealing::new(key.id, from_hex(&key.key)?)))
            .collect();
        let others = [
            &text.index,
            &text.session,
            &text.log,
            &text.witness,
            &text.line,
        ];
        let [index, session, log, witness, line] = others.map(|hex| from_hex(hex));
        Ok(Self::assemble(
            sealing?,
            [index?, session?, log?, witness?, line?],
        ))
    }

    /// Writes the keys into the node's folder, where there must be none yet.
    pub fn save(&self, folder: &Path) -> Result<(), KeyError> {
        if folder.join(FILE).try_exists()? {
            return Err(KeyError::Exists);
        }
        let draft = self.write_draft(folder)?;
        // A link, unlike a renaming, fails if the name was taken meanwhile.
        let linked = fs::hard_link(&draft, folder.join(FILE));
        fs::remove_file(&draft)?;
        match linked {
            Ok(()) => Ok(File::open(folder)?.sync_all()?),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(KeyError::Exists),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds a sealing key, which seals from now on, and puts the file in the old one's place.
    /// The keys in the file must be these keys: another node's are not overwritten.
    pub fn rotate(
        &mut self,
        folder: &Path,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<u32, KeyError> {
        if !self.is_same_as(&Self::load(folder)?) {
            return Err(KeyError::Exists);
        }
        let id = self.newest().id.checked_add(1).ok_or(KeyError::NotNewer)?;
        self.sealing.push(Sealing::new(id, Secret::draw(rng)));
        let stored = self.write_draft(folder).and_then(|draft| {
            fs::rename(draft, folder.join(FILE))?;
            Ok(File::open(folder)?.sync_all()?)
        });
        if stored.is_err() {
            // Nothing may be sealed with a key that is not on the disk.
            self.sealing.pop();
        }
        stored.map(|()| id)
    }

    fn is_same_as(&self, other: &Self) -> bool {
        let ids = |keyring: &Self| keyring.sealing.iter().map(|key| key.id).collect::<Vec<_>>();
        let secrets = |keyring: &Self| {
            let mut all = Zeroizing::new(Vec::new());
            keyring
                .sealing
                .iter()
                .for_each(|key| all.extend_from_slice(&key.secret.0));
            all.extend_from_slice(&keyring.index.0);
            all.extend_from_slice(&keyring.session.0);
            all.extend_from_slice(&keyring.log.0);
            all.extend_from_slice(&keyring.witness.0);
            all.extend_from_slice(&keyring.line.0);
            all
        };
        ids(self) == ids(other)
            && bool::from(subtle::ConstantTimeEq::ct_eq(
                secrets(self).as_slice(),
                secrets(other).as_slice(),
            ))
    }

    /// A file beside the real one with everything in it, on the disk.
    fn write_draft(&self, folder: &Path) -> Result<PathBuf, KeyError> {
        let text = Text {
            version: FILE_VERSION,
            sealing: self
                .sealing
                .iter()
                .map(|key| TextKey {
                    id: key.id,
                    key: to_hex(&key.secret),
                })
                .collect(),
            index: to_hex(&self.index),
            session: to_hex(&self.session),
            log: to_hex(&self.log),
            witness: to_hex(&self.witness),
            line: to_hex(&self.line),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
        serde_json::to_writer_pretty(&mut *bytes, &text).map_err(|_| KeyError::Unreadable)?;
        let draft = folder.join(format!("{FILE}.draft"));
        // Left by a crash; it never became the file.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        Ok(draft)
    }

    fn newest(&self) -> &Sealing {
        // Cannot fail: `create` makes one, `load` refuses none, and none is ever taken away
        // but the one just added.
        &self.sealing[self.sealing.len() - 1]
    }

    /// The number of the key that seals now, for the column beside what it sealed.
    #[must_use]
    pub fn key_id(&self) -> u32 {
        self.newest().id
    }

    /// The seed of the key that signs the journal's checkpoints.
    #[must_use]
    pub fn log_seed(&self) -> &[u8; 32] {
        &self.log.0
    }

    /// The seed of the key that cosigns the journals of others.
    #[must_use]
    pub fn witness_seed(&self) -> &[u8; 32] {
        &self.witness.0
    }

    /// The seed of the key that this node is known by at the other end of a line.
    #[must_use]
    pub fn line_seed(&self) -> &[u8; 32] {
        &self.line.0
    }

    /// The key that marks sessions and forms.
    #[must_use]
    pub fn session_key(&self) -> &[u8; 32] {
        &self.session.0
    }

    /// Seals with the newest key: version ‖ key number ‖ nonce ‖ ciphertext ‖ tag. `purpose` says
    /// what and where it is (table, column, row); without the same words it does not open. The
    /// nonce is 192 random bits, so drawing one twice need not be feared.
    #[must_use]
    pub fn seal(
        &self,
        purpose: &[u8],
        plain: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Vec<u8> {
        let key = self.newest();
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        let bound = bound(&sealed[..=KEY_ID], purpose);
        sealed.extend_from_slice(plain);
        let tag = key
            .cipher
            .encrypt_inout_detached(&XNonce::from(nonce), &bound, (&mut sealed[HEAD..]).into())
            // Cannot fail: only a text of more than 256 GiB does.
            .expect("a record fits into one sealing");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Opens what [`Keyring::seal`] sealed for the same purpose.
    pub fn open(&self, purpose: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (head, rest) = sealed.split_at_checked(HEAD).ok_or(KeyError::Malformed)?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(KeyError::Malformed)?;
        if head[0] != VERSION {
            return Err(KeyError::Malformed);
        }
        let (_, nonce) = head
            .split_last_chunk::<NONCE>()
            .ok_or(KeyError::Malformed)?;
        let id = sealed_with(sealed)?;
        let key = self.sealing.iter().rev().find(|key| key.id == id);
        let key = key.ok_or(KeyError::UnknownKey(id))?;
        let mut plain = Zeroizing::new(body.to_vec());
        key.cipher
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                &bound(&head[..=KEY_ID], purpose),
                plain.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| KeyError::NotGenuine)?;
        Ok(plain)
    }

    /// The keyed digest of some parts, for finding what is sealed. Each part goes in with its
    /// length, so `["ab", "c"]` and `["a", "bc"]` differ.
    #[must_use]
    pub fn digest(&self, domain: Domain, parts: &[&[u8]]) -> [u8; 32] {
        let mut state = self.ready[domain as usize].clone();
        for part in parts {
            absorb(&mut state, part);
        }
        state.finalize().into_bytes().into()
    }

    /// The first half of [`Keyring::digest`]: enough for a key of a table.
    #[must_use]
    pub fn short_digest(&self, domain: Domain, parts: &[&[u8]]) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&self.digest(domain, parts)[..16]);
        short
    }
}

/// The number of the key something was sealed with.
pub fn sealed_with(sealed: &[u8]) -> Result<u32, KeyError> {
    match sealed.get(1..).and_then(<[u8]>::first_chunk) {
        Some(id) if sealed[0] == VERSION => Ok(u32::from_be_bytes(*id)),
        _ => Err(KeyError::Malformed),
    }
}

/// What the tag vouches for beside the text: version, key number and purpose.
fn bound(head: &[u8], purpose: &[u8]) -> Vec<u8> {
    [head, purpose].concat()
}

fn keyed(key: &Secret) -> Hmac<Sha256> {
    // Cannot fail: HMAC takes a key of any length.
    <Hmac<Sha256> as KeyInit>::new_from_slice(&key.0).expect("HMAC takes any key")
}

fn absorb(state: &mut Hmac<Sha256>, part: &[u8]) {
    // usize has at most 64 bits wherever this runs.
    state.update(&(part.len() as u64).to_be_bytes());
    state.update(part);
}

fn to_hex(secret: &Secret) -> String {
    let mut text = String::with_capacity(64);
    for byte in secret.0 {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(half)]));
        }
    }
    text
}

fn from_hex(text: &str) -> Result<Secret, KeyError> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(KeyError::Unreadable),
    };
    if text.len() != 64 {
        return Err(KeyError::Unreadable);
    }
    let mut secret = Secret([0; 32]);
    for (byte, pair) in secret.0.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(secret)
}

#[cfg(test)]
mod tests;
