//! Who looks at a page: a visitor, or somebody who is signed in.
//!
//! [`know`] finds it out once a call; pages take [`Viewer`] as an argument.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use glovebox_pages::{Frame, SignedIn as Named};

use super::{answer::NoPage, next};
use crate::{
    access::{
        self, Permission,
        session::{self, Session},
    },
    app::App,
    clock,
    storage::StorageError,
    token::NewToken,
};

/// Longer ones are none of ours, and are not hashed.
const LONGEST: usize = 200;

/// Who looks at a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Viewer {
    pub(crate) session: Option<Arc<Session>>,
    is_staff: bool,
}

impl Viewer {
    /// What stands around the page.
    pub(crate) fn frame(&self) -> Frame {
        let person = self.session.as_deref().map(|session| Named {
            username: session.person.username.clone(),
            full_name: session.person.full_name.clone(),
            is_staff: self.is_staff,
            proof: session.proof().to_owned(),
        });
        Frame { person }
    }

    /// Whether they hold a role in a project, and so see what not everybody may.
    pub(crate) async fn sees_more(&self, app: &App, project: i64) -> Result<bool, StorageError> {
        let Some(session) = self.session.as_deref() else {
            return Ok(false);
        };
        let (person, more) = (session.person.id, Permission::SeeMore);
        access::may(&**app.database, person, project, more, clock::now()).await
    }

    /// Whether they may see the code of a workspace of a project.
    pub(crate) async fn sees_code(
        &self,
        app: &App,
        project: i64,
        is_public: bool,
    ) -> Result<bool, StorageError> {
        Ok(is_public || self.sees_more(app, project).await?)
    }

    async fn of(app: &App, headers: &HeaderMap) -> Result<Self, StorageError> {
        let Some(token) = cookie(headers, app.cookie_name()) else {
            return Ok(Self::default());
        };
        let database = &**app.database;
        let now = clock::now();
        let Some(session) = session::find(database, token, now).await? else {
            return Ok(Self::default());
        };
        let staff = Permission::StaffArea;
        Ok(Self {
            is_staff: access::may_everywhere(database, session.person.id, staff, now).await?,
            session: Some(Arc::new(session)),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Somebody who is signed in, for pages that only they see. Others are led to signing in, and back.
pub(crate) struct SignedIn(pub(crate) Arc<Session>);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let viewer: Option<&Viewer> = parts.extensions.get();
        if let Some(session) = viewer.and_then(|viewer| viewer.session.clone()) {
            return Ok(Self(session));
        }
        let asked = parts.uri.path_and_query();
        let next = next::Next::of(asked.map_or("/", |asked| asked.as_str()));
        Err(Redirect::to(&next.after_sign_in()).into_response())
    }
}

/// Finds out who looks, for all pages, and puts what cannot be shown into a page for them.
pub(crate) async fn know(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let viewer = match Viewer::of(&app, request.headers()).await {
        Ok(viewer) => viewer,
        Err(error) => return NoPage::from(error).into_response(),
    };
    request.extensions_mut().insert(viewer.clone());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<NoPage>() {
        Some(no_page) => no_page.shown_to(viewer.frame()),
        None => response,
    }
}

/// The value of a cookie of ours.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let mut values = pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(found, value)| {
            (found == name && (1..=LONGEST).contains(&value.len())).then_some(value)
        });
    values.next()
}

/// The header by which a browser keeps the token of a session. Scripts cannot read it, and other sites'
/// forms do not bring it along.
pub(crate) fn keep_signed_in(app: &App, token: &NewToken) -> Option<HeaderValue> {
    let seconds = session::LASTS.as_secs();
    set_cookie(app, token.reveal(), seconds)
}

/// The header by which a browser forgets it.
pub(crate) fn forget(app: &App) -> Option<HeaderValue> {
    set_cookie(app, "", 0)
}

fn set_cookie(app: &App, value: &str, seconds: u64) -> Option<HeaderValue> {
    cookie_of(app, app.cookie_name(), value, seconds)
}

/// A header that sets a cookie of ours.
pub(super) fn cookie_of(app: &App, name: &str, value: &str, seconds: u64) -> Option<HeaderValue> {
    let secure = if app.is_secure() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let cases = [
            ("glovebox=abc", Some("abc")),
            ("a=b; glovebox=abc; c=d", Some("abc")),
            ("glovebox_=x; glovebox=abc", Some("abc")),
            ("notglovebox=x", None),
            ("glovebox=", None),
            ("glovebox", None),
        ];
        for (value, wanted) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(value));
            assert_eq!(cookie(&headers, "glovebox"), wanted, "{value}");
        }
    }
}
