//! What somebody did, and to what: kept in the transaction that does it.

use glovebox_jobs::Timestamp;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait};
use serde_json::Value;

use crate::{
    storage::{StorageError, entity::audit},
    token::random_name,
};

/// Something that is kept for ever: who did what, and to what.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    /// A user name, or who else acted.
    pub(crate) actor: String,
    /// A stable word, such as `role_granted`.
    pub(crate) action: &'static str,
    /// What it was done to, such as `person/researcher`.
    pub(crate) subject: String,
    /// An object.
    pub(crate) details: Value,
}

impl Deed {
    pub(crate) async fn keep(
        &self,
        write: &impl ConnectionTrait,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let row = audit::ActiveModel {
            at: Set(at.0),
            actor: Set(self.actor.clone()),
            action: Set(self.action.to_owned()),
            subject: Set(self.subject.clone()),
            details: Set(self.details.to_string()),
            salt: Set(random_name()?),
            ..ActiveModelTrait::default()
        };
        row.insert(write).await?;
        Ok(())
    }
}
