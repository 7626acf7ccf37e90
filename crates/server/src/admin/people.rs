//! People, their tokens, and their roles.

use std::time::Duration;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _,
};
use serde_json::json;

use super::{Admin, AdminError, check_name, check_text, exists, not_found};
use crate::{
    NewToken, Role, Scope,
    access::link,
    storage::entity::{permission, person, personal_token, project},
};

/// A personal token that is to be made.
#[derive(Debug, Clone)]
pub struct NewPersonalToken {
    /// The user name of who it speaks for.
    pub username: String,
    /// What it is good for.
    pub scope: Scope,
    /// The first moment at which it is good for nothing.
    pub expires_at: Timestamp,
}

/// A role that is to be granted.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// The user name of who gets it.
    pub username: String,
    /// The role.
    pub role: Role,
    /// The slug of the project it is for; nothing for all of them.
    pub project: Option<String>,
    /// From when on; nothing for now.
    pub from: Option<Timestamp>,
    /// The first moment at which it holds no more; nothing for until it is revoked.
    pub until: Option<Timestamp>,
}

impl Admin {
    /// Enters a person.
    pub async fn create_person(&self, username: &str, full_name: &str) -> Result<(), AdminError> {
        check_name(username)?;
        check_text(full_name)?;
        let now = Self::now();
        let write = self.database.write().await?;
        let row = person::ActiveModel {
            username: Set(username.to_owned()),
            full_name: Set(full_name.to_owned()),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "person", username))?;
        let details = json!({ "full_name": full_name });
        let subject = format!("person/{username}");
        self.finish(write, now, "person_created", subject, details)
            .await
    }

    /// Makes a token by which a person's programs speak for them. It is told this once.
    pub async fn create_personal_token(
        &self,
        new: &NewPersonalToken,
    ) -> Result<NewToken, AdminError> {
        let now = Self::now();
        if new.expires_at <= now {
            return Err(AdminError::BadDates);
        }
        let token = NewToken::make()?;
        let write = self.database.write().await?;
        let person = find_person(&*write, &new.username).await?;
        let row = personal_token::ActiveModel {
            person_id: Set(person.id),
            token_hash: Set(token.hash().as_str().to_owned()),
            scope: Set(new.scope.as_str().to_owned()),
            expires_at: Set(new.expires_at.0),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        row.insert(&*write).await?;
        let details = json!({ "scope": new.scope.as_str(), "expires_at": new.expires_at.0 });
        let subject = format!("person/{}", new.username);
        self.finish(write, now, "personal_token_created", subject, details)
            .await?;
        Ok(token)
    }

    /// Makes the token of an address that signs a person in, once, within a time.
    pub async fn create_sign_in_link(
        &self,
        username: &str,
        lasts: Duration,
    ) -> Result<NewToken, AdminError> {
        let now = Self::now();
        let token = NewToken::make()?;
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        link::create(&*write, person.id, lasts, &token, now).await?;
        let subject = format!("person/{username}");
        let details = json!({ "seconds": lasts.as_secs() });
        self.finish(write, now, "sign_in_link_created", subject, details)
            .await?;
        Ok(token)
    }

    /// Ends all tokens of a person now.
    pub async fn revoke_personal_tokens(&self, username: &str) -> Result<(), AdminError> {
        let now = Self::now();
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        let ended = personal_token::ActiveModel {
            expires_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        personal_token::Entity::update_many()
            .set(ended)
            .filter(personal_token::Column::PersonId.eq(person.id))
            .filter(personal_token::Column::ExpiresAt.gt(now.0))
            .exec(&*write)
            .await?;
        let subject = format!("person/{username}");
        self.finish(write, now, "personal_tokens_revoked", subject, json!({}))
            .await
    }

    /// Grants a role.
    pub async fn grant_role(&self, new: &NewGrant) -> Result<(), AdminError> {
        let now = Self::now();
        let from = new.from.unwrap_or(now);
        if new.until.is_some_and(|until| until <= from || until <= now) {
            return Err(AdminError::BadDates);
        }
        let write = self.database.write().await?;
        let person = find_person(&*write, &new.username).await?;
        let row = permission::ActiveModel {
            person_id: Set(person.id),
            project_id: Set(find_project(&*write, new.project.as_deref()).await?),
            role: Set(new.role.as_str().to_owned()),
            valid_from: Set(from.0),
            valid_until: Set(new.until.map(|until| until.0)),
            ..ActiveModelTrait::default()
        };
        row.insert(&*write).await?;
        let details = json!({
            "role": new.role.as_str(),
            "project": new.project,
            "from": from.0,
            "until": new.until.map(|until| until.0),
        });
        let subject = format!("person/{}", new.username);
        self.finish(write, now, "role_granted", subject, details)
            .await
    }

    /// Ends a role of a person now: in one project, or where it was granted for all of them.
    pub async fn revoke_role(
        &self,
        username: &str,
        role: Role,
        project: Option<&str>,
    ) -> Result<(), AdminError> {
        let now = Self::now();
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        let place = match find_project(&*write, project).await? {
            Some(project) => permission::Column::ProjectId.eq(project),
            None => permission::Column::ProjectId.is_null(),
        };
        let not_over = Condition::any()
            .add(permission::Column::ValidUntil.is_null())
            .add(permission::Column::ValidUntil.gt(now.0));
        let ended: permission::ActiveModel = permission::ActiveModel {
            valid_until: Set(Some(now.0)),
            ..ActiveModelTrait::default()
        };
        let changed = permission::Entity::update_many()
            .set(ended)
            .filter(permission::Column::PersonId.eq(person.id))
            .filter(permission::Column::Role.eq(role.as_str()))
            .filter(place)
            .filter(not_over)
            .exec(&*write)
            .await?;
        if changed.rows_affected == 0 {
            return Err(not_found("role of this person", role.as_str()));
        }
        let details = json!({ "role": role.as_str(), "project": project });
        let subject = format!("person/{username}");
        self.finish(write, now, "role_revoked", subject, details)
            .await
    }
}

pub(super) async fn find_person(
    read: &impl ConnectionTrait,
    username: &str,
) -> Result<person::Model, AdminError> {
    person::Entity::find()
        .filter(person::Column::Username.eq(username))
        .one(read)
        .await?
        .ok_or_else(|| not_found("person", username))
}

async fn find_project(
    read: &impl ConnectionTrait,
    slug: Option<&str>,
) -> Result<Option<i64>, AdminError> {
    let Some(slug) = slug else {
        return Ok(None);
    };
    let project = project::Entity::find()
        .filter(project::Column::Slug.eq(slug))
        .one(read)
        .await?;
    project
        .map(|project| Some(project.id))
        .ok_or_else(|| not_found("project", slug))
}
