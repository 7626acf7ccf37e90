//! Whom a provider of identities speaks of.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::json;

use super::keep;
use crate::{
    admin::{check_name, check_text},
    clock,
    oidc::Known,
    storage::{
        StorageError, Write,
        entity::{identity, person},
    },
};

/// Whom a provider speaks of.
#[derive(Debug)]
pub(crate) enum Found {
    /// Somebody who has an account.
    Person(person::Model),
    /// Nobody who has an account.
    Nobody,
    /// Somebody whose address leads to an account that is another's at the same provider: the address
    /// has changed hands.
    Another,
}

/// Finds the person of an identity.
///
/// An identity that was seen before leads to its person, whatever else it says. A new one leads to the
/// person whose address those who look after the service entered, if the provider has made sure of it; from
/// then on it is theirs. Where `admit` says so, anybody else gets an account, which may do nothing.
pub(crate) async fn person_of(
    write: &Write<'_>,
    issuer: &str,
    known: &Known,
    admit: bool,
) -> Result<Found, StorageError> {
    let seen = identity::Entity::find()
        .filter(identity::Column::Issuer.eq(issuer))
        .filter(identity::Column::Subject.eq(known.subject.as_str()))
        .one(&**write)
        .await?;
    if let Some(seen) = seen {
        let person = person::Entity::find_by_id(seen.person_id);
        let person = person.one(&**write).await?;
        return Ok(person.map_or(Found::Nobody, Found::Person));
    }
    let by_address = match &known.verified_email {
        Some(address) => {
            person::Entity::find()
                .filter(person::Column::Email.eq(address.as_str()))
                .filter(person::Column::EmailIsConfirmed.eq(true))
                .one(&**write)
                .await?
        }
        None => None,
    };
    let person = match by_address {
        Some(person) => {
            let other = identity::Entity::find()
                .filter(identity::Column::Issuer.eq(issuer))
                .filter(identity::Column::PersonId.eq(person.id))
                .one(&**write)
                .await?;
            if other.is_some() {
                return Ok(Found::Another);
            }
            person
        }
        None if admit => match admitted(write, known).await? {
            Some(person) => person,
            None => return Ok(Found::Nobody),
        },
        None => return Ok(Found::Nobody),
    };
    let row = identity::ActiveModel {
        person_id: Set(person.id),
        issuer: Set(issuer.to_owned()),
        subject: Set(known.subject.clone()),
        created_at: Set(clock::now().0),
        ..ActiveModelTrait::default()
    };
    row.insert(&**write).await?;
    let details = json!({ "issuer": issuer, "subject": known.subject });
    keep(write, &person, "identity_linked", details).await?;
    Ok(Found::Person(person))
}

/// A new person with the names that the provider gives, unless those are no names here or another's.
async fn admitted(write: &Write<'_>, known: &Known) -> Result<Option<person::Model>, StorageError> {
    let username = known.username.as_deref();
    // Before the database is asked, which takes no text with a zero in it.
    let Some(username) = username.filter(|name| check_name(name).is_ok()) else {
        return Ok(None);
    };
    let taken = person::Entity::find()
        .filter(person::Column::Username.eq(username))
        .one(&**write)
        .await?;
    if taken.is_some() {
        return Ok(None);
    }
    let full_name = known.full_name.as_deref().map(str::trim);
    let full_name = full_name.filter(|name| check_text(name).is_ok());
    let row = person::ActiveModel {
        username: Set(username.to_owned()),
        full_name: Set(full_name.unwrap_or(username).to_owned()),
        // Nobody has it: whoever has was found by it.
        email_is_confirmed: Set(known.verified_email.is_some()),
        email: Set(known.verified_email.clone()),
        created_at: Set(clock::now().0),
        ..ActiveModelTrait::default()
    };
    let person = row.insert(&**write).await?;
    let details = json!({ "full_name": person.full_name, "how": "provider" });
    keep(write, &person, "person_created", details).await?;
    Ok(Some(person))
}
