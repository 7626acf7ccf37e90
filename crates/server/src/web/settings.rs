//! A person's own settings.

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use glovebox_jobs::Timestamp;
use glovebox_pages::{
    PasskeyFacts, SETTINGS_PATH, SessionFacts, SettingsPage, SettingsPart, TokenFacts,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde::Deserialize;

use super::{
    answer::{NoPage, Page, shown},
    facts::{self, moment},
    form::Proved,
    sign_in::Nothing,
    viewer::{SignedIn, Viewer},
};
use crate::{
    access::{
        password::Typed,
        session::{self, How, Session},
    },
    account::{self, AccountError, Profile, TokenWanted},
    app::App,
    clock,
    http::ClientAddress,
    storage::{
        StorageError,
        entity::{identity, passkey},
    },
};

/// How many providers of identities are named.
const IDENTITIES: u64 = 20;

/// What was done, as a word in the address that a form leads to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Told {
    #[serde(default)]
    done: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ProfileForm {
    full_name: String,
    #[serde(default)]
    email: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PasswordForm {
    #[serde(default)]
    current: Typed,
    new: Typed,
    again: Typed,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TokenForm {
    name: String,
    scope: String,
    days: String,
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    SignedIn(session): SignedIn,
    told: Result<Query<Told>, QueryRejection>,
) -> Page {
    let told = told.map(|Query(told)| told.done).unwrap_or_default();
    let mut page = facts_of(&app, &viewer, &session).await?;
    page.done = match told.as_str() {
        "profile" => Some("Your name and address are saved."),
        "password" => Some("Your password is changed, and you are signed out everywhere else."),
        "token" => Some("The token is revoked: what still shows it is refused."),
        "passkey" => Some("The passkey is added: it signs you in from now on."),
        "passkey-renamed" => Some("The passkey is renamed."),
        "passkey-removed" => Some("The passkey is removed: it signs nobody in from now on."),
        "sessions" => Some("You are signed out everywhere else."),
        _ => None,
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn profile(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Proved { session, form }: Proved<ProfileForm>,
) -> Page {
    let profile = Profile {
        full_name: &form.full_name,
        email: &form.email,
    };
    match account::change_profile(&app.database, &session, &profile).await {
        Ok(()) => Ok(done("profile")),
        Err(error @ (AccountError::BadName | AccountError::BadEmail)) => {
            let mut page = facts_of(&app, &viewer, &session).await?;
            page.full_name = form.full_name.chars().take(200).collect();
            page.email = form.email.chars().take(254).collect();
            not_done(page, SettingsPart::Profile, &error)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn password(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    client: ClientAddress,
    Proved { session, form }: Proved<PasswordForm>,
) -> Page {
    let username = &session.person.username;
    let guess = app.people.guesses.begin(Some(username), client.key());
    let guess = guess.map_err(NoPage::TooOften)?;
    let changed = if form.new.is(&form.again) {
        let passwords = &app.people.passwords;
        account::change_password(&app.database, passwords, &session, &form.current, &form.new).await
    } else {
        Err(AccountError::Unequal)
    };
    match changed {
        Ok(()) => {
            guess.was_right();
            Ok(done("password"))
        }
        Err(
            error @ (AccountError::BadPassword(_)
            | AccountError::WrongPassword
            | AccountError::Unequal),
        ) => {
            let page = facts_of(&app, &viewer, &session).await?;
            not_done(page, SettingsPart::Password, &error)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn create_token(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Proved { session, form }: Proved<TokenForm>,
) -> Page {
    let wanted = TokenWanted {
        name: &form.name,
        scope: &form.scope,
        // What is no number is none of those that are taken.
        days: form.days.trim().parse().unwrap_or_default(),
    };
    match account::create_token(&app.database, &session, &wanted).await {
        Ok(token) => {
            let mut page = facts_of(&app, &viewer, &session).await?;
            page.new_token = Some(token.reveal().to_owned());
            Ok(shown(page.html()?))
        }
        Err(
            error @ (AccountError::BadName
            | AccountError::BadScope
            | AccountError::BadDays
            | AccountError::TooMany),
        ) => {
            let page = facts_of(&app, &viewer, &session).await?;
            not_done(page, SettingsPart::Tokens, &error)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn revoke_token(
    State(app): State<Arc<App>>,
    id: Result<Path<i64>, PathRejection>,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    let Path(id) = id?;
    account::revoke_token(&app.database, &session, id).await?;
    Ok(done("token"))
}

pub(crate) async fn end_other_sessions(
    State(app): State<Arc<App>>,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    account::end_other_sessions(&app.database, &session).await?;
    Ok(done("sessions"))
}

pub(super) fn done(what: &str) -> Response {
    Redirect::to(&format!("{SETTINGS_PATH}?done={what}")).into_response()
}

/// The settings, with what is wrong about a passkey.
pub(super) async fn passkey_not_done(app: &App, viewer: &Viewer, why: &AccountError) -> Page {
    let session = viewer.session.as_deref().ok_or(NoPage::SignInFirst)?;
    let page = facts_of(app, viewer, session).await?;
    not_done(page, SettingsPart::Passkeys, why)
}

fn not_done(mut page: SettingsPage, part: SettingsPart, why: &AccountError) -> Page {
    let text = why.to_string();
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    page.problem = Some((part, first.chain(letters).chain(['.']).collect()));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(page.html()?)).into_response())
}

async fn facts_of(app: &App, viewer: &Viewer, session: &Session) -> Result<SettingsPage, NoPage> {
    let read = &**app.database;
    let now = clock::now();
    let person = &session.person;
    let has_password = account::has_password(read, person.id).await?;
    let tokens = account::tokens_of(read, person.id, now).await?;
    let sessions = session::of_person(read, person.id, now).await?;
    let identities = identity::Entity::find()
        .filter(identity::Column::PersonId.eq(person.id))
        .limit(IDENTITIES)
        .all(read)
        .await
        .map_err(StorageError::from)?;
    let passkeys = match &app.people.passkeys {
        Some(_) => Some(account::passkeys_of(read, person.id).await?),
        None => None,
    };
    let at = |millis| moment(Timestamp(millis));
    let tokens = tokens.into_iter().map(|row| TokenFacts {
        id: row.id,
        name: row.name,
        scope: row.scope,
        created_at: at(row.created_at),
        expires_at: at(row.expires_at),
        last_used_at: row.last_used_at.map(at),
    });
    let sessions = sessions.into_iter().map(|row| SessionFacts {
        is_this: row.id == session.id,
        how: row.how,
        created_at: at(row.created_at),
        expires_at: at(row.expires_at),
    });
    let passkey = |row: passkey::Model| PasskeyFacts {
        id: row.id,
        name: row.name,
        created_at: at(row.created_at),
        last_used_at: row.last_used_at.map(at),
    };
    Ok(SettingsPage {
        frame: viewer.frame(),
        full_name: person.full_name.clone(),
        email: person.email.clone().unwrap_or_default(),
        needs_password: has_password && session.how() != Some(How::Link),
        has_password,
        tokens: tokens.collect(),
        passkeys: passkeys.map(|rows| rows.into_iter().map(passkey).collect()),
        new_token: None,
        sessions: sessions.collect(),
        identities: identities.into_iter().map(|row| row.issuer).collect(),
        problem: None,
        done: None,
        now: facts::now(),
    })
}
