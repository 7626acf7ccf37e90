//! Switching a backend from beside the server that runs it.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::json;

use super::{Admin, AdminError, not_found};
use crate::{
    Switch,
    storage::entity::{backend, backend_switch},
};

/// A switch that is kept, and that a server takes as soon as it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSwitch(i64);

impl Admin {
    /// Keeps that a backend is to be switched. The server that works on this database takes it within
    /// seconds, and one that starts later when it starts; switches of a backend are taken in order.
    ///
    /// Within the server, [`crate::Operations::switch`] does it at once.
    pub async fn switch_backend(
        &self,
        slug: &str,
        switch: Switch,
    ) -> Result<KeptSwitch, AdminError> {
        let now = Self::now();
        let write = self.database.write().await?;
        let backend = backend::Entity::find()
            .filter(backend::Column::Slug.eq(slug))
            .one(&*write)
            .await?
            .ok_or_else(|| not_found("backend", slug))?;
        let row = backend_switch::ActiveModel {
            backend_id: Set(backend.id),
            switch: Set(switch.as_str().to_owned()),
            actor: Set(self.actor.clone()),
            at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let kept = row.insert(&*write).await?;
        let subject = format!("backend/{slug}");
        let details = json!({ "switch": switch.as_str() });
        self.finish(write, now, "backend_switch_asked", subject, details)
            .await?;
        Ok(KeptSwitch(kept.id))
    }

    /// Whether a server has taken a switch: from then on it holds.
    pub async fn is_switch_taken(&self, switch: KeptSwitch) -> Result<bool, AdminError> {
        let waiting = backend_switch::Entity::find_by_id(switch.0)
            .one(&**self.database)
            .await?;
        Ok(waiting.is_none())
    }
}
