//! Signing in by a provider of identities: sending the browser there, and taking it back.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect},
};

use super::{
    answer::{NoPage, Page},
    next::Next,
    sign_in::{self, Asked},
    viewer::{Viewer, cookie, cookie_of},
};
use crate::{
    access::session::How,
    account::{self, Found},
    app::App,
    http::ClientAddress,
    oidc::{self, Oidc, OidcError, Returned},
};

/// Sends the browser to the provider.
///
/// A page of another site cannot begin it: whoever followed its link would be signed in without having
/// asked for it.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    client: ClientAddress,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Page {
    let oidc = provider(&app)?;
    let next = asked.map(|Query(asked)| asked.next).unwrap_or_default();
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Ok(Redirect::to(&next.after_sign_in()).into_response());
    }
    let guess = app.people.guesses.begin(None, client.key());
    guess.map_err(NoPage::TooOften)?;
    match oidc.begin(next.path()).await {
        Ok((address, browser)) => {
            let seconds = oidc::LASTS.as_secs();
            let cookie = cookie_of(&app, cookie_name(&app), browser.reveal(), seconds);
            Ok(sign_in::leading_to(&address, cookie))
        }
        Err(error) => {
            tracing::warn!(%error, "a sign-in by the provider could not be begun");
            let page = sign_in::refused(&app, &Viewer::default(), &next, UNABLE)?;
            Ok((StatusCode::BAD_GATEWAY, page).into_response())
        }
    }
}

/// Takes the browser back, and signs in whom the provider speaks of.
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    client: ClientAddress,
    headers: HeaderMap,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Page {
    let oidc = provider(&app)?;
    let guess = app.people.guesses.begin(None, client.key());
    let guess = guess.map_err(NoPage::TooOften)?;
    let returned = returned.map(|Query(returned)| returned).unwrap_or_default();
    let browser = cookie(&headers, cookie_name(&app)).unwrap_or_default();
    let finished = oidc.finish(&returned, browser).await;
    let no = |problem: &str| -> Page {
        let page = sign_in::refused(&app, &viewer, &Next::default(), problem)?;
        Ok((StatusCode::FORBIDDEN, page).into_response())
    };
    let (known, next) = match finished {
        Ok(finished) => finished,
        Err(error) => {
            tracing::warn!(%error, "the provider signs nobody in");
            return no(match error {
                OidcError::NotBegun => NOT_BEGUN,
                OidcError::Denied => DENIED,
                _ => UNABLE,
            });
        }
    };
    let write = app.database.write().await?;
    let found = account::person_of(&write, oidc.issuer(), &known, oidc.admits_unknown()).await?;
    match found {
        Found::Person(person) => {
            guess.was_right();
            let next = Next::of(&next);
            let mut response =
                sign_in::signed_in(&app, &viewer, write, &person, How::Provider, &next).await?;
            if let Some(cookie) = cookie_of(&app, cookie_name(&app), "", 0) {
                let name = axum::http::header::SET_COOKIE;
                response.headers_mut().append(name, cookie);
            }
            Ok(response)
        }
        Found::Nobody => no(NOBODY),
        Found::Another => no(ANOTHER),
    }
}

const UNABLE: &str = "The provider could not be asked who you are, or what it said proves nothing. Try again; \
     if that does not help, tell those who look after this service.";
const NOT_BEGUN: &str = "This sign-in was not begun in this browser, was used, or took longer than ten minutes. \
     Begin again.";
const DENIED: &str = "The provider did not sign you in. Nothing was done.";
const NOBODY: &str = "The provider knows you, and there is no account for you here. Ask those who look after \
     this service for one, with the email address that the provider knows.";
const ANOTHER: &str = "The account with your email address is somebody else's at the provider. Ask those who \
     look after this service.";

fn provider(app: &App) -> Result<&Oidc, NoPage> {
    app.people.oidc.as_ref().ok_or(NoPage::Missing)
}

/// The name of the cookie by which a browser shows that it began.
fn cookie_name(app: &App) -> &'static str {
    if app.is_secure() {
        "__Host-glovebox-provider"
    } else {
        "glovebox-provider"
    }
}
