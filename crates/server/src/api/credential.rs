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
    http::ClientAddress,
    requests::RequestError,
    storage::{
        StorageError,
        entity::{backend, person},
    },
};

/// Longer ones are none of ours, and are not hashed.
const LONGEST: usize = 200;

/// The backend whose token came with the call.
pub(crate) struct OfBackend(pub(crate) backend::Model);

impl FromRequestParts<Arc<App>> for OfBackend {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let find = async |token: &str| bearer::backend(&**app.database, token).await;
        whose(parts, app, find).await.map(Self)
    }
}

/// The person whose token came with the call; it is good for asking for jobs.
pub(crate) struct OfPerson(pub(crate) person::Model);

impl FromRequestParts<Arc<App>> for OfPerson {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let find = async |token: &str| bearer::person(&**app.database, token, clock::now()).await;
        let Caller { person, scope } = whose(parts, app, find).await?;
        match scope {
            Scope::Jobs => Ok(Self(person)),
            Scope::Read => Err(RequestError::ReadOnly.into()),
        }
    }
}

/// Whose token came with a call. Addresses from which many wrong ones came wait, whatever they show: what
/// is not looked up costs nothing.
async fn whose<T>(
    parts: &mut Parts,
    app: &Arc<App>,
    find: impl AsyncFnOnce(&str) -> Result<Option<T>, StorageError>,
) -> Result<T, Refused> {
    let Ok(client) = ClientAddress::from_request_parts(parts, app).await;
    let token = token(&parts.headers).ok_or_else(Refused::unauthorised)?;
    let Some(address) = client.key() else {
        return find(token).await?.ok_or_else(Refused::unauthorised);
    };
    let too_many = |again_in| Refused::too_many(again_in, &parts.headers);
    app.wrong_tokens.look(&address).map_err(too_many)?;
    if let Some(found) = find(token).await? {
        return Ok(found);
    }
    app.wrong_tokens.check(address).map_err(too_many)?;
    tracing::warn!(%address, "a token is none of this server's");
    Err(Refused::unauthorised())
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST)
        .then_some(token)
}
