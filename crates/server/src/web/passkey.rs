//! Passkeys: what browsers are asked, and what they answer.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    answer::{NoPage, Page},
    form::{OurForm, Proved},
    next::Next,
    settings,
    sign_in::{self, Nothing},
    viewer::Viewer,
};
use crate::{
    access::session::How,
    account::{self, AccountError},
    app::App,
    http::ClientAddress,
    passkey::{Assertion, Creation, KINDS, Passkeys, Purpose},
};

/// How long browsers let somebody look for their key, in milliseconds.
const PATIENCE: u32 = 120_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Added {
    name: String,
    #[serde(flatten)]
    creation: Creation,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Renamed {
    name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Used {
    #[serde(flatten)]
    assertion: Assertion,
    #[serde(default)]
    next: Next,
}

/// What a browser is asked that signs somebody in.
pub(crate) async fn sign_in_options(State(app): State<Arc<App>>, client: ClientAddress) -> Page {
    let passkeys = passkeys(&app)?;
    let guess = app.people.guesses.begin(None, client.key());
    guess.map_err(NoPage::TooOften)?;
    let challenge = passkeys.challenge(Purpose::SignIn);
    let challenge = challenge.map_err(|_| NoPage::Unable)?;
    let options = json!({
        "challenge": challenge.reveal(),
        "rpId": passkeys.site(),
        "timeout": PATIENCE,
        "userVerification": "required",
    });
    Ok(Json(options).into_response())
}

pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    client: ClientAddress,
    OurForm(form): OurForm<Used>,
) -> Page {
    let passkeys = passkeys(&app)?;
    let guess = app.people.guesses.begin(None, client.key());
    let guess = guess.map_err(NoPage::TooOften)?;
    let write = app.database.write().await?;
    let known = account::know_by_passkey(&write, passkeys, &form.assertion).await?;
    let Some(person) = known else {
        let problem = "This passkey signs nobody in here. Try again, or sign in in another way.";
        let page = sign_in::refused(&app, &viewer, &form.next, problem)?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    };
    guess.was_right();
    sign_in::signed_in(&app, &viewer, write, &person, How::Passkey, &form.next).await
}

/// What a browser is asked that is to make a passkey.
pub(crate) async fn add_options(State(app): State<Arc<App>>, viewer: Viewer) -> Page {
    let passkeys = passkeys(&app)?;
    let session = viewer.session.as_deref().ok_or(NoPage::SignInFirst)?;
    let challenge = passkeys.challenge(Purpose::Add(session.id));
    let challenge = challenge.map_err(|_| NoPage::Unable)?;
    let person = &session.person;
    let theirs = account::passkeys_of(&**app.database, person.id).await?;
    let theirs = theirs
        .iter()
        .map(|row| json!({ "type": "public-key", "id": row.credential_id }));
    let options = json!({
        "challenge": challenge.reveal(),
        "rp": { "id": passkeys.site(), "name": "Glovebox" },
        "user": {
            "id": passkeys.handle(person.id),
            "name": person.username,
            "displayName": person.full_name,
        },
        "pubKeyCredParams": KINDS.map(|kind| json!({ "type": "public-key", "alg": kind })),
        "excludeCredentials": theirs.collect::<Vec<_>>(),
        "authenticatorSelection": { "residentKey": "required", "userVerification": "required" },
        "attestation": "none",
        "timeout": PATIENCE,
    });
    Ok(Json(options).into_response())
}

pub(crate) async fn add(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Proved { session, form }: Proved<Added>,
) -> Page {
    let passkeys = passkeys(&app)?;
    let (database, name) = (&app.database, &form.name);
    let added = account::add_passkey(database, passkeys, &session, name, &form.creation).await;
    told(&app, &viewer, added, "passkey").await
}

pub(crate) async fn rename(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    id: Result<Path<i64>, PathRejection>,
    Proved { session, form }: Proved<Renamed>,
) -> Page {
    let Path(id) = id?;
    let renamed = account::rename_passkey(&app.database, &session, id, &form.name).await;
    told(&app, &viewer, renamed, "passkey-renamed").await
}

pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    id: Result<Path<i64>, PathRejection>,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    let Path(id) = id?;
    let removed = account::remove_passkey(&app.database, &session, id).await;
    told(&app, &viewer, removed, "passkey-removed").await
}

async fn told(
    app: &App,
    viewer: &Viewer,
    done: Result<(), AccountError>,
    what: &str,
) -> Result<Response, NoPage> {
    match done {
        Ok(()) => Ok(settings::done(what)),
        Err(
            error @ (AccountError::BadName
            | AccountError::BadPasskey(_)
            | AccountError::KnownPasskey
            | AccountError::TooManyPasskeys),
        ) => settings::passkey_not_done(app, viewer, &error).await,
        Err(error) => Err(error.into()),
    }
}

fn passkeys(app: &App) -> Result<&Passkeys, NoPage> {
    app.people.passkeys.as_ref().ok_or(NoPage::Missing)
}
