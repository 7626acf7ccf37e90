//! People, and what signs them in or speaks for them.

use std::time::Duration;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _,
};
use serde_json::json;

use super::{Admin, AdminError, check_name, check_text, exists, not_found};
use crate::{
    NewToken, Scope,
    access::{link, session},
    storage::{
        entity::{person, personal_token},
        storable,
    },
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

    /// Signs a person out of every browser. Addresses that would sign them in do no more.
    pub async fn end_sessions(&self, username: &str) -> Result<(), AdminError> {
        let now = Self::now();
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        session::end_others(&*write, person.id, None).await?;
        link::end_all(&*write, person.id).await?;
        let subject = format!("person/{username}");
        self.finish(write, now, "sessions_ended", subject, json!({}))
            .await
    }
}

pub(super) async fn find_person(
    read: &impl ConnectionTrait,
    username: &str,
) -> Result<person::Model, AdminError> {
    person::Entity::find()
        .filter(person::Column::Username.eq(storable(username)))
        .one(read)
        .await?
        .ok_or_else(|| not_found("person", username))
}
