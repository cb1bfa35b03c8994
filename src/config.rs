//! What an office sets: `kecha.toml` in the node's folder. These comments are the manual;
//! `docs/config.md` is made from them.

use std::{fs, net::IpAddr, path::Path};

use serde::{Deserialize, Serialize};

use jiff::civil::time;

use crate::schedule::Schedule;

/// The file's name in the node's folder.
pub const FILE: &str = "kecha.toml";

/// A node's settings. A folder without this file is a demonstration and says so on every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the office that runs the node, as its pages show it.
    pub name: String,
    /// Code of the province, two digits.
    pub province: String,
    /// The official address of this site: the only one visitors should trust.
    pub official_url: String,
    /// Where the server listens. Default `127.0.0.1:8080`.
    #[serde(default = "listen")]
    pub listen: String,
    /// Addresses of proxies whose `X-Forwarded-For` is believed. Default none.
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    /// `kecha.db` for a file in the folder, or `postgres://…` with the server's role. Default
    /// `kecha.db`.
    #[serde(default = "database")]
    pub database: String,
    /// A catalogue file beside the shipped `CAT2010+E2018`. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
    /// The font that papers are printed with: a TrueType or OpenType file, or a collection, with
    /// every Chinese character. Default Noto Sans CJK, where Debian's `fonts-noto-cjk` puts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print_font: Option<String>,
    /// Where provinces call, such as `0.0.0.0:8443`; needed where there are `provinces`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed_listen: Option<String>,
    /// A province: the nation that its journal is sent to. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nation: Option<NationConfig>,
    /// The nation: the provinces whose journals it follows. Default none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provinces: Vec<ProvinceConfig>,
}

/// The nation, in a province's settings. Its three lines come from `kecha feed key` there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationConfig {
    /// Host and port of its `feed_listen`.
    pub address: String,
    /// Its line key.
    pub line_key: String,
    /// The key it cosigns with.
    pub witness_key: String,
    /// When routine entries go over: `streaming`, `daily 02:00`, `weekly mon 02:00` or
    /// `half_monthly 02:00`. Default `streaming`.
    #[serde(default = "streaming")]
    pub schedule: Schedule,
    /// When counts and roots are compared with its copy. Default `daily 03:30`.
    #[serde(default = "at_night")]
    pub compare: Schedule,
}

/// A province, in the nation's settings. Its two keys come from `kecha feed key` there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvinceConfig {
    /// Its code, two digits.
    pub code: String,
    /// Its name, as pages show it.
    pub name: String,
    /// The address of its own site, for those whose entry is not here yet.
    pub url: String,
    /// Its line key.
    pub line_key: String,
    /// The key its checkpoints are signed with.
    pub log_key: String,
    /// When its routine entries come, as in its own settings. Default `streaming`.
    #[serde(default = "streaming")]
    pub schedule: Schedule,
}

fn streaming() -> Schedule {
    Schedule::Streaming
}

/// When the nightly comparison is, where nothing is set.
#[must_use]
pub const fn at_night() -> Schedule {
    Schedule::Daily(time(3, 30, 0, 0))
}

fn listen() -> String {
    "127.0.0.1:8080".to_owned()
}

fn database() -> String {
    "kecha.db".to_owned()
}

/// What is wrong with the settings, and what to do.
#[derive(Debug)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Settings with every default.
    #[must_use]
    pub fn new(name: &str, province: &str, official_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            province: province.to_owned(),
            official_url: official_url.to_owned(),
            listen: listen(),
            trusted_proxies: Vec::new(),
            database: database(),
            catalogue: None,
            print_font: None,
            feed_listen: None,
            nation: None,
            provinces: Vec::new(),
        }
    }

    /// Reads the settings of a folder; none when the folder has no file.
    ///
    /// # Errors
    /// The line and the remedy.
    pub fn load(folder: &Path) -> Result<Option<Self>, ConfigError> {
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(ConfigError(format!("{}: {e}", path.display()))),
        };
        let config: Self =
            toml::from_str(&text).map_err(|e| ConfigError(format!("{}: {e}", path.display())))?;
        config
            .check()
            .map_err(|e| ConfigError(format!("{}: {e}", path.display())))?;
        Ok(Some(config))
    }

    /// The name of this node's log: the official address without `https://`, and `/log`.
    #[must_use]
    pub fn log_origin(&self) -> String {
        let address = self.official_url.trim_start_matches("https://");
        format!("{}/log", address.trim_end_matches('/'))
    }

    /// # Errors
    /// The setting that cannot stand, and why.
    pub fn check(&self) -> Result<(), String> {
        if self.name.trim().is_empty() {
            return Err(
                "`name` is empty: write the name of the office that runs this node".to_owned(),
            );
        }
        let digits = self.province.len() == 2 && self.province.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(format!(
                "`province = \"{}\"`: two digits are wanted",
                self.province
            ));
        }
        if !self.official_url.starts_with("https://") {
            return Err("`official_url` must begin with https://".to_owned());
        }
        let compare = self.nation.as_ref().map(|nation| nation.compare);
        if compare == Some(Schedule::Streaming) {
            return Err("`compare`: a time is wanted, such as `daily 03:30`".to_owned());
        }
        Ok(())
    }
}
