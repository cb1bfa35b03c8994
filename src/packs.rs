//! Packs and announcements as files: TOML in, what is published out, and back.
//!
//! The program's own first versions lie in `packs/` in the same form: somebody who prepares the next
//! version begins with one of them, and a test holds them to what the domain goes by.

use domain::publication::Content;

/// The files of the program's own versions, each with its name.
pub const SHIPPED: [(&str, &str); 3] = [
    ("R30-1.toml", include_str!("../packs/R30-1.toml")),
    ("R19-1.toml", include_str!("../packs/R19-1.toml")),
    (
        "CAT2010+E2018.toml",
        include_str!("../packs/CAT2010+E2018.toml"),
    ),
];

/// A pack file is at most so many bytes long: the catalogue of today has a twentieth of it.
pub const LONGEST: usize = 256 * 1024;

/// Reads a file; a line may end in either way, as browsers send what somebody has pasted.
///
/// # Errors
/// The place in the file, and what is wrong there.
pub fn read(text: &str) -> Result<Content, String> {
    toml::from_str(&text.replace("\r\n", "\n")).map_err(|e| e.to_string().trim_end().to_owned())
}

/// Writes the file of a publication.
#[must_use]
pub fn write(content: &Content) -> String {
    // Cannot fail: no map with other than text keys, and no value that TOML has no form for.
    toml::to_string(content).unwrap_or_default()
}

/// What people call a publication: the version of a pack, the title of an announcement.
#[must_use]
pub fn name(content: &Content) -> String {
    match content {
        Content::RulePack(pack) => format!("{:?}-{}", pack.law, pack.version),
        Content::Catalogue(list) => list.version.clone(),
        Content::Announcement(a) => a.zh.title.expose().to_owned(),
    }
}

/// A digest in hexadecimal.
#[must_use]
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
