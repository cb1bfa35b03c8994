//! The surfaces over HTTP: public pages, consoles, API. Handlers turn forms into domain values and
//! answers into pages; they decide nothing.

mod again;
mod alarms;
pub mod api;
mod ask;
mod assets;
mod caller;
pub mod captcha;
pub mod console;
mod deadlines;
mod error;
mod expected;
pub mod feeds;
mod guard;
mod inquiry;
pub mod lang;
mod limit;
mod narrow;
pub mod nav;
mod page;
pub mod print;
mod programs;
pub mod public;
pub mod routes;
mod stream;
mod track;
mod usual;
pub mod whynot;

use std::{
    collections::HashSet,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tokio::{net::TcpListener, sync::Semaphore};

pub use error::{FieldError, Problem, Trouble};
pub use guard::Visitor;
use lang::{Code, Sentences};

use crate::{
    clock::{self, Chance},
    config::Config,
    estimate::{Answer, Question, Wrong},
    node::Node,
    outlook::{Outlook, Sources, Where},
    printing::Font,
    registry::{Alarms, Registry, SignedIn, Watermark},
    schedule::Schedule,
    track::Keeper,
};

/// Everything a request may need.
pub struct App {
    /// The register.
    pub registry: Arc<Registry>,
    /// The office's settings; none on a demonstration.
    pub config: Option<Config>,
    /// Captchas.
    pub captchas: captcha::Captchas,
    limits: limit::Limits,
    chance: Chance,
    secure: bool,
    /// Which run of the program this is: a call that another one began is not under way any more.
    process: i64,
    trusted_proxies: Vec<IpAddr>,
    sentences: [Sentences; 2],
    answers: [api::query::Told; 2],
    keys: RwLock<HashSet<[u8; 32]>>,
    hashing: Semaphore,
    followed: Vec<feeds::Followed>,
    marks: RwLock<Arc<Vec<Watermark>>>,
    /// The same, as a miss is weighed by them.
    copies: RwLock<Arc<Vec<domain::whynot::Copied>>>,
    /// The schedule by which the own journal goes to a nation, where it does.
    nation: Option<Schedule>,
    /// What is expected of running cases.
    pub outlook: Arc<RwLock<Outlook>>,
    /// What became of what was expected.
    pub track: Arc<Keeper>,
    alarms: RwLock<Arc<Alarms>>,
    /// What papers are printed with.
    font: Font,
    /// In a demonstration: the provinces that wait for slots.
    waiting: OnceLock<Vec<public::clock::Waiting>>,
}

impl App {
    /// Puts a node behind the surfaces, and the provinces it follows; `schedule` is that of its own
    /// journal, where it goes to a nation.
    ///
    /// # Errors
    /// A language file that cannot be read; what the database says.
    pub fn new(
        node: Node,
        followed: Vec<feeds::Followed>,
        schedule: Option<Schedule>,
    ) -> Result<Arc<Self>, String> {
        let sources = Sources {
            own: node
                .config
                .as_ref()
                .map(|c| c.province.clone())
                .unwrap_or_default(),
            schedule,
            provinces: followed
                .iter()
                .map(|f| (f.code.clone(), f.schedule))
                .collect(),
        };
        let sentences = [Sentences::load(Code::Zh)?, Sentences::load(Code::En)?];
        let answers = [
            api::query::Told::new(&sentences[0]),
            api::query::Told::new(&sentences[1]),
        ];
        if schedule.is_some() {
            node.registry.refresh_reach().map_err(|e| e.to_string())?;
        }
        let keys = node.registry.api_keys().map_err(|e| e.to_string())?;
        // TLS ends at a proxy; a node with one is reached over https only.
        let secure = node
            .config
            .as_ref()
            .is_some_and(|c| !c.trusted_proxies.is_empty());
        Ok(Arc::new(Self {
            registry: Arc::new(node.registry),
            trusted_proxies: node
                .config
                .as_ref()
                .map(|c| c.trusted_proxies.clone())
                .unwrap_or_default(),
            font: Font::new(node.config.as_ref().and_then(|c| c.print_font.as_deref())),
            config: node.config,
            captchas: captcha::Captchas::new(Chance::system().bytes()),
            limits: limit::Limits::default(),
            chance: Chance::system(),
            secure,
            process: i64::from_ne_bytes(Chance::system().bytes()) | 1,
            sentences,
            answers,
            keys: RwLock::new(keys.into_iter().collect()),
            hashing: Semaphore::new(2),
            followed,
            marks: RwLock::default(),
            copies: RwLock::default(),
            nation: schedule,
            outlook: Arc::new(RwLock::new(Outlook::new(sources))),
            track: Arc::default(),
            alarms: RwLock::default(),
            waiting: OnceLock::new(),
        }))
    }

    /// What is expected for a case of which so much is known.
    ///
    /// # Errors
    /// Days that contradict each other.
    pub fn expect(&self, place: &Where, question: Question) -> Result<Arc<Answer>, Wrong> {
        let outlook = self.outlook.read().unwrap_or_else(PoisonError::into_inner);
        outlook.ask(place, question)
    }

    /// Whether the node is a demonstration.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.config.is_none()
    }

    /// The sentences of a language.
    #[must_use]
    pub fn sentences(&self, code: Code) -> &Sentences {
        &self.sentences[usize::from(code == Code::En)]
    }

    fn told(&self, code: Code) -> &api::query::Told {
        &self.answers[usize::from(code == Code::En)]
    }

    /// Runs a use case on a blocking thread: the registry is synchronous.
    ///
    /// # Errors
    /// The trouble the use case ended in.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        use_case: impl FnOnce(&Registry) -> crate::registry::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let registry = Arc::clone(&self.registry);
        match tokio::task::spawn_blocking(move || use_case(&registry)).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(crate::registry::Error::Internal("web::run").into()),
        }
    }

    async fn signed_in(self: &Arc<Self>, token: [u8; 32]) -> Result<Option<SignedIn>, Trouble> {
        self.run(move |r| r.signed_in(&token, clock::now())).await
    }

    /// Whether a program's key is in force.
    fn knows_key(&self, key: &str) -> bool {
        let digest = crate::registry::digest(key);
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&digest)
    }

    fn reload_keys(&self) {
        if let Ok(keys) = self.registry.api_keys() {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into_iter().collect();
        }
    }

    /// The whole site.
    pub fn router(self: &Arc<Self>) -> Router {
        let mut table = routes::table();
        if self.is_demo() {
            table = table.and(routes::demonstration());
        }
        table
            .into_router(self)
            .fallback(|| async { Trouble::NotFound })
            .method_not_allowed_fallback(|| async { Trouble::NotFound })
            .layer(from_fn_with_state(Arc::clone(self), dress))
            .with_state(Arc::clone(self))
    }
}

/// Puts the headers every answer has, and a page or a problem around a bare trouble.
async fn dress(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let program = request.uri().path().starts_with("/api/");
    let lang = lang::of(request.headers());
    let mut response = next.run(request).await;
    if let Some(trouble) = response.extensions().get::<Trouble>().copied() {
        response = if program {
            api::trouble(app.sentences(lang), trouble)
        } else {
            page::trouble(&app, lang, trouble)
        };
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A file of somebody else's carries a stricter policy of its own.
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: browsers then send `Origin: null` with a form, and the guard refuses it.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Answers on a listener until `stop` comes; then gives open requests a moment and ends.
///
/// # Errors
/// What the system says.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (tell, told) = tokio::sync::watch::channel(false);
    let background = tokio::spawn(upkeep(Arc::clone(&app), told.clone()));
    let marks = tokio::spawn(watch_feeds(Arc::clone(&app)));
    let service = app
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        let _ = tell.send(true);
    });
    let mut told = told;
    let result = tokio::select! {
        result = serving => result,
        // A connection that stays open must not keep the program.
        () = async { let _ = told.wait_for(|t| *t).await; tokio::time::sleep(std::time::Duration::from_secs(3)).await } => Ok(()),
    };
    background.abort();
    marks.abort();
    if let Err(trouble) = app.run(Registry::write_readings).await {
        tracing::warn!(?trouble, "who read what in the last second was not written");
    }
    // What was shown in the last seconds is remembered, too.
    let last = Arc::clone(&app);
    if let Err(trouble) = app.run(move |r| last.track.write(r)).await {
        tracing::warn!(?trouble, "what was shown last was not remembered");
    }
    result
}

/// Keeps the watermarks at hand, so that no question has to read them.
async fn watch_feeds(app: Arc<App>) {
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(500));
    loop {
        tick.tick().await;
        app.refresh_feeds().await;
        // A person may have decided at the machine that the node goes on.
        if app.registry.stands_still() {
            let _ = app.run(Registry::reload_standstill).await;
        }
        if let Err(trouble) = app.run(Registry::write_readings).await {
            tracing::warn!(?trouble, "who read what waits to be written");
        }
    }
}

/// Keeps what the surfaces know fresh: keys and directory may be changed by another process, and
/// limits that count nothing any more are let go.
async fn upkeep(app: Arc<App>, mut stop: tokio::sync::watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(std::time::Duration::from_secs(60));
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stop.changed() => return,
        }
        app.limits.tidy();
        app.captchas.tidy(clock::now());
        let again = Arc::clone(&app);
        let done = app.run(move |r| {
            again.reload_keys();
            r.empty_calls(clock::now())?;
            r.reload_publications()?;
            r.reload_directory()
        });
        if let Err(trouble) = done.await {
            tracing::warn!(?trouble, "upkeep");
        }
    }
}
