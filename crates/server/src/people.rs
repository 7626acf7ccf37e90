//! What signing people in works with, as long as a server runs.

use crate::{
    access::{guesses::Guesses, password::Passwords},
    oidc::Oidc,
    passkey::Passkeys,
};

/// What signing in works with.
pub(crate) struct People {
    pub(crate) passwords: Passwords,
    pub(crate) guesses: Guesses,
    /// The provider of identities, if the settings name one.
    pub(crate) oidc: Option<Oidc>,
    /// Passkeys, if people reach the server by a name that they can be for.
    pub(crate) passkeys: Option<Passkeys>,
}

impl People {
    pub(crate) fn new(oidc: Option<Oidc>, passkeys: Option<Passkeys>) -> Self {
        Self {
            passwords: Passwords::new(),
            guesses: Guesses::new(),
            oidc,
            passkeys,
        }
    }
}
