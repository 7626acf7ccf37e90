//! What things are called: in addresses, and to people.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use crate::storage::{
    StorageError,
    entity::{backend, job_request, organisation, person, project, workspace},
};

/// Something with a word in addresses and a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The word in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
}

/// A person as everybody sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The user name.
    pub username: String,
    /// The full name.
    pub full_name: String,
}

/// The names of all that some requests belong to, in one question for each kind.
#[derive(Default)]
pub(super) struct Names {
    organisations: HashMap<i64, Named>,
    projects: HashMap<i64, (i64, Named)>,
    workspaces: HashMap<i64, (i64, String, bool)>,
    backends: HashMap<i64, Named>,
    people: HashMap<i64, Who>,
}

/// The names of what one request belongs to.
pub(super) struct Belongs {
    pub(super) organisation: Named,
    pub(super) project: Named,
    pub(super) workspace: String,
    pub(super) code_is_public: bool,
    pub(super) project_id: i64,
    pub(super) backend: Named,
    pub(super) created_by: Who,
}

impl Names {
    pub(super) async fn of(
        read: &impl ConnectionTrait,
        requests: &[job_request::Model],
    ) -> Result<Self, StorageError> {
        let distinct = |key: fn(&job_request::Model) -> i64| -> HashSet<i64> {
            requests.iter().map(key).collect()
        };
        let mut names = Self::default();
        let people = person::Entity::find()
            .filter(person::Column::Id.is_in(distinct(|request| request.created_by)));
        for row in people.all(read).await? {
            let who = Who {
                username: row.username,
                full_name: row.full_name,
            };
            names.people.insert(row.id, who);
        }
        let backends = backend::Entity::find()
            .filter(backend::Column::Id.is_in(distinct(|request| request.backend_id)));
        for row in backends.all(read).await? {
            let backend = Named {
                slug: row.slug,
                name: row.name,
            };
            names.backends.insert(row.id, backend);
        }
        names
            .add_workspaces(read, distinct(|request| request.workspace_id))
            .await?;
        Ok(names)
    }

    async fn add_workspaces(
        &mut self,
        read: &impl ConnectionTrait,
        ids: HashSet<i64>,
    ) -> Result<(), StorageError> {
        let workspaces = workspace::Entity::find()
            .filter(workspace::Column::Id.is_in(ids))
            .all(read)
            .await?;
        let ids: HashSet<i64> = workspaces.iter().map(|row| row.project_id).collect();
        for row in workspaces {
            let workspace = (row.project_id, row.name, row.code_is_public);
            self.workspaces.insert(row.id, workspace);
        }
        let projects = project::Entity::find()
            .filter(project::Column::Id.is_in(ids))
            .all(read)
            .await?;
        let ids: HashSet<i64> = projects.iter().map(|row| row.organisation_id).collect();
        for row in projects {
            let named = Named {
                slug: row.slug,
                name: row.name,
            };
            self.projects.insert(row.id, (row.organisation_id, named));
        }
        let organisations = organisation::Entity::find()
            .filter(organisation::Column::Id.is_in(ids))
            .all(read)
            .await?;
        for row in organisations {
            let named = Named {
                slug: row.slug,
                name: row.name,
            };
            self.organisations.insert(row.id, named);
        }
        Ok(())
    }

    /// The database keeps references whole, so nothing is missing unless somebody took that from it.
    pub(super) fn belongs(&self, request: &job_request::Model) -> Result<Belongs, StorageError> {
        let find = || {
            let (project, workspace, code_is_public) =
                self.workspaces.get(&request.workspace_id)?;
            let project_id = *project;
            let (organisation, project) = self.projects.get(project)?;
            Some(Belongs {
                organisation: self.organisations.get(organisation)?.clone(),
                project: project.clone(),
                workspace: workspace.clone(),
                code_is_public: *code_is_public,
                project_id,
                backend: self.backends.get(&request.backend_id)?.clone(),
                created_by: self.people.get(&request.created_by)?.clone(),
            })
        };
        find().ok_or_else(|| StorageError::Damaged {
            what: format!("job request {}", request.number),
            reason: "what it belongs to is not there".to_owned(),
        })
    }
}
