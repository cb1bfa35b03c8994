//! What every page knows: the site, the language, who is signed in.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    catalogue::Category, management::is_extension, publication::Announcement, verdict::Kind,
};

use super::{
    App, Trouble, Visitor,
    lang::{Code, Sentences},
    nav,
    public::clock::Shown,
};
use crate::{clock, registry::Officer};

/// The frame of a page.
pub struct Frame<'a> {
    /// Sentences of the page's language.
    pub t: &'a Sentences,
    /// The office's name; the demonstration's where there is none.
    pub site: String,
    /// The official address that visitors should trust.
    pub official: String,
    /// A demonstration: said on every page.
    pub demo: bool,
    /// The demonstration's clock, where it can be moved on.
    pub clock: Option<Shown>,
    /// Who is signed in.
    pub officer: Option<&'a Officer>,
    /// The line of the table that answers.
    pub at: &'static str,
    /// The hidden token for forms.
    pub token: &'a str,
    /// The page's title.
    pub title: String,
    /// The node takes nothing in: said on every page.
    pub still: bool,
    /// A node that follows provinces: its offices are not those of a province.
    pub nation: bool,
    /// What those who are signed in must know, on every page of theirs.
    pub alarms: Vec<String>,
    /// What is announced today, the newest first.
    pub news: Vec<News>,
}

/// An announcement in the page's language.
pub struct News {
    /// Its title.
    pub title: String,
    /// Its words, line by line.
    pub words: Vec<String>,
    /// The first day and the last.
    pub days: (String, String),
}

impl News {
    fn of(said: &Announcement, lang: Code) -> Self {
        let Announcement {
            zh,
            en,
            from,
            until,
        } = said;
        let said = if lang == Code::En { en } else { zh };
        Self {
            title: said.title.expose().to_owned(),
            words: said.words.expose().lines().map(str::to_owned).collect(),
            days: (from.to_string(), until.to_string()),
        }
    }
}

impl<'a> Frame<'a> {
    /// The frame for a visitor.
    #[must_use]
    pub fn new(app: &'a App, visitor: &'a Visitor, title: &str) -> Self {
        let mut frame = Self::bare(
            app,
            visitor.lang,
            title,
            visitor.officer.as_ref(),
            &visitor.token,
        );
        frame.at = visitor.at;
        frame
    }

    fn bare(
        app: &'a App,
        lang: Code,
        title: &str,
        officer: Option<&'a Officer>,
        token: &'a str,
    ) -> Self {
        let t = app.sentences(lang);
        let news = app.registry.announced(clock::today()).into_iter();
        let (site, official) = match &app.config {
            Some(config) => (config.name.clone(), config.official_url.clone()),
            None => (t.say("site-demo"), OFFICIAL.to_owned()),
        };
        Self {
            t,
            site,
            official,
            demo: app.is_demo(),
            // The page of a trouble has no token for a form.
            clock: app.demo_clock().filter(|_| !token.is_empty()),
            officer,
            at: "",
            token,
            title: t.say(title),
            still: app.registry.stands_still(),
            nation: !app.followed.is_empty(),
            alarms: officer.map_or_else(Vec::new, |_| app.alarms_told(lang)),
            news: news.map(|said| News::of(said, lang)).collect(),
        }
    }

    /// A sentence.
    #[must_use]
    pub fn s(&self, key: &str) -> String {
        self.t.say(key)
    }

    /// A sentence with one value.
    #[must_use]
    pub fn s1(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        self.t.with(key, &[(name, value.as_ref())])
    }

    /// The kind of a case; a manager's certificate is extended where another is renewed.
    #[must_use]
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template hands references"
    )]
    pub fn kind(&self, category: &Category, kind: &Kind) -> String {
        match is_extension(*category, *kind) {
            true => self.s("kind-extension"),
            false => self.word("kind", code(kind)),
        }
    }

    /// The page's language tag.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.t.code.tag()
    }

    /// The sentence of a code: `prefix-code`, underscores as dashes.
    #[must_use]
    pub fn word(&self, prefix: &str, code: impl AsRef<str>) -> String {
        self.t.word(prefix, code.as_ref())
    }

    /// Whether the signed-in officer has this role and no other.
    #[must_use]
    pub fn only(&self, role: &str) -> bool {
        self.officer
            .is_some_and(|o| o.roles.iter().all(|r| r.code() == role))
    }

    /// Whether the signed-in officer may do what one of these roles may.
    #[must_use]
    pub fn is(&self, role: &str) -> bool {
        self.officer
            .is_some_and(|o| o.roles.iter().any(|r| r.code() == role))
    }

    /// Where the signed-in officer can go.
    #[must_use]
    pub fn nav(&self) -> Vec<nav::Group> {
        self.officer
            .map_or_else(Vec::new, |officer| nav::of(&officer.roles, self.at))
    }

    /// Where the manual of the signed-in officer's kind of office is.
    #[must_use]
    pub fn manual(&self) -> &'static str {
        let examines = ["institution_clerk", "institution_lead", "assessor"];
        if self.nation {
            "/manual/nation"
        } else if examines.into_iter().any(|role| self.is(role)) {
            "/manual/institution"
        } else {
            "/manual/authority"
        }
    }

    /// Whether the signed-in officer is one of the three administrators, who have no case.
    #[must_use]
    pub fn administers(&self) -> bool {
        self.officer
            .is_some_and(|o| o.roles.iter().any(|r| r.is_administrator()))
    }
}

/// The permanent code of a value, as the API writes it.
#[must_use]
pub fn code<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

pub use crate::printing::OFFICIAL;

/// Renders a template.
#[must_use]
pub fn html<T: Template>(page: &T) -> Response {
    with_status(StatusCode::OK, page)
}

/// The status of a page that says what is wrong with what was sent, or of one that need not.
#[must_use]
pub const fn status(is_wrong: bool) -> StatusCode {
    if is_wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    }
}

/// Renders a template with a status.
#[must_use]
pub fn with_status<T: Template>(status: StatusCode, page: &T) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'a> {
    f: Frame<'a>,
    sentence: String,
    reference: Option<String>,
}

/// The page of a trouble.
#[must_use]
pub fn trouble(app: &App, lang: Code, trouble: Trouble) -> Response {
    let (status, key) = trouble.told();
    let f = Frame::bare(app, lang, "trouble-title", None, "");
    let (sentence, reference) = match trouble {
        Trouble::Refused(refusal) => (f.word("refusal", refusal.code()), None),
        Trouble::Internal(reference) => (f.s(key), Some(format!("{reference:08X}"))),
        _ => (f.s(key), None),
    };
    with_status(
        status,
        &TroublePage {
            f,
            sentence,
            reference,
        },
    )
}

/// The page that says why there is no paper.
#[must_use]
pub fn unprinted(app: &App, lang: Code, sentence: String) -> Response {
    let f = Frame::bare(app, lang, "print-trouble", None, "");
    let reference = None;
    let page = TroublePage {
        f,
        sentence,
        reference,
    };
    with_status(StatusCode::CONFLICT, &page)
}

/// A moment in China, to the second.
#[must_use]
pub fn moment(at: jiff::Timestamp) -> String {
    let there = jiff::tz::Offset::constant(8).to_datetime(at);
    there.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
