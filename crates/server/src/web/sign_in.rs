//! Signing in and out.

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use glovebox_pages::SignInPage;
use sea_orm::EntityTrait as _;
use serde::Deserialize;

use super::{
    answer::{NoPage, Page, shown},
    form::{OurForm, Proved},
    next::{Next, encoded},
    viewer::{self, Viewer},
};
use crate::{
    access::{link, password::Typed, session::How},
    account::{self, AccountError},
    app::App,
    clock,
    http::ClientAddress,
    storage::{StorageError, Write, entity::person},
};

/// A form without fields of its own.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

/// What may stand in the address of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(super) next: Next,
}

/// What somebody types to sign in.
#[derive(Debug, Deserialize)]
pub(crate) struct ByPassword {
    username: String,
    password: Typed,
    #[serde(default)]
    next: Next,
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Page {
    let next = asked.map(|Query(asked)| asked.next).unwrap_or_default();
    Ok(shown(blank(&app, &viewer, &next).html()?))
}

/// What an address that signs somebody in shows. Looking at it uses nothing up: programs that look at
/// addresses before people do are many.
pub(crate) async fn link_page(State(app): State<Arc<App>>, viewer: Viewer) -> Page {
    let page = SignInPage {
        is_link: true,
        ..blank(&app, &viewer, &Next::default())
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn by_password(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    client: ClientAddress,
    OurForm(form): OurForm<ByPassword>,
) -> Page {
    let guess = app
        .people
        .guesses
        .begin(Some(&form.username), client.key())
        .map_err(NoPage::TooOften)?;
    let passwords = &app.people.passwords;
    let known = account::know_by_password(&app.database, passwords, &form.username, &form.password);
    let Some(person) = known.await? else {
        tracing::warn!("somebody typed a wrong name or password");
        let problem = "There is nobody with this name and password. Check both, and try again.";
        let page = SignInPage {
            username: form.username.chars().take(100).collect(),
            problem: Some(problem.to_owned()),
            ..blank(&app, &viewer, &form.next)
        };
        return Ok((StatusCode::FORBIDDEN, shown(page.html()?)).into_response());
    };
    guess.was_right();
    let write = app.database.write().await?;
    signed_in(&app, &viewer, write, &person, How::Password, &form.next).await
}

pub(crate) async fn by_link(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    client: ClientAddress,
    token: Result<Path<String>, PathRejection>,
    OurForm(Nothing {}): OurForm<Nothing>,
) -> Page {
    let Path(token) = token?;
    let guess = app.people.guesses.begin(None, client.key());
    let guess = guess.map_err(NoPage::TooOften)?;
    let write = app.database.write().await?;
    let Some(person) = link::consume(&*write, &token, clock::now()).await? else {
        let problem = "This address was used, or its time is over. Ask for a new one.";
        let page = refused(&app, &viewer, &Next::default(), problem)?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    };
    guess.was_right();
    let person = person::Entity::find_by_id(person).one(&*write).await;
    let person = person.map_err(StorageError::from)?.ok_or(NoPage::Unable)?;
    // Whoever comes this way for the first time sets a password there.
    let next = if account::has_password(&*write, person.id).await? {
        Next::default()
    } else {
        Next::of(glovebox_pages::SETTINGS_PATH)
    };
    signed_in(&app, &viewer, write, &person, How::Link, &next).await
}

pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    account::end_session(&app.database, &session).await?;
    Ok(leading_to("/", viewer::forget(&app)))
}

/// Signs a person in who was found out to be one, and leads them on.
pub(super) async fn signed_in(
    app: &App,
    viewer: &Viewer,
    write: Write<'_>,
    person: &person::Model,
    how: How,
    next: &Next,
) -> Page {
    let before = viewer.session.as_deref();
    let token = account::begin_session(write, person, how, before).await?;
    Ok(leading_to(next.path(), viewer::keep_signed_in(app, &token)))
}

/// The page that says why somebody is not signed in.
pub(super) fn refused(
    app: &App,
    viewer: &Viewer,
    next: &Next,
    problem: &str,
) -> Result<Response, NoPage> {
    let page = SignInPage {
        problem: Some(problem.to_owned()),
        ..blank(app, viewer, next)
    };
    Ok(shown(page.html()?))
}

fn blank(app: &App, viewer: &Viewer, next: &Next) -> SignInPage {
    let provider = app.people.oidc.as_ref().map(|oidc| {
        let path = format!("/sign-in/provider/?next={}", encoded(next.path()));
        (path, oidc.button().to_owned())
    });
    SignInPage {
        frame: viewer.frame(),
        provider,
        passkeys: app.people.passkeys.is_some(),
        next: next.path().to_owned(),
        ..SignInPage::default()
    }
}

pub(super) fn leading_to(path: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = Redirect::to(path).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What cannot be told beside the field that it is about.
impl From<AccountError> for NoPage {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::Missing,
            AccountError::Storage(error) => error.into(),
            error => {
                tracing::error!(%error, "an account could not be changed");
                Self::Unable
            }
        }
    }
}
