//! The provider of identities, as `glovebox server run` is told of it.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use glovebox_server::{ClientSecret, OidcSettings};

/// The longest secret, in bytes.
const LONGEST: u64 = 4096;

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

    /// A file with the secret that the provider gave out for this server, which nobody else may read.
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
        let text = secret(file)?;
        Ok(Some(OidcSettings {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: ClientSecret::new(text.trim()),
            button: self.button.clone(),
            admit_unknown: self.admit_unknown,
        }))
    }
}

/// What stands in a file that nobody else may read.
fn secret(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let unread = |error: io::Error| format!("{shown} cannot be read: {error}");
    // A pipe would be waited for.
    let no_waiting = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options()
        .read(true)
        .custom_flags(no_waiting)
        .open(path)
        .map_err(unread)?;
    let found = file.metadata().map_err(unread)?;
    if !found.is_file() {
        return Err(format!("{shown} is no regular file"));
    }
    if found.permissions().mode() & 0o077 != 0 {
        return Err(format!("others may read {shown}: run chmod 600 {shown}"));
    }
    let mut text = String::new();
    // One more tells whether there is more.
    file.take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(unread)?;
    let is_one = !text.trim().is_empty() && text.len() as u64 <= LONGEST;
    is_one
        .then_some(text)
        .ok_or_else(|| format!("{shown} holds no secret"))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};

    use super::*;

    #[test]
    fn what_others_may_read_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let long = "x".repeat(4097);
        let cases = [
            ("s3cret\n", 0o600, true),
            ("s3cret", 0o400, true),
            ("s3cret", 0o640, false),
            ("s3cret", 0o604, false),
            (" \n", 0o600, false),
            (long.as_str(), 0o600, false),
        ];
        for (text, mode, wanted) in cases {
            let _ = std::fs::remove_file(&path);
            write(&path, text).unwrap();
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(
                secret(&path).is_ok(),
                wanted,
                "{} bytes, {mode:o}",
                text.len()
            );
        }
        assert!(secret(folder.path()).is_err(), "a folder");
        assert!(secret(&folder.path().join("none")).is_err());
    }
}
