//! Languages: every sentence shown to people stands in `locales/`, one file a language, and here is
//! the only reader of those files.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

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
            Self::Zh => include_str!("../locales/zh-CN.ftl"),
            Self::En => include_str!("../locales/en.ftl"),
        }
    }
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

    /// The sentence of a code: `prefix-code`, underscores as dashes.
    #[must_use]
    pub fn word(&self, prefix: &str, code: &str) -> String {
        self.say(&format!("{prefix}-{}", code.replace('_', "-")))
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

static SHIPPED: LazyLock<[Sentences; 2]> = LazyLock::new(|| {
    // Cannot fail: the files are part of the program, and a test loads both.
    Code::ALL.map(|code| Sentences::load(code).unwrap_or_else(|fault| panic!("{fault}")))
});

/// The sentences of a language, read once.
#[must_use]
pub fn shipped(code: Code) -> &'static Sentences {
    &SHIPPED[usize::from(code == Code::En)]
}

/// The language of a terminal, by the variables that POSIX looks at in this order; Chinese unless
/// they ask for English.
#[must_use]
pub fn of_terminal(variable: impl Fn(&str) -> Option<String>) -> Code {
    let asked = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty());
    if asked.is_some_and(|value| value.starts_with("en")) {
        Code::En
    } else {
        Code::Zh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_says_what_it_reads() {
        for (variables, wanted) in [
            (&[][..], Code::Zh),
            (&[("LANG", "C.UTF-8")][..], Code::Zh),
            (&[("LANG", "en_US.UTF-8")][..], Code::En),
            (
                &[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")][..],
                Code::Zh,
            ),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")][..], Code::En),
            (
                &[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_GB")][..],
                Code::En,
            ),
        ] {
            let variable = |name: &str| {
                let set = variables.iter().find(|(n, _)| *n == name);
                set.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(of_terminal(variable), wanted, "{variables:?}");
        }
    }

    #[test]
    fn both_languages_load() {
        for code in Code::ALL {
            assert_eq!(shipped(code).code, code);
            assert_ne!(shipped(code).say("query-title"), "query-title");
        }
    }
}
