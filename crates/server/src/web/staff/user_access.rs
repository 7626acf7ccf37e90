//! What signs a user in or speaks for them: ended, or an address that signs them in made.

use std::{sync::Arc, time::Duration};

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_pages::staff::{Form, Link, Part};

use super::{
    Staff, answered, done, page as blank, question,
    sent::Sent,
    users::{BELOW, find, looks_after_the_service, path},
};
use crate::{
    AdminError,
    access::Permission,
    app::App,
    web::{
        answer::{NoPage, Page},
        form::Proved,
    },
};

/// How long an address that signs somebody in is good.
const LINK_LASTS: Duration = Duration::from_hours(1);

pub(crate) async fn ask_end_tokens(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let found = find(&app, &username).await?;
    let heading = format!("End all tokens of {}?", found.row.full_name);
    let path = path(&username);
    let form = Form::new(
        "end",
        heading,
        format!("{path}end-tokens/"),
        "End all tokens",
    )
    .saying("Programs that show one are refused from then on. Jobs that they asked for go on.")
    .dangerous(&path);
    question(&staff, &[BELOW[0], (&found.row.full_name, &path)], form)
}

pub(crate) async fn end_tokens(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let ended = staff.admin(&app).revoke_personal_tokens(&username).await;
    ended.map_err(no_page)?;
    Ok(done(&path(&username), "tokens-ended"))
}

pub(crate) async fn ask_end_sessions(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let found = find(&app, &username).await?;
    let heading = format!("Sign {} out everywhere?", found.row.full_name);
    let path = path(&username);
    let form = Form::new(
        "end",
        heading,
        format!("{path}end-sessions/"),
        "Sign them out",
    )
    .saying("Addresses that would sign them in do no more either.")
    .dangerous(&path);
    question(&staff, &[BELOW[0], (&found.row.full_name, &path)], form)
}

pub(crate) async fn end_sessions(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let ended = staff.admin(&app).end_sessions(&username).await;
    ended.map_err(no_page)?;
    Ok(done(&path(&username), "sessions-ended"))
}

pub(crate) async fn sign_in_link(
    State(app): State<Arc<App>>,
    staff: Staff,
    username: Result<Path<String>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    let Path(username) = username?;
    staff.needs(Permission::UserManage)?;
    let found = find(&app, &username).await?;
    // Nobody gets to act in the name of a colleague who may do as much, and a browser that was left open
    // gives nobody a way in that lasts.
    if looks_after_the_service(&app, &found).await? {
        return Err(NoPage::Forbidden);
    }
    let admin = staff.admin(&app);
    let made = admin.create_sign_in_link(&username, LINK_LASTS);
    let token = made.await.map_err(no_page)?;
    let name = &found.row.full_name;
    let mut page = blank(&staff, format!("An address that signs {name} in"), BELOW);
    let origin = app.public_origin().unwrap_or_default();
    page.parts.push(Part::Secret {
        text: format!("{origin}/sign-in/{}/", token.reveal()),
        advice: "It is shown once, and good for an hour. Whoever opens it first is signed in: give it to nobody \
                 else, by a way that only they read.",
    });
    page.parts.push(Part::Links(vec![Link::new(
        format!("To {name}"),
        path(&username),
    )]));
    answered(&page, false)
}

/// Why something was not done that takes nothing typed.
fn no_page(error: AdminError) -> NoPage {
    match error {
        AdminError::NotFound { .. } => NoPage::Missing,
        error => {
            tracing::error!(%error, "something could not be done for a person");
            NoPage::Unable
        }
    }
}
