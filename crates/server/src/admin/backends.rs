//! Backends and their tokens.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::json;

use super::{Admin, AdminError, check_name, check_text, exists, not_found};
use crate::{NewToken, storage::entity::backend};

/// A backend that is to be made.
#[derive(Debug, Clone)]
pub struct NewBackend {
    /// The word in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
}

impl Admin {
    /// Makes an active backend, and gives the token that its agents show. It is told this once.
    pub async fn create_backend(&self, new: &NewBackend) -> Result<NewToken, AdminError> {
        check_name(&new.slug)?;
        check_text(&new.name)?;
        let token = NewToken::make()?;
        let now = Self::now();
        let write = self.database.write().await?;
        let row = backend::ActiveModel {
            slug: Set(new.slug.clone()),
            name: Set(new.name.clone()),
            is_active: Set(true),
            token_hash: Set(token.hash().as_str().to_owned()),
            paused: Set(false),
            maintenance: Set(false),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "backend", &new.slug))?;
        let details = json!({ "name": new.name });
        let subject = format!("backend/{}", new.slug);
        self.finish(write, now, "backend_created", subject, details)
            .await?;
        Ok(token)
    }

    /// Gives a backend a new token. The old one opens nothing from now on.
    pub async fn renew_backend_token(&self, slug: &str) -> Result<NewToken, AdminError> {
        let token = NewToken::make()?;
        let row = backend::ActiveModel {
            token_hash: Set(token.hash().as_str().to_owned()),
            ..ActiveModelTrait::default()
        };
        self.change_backend(slug, row, "backend_token_renewed", json!({}))
            .await?;
        Ok(token)
    }

    /// Lets a backend take requests and its agents call, or no more. Jobs that are there stay.
    pub async fn set_backend_active(&self, slug: &str, active: bool) -> Result<(), AdminError> {
        let row = backend::ActiveModel {
            is_active: Set(active),
            ..ActiveModelTrait::default()
        };
        let details = json!({ "active": active });
        self.change_backend(slug, row, "backend_activity_changed", details)
            .await
    }

    async fn change_backend(
        &self,
        slug: &str,
        row: backend::ActiveModel,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<(), AdminError> {
        let write = self.database.write().await?;
        let changed = backend::Entity::update_many()
            .set(row)
            .filter(backend::Column::Slug.eq(slug))
            .exec(&*write)
            .await?;
        if changed.rows_affected == 0 {
            return Err(not_found("backend", slug));
        }
        let subject = format!("backend/{slug}");
        self.finish(write, Self::now(), action, subject, details)
            .await
    }
}
