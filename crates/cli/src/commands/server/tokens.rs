//! `glovebox server revoke-tokens` and `renew-token`: what to do about a token that got out.

use std::time::Duration;

use super::Place;
use super::create::{refused, told, told_path};
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

/// Print the path of a page that signs a person in, once: for a first time, or a lost password.
#[derive(clap::Args)]
pub(super) struct SignInLink {
    /// Their user name.
    username: String,

    /// For how many minutes it is good.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=10_080))]
    minutes: u16,
}

pub(super) async fn sign_in_link(place: &Place, link: &SignInLink) -> Exit {
    let lasts = Duration::from_mins(u64::from(link.minutes));
    let made = async {
        let admin = place.admin().await?;
        admin.create_sign_in_link(&link.username, lasts).await
    };
    match made.await {
        Ok(token) => told_path(&token),
        Err(error) => refused(&error),
    }
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
