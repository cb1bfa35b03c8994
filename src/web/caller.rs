//! What a handler takes of a request: who asks and which record is named, and the file of a form.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Multipart, RawPathParams},
    http::request::Parts,
};
use domain::{record::RecordId, refusal::Refusal};

use super::{App, Trouble, Visitor, lang::Sentences};
use crate::registry::{self, Officer, Registry};

/// Somebody who is signed in, at the record `{id}` of the address.
pub struct AtRecord {
    /// What answers.
    pub app: Arc<App>,
    /// The browser.
    pub visitor: Visitor,
    /// Who is signed in with it.
    pub officer: Officer,
    /// The record.
    pub id: RecordId,
}

impl AtRecord {
    /// Runs a use case as the officer.
    ///
    /// # Errors
    /// The trouble the use case ended in.
    pub async fn run<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&Registry, &Officer) -> registry::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let officer = self.officer.clone();
        self.app.run(move |r| use_case(r, &officer)).await
    }

    /// The sentences of the visitor's language.
    #[must_use]
    pub fn t(&self) -> &Sentences {
        self.app.sentences(self.visitor.lang)
    }

    /// Why the law says no.
    #[must_use]
    pub fn why(&self, refusal: Refusal) -> String {
        self.t().word("refusal", refusal.code())
    }
}

impl FromRequestParts<Arc<App>> for AtRecord {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Trouble> {
        let visitor = parts.extensions.get::<Visitor>().cloned();
        let visitor = visitor.ok_or(Trouble::Forbidden)?;
        let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
        let named = RawPathParams::from_request_parts(parts, app).await;
        let named = named.map_err(|_| Trouble::NotFound)?;
        let id = named.iter().find(|(name, _)| *name == "id");
        let id = id.and_then(|(_, id)| id.parse().ok());
        Ok(Self {
            app: Arc::clone(app),
            visitor,
            officer,
            id: id.ok_or(Trouble::NotFound)?,
        })
    }
}

/// The one file of a form, after its token; nothing where none was chosen.
///
/// # Errors
/// `Malformed`, `TooLarge`.
pub async fn file_of(mut parts: Multipart, field: &str) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| Trouble::Malformed)? {
        if part.name() == Some(field) {
            bytes = part.bytes().await.map_err(|_| Trouble::TooLarge)?.to_vec();
        }
    }
    Ok(bytes)
}
