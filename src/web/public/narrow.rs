//! `POST /query/narrow`: the same question once more, with what explains a miss. The slip of the
//! miss stands for the captcha; number and name come in the body, as before.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    super::{
        App, Trouble, Visitor,
        ask::By,
        guard::{self, Peer},
    },
    answer,
    query::{Sent, beside, form_again, query, trouble},
};
use crate::clock;

/// The answer, with the causes weighed by what was added.
pub async fn ask(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    Extension(visitor): Extension<Visitor>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let (t, now) = (app.sentences(visitor.lang), clock::now());
    let again = |mistakes, status| form_again(&app, &visitor, &sent, mistakes, status);
    let query = match query(&sent, t) {
        Ok(query) => query,
        Err(mistakes) => return Ok(again(mistakes, StatusCode::UNPROCESSABLE_ENTITY)),
    };
    if !app.slip_holds(&sent.slip, &query, now) {
        // The page lay too long, or somebody else is asked for: that takes a captcha.
        let mistakes = vec![beside(t, "captcha", "captcha_missing")];
        return Ok(again(mistakes, StatusCode::FORBIDDEN));
    }
    app.limits
        .question(guard::client(&app, &headers, peer))
        .map_err(|_| Trouble::TooMany)?;
    let (narrowed, wrong) = match app.narrowed(sent.fields(), now) {
        Ok(narrowed) => (narrowed, Vec::new()),
        Err(wrong) => (crate::registry::Narrowed::default(), wrong),
    };
    let beside = |(field, code): &(&'static str, &'static str)| beside(t, field, code);
    let mistakes = wrong.iter().map(beside).collect();
    let answered = app.ask(&query, narrowed, By::Slip).await.map_err(trouble)?;
    Ok(answer::told(
        &app, &visitor, &sent, &query, &answered, mistakes,
    ))
}
