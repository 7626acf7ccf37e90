//! The provider of identities, as `glovebox server run` is told of it.

use std::path::PathBuf;

use glovebox_server::{ClientSecret, OidcSettings};

/// The longest secret, in bytes.
const LONGEST: usize = 4096;

/// A provider of identities (OpenID Connect) that signs people in, beside passwords.
#[derive(clap::Args)]
pub(super) struct Oidc {
    /// The address of a provider of identities, exactly as it writes it.
    #[arg(
        long = "oidc-issuer",
        env = "GLOVEBOX_OIDC_ISSUER",
        value_name = "URL",
        requires_all = ["client_id", "client_secret_file"]
    )]
    issuer: Option<String>,

    /// What the provider calls this server.
    #[arg(
        long = "oidc-client-id",
        env = "GLOVEBOX_OIDC_CLIENT_ID",
        value_name = "ID"
    )]
    client_id: Option<String>,

    /// A file with the secret that the provider gave out for this server.
    #[arg(
        long = "oidc-client-secret-file",
        env = "GLOVEBOX_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE"
    )]
    client_secret_file: Option<PathBuf>,

    /// What the button on the page for signing in says.
    #[arg(
        long = "oidc-button",
        env = "GLOVEBOX_OIDC_BUTTON",
        value_name = "TEXT",
        default_value = "Sign in with your institution"
    )]
    button: String,

    /// Give an account, which may do nothing, to people whom the provider knows and nobody entered.
    #[arg(long = "oidc-admit-unknown", env = "GLOVEBOX_OIDC_ADMIT_UNKNOWN")]
    admit_unknown: bool,
}

impl Oidc {
    /// The settings, if a provider is named, or what is wrong.
    pub(super) fn settings(&self) -> Result<Option<OidcSettings>, String> {
        let named = (&self.issuer, &self.client_id, &self.client_secret_file);
        let (Some(issuer), Some(client_id), Some(file)) = named else {
            return Ok(None);
        };
        let unread = |why: String| format!("{} cannot be read: {why}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| unread(error.to_string()))?;
        let secret = text.trim();
        if secret.is_empty() || secret.len() > LONGEST {
            return Err(unread("it holds no secret".to_owned()));
        }
        Ok(Some(OidcSettings {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: ClientSecret::new(secret),
            button: self.button.clone(),
            admit_unknown: self.admit_unknown,
        }))
    }
}
