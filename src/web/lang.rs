//! Languages: every sentence shown to people stands in `locales/`, one file a language.

use axum::http::{HeaderMap, header};
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use super::guard::cookie;

/// The languages there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Code {
    /// 简体中文
    #[default]
    Zh,
    /// English
    En,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The tag in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language with that tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.tag() == tag)
    }

    /// The sentences as shipped.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Zh => include_str!("../../locales/zh-CN.ftl"),
            Self::En => include_str!("../../locales/en.ftl"),
        }
    }
}

/// The cookie that remembers the choice.
pub const COOKIE: &str = "kecha_lang";

/// The language a visitor reads: the choice, else what the browser asks for, else Chinese.
#[must_use]
pub fn of(headers: &HeaderMap) -> Code {
    if let Some(code) = cookie(headers, COOKIE).and_then(Code::from_tag) {
        return code;
    }
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    for tag in asked.split(',') {
        let tag = tag.split(';').next().unwrap_or_default().trim();
        if tag.starts_with("zh") {
            return Code::Zh;
        }
        if tag.starts_with("en") {
            return Code::En;
        }
    }
    Code::Zh
}

/// The sentences of one language.
pub struct Sentences {
    /// Which.
    pub code: Code,
    bundle: FluentBundle<FluentResource>,
}

impl Sentences {
    /// Reads a shipped language.
    ///
    /// # Errors
    /// The keys that are there twice, or the lines that cannot be read.
    pub fn load(code: Code) -> Result<Self, String> {
        let resource = FluentResource::try_new(code.source().to_owned())
            .map_err(|(_, errors)| format!("locales/{}.ftl: {errors:?}", code.tag()))?;
        let tag = code.tag().parse().map_err(|_| "language tag".to_owned())?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .map_err(|e| format!("locales/{}.ftl: {e:?}", code.tag()))?;
        Ok(Self { code, bundle })
    }

    /// The sentence of a key; the key itself where there is none, so that it is seen.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// Whether there is a sentence for it.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The sentence with values put in.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else {
            return key.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set((*name).to_owned(), (*value).to_owned());
        }
        let mut faults = Vec::new();
        self.bundle
            .format_pattern(pattern, Some(&args), &mut faults)
            .into_owned()
    }
}
