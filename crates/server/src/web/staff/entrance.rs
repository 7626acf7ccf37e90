//! Who is let into the staff area, and what they may do there.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use glovebox_pages::Frame;

use super::super::{answer::NoPage, viewer::Viewer};
use crate::{
    Admin,
    access::{Permission, Standing},
    app::App,
    clock,
};

/// Somebody who may see the staff area.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    viewer: Viewer,
    username: String,
    standing: Arc<Standing>,
}

impl Staff {
    pub(crate) fn frame(&self) -> Frame {
        self.viewer.frame()
    }

    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    /// Sets things up in their name.
    pub(crate) fn admin(&self, app: &App) -> Admin {
        let database = Arc::clone(&app.database);
        Admin::with(database, self.username.clone(), app.allow_file)
    }

    pub(crate) fn may(&self, what: Permission) -> bool {
        self.standing.may_everywhere(what)
    }

    pub(crate) fn may_in(&self, project: i64, what: Permission) -> bool {
        self.standing.may(project, what)
    }

    /// To be asked by whatever does something.
    pub(crate) fn needs(&self, what: Permission) -> Result<(), NoPage> {
        self.may(what).then_some(()).ok_or(NoPage::Forbidden)
    }

    pub(crate) fn needs_in(&self, project: i64, what: Permission) -> Result<(), NoPage> {
        let may = self.may_in(project, what);
        may.then_some(()).ok_or(NoPage::Forbidden)
    }
}

/// Lets nobody else near any page of the area.
pub(super) async fn only_staff(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match found(&app, request.extensions().get()).await {
        Ok(staff) => {
            request.extensions_mut().insert(staff);
            next.run(request).await
        }
        Err(no_page) => no_page.into_response(),
    }
}

async fn found(app: &App, viewer: Option<&Viewer>) -> Result<Staff, NoPage> {
    let viewer = viewer.cloned().unwrap_or_default();
    let session = viewer.session.clone().ok_or(NoPage::SignInFirst)?;
    let standing = Standing::of(&**app.database, session.person.id, clock::now()).await?;
    let staff = Staff {
        viewer,
        username: session.person.username.clone(),
        standing: Arc::new(standing),
    };
    staff.needs(Permission::StaffArea)?;
    Ok(staff)
}

impl<S: Sync> FromRequestParts<S> for Staff {
    type Rejection = NoPage;

    /// Where [`only_staff`] let nobody in, there is nobody.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoPage> {
        parts.extensions.get().cloned().ok_or(NoPage::Forbidden)
    }
}
