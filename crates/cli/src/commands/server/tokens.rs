//! `glovebox server revoke-tokens` and `renew-token`: what to do about a token that got out.

use super::Place;
use super::create::{refused, told};
use crate::exit::Exit;

/// End all tokens of a person: what still shows one is refused from now on.
#[derive(clap::Args)]
pub(super) struct RevokeTokens {
    /// Their user name.
    username: String,
}

/// Give a backend a new token, and print it, once; the old one opens nothing from now on.
#[derive(clap::Args)]
pub(super) struct RenewToken {
    /// The backend.
    backend: String,
}

pub(super) async fn revoke(place: &Place, revoke: &RevokeTokens) -> Exit {
    let revoked = async {
        let admin = place.admin().await?;
        admin.revoke_personal_tokens(&revoke.username).await
    };
    revoked
        .await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

pub(super) async fn renew(place: &Place, renew: &RenewToken) -> Exit {
    let renewed = async {
        let admin = place.admin().await?;
        admin.renew_backend_token(&renew.backend).await
    };
    renewed
        .await
        .map_or_else(|error| refused(&error), |token| told(&token))
}
