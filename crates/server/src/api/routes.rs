//! The routes of the API, written down as they are made, so that a test can hold them against the document.

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{get, post},
};

use crate::app::App;

/// Routes, and which they are.
#[derive(Default)]
pub(super) struct Routes {
    pub(super) router: Router<Arc<App>>,
    pub(super) known: Vec<(Method, String)>,
}

impl Routes {
    pub(super) fn get<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>) -> Self {
        let mut known = self.known;
        known.push((Method::GET, path.to_owned()));
        Self {
            router: self.router.route(path, get(handler)),
            known,
        }
    }

    pub(super) fn post<T: 'static>(self, path: &str, handler: impl Handler<T, Arc<App>>) -> Self {
        let mut known = self.known;
        known.push((Method::POST, path.to_owned()));
        Self {
            router: self.router.route(path, post(handler)),
            known,
        }
    }
}
