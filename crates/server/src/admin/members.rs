//! Who may run jobs on a backend, and from when until when.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _,
};
use serde_json::json;

use super::{Admin, AdminError, not_found, people::find_person};
use crate::{
    access::not_over,
    storage::entity::{backend, backend_member},
};

impl Admin {
    /// Lets a person run jobs on a backend, in the projects in which they may run jobs: from a moment on
    /// or now, until a moment or until they are dismissed.
    pub async fn admit(
        &self,
        username: &str,
        backend: &str,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<(), AdminError> {
        let now = Self::now();
        let from = from.unwrap_or(now);
        if until.is_some_and(|until| until <= from || until <= now) {
            return Err(AdminError::BadDates);
        }
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        let row = backend_member::ActiveModel {
            person_id: Set(person.id),
            backend_id: Set(find_backend(&*write, backend).await?.id),
            valid_from: Set(from.0),
            valid_until: Set(until.map(|until| until.0)),
            ..ActiveModelTrait::default()
        };
        row.insert(&*write).await?;
        let details = json!({
            "backend": backend,
            "from": from.0,
            "until": until.map(|until| until.0),
        });
        let subject = format!("person/{username}");
        self.finish(write, now, "backend_admitted", subject, details)
            .await
    }

    /// Lets a person run no more jobs on a backend. Jobs that are there stay.
    pub async fn dismiss(&self, username: &str, backend: &str) -> Result<(), AdminError> {
        let now = Self::now();
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        let found = find_backend(&*write, backend).await?;
        let ended = backend_member::ActiveModel {
            valid_until: Set(Some(now.0)),
            ..ActiveModelTrait::default()
        };
        let changed = backend_member::Entity::update_many()
            .set(ended)
            .filter(backend_member::Column::PersonId.eq(person.id))
            .filter(backend_member::Column::BackendId.eq(found.id))
            .filter(not_over(backend_member::Column::ValidUntil, now))
            .exec(&*write)
            .await?;
        if changed.rows_affected == 0 {
            return Err(not_found("member of this backend", username));
        }
        let subject = format!("person/{username}");
        let details = json!({ "backend": backend });
        self.finish(write, now, "backend_dismissed", subject, details)
            .await
    }
}

async fn find_backend(
    read: &impl ConnectionTrait,
    slug: &str,
) -> Result<backend::Model, AdminError> {
    backend::Entity::find()
        .filter(backend::Column::Slug.eq(slug))
        .one(read)
        .await?
        .ok_or_else(|| not_found("backend", slug))
}
