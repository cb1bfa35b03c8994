//! The keyring's tests.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn ring() -> Keyring {
    Keyring::create(&mut rng(1))
}

proptest! {
    #[test]
    fn what_was_sealed_opens_for_its_purpose_only(
        plain: Vec<u8>, purpose: Vec<u8>, other: Vec<u8>,
    ) {
        let ring = ring();
        let sealed = ring.seal(&purpose, &plain, &mut rng(2));
        prop_assert_eq!(sealed.len(), HEAD + plain.len() + TAG);
        prop_assert_eq!(&*ring.open(&purpose, &sealed).expect("opens"), &plain);
        if other != purpose {
            prop_assert!(matches!(ring.open(&other, &sealed), Err(KeyError::NotGenuine)));
        }
    }

    #[test]
    fn nothing_that_was_not_sealed_opens(bytes: Vec<u8>) {
        prop_assert!(ring().open(b"purpose", &bytes).is_err());
    }
}

#[test]
fn every_changed_bit_is_noticed() {
    let ring = ring();
    let sealed = ring.seal(b"p", b"110105194912310021", &mut rng(2));
    for at in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(ring.open(b"p", &changed).is_err(), "bit {at}");
    }
    for end in 0..sealed.len() {
        assert!(ring.open(b"p", &sealed[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn two_sealings_of_one_text_differ_and_one_seed_gives_one_sealing() {
    let ring = ring();
    let mut generator = rng(2);
    let first = ring.seal(b"p", b"text", &mut generator);
    assert_ne!(first, ring.seal(b"p", b"text", &mut generator));
    assert_eq!(first, ring.seal(b"p", b"text", &mut rng(2)));
}

#[test]
fn digests_keep_domains_and_parts_apart() {
    let ring = ring();
    let all = [
        ring.digest(Domain::Document, &[b"ab", b"c"]),
        ring.digest(Domain::Document, &[b"a", b"bc"]),
        ring.digest(Domain::Document, &[b"abc"]),
        ring.digest(Domain::Document, &[b"abc", b""]),
        ring.digest(Domain::Document, &[]),
        ring.digest(Domain::DocumentAndName, &[b"ab", b"c"]),
        ring.digest(Domain::Ticket, &[b"ab", b"c"]),
        Keyring::create(&mut rng(9)).digest(Domain::Document, &[b"ab", b"c"]),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(all[at + 1..].iter().all(|other| other != one), "{at}");
    }
    assert_eq!(
        ring.short_digest(Domain::Document, &[b"ab", b"c"]),
        all[0][..16]
    );
}

#[test]
fn a_digest_is_the_plain_hmac_of_the_lengths_and_the_parts() {
    let ring = ring();
    let mut state = keyed(&ring.index);
    let tag = b"kecha digest ticket v1";
    for part in [tag.as_slice(), b"one", b"two"] {
        state.update(&u64::try_from(part.len()).expect("short").to_be_bytes());
        state.update(part);
    }
    let wanted: [u8; 32] = state.finalize().into_bytes().into();
    assert_eq!(ring.digest(Domain::Ticket, &[b"one", b"two"]), wanted);
}

#[test]
fn keys_come_back_from_the_file_and_are_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        Keyring::load(folder.path()),
        Err(KeyError::File(_))
    ));
    let ring = ring();
    ring.save(folder.path()).expect("saved");
    assert!(matches!(
        Keyring::create(&mut rng(3)).save(folder.path()),
        Err(KeyError::Exists)
    ));
    let back = Keyring::load(folder.path()).expect("loaded");
    assert!(back.is_same_as(&ring));
    assert_eq!(back.session_key(), ring.session_key());
    let sealed = ring.seal(b"p", b"text", &mut rng(2));
    assert_eq!(&**back.open(b"p", &sealed).expect("opens"), b"text");
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, [FILE], "no draft is left");
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ring = ring();
    ring.save(folder.path()).expect("saved");
    let old = ring.seal(b"p", b"old", &mut rng(2));
    let before = Keyring::load(folder.path()).expect("loaded");
    assert_eq!(ring.rotate(folder.path(), &mut rng(4)).expect("rotated"), 2);
    assert_eq!(ring.key_id(), 2);
    let new = ring.seal(b"p", b"new", &mut rng(2));
    assert_eq!(
        (sealed_with(&old).ok(), sealed_with(&new).ok()),
        (Some(1), Some(2))
    );
    let after = Keyring::load(folder.path()).expect("loaded");
    assert_eq!(&**after.open(b"p", &old).expect("opens"), b"old");
    assert_eq!(&**after.open(b"p", &new).expect("opens"), b"new");
    assert!(matches!(
        before.open(b"p", &new),
        Err(KeyError::UnknownKey(2))
    ));
    let mut stranger = Keyring::create(&mut rng(5));
    assert!(
        stranger.rotate(folder.path(), &mut rng(6)).is_err(),
        "not its file"
    );
    assert_eq!(stranger.key_id(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    ring().save(folder.path()).expect("saved");
    let path = folder.path().join(FILE);
    let mode = fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
    assert!(matches!(
        Keyring::load(folder.path()),
        Err(KeyError::Exposed)
    ));
}

#[test]
fn files_that_are_not_whole_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    ring().save(folder.path()).expect("saved");
    let path = folder.path().join(FILE);
    let whole = fs::read_to_string(&path).expect("text");
    for broken in [
        whole[..whole.len() / 2].to_owned(),
        whole.replace("\"version\": 1", "\"version\": 2"),
        whole.replacen("\"key\": \"", "\"key\": \"0", 1),
        whole.replacen("\"index\": \"", "\"index\": \"g", 1),
        whole.replace("\"session\"", "\"another\""),
    ] {
        assert_ne!(broken, whole);
        fs::write(&path, broken).expect("written");
        assert!(matches!(
            Keyring::load(folder.path()),
            Err(KeyError::Unreadable)
        ));
    }
}

#[test]
fn nothing_secret_is_printed() {
    let ring = ring();
    assert_eq!(format!("{ring:?}"), "Keyring of 1 sealing keys");
}
