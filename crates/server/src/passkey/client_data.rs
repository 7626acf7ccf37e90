//! What the browser says it was asked, and by which site.

use serde::Deserialize;

use super::BadPasskey;

/// The longest that is read, in bytes.
const LONGEST: usize = 4096;

/// What the browser says.
#[derive(Debug, Deserialize)]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// In base64url, as it was given.
    pub(super) challenge: String,
    pub(super) origin: String,
    /// Whether the page stood in one of another site.
    #[serde(rename = "crossOrigin", default)]
    pub(super) is_within_another: bool,
}

impl ClientData {
    pub(super) fn parse(text: &[u8]) -> Result<Self, BadPasskey> {
        if text.len() > LONGEST {
            return Err(BadPasskey::Unreadable);
        }
        serde_json::from_slice(text).map_err(|_| BadPasskey::Unreadable)
    }
}
