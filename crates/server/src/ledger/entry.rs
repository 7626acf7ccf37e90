//! From a row of the audit log to an entry of the ledger.
//!
//! The ledger is public, and covers every row. What anybody may read is an entry in full; of what only
//! staff may read, the entry is a *seal*: a hash of the same text. The salt in the text keeps anybody from
//! finding out what is sealed by trying; whoever has the row can show that it is what was sealed.

use data_encoding::HEXLOWER;
use glovebox_ui::Instant;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::storage::entity::audit;

/// What the pages of the server show to anybody: requests, and the places that they belong to. Not the
/// making of workspaces, which names repositories that may not be public.
pub(crate) const PUBLIC: [&str; 5] = [
    "backend_switched",
    "job_request_created",
    "jobs_cancelled",
    "organisation_created",
    "project_created",
];

/// The text of a row: one line of JSON, with its fields in this order.
#[derive(Serialize)]
struct Text<'r> {
    version: u8,
    at: String,
    actor: &'r str,
    action: &'r str,
    subject: &'r str,
    details: Value,
    salt: &'r str,
}

#[derive(Serialize)]
struct Sealed {
    version: u8,
    sealed: String,
}

/// The entry of a row.
pub(super) fn of(row: &audit::Model) -> Result<Vec<u8>, serde_json::Error> {
    let text = Text {
        version: 1,
        at: Instant::from_millis(row.at).machine(),
        actor: &row.actor,
        action: &row.action,
        subject: &row.subject,
        details: serde_json::from_str(&row.details)
            .unwrap_or_else(|_| Value::String(row.details.clone())),
        salt: &row.salt,
    };
    let text = serde_json::to_vec(&text)?;
    // An entry has room for 64 KiB; the deeds of one request can be more.
    if PUBLIC.contains(&row.action.as_str()) && text.len() <= glovebox_ledger::LONGEST_ENTRY {
        return Ok(text);
    }
    serde_json::to_vec(&Sealed {
        version: 1,
        sealed: HEXLOWER.encode(&Sha256::digest(&text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(action: &str) -> audit::Model {
        audit::Model {
            id: 1,
            at: 1_637_000_000_000,
            actor: "researcher".to_owned(),
            action: action.to_owned(),
            subject: "job-request/n7eqywpua5iegvnv".to_owned(),
            details: r#"{"workspace":"long-covid","actions":["run_all"]}"#.to_owned(),
            salt: "abcdefghijklmnop".to_owned(),
            ledger_index: None,
        }
    }

    #[test]
    fn what_is_public_is_read_and_what_is_not_is_sealed() {
        let text = String::from_utf8(of(&row("job_request_created")).unwrap()).unwrap();
        assert_eq!(
            text,
            r#"{"version":1,"at":"2021-11-15T18:13:20Z","actor":"researcher","action":"job_request_created","subject":"job-request/n7eqywpua5iegvnv","details":{"workspace":"long-covid","actions":["run_all"]},"salt":"abcdefghijklmnop"}"#
        );
        let sealed = String::from_utf8(of(&row("role_granted")).unwrap()).unwrap();
        assert!(
            !sealed.contains("researcher") && sealed.len() < 120,
            "{sealed}"
        );
        let mut other = row("role_granted");
        other.salt = "abcdefghijklmnoq".to_owned();
        assert_ne!(of(&other).unwrap(), sealed.as_bytes(), "the salt hides it");
    }

    #[test]
    fn what_is_too_long_is_sealed() {
        let mut long = row("job_request_created");
        long.details = format!("{:?}", "x".repeat(70_000));
        assert!(of(&long).unwrap().len() < 120);
        long.details = "no JSON".to_owned();
        assert!(
            String::from_utf8(of(&long).unwrap())
                .unwrap()
                .contains("no JSON")
        );
    }
}
