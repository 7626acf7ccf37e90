//! A person's passkeys.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::{AccountError, keep};
use crate::{
    access::session::Session,
    admin::check_text,
    clock,
    passkey::{Assertion, BadPasskey, Creation, Passkeys, Purpose, Record},
    storage::{
        Database, StorageError, Write,
        entity::{passkey, person},
        storable,
    },
};

/// How many a person has at most.
const MOST: u64 = 20;

/// Adds the passkey that a person's browser has just made.
pub(crate) async fn add_passkey(
    database: &Database,
    passkeys: &Passkeys,
    session: &Session,
    name: &str,
    creation: &Creation,
) -> Result<(), AccountError> {
    let name = name.trim();
    check_text(name).map_err(|_| AccountError::BadName)?;
    let made = passkeys.made(creation, Purpose::Add(session.id))?;
    let person = &session.person;
    let write = database.write().await?;
    let theirs = passkey::Entity::find().filter(passkey::Column::PersonId.eq(person.id));
    if theirs.count(&*write).await? >= MOST {
        return Err(AccountError::TooManyPasskeys);
    }
    let row = passkey::ActiveModel {
        person_id: Set(person.id),
        credential_id: Set(made.credential_id),
        name: Set(name.to_owned()),
        record: Set(made.record.to_text()),
        created_at: Set(clock::now().0),
        last_used_at: Set(None),
        ..ActiveModelTrait::default()
    };
    let inserted = row.insert(&*write).await.map_err(StorageError::from);
    if matches!(inserted, Err(StorageError::Exists)) {
        return Err(AccountError::KnownPasskey);
    }
    let details = json!({ "id": inserted?.id, "name": name });
    keep(&write, person, "passkey_added", details).await?;
    Ok(write.commit().await?)
}

/// Calls a passkey of a person otherwise.
pub(crate) async fn rename_passkey(
    database: &Database,
    session: &Session,
    id: i64,
    name: &str,
) -> Result<(), AccountError> {
    let name = name.trim();
    check_text(name).map_err(|_| AccountError::BadName)?;
    let row = passkey::ActiveModel {
        name: Set(name.to_owned()),
        ..ActiveModelTrait::default()
    };
    let write = database.write().await?;
    let changed = passkey::Entity::update_many()
        .set(row)
        .filter(passkey::Column::Id.eq(id))
        .filter(passkey::Column::PersonId.eq(session.person.id))
        .exec(&*write)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AccountError::NotFound);
    }
    let details = json!({ "id": id, "name": name });
    keep(&write, &session.person, "passkey_renamed", details).await?;
    Ok(write.commit().await?)
}

/// Removes a passkey of a person: it signs nobody in from now on.
pub(crate) async fn remove_passkey(
    database: &Database,
    session: &Session,
    id: i64,
) -> Result<(), AccountError> {
    let write = database.write().await?;
    let removed = passkey::Entity::delete_many()
        .filter(passkey::Column::Id.eq(id))
        .filter(passkey::Column::PersonId.eq(session.person.id))
        .exec(&*write)
        .await?;
    if removed.rows_affected == 0 {
        return Err(AccountError::NotFound);
    }
    keep(
        &write,
        &session.person,
        "passkey_removed",
        json!({ "id": id }),
    )
    .await?;
    Ok(write.commit().await?)
}

/// The passkeys of a person, oldest first.
pub(crate) async fn passkeys_of(
    read: &impl ConnectionTrait,
    person: i64,
) -> Result<Vec<passkey::Model>, StorageError> {
    let rows = passkey::Entity::find()
        .filter(passkey::Column::PersonId.eq(person))
        .order_by_asc(passkey::Column::Id)
        .limit(MOST)
        .all(read)
        .await?;
    Ok(rows)
}

/// The person whose passkey a browser has used, and that it was used.
pub(crate) async fn know_by_passkey(
    write: &Write<'_>,
    passkeys: &Passkeys,
    sent: &Assertion,
) -> Result<Option<person::Model>, StorageError> {
    let found = passkey::Entity::find()
        .filter(passkey::Column::CredentialId.eq(storable(&sent.credential_id)))
        .one(&**write)
        .await?;
    let Some(row) = found else {
        tracing::warn!("a passkey is nobody's");
        return Ok(None);
    };
    let record = Record::of_text(&row.record).map_err(|reason| StorageError::Damaged {
        what: format!("passkey {}", row.id),
        reason,
    })?;
    let record = match passkeys.used(sent, row.person_id, &record) {
        Ok(record) => record,
        Err(error) => {
            if error == BadPasskey::Copied {
                tracing::error!(passkey = row.id, "a passkey may have been copied");
            }
            tracing::warn!(%error, "a passkey signs nobody in");
            return Ok(None);
        }
    };
    let used = passkey::ActiveModel {
        id: Set(row.id),
        record: Set(record.to_text()),
        last_used_at: Set(Some(clock::now().0)),
        ..ActiveModelTrait::default()
    };
    passkey::Entity::update(used).exec(&**write).await?;
    let person = person::Entity::find_by_id(row.person_id);
    Ok(person.one(&**write).await?)
}
