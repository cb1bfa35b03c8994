//! What stands before the lines of the table that programs of an office call: a key that is in force,
//! a role the line names, a limit, and for what writes a name of the caller's own, by which the same
//! call twice has one effect and one answer. No cookie counts, so there is nothing to forge.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::office::Role;
use sha2::{Digest, Sha256};

use super::{
    App, Problem, Trouble,
    api::{self, query::bearer},
    guard, lang,
};
use crate::{
    clock,
    registry::{Begun, CallName, Program, digest},
};

/// The largest body: a picture of a material, written in base 64.
pub const LONGEST: usize = 8 * 1024 * 1024;
/// So much is read of a call that is turned away.
const SMALL: usize = 64 * 1024;
/// The longest name of a call.
const NAME: usize = 64;
/// The header that names a call.
pub const IDEMPOTENCY: &str = "idempotency-key";
/// The header of an answer that was given before.
const AGAIN: &str = "idempotency-replayed";

/// Lets a program's call through to its line.
pub async fn check(
    State((app, roles)): State<(Arc<App>, &'static [Role])>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let program = match admit(&app, roles, peer, request.headers()).await {
        Ok(program) => program,
        Err(problem) => {
            // What is not read cuts the connection, and the program would not see the answer.
            let _ = to_bytes(request.into_body(), SMALL).await;
            return *problem;
        }
    };
    request.extensions_mut().insert(program.clone());
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    match once(&app, &program, request, next).await {
        Ok(response) => response,
        Err(problem) => *problem,
    }
}

/// A problem with a code of its own, in the language of the call.
fn stop(app: &App, headers: &HeaderMap, status: StatusCode, code: &'static str) -> Box<Response> {
    let t = app.sentences(lang::of(headers));
    let title = t.say(&format!("stopped-{}", code.replace('_', "-")));
    Box::new(Problem::new(status, code, title).into_response())
}

fn trouble(app: &App, headers: &HeaderMap, trouble: Trouble) -> Box<Response> {
    Box::new(api::trouble(app.sentences(lang::of(headers)), trouble))
}

async fn admit(
    app: &Arc<App>,
    roles: &'static [Role],
    peer: SocketAddr,
    headers: &HeaderMap,
) -> Result<Program, Box<Response>> {
    let too_many = |wait: u64| {
        let mut problem = trouble(app, headers, Trouble::TooMany);
        let wait = HeaderValue::from(wait);
        problem.headers_mut().insert(header::RETRY_AFTER, wait);
        problem
    };
    let secret = bearer(headers).unwrap_or_default().to_owned();
    let found = app.run(move |r| r.program(&secret, clock::now())).await;
    let Some(program) = found.map_err(|t| trouble(app, headers, t))? else {
        // Whoever tries keys is counted by address; a key itself has too much chance in it to try.
        let from = guard::client(app, headers, peer);
        app.limits.question(from).map_err(too_many)?;
        let mut problem = stop(app, headers, StatusCode::UNAUTHORIZED, "office_key_unknown");
        let scheme = HeaderValue::from_static("Bearer");
        problem
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
        return Err(problem);
    };
    app.limits.program(&program.key).map_err(too_many)?;
    if program.officer.roles.iter().any(|r| roles.contains(r)) {
        Ok(program)
    } else {
        Err(trouble(app, headers, Trouble::Forbidden))
    }
}

/// The name that a writing call must have: whatever is missing in its head is said before its body
/// is read.
fn named<'h>(app: &App, headers: &'h HeaderMap) -> Result<&'h str, Box<Response>> {
    let is_json = |v: &HeaderValue| v.as_bytes().starts_with(b"application/json");
    if !headers.get(header::CONTENT_TYPE).is_some_and(is_json) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(stop(app, headers, status, "media_type"));
    }
    let name = headers.get(IDEMPOTENCY).and_then(|v| v.to_str().ok());
    let name = name.map(str::trim);
    let name = name.filter(|name| (1..=NAME).contains(&name.len()));
    name.ok_or_else(|| stop(app, headers, StatusCode::BAD_REQUEST, "idempotency_missing"))
}

/// The digest of all that makes two calls of one name the same call.
fn asked(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut asked = Sha256::new();
    let state = parts.headers.get(header::IF_MATCH);
    for part in [
        parts.uri.path().as_bytes(),
        parts.uri.query().unwrap_or_default().as_bytes(),
        state.map_or(&[], |v| v.as_bytes()),
        body,
    ] {
        asked.update(part.len().to_be_bytes());
        asked.update(part);
    }
    asked.finalize().into()
}

/// Begins a call; one that was begun before is answered here: with what it led to, or why not.
async fn begin(
    app: &Arc<App>,
    headers: &HeaderMap,
    call: CallName,
) -> Result<Option<Response>, Box<Response>> {
    let refuse = |status, code| stop(app, headers, status, code);
    let process = app.process;
    let begun = app.run(move |r| r.begin_call(&call, process, clock::now()));
    match begun.await.map_err(|t| trouble(app, headers, t))? {
        Begun::New => Ok(None),
        Begun::Other => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Err(refuse(status, "idempotency_reused"))
        }
        Begun::Running => {
            let mut problem = refuse(StatusCode::CONFLICT, "idempotency_running");
            let wait = HeaderValue::from_static("1");
            problem.headers_mut().insert(header::RETRY_AFTER, wait);
            Err(problem)
        }
        Begun::Doubt => Err(trouble(app, headers, Trouble::Unknown)),
        Begun::Answered { status, body } => {
            let mut told = answer(status, body);
            let again = HeaderValue::from_static("true");
            told.headers_mut().insert(AGAIN, again);
            Ok(Some(told))
        }
    }
}

/// A writing call: done unless it was done before.
async fn once(
    app: &Arc<App>,
    program: &Program,
    request: Request,
    next: Next,
) -> Result<Response, Box<Response>> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let name = digest(named(app, &headers)?);
    let body = to_bytes(body, LONGEST)
        .await
        .map_err(|_| trouble(app, &headers, Trouble::TooLarge))?;
    let call = CallName {
        key: program.key,
        name,
        request: asked(&parts, &body),
    };
    if let Some(told) = begin(app, &headers, call).await? {
        return Ok(told);
    }
    let request = Request::from_parts(parts, Body::from(body));
    // On its own: whoever hangs up before the answer still finds it by the same name.
    let app = Arc::clone(app);
    let lang = lang::of(&headers);
    let doing = tokio::spawn(async move {
        let response = next.run(request).await;
        finish(&app, call, lang, response).await
    });
    match doing.await {
        Ok(response) => Ok(response),
        Err(_) => Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    }
}

fn answer(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_success() {
        "application/json"
    } else {
        "application/problem+json"
    };
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// Keeps what a call led to: its answer where something was done or the law said no. Where nothing
/// was written the name is free again; where that is not certain it says so from now on.
async fn finish(
    app: &Arc<App>,
    call: CallName,
    lang: lang::Code,
    mut response: Response,
) -> Response {
    let told = response.extensions().get::<Trouble>().copied();
    let doubt = match told {
        Some(Trouble::Unknown | Trouble::Internal(_)) => true,
        Some(_) => false,
        None => response.status().is_server_error(),
    };
    let refused = matches!(told, Some(Trouble::Refused(_)));
    let kept = response.status().is_success() || refused;
    if let Some(trouble) = told {
        // What is kept is the answer itself, so it is written out here.
        response = api::trouble(app.sentences(lang), trouble);
    }
    let (parts, body) = response.into_parts();
    // Cannot fail but for memory: the body was made by a handler of ours.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let (status, bytes) = (parts.status.as_u16(), body.to_vec());
    let noted = app
        .run(move |r| {
            if kept {
                r.answer_call(&call, status, &bytes)
            } else {
                r.leave_call(&call, doubt)
            }
        })
        .await;
    if let Err(trouble) = noted {
        // The call stays as begun: the next one by that name is told that nobody knows.
        tracing::warn!(?trouble, "what became of a program's call was not noted");
    }
    Response::from_parts(parts, Body::from(body))
}
