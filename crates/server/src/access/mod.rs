//! Who calls, and what they may do.
//!
//! * [`role`] says which roles there are and what each permits: the meaning of a word.
//! * Who holds which role, where and from when until when, is data.
//! * [`bearer`] turns the token of a call into a backend or a person, [`session`] that of a browser.
//! * [`link`] signs somebody in once.
//! * [`Standing`] is how somebody stands at one moment: what they may do where, and why not.
//! * [`link`] signs somebody in once, [`password`] whenever they know it; [`guesses`] counts those
//!   who do not.

pub(crate) mod bearer;
pub(crate) mod guesses;
pub(crate) mod link;
pub(crate) mod password;
mod role;
pub(crate) mod session;
mod standing;

use glovebox_jobs::Timestamp;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _};

pub(crate) use role::Permission;
pub use role::{Role, Scope};
pub(crate) use standing::{Standing, WhyNot, backends_for, not_over};

use crate::storage::{StorageError, entity::permission};

/// Whether a person holds, now, a role that permits something in a project.
pub(crate) async fn may(
    read: &impl ConnectionTrait,
    person: i64,
    project: i64,
    what: Permission,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let everywhere_or_here = Condition::any()
        .add(permission::Column::ProjectId.is_null())
        .add(permission::Column::ProjectId.eq(project));
    holds(read, person, everywhere_or_here, what, now).await
}

/// Whether a person holds, now and in all projects, a role that permits something.
pub(crate) async fn may_everywhere(
    read: &impl ConnectionTrait,
    person: i64,
    what: Permission,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let everywhere = Condition::all().add(permission::Column::ProjectId.is_null());
    holds(read, person, everywhere, what, now).await
}

/// Whether a person looks after the service, now or from a later day on: whoever acts in their name could
/// do anything here.
pub(crate) async fn looks_after_the_service(
    read: &impl ConnectionTrait,
    person: i64,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let held = permission::Entity::find()
        .filter(permission::Column::PersonId.eq(person))
        .filter(permission::Column::ProjectId.is_null())
        .filter(not_over(permission::Column::ValidUntil, now))
        .all(read)
        .await?;
    Ok(held
        .iter()
        .filter_map(|row| Role::from_word(&row.role))
        .any(|role| role.permits(Permission::StaffArea)))
}

async fn holds(
    read: &impl ConnectionTrait,
    person: i64,
    place: Condition,
    what: Permission,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let held = permission::Entity::find()
        .filter(permission::Column::PersonId.eq(person))
        .filter(permission::Column::ValidFrom.lte(now.0))
        .filter(place)
        .filter(not_over(permission::Column::ValidUntil, now))
        .all(read)
        .await?;
    // A word that this version does not know permits nothing.
    Ok(held
        .iter()
        .filter_map(|row| Role::from_word(&row.role))
        .any(|role| role.permits(what)))
}
