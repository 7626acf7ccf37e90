//! The HTTP API: for agents, for people's programs, and for whoever watches.
//!
//! * [`agent`], [`client`] and [`lists`] are the calls of [`glovebox_protocol`]; [`document`] describes them.
//! * [`events`] streams that a job request changed; [`health`] says whether the server works.
//! * [`guard`] is what holds for every call: an id, a limit of time, headers, a line in the log.
//! * [`credential`] finds out who calls, [`body`] and [`query`] read what they send, [`refusal`] is how no is said.
//! * [`routes`] notes which routes there are: none without its place in the document.

mod agent;
mod body;
mod client;
mod credential;
mod document;
mod events;
mod guard;
mod health;
mod lists;
mod query;
mod refusal;
mod routes;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::any,
};
use glovebox_protocol::{
    PATH_ASK, PATH_EVENTS, PATH_HEALTH, PATH_JOB_REQUESTS, PATH_OPENAPI, PATH_REPORT,
    PATH_WORKSPACES,
};

use crate::{app::App, web};
use refusal::Refused;
use routes::Routes;

/// What is read at most of a body. An agent may hold many tasks, a request name many actions.
const LARGEST_BODY: usize = 1024 * 1024;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(quick().router.layer(from_fn(guard::within_seconds)))
        .merge(slow().router)
        .merge(web::router_of_slow_pages(&app))
        .route("/api/{*rest}", any(async || Refused::not_found("address")))
        .merge(web::router(&app).layer(from_fn(guard::within_seconds)))
        .fallback(nothing_here)
        .method_not_allowed_fallback(async || Refused::method())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(Arc::clone(&app), guard::by_own_name))
        .layer(from_fn(guard::guard))
        .with_state(app)
}

fn quick() -> Routes {
    let one = format!("{PATH_JOB_REQUESTS}/{{number}}");
    Routes::default()
        .post(PATH_REPORT, agent::report)
        .get(PATH_JOB_REQUESTS, lists::job_requests)
        .get(&one, client::show)
        .post(&format!("{one}/cancel"), client::cancel)
        .get(
            &format!("{PATH_WORKSPACES}/{{name}}/statuses"),
            lists::statuses,
        )
        .get(PATH_OPENAPI, document::document)
        .get(PATH_HEALTH, health::health)
}

/// These bound their own time: one waits for work, one for a repository, one for as long as is watched.
fn slow() -> Routes {
    Routes::default()
        .post(PATH_ASK, agent::ask)
        .post(PATH_JOB_REQUESTS, client::create)
        .get(&format!("{PATH_EVENTS}/{{number}}"), events::job_request)
}

/// Browsers read that in a page, programs in JSON.
async fn nothing_here(request: Request) -> Response {
    web::no_such_page(&request).unwrap_or_else(|| Refused::not_found("page").into_response())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use glovebox_jobs::{RequestStatus, State};
    use serde_json::Value;

    use super::*;

    fn described() -> Value {
        serde_json::from_str(&glovebox_protocol::openapi()).expect("JSON")
    }

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let document = described();
        let paths = document["paths"].as_object().expect("paths");
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("operations").keys();
                methods.map(move |method| (method.to_uppercase(), path.clone()))
            })
            .collect();
        let routes: BTreeSet<(String, String)> = [quick(), slow()]
            .into_iter()
            .flat_map(|routes| routes.known)
            .map(|(method, path)| (method.to_string(), path))
            .collect();
        assert_eq!(
            routes, described,
            "routes are described in glovebox-protocol, in openapi/operations.rs"
        );
    }

    #[test]
    fn the_document_has_the_words_that_are_used() {
        let document = described();
        let words = |schema: &str, field: &str| -> BTreeSet<String> {
            let pointer = format!("/components/schemas/{schema}/properties/{field}/enum");
            let found = document.pointer(&pointer).and_then(Value::as_array);
            let words = found.expect("words").iter().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        };
        let statuses = RequestStatus::ALL.map(|status| status.as_str().to_owned());
        assert_eq!(words("JobRequest", "status"), BTreeSet::from(statuses));
        let states = State::ALL.map(|state| state.as_str().to_owned());
        assert_eq!(words("Job", "state"), BTreeSet::from(states));
    }
}
