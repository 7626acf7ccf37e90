//! What signing people in works with, as long as a server runs.

use crate::{
    access::{guesses::Guesses, password::Passwords},
    oidc::Oidc,
};

/// What signing in works with.
pub(crate) struct People {
    pub(crate) passwords: Passwords,
    pub(crate) guesses: Guesses,
    /// The provider of identities, if the settings name one.
    pub(crate) oidc: Option<Oidc>,
}

impl People {
    pub(crate) fn new(oidc: Option<Oidc>) -> Self {
        Self {
            passwords: Passwords::new(),
            guesses: Guesses::new(),
            oidc,
        }
    }
}
