//! How somebody stands at one moment: which roles they hold and where, and which backends take them.
//!
//! It is read once and asked often, so a page can say of everything on it whether its reader may do it,
//! and why not.

use std::collections::HashSet;

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _,
};

use super::{Permission, Role};
use crate::storage::{
    StorageError,
    entity::{backend, backend_member, permission, workspace},
};

/// How somebody stands at one moment. The default is that of a visitor, who may do nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// The project, or nothing for all of them; and the role there.
    held: Vec<(Option<i64>, Role)>,
    backends: HashSet<i64>,
}

/// Why somebody may not run jobs: one sentence for them, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WhyNot {
    /// They hold no role in the project that permits it.
    #[error("you may not run jobs in this project: ask somebody who manages it for a role")]
    NoRole,
    /// Nothing more is run in the workspace.
    #[error(
        "the workspace {0:?} is archived, so nothing more is run in it: ask somebody who manages its project to take it up again"
    )]
    Archived(String),
    /// The backend does not take them.
    #[error(
        "you may not run jobs on the backend {0:?}: ask those who look after this service to admit you to it"
    )]
    NotAdmitted(String),
    /// The backend takes nobody's requests.
    #[error("the backend {0:?} takes no requests at present: choose another one")]
    NotActive(String),
}

impl Standing {
    /// That of a person, now.
    pub(crate) async fn of(
        read: &impl ConnectionTrait,
        person: i64,
        now: Timestamp,
    ) -> Result<Self, StorageError> {
        let held = permission::Entity::find()
            .filter(permission::Column::PersonId.eq(person))
            .filter(permission::Column::ValidFrom.lte(now.0))
            .filter(not_over(permission::Column::ValidUntil, now))
            .all(read)
            .await?;
        let backends = backend_member::Entity::find()
            .filter(backend_member::Column::PersonId.eq(person))
            .filter(backend_member::Column::ValidFrom.lte(now.0))
            .filter(not_over(backend_member::Column::ValidUntil, now))
            .all(read)
            .await?;
        // A word that this version does not know permits nothing.
        let held = held
            .iter()
            .filter_map(|row| Some((row.project_id, Role::from_word(&row.role)?)));
        Ok(Self {
            held: held.collect(),
            backends: backends.iter().map(|row| row.backend_id).collect(),
        })
    }

    /// Whether they may do something in a project.
    pub(crate) fn may(&self, project: i64, what: Permission) -> bool {
        let here = |place: &Option<i64>| place.is_none_or(|place| place == project);
        self.held
            .iter()
            .any(|(place, role)| here(place) && role.permits(what))
    }

    /// Whether they may do something in all projects.
    pub(crate) fn may_everywhere(&self, what: Permission) -> bool {
        self.held
            .iter()
            .any(|(place, role)| place.is_none() && role.permits(what))
    }

    /// Whether they may run jobs of a workspace on some backend.
    pub(crate) fn run_in(&self, workspace: &workspace::Model) -> Result<(), WhyNot> {
        if !self.may(workspace.project_id, Permission::JobRun) {
            return Err(WhyNot::NoRole);
        }
        if workspace.is_archived {
            return Err(WhyNot::Archived(workspace.name.clone()));
        }
        Ok(())
    }

    /// Whether they may run jobs of a workspace on this backend.
    pub(crate) fn run_on(
        &self,
        workspace: &workspace::Model,
        backend: &backend::Model,
    ) -> Result<(), WhyNot> {
        self.run_in(workspace)?;
        if !backend.is_active {
            return Err(WhyNot::NotActive(backend.slug.clone()));
        }
        if !self.backends.contains(&backend.id) {
            return Err(WhyNot::NotAdmitted(backend.slug.clone()));
        }
        Ok(())
    }
}

/// All backends by slug, each with whether a person may run jobs of a workspace there now, and why not.
pub(crate) async fn backends_for(
    read: &impl ConnectionTrait,
    standing: &Standing,
    workspace: &workspace::Model,
) -> Result<Vec<(backend::Model, Result<(), WhyNot>)>, StorageError> {
    let backends = backend::Entity::find()
        .order_by_asc(backend::Column::Slug)
        .all(read)
        .await?;
    let judged = backends.into_iter().map(|backend| {
        let may = standing.run_on(workspace, &backend);
        (backend, may)
    });
    Ok(judged.collect())
}

/// That something which holds until a moment, or for ever, is not over.
pub(crate) fn not_over(until: impl sea_orm::ColumnTrait, now: Timestamp) -> Condition {
    Condition::any().add(until.is_null()).add(until.gt(now.0))
}
