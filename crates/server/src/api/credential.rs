//! Who calls.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use super::Refused;
use crate::{
    access::{
        Scope,
        bearer::{self, Caller},
    },
    app::App,
    clock,
    requests::RequestError,
    storage::entity::{backend, person},
};

/// Longer ones are none of ours, and are not hashed.
const LONGEST: usize = 200;

/// The backend whose token came with the call.
pub(crate) struct OfBackend(pub(crate) backend::Model);

impl FromRequestParts<Arc<App>> for OfBackend {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let token = token(&parts.headers).ok_or_else(Refused::unauthorised)?;
        let found = bearer::backend(&**app.database, token).await?;
        found.map(Self).ok_or_else(Refused::unauthorised)
    }
}

/// The person whose token came with the call; it is good for asking for jobs.
pub(crate) struct OfPerson(pub(crate) person::Model);

impl FromRequestParts<Arc<App>> for OfPerson {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let token = token(&parts.headers).ok_or_else(Refused::unauthorised)?;
        let found = bearer::person(&**app.database, token, clock::now()).await?;
        let Caller { person, scope } = found.ok_or_else(Refused::unauthorised)?;
        match scope {
            Scope::Jobs => Ok(Self(person)),
            Scope::Read => Err(RequestError::ReadOnly.into()),
        }
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST)
        .then_some(token)
}
