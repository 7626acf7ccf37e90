//! How a person signs in, as those who run the service set it up.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::json;

use super::{Admin, AdminError, check_name, check_text, email, exists, people::find_person};
use crate::{
    access::password::{NotHashed, Passwords, Typed},
    account,
    storage::entity::{identity, person},
    token::NoRandomness,
};

/// A provider's own name for a person has no more characters.
const LONGEST_SUBJECT: usize = 255;

impl Admin {
    /// Enters a person whose email address is known to be theirs: a provider of identities that knows
    /// it too signs them in.
    pub async fn create_person_with_email(
        &self,
        username: &str,
        full_name: &str,
        address: &str,
    ) -> Result<(), AdminError> {
        check_name(username)?;
        check_text(full_name)?;
        let address = known_email(address)?;
        let now = Self::now();
        let write = self.database.write().await?;
        let row = person::ActiveModel {
            username: Set(username.to_owned()),
            full_name: Set(full_name.to_owned()),
            email: Set(Some(address.clone())),
            email_is_confirmed: Set(true),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let taken = person::Entity::find()
            .filter(person::Column::Email.eq(address.as_str()))
            .filter(person::Column::EmailIsConfirmed.eq(true))
            .one(&*write)
            .await?;
        if taken.is_some() {
            return Err(taken_email(address));
        }
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "person", username))?;
        let details = json!({ "full_name": full_name, "email": address });
        let subject = format!("person/{username}");
        self.finish(write, now, "person_created", subject, details)
            .await
    }

    /// Says that an email address is a person's, or that none is.
    pub async fn set_email(&self, username: &str, address: Option<&str>) -> Result<(), AdminError> {
        let address = address.map(known_email).transpose()?;
        let now = Self::now();
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        let row = person::ActiveModel {
            id: Set(person.id),
            email: Set(address.clone()),
            email_is_confirmed: Set(address.is_some()),
            ..ActiveModelTrait::default()
        };
        let updated = person::Entity::update(row).exec(&*write).await;
        updated.map_err(|error| {
            exists(
                error,
                "person with the address",
                address.as_deref().unwrap_or_default(),
            )
        })?;
        let details = json!({ "email": address });
        let subject = format!("person/{username}");
        self.finish(write, now, "person_email_set", subject, details)
            .await
    }

    /// Gives a person a password, and signs them out everywhere.
    pub async fn set_password(&self, username: &str, password: &str) -> Result<(), AdminError> {
        let typed = Typed::new(password);
        typed.may_be_chosen_by(username)?;
        let hash = Passwords::new().hash(&typed).await;
        let hash = hash.map_err(|error| match error {
            NotHashed::NoRandomness(NoRandomness) => AdminError::NoRandomness(NoRandomness),
            NotHashed::Busy | NotHashed::Failed => AdminError::NotHashed,
        })?;
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        account::set_password(&*write, person.id, hash, None).await?;
        let subject = format!("person/{username}");
        self.finish(write, Self::now(), "password_set", subject, json!({}))
            .await
    }

    /// Says who a person is at a provider of identities, which signs them in from now on.
    pub async fn link_identity(
        &self,
        username: &str,
        issuer: &str,
        subject: &str,
    ) -> Result<(), AdminError> {
        let is_issuer = issuer.starts_with("https://") || issuer.starts_with("http://");
        let is_subject = (1..=LONGEST_SUBJECT).contains(&subject.len());
        if !is_issuer || !is_subject || subject.chars().any(char::is_control) {
            return Err(AdminError::BadIdentity);
        }
        let now = Self::now();
        let write = self.database.write().await?;
        let person = find_person(&*write, username).await?;
        let row = identity::ActiveModel {
            person_id: Set(person.id),
            issuer: Set(issuer.to_owned()),
            subject: Set(subject.to_owned()),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "person who is", subject))?;
        let details = json!({ "issuer": issuer, "subject": subject });
        let whose = format!("person/{username}");
        self.finish(write, now, "identity_linked", whose, details)
            .await
    }
}

fn known_email(text: &str) -> Result<String, AdminError> {
    email(text).ok_or_else(|| AdminError::BadEmail(text.chars().take(100).collect()))
}

fn taken_email(address: String) -> AdminError {
    AdminError::Exists {
        what: "person with the address",
        name: address,
    }
}
