//! Signing in and out.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use glovebox_pages::SignInPage;
use serde::Deserialize;
use serde_json::json;

use super::{
    answer::{NoPage, Page, shown},
    form::{OurForm, Proved},
    viewer::{self, Viewer},
};
use crate::{
    access::{link, session},
    app::App,
    audit::Deed,
    clock,
    storage::{Write, entity::person},
    token::NewToken,
};

/// A form without fields of its own.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn page(viewer: Viewer) -> Page {
    let page = SignInPage {
        frame: viewer.frame(),
        is_link: false,
        problem: None,
    };
    Ok(shown(page.html()?))
}

/// What an address that signs somebody in shows. Looking at it uses nothing up: programs that look at
/// addresses before people do are many.
pub(crate) async fn link_page(viewer: Viewer) -> Page {
    let page = SignInPage {
        frame: viewer.frame(),
        is_link: true,
        problem: None,
    };
    Ok(shown(page.html()?))
}

pub(crate) async fn by_link(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    token: Result<Path<String>, PathRejection>,
    OurForm(Nothing {}): OurForm<Nothing>,
) -> Page {
    let Path(token) = token?;
    let write = app.database.write().await?;
    let Some(person) = link::consume(&*write, &token, clock::now()).await? else {
        let page = SignInPage {
            frame: viewer.frame(),
            is_link: false,
            problem: Some("This address was used, or its time is over. Ask for a new one."),
        };
        return Ok((StatusCode::FORBIDDEN, shown(page.html()?)).into_response());
    };
    signed_in(&app, write, person, "link").await
}

pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    Proved {
        session,
        form: Nothing {},
    }: Proved<Nothing>,
) -> Page {
    let write = app.database.write().await?;
    session::end(&*write, session.id).await?;
    keep(&write, &session.person, "signed_out", "session").await?;
    write.commit().await?;
    Ok(leading_to("/", viewer::forget(&app)))
}

/// Signs a person in who was found out to be one, and leads them to the first page.
async fn signed_in(app: &App, write: Write<'_>, person: i64, how: &'static str) -> Page {
    use sea_orm::EntityTrait as _;
    let person = person::Entity::find_by_id(person).one(&*write).await;
    let person = person
        .map_err(crate::storage::StorageError::from)?
        .ok_or(NoPage::Unable)?;
    let token = NewToken::make().map_err(|_| NoPage::Unable)?;
    session::begin(&*write, person.id, &token, clock::now()).await?;
    keep(&write, &person, "signed_in", how).await?;
    write.commit().await?;
    Ok(leading_to("/", viewer::keep_signed_in(app, &token)))
}

async fn keep(
    write: &Write<'_>,
    person: &person::Model,
    action: &'static str,
    how: &'static str,
) -> Result<(), NoPage> {
    let deed = Deed {
        actor: person.username.clone(),
        action,
        subject: format!("person/{}", person.username),
        details: json!({ "how": how }),
    };
    Ok(deed.keep(&**write, clock::now()).await?)
}

fn leading_to(path: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = Redirect::to(path).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
