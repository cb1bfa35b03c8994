//! A line of the table of addresses, and how the table becomes something that answers.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};
use domain::office::Role;

use super::super::{App, api::told::Told, guard, programs};

/// Who may call an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody; a form is still protected against forgery.
    Public,
    /// Anybody, by a program: no cookie counts, so there is nothing to forge.
    Program,
    /// Whoever has given a password, even where the second factor is still wanted.
    Entering,
    /// Whoever is signed in.
    Staff,
    /// Whoever is signed in with one of these roles.
    Only(&'static [Role]),
    /// A program of an office, by a key with one of these roles.
    Key(&'static [Role]),
}

impl Who {
    /// Whether whoever is signed in with these roles may call such a line.
    #[must_use]
    pub fn admits(self, held: &[Role]) -> bool {
        match self {
            Self::Public | Self::Program | Self::Entering | Self::Staff => true,
            Self::Only(roles) => roles.iter().any(|role| held.contains(role)),
            // Its own guard stands before such a line.
            Self::Key(_) => false,
        }
    }
}

/// When a form needs a password or a code that was given in the last minutes: what it decides is
/// not undone by the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Never.
    Never,
    /// Always.
    Always,
    /// When its field `command` is one of these.
    For(&'static [&'static str]),
}

/// One address.
pub struct Row {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// Whether it needs whoever calls it to have signed in anew.
    pub fresh: Fresh,
    /// A file of any size comes with it: the handler takes it as [`guard::OwnUpload`], which checks
    /// the form's token before anything else of it is read.
    streams: bool,
    /// What a program is told of it.
    pub told: Option<Told>,
    handler: MethodRouter<Arc<App>>,
}

/// What the guard of a line knows of it.
#[derive(Clone, Copy)]
pub struct Gate {
    /// The line's path.
    pub path: &'static str,
    /// Who may pass.
    pub who: Who,
    /// Whether a form of it needs a fresh sign-in.
    pub fresh: Fresh,
    /// Its handler reads the form by itself, as [`guard::OwnUpload`].
    pub streams: bool,
}

/// All addresses.
#[derive(Default)]
pub struct Table(pub(super) Vec<Row>);

impl Table {
    pub(super) fn get<H, T>(mut self, path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.0.push(Row {
            method: "GET",
            path,
            who,
            fresh: Fresh::Never,
            streams: false,
            told: None,
            handler: get(handler),
        });
        self
    }

    pub(super) fn post<H, T>(mut self, path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.0.push(Row {
            method: "POST",
            path,
            who,
            fresh: Fresh::Never,
            streams: false,
            told: None,
            handler: post(handler),
        });
        self
    }

    /// The line before needs a fresh sign-in.
    pub(super) fn fresh(mut self, fresh: Fresh) -> Self {
        if let Some(row) = self.0.last_mut() {
            row.fresh = fresh;
        }
        self
    }

    /// What the line before takes and gives.
    pub(super) fn told(mut self, told: Told) -> Self {
        if let Some(row) = self.0.last_mut() {
            row.told = Some(told);
        }
        self
    }

    /// A form with a file of any size.
    pub(super) fn upload<H, T>(self, path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let mut table = self.post(path, who, handler);
        if let Some(row) = table.0.last_mut() {
            row.streams = true;
        }
        table
    }

    /// Both tables as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The lines.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// The table as something that answers, each line behind its guard.
    pub fn into_router(self, app: &Arc<App>) -> Router<Arc<App>> {
        let mut router = Router::new();
        for row in self.0 {
            let bare = row.who == Who::Program;
            let handler = if bare {
                row.handler
            } else if let Who::Key(roles) = row.who {
                let state = (Arc::clone(app), roles);
                row.handler
                    .layer(DefaultBodyLimit::disable())
                    .layer(from_fn_with_state(state, programs::check))
            } else {
                let gate = Gate {
                    path: row.path,
                    who: row.who,
                    fresh: row.fresh,
                    streams: row.streams,
                };
                let state = (Arc::clone(app), gate);
                // The guard sets the limit of a form; another one behind it would be lower.
                row.handler
                    .layer(DefaultBodyLimit::disable())
                    .layer(from_fn_with_state(state, guard::check))
            };
            router = router.route(row.path, handler);
        }
        router
    }
}
