//! A person's name, and where they are written to.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait as _};
use serde_json::json;

use super::{AccountError, keep};
use crate::{
    access::session::Session,
    admin::{check_text, email},
    storage::{Database, entity::person},
};

/// What is to stand in a person's account.
#[derive(Debug, Clone)]
pub(crate) struct Profile<'f> {
    pub(crate) full_name: &'f str,
    /// Empty for none.
    pub(crate) email: &'f str,
}

/// Changes a person's name and address. An address that they wrote themself signs nobody in.
pub(crate) async fn change_profile(
    database: &Database,
    session: &Session,
    profile: &Profile<'_>,
) -> Result<(), AccountError> {
    let person = &session.person;
    let full_name = profile.full_name.trim();
    check_text(full_name).map_err(|_| AccountError::BadName)?;
    let email = match profile.email.trim() {
        "" => None,
        text => Some(email(text).ok_or(AccountError::BadEmail)?),
    };
    let is_as_it_was = email == person.email;
    let write = database.write().await?;
    let row = person::ActiveModel {
        id: Set(person.id),
        full_name: Set(full_name.to_owned()),
        email_is_confirmed: Set(is_as_it_was && person.email_is_confirmed),
        email: Set(email),
        ..ActiveModelTrait::default()
    };
    person::Entity::update(row).exec(&*write).await?;
    let details = json!({ "full_name": full_name, "email_changed": !is_as_it_was });
    keep(&write, person, "profile_changed", details).await?;
    Ok(write.commit().await?)
}
