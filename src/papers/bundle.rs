//! Many files in one: a zip whose file names say whose each is and what it is, such as
//! `ZK2026017-照片.jpg` or `ZK2026017-id_copy-2.png`. Folders in it do not matter.

use std::{
    fmt,
    io::{Cursor, Read},
};

use domain::material::MaterialKind;
use encoding_rs::GBK;
use zip::ZipArchive;

use super::picture;

/// The most files of one zip.
pub const FILES: usize = 1_000;

/// Why a zip is not looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// No zip, or a damaged one.
    NoZip,
    /// More than [`FILES`].
    TooMany,
}

impl BundleError {
    /// The end of its sentence's key.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoZip => "no-zip",
            Self::TooMany => "too-many",
        }
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for BundleError {}

/// What a file is, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Whose: the admission-ticket number as it is compared.
    pub ticket: String,
    /// What.
    pub kind: MaterialKind,
    /// Which sheet of that kind, from 1.
    pub page: u8,
}

/// One file of a zip: its name without folders, and its bytes where it can be read.
pub struct File {
    /// As it is called.
    pub name: String,
    /// Unpacked, never more than a picture may have and one byte; none for what is damaged.
    pub bytes: Option<Vec<u8>>,
}

/// Looks through a zip, one file after the other, so that no more than one is in memory.
///
/// # Errors
/// What is no zip, or holds too many files.
pub fn each(bytes: &[u8], take: &mut dyn FnMut(File)) -> Result<(), BundleError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| BundleError::NoZip)?;
    if zip.len() > FILES {
        return Err(BundleError::TooMany);
    }
    for index in 0..zip.len() {
        let Ok(entry) = zip.by_index(index) else {
            take(File {
                name: format!("#{}", index + 1),
                bytes: None,
            });
            continue;
        };
        let path = spelt(entry.name_raw());
        if entry.is_dir() || is_clutter(&path) {
            continue;
        }
        let name = path
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let most = u64::try_from(picture::BYTES).unwrap_or(u64::MAX);
        let mut unpacked = Vec::new();
        // One byte more than is taken tells that there is more, whatever the zip claims.
        let read = entry.take(most + 1).read_to_end(&mut unpacked);
        take(File {
            name,
            bytes: read.ok().map(|_| unpacked),
        });
    }
    Ok(())
}

/// A name as it was written: UTF-8, or what an old Chinese Windows writes.
fn spelt(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => GBK.decode(raw).0.into_owned(),
    }
}

/// What systems add of their own.
fn is_clutter(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.is_empty() || name.starts_with('.') || path.starts_with("__MACOSX") || name == "Thumbs.db"
}

/// Reads whose and what a file is from its name; none where the name does not say both.
#[must_use]
pub fn named(name: &str) -> Option<Named> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_between = |c: char| matches!(c, '-' | '_' | '+' | ' ' | '－' | '—' | '–');
    let cuts = stem.char_indices().filter(|(_, c)| is_between(*c));
    for (at, cut) in cuts {
        let (front, back) = (&stem[..at], &stem[at + cut.len_utf8()..]);
        let ticket = domain::exam::ticket(front);
        if ticket.is_empty() {
            continue;
        }
        if let Some(kind) = MaterialKind::from_words(back) {
            return Some(Named {
                ticket,
                kind,
                page: 1,
            });
        }
        let page = back.chars().last().and_then(|c| c.to_digit(10));
        let words = back
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end_matches(is_between);
        if let (Some(page @ 1..), Some(kind)) = (page, MaterialKind::from_words(words)) {
            return Some(Named {
                ticket,
                kind,
                page: u8::try_from(page).ok()?,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = SimpleFileOptions::default();
            zip.start_file(*name, options).expect("a file");
            zip.write_all(bytes).expect("bytes");
        }
        zip.finish().expect("an end").into_inner()
    }

    fn read(bytes: &[u8]) -> Vec<(String, Option<usize>)> {
        let mut found = Vec::new();
        let mut take = |file: File| found.push((file.name, file.bytes.map(|b| b.len())));
        each(bytes, &mut take).expect("a zip");
        found
    }

    #[test]
    fn a_name_says_whose_and_what() {
        let of = |name: &str| named(name).map(|n| (n.ticket, n.kind, n.page));
        let is = |ticket: &str, kind, page| Some((ticket.to_owned(), kind, page));
        use MaterialKind::{HealthDeclaration, IdCopy, Photo};
        assert_eq!(of("ZK2026017-照片.jpg"), is("ZK2026017", Photo, 1));
        assert_eq!(of("zk-2026-017-photo.JPG"), is("ZK2026017", Photo, 1));
        assert_eq!(of("ZK2026017_id_copy_2.png"), is("ZK2026017", IdCopy, 2));
        assert_eq!(of("ZK2026017-身份证2.png"), is("ZK2026017", IdCopy, 2));
        assert_eq!(
            of("ZK2026017 健康承诺书.jpeg"),
            is("ZK2026017", HealthDeclaration, 1)
        );
        assert_eq!(of("ZK2026017.jpg"), None);
        assert_eq!(of("照片.jpg"), None);
        assert_eq!(of("-照片.jpg"), None);
        assert_eq!(of("ZK2026017-户口簿.jpg"), None);
        assert_eq!(of("ZK2026017-照片0.jpg"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn folders_and_clutter_do_not_matter() {
        let bytes = zipped(&[
            ("第一期/ZK1-照片.jpg", b"one"),
            ("__MACOSX/._ZK1-照片.jpg", b"two"),
            ("第一期/.DS_Store", b"three"),
            ("ZK2-照片.jpg", b"fourth"),
        ]);
        let found = read(&bytes);
        assert_eq!(
            found,
            [
                ("ZK1-照片.jpg".to_owned(), Some(3)),
                ("ZK2-照片.jpg".to_owned(), Some(6))
            ]
        );
    }

    #[test]
    fn an_old_windows_spells_in_its_own_way() {
        let (raw, ..) = GBK.encode("ZK1-照片.jpg");
        assert_eq!(spelt(&raw), "ZK1-照片.jpg");
        assert_eq!(spelt("ZK1-照片.jpg".as_bytes()), "ZK1-照片.jpg");
    }

    #[test]
    fn a_bomb_is_unpacked_no_further_than_a_picture_may_be() {
        let bomb = vec![0; picture::BYTES * 4];
        let bytes = zipped(&[("ZK1-照片.jpg", &bomb)]);
        assert!(bytes.len() < 100_000);
        assert_eq!(read(&bytes)[0].1, Some(picture::BYTES + 1));
        let many: Vec<_> = (0..=FILES).map(|n| format!("{n}.jpg")).collect();
        let many: Vec<_> = many.iter().map(|name| (&**name, &b""[..])).collect();
        let refused = each(&zipped(&many), &mut |_| {});
        assert_eq!(refused, Err(BundleError::TooMany));
        assert_eq!(
            each(b"PK, but no zip", &mut |_| {}),
            Err(BundleError::NoZip)
        );
    }
}
