//! Who holds which role, where, and from when until when.

use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use serde_json::json;

use super::{Admin, AdminError, not_found, people::find_person};
use crate::{
    Role,
    access::not_over,
    storage::{
        Write,
        entity::{permission, project},
    },
};

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
    /// Grants a role.
    pub async fn grant_role(&self, new: &NewGrant) -> Result<(), AdminError> {
        let now = Self::now();
        let from = new.from.unwrap_or(now);
        if new.until.is_some_and(|until| until <= from || until <= now) {
            return Err(AdminError::BadDates);
        }
        match &new.project {
            Some(_) if !new.role.is_for_a_project() => {
                return Err(AdminError::OnlyEverywhere(new.role));
            }
            None if !new.role.is_for_everywhere() => {
                return Err(AdminError::OnlyInProjects(new.role));
            }
            _ => {}
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
    ///
    /// Somebody has to remain who may see the staff area, so the last one keeps that role.
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
        if role == Role::StaffAreaAdministrator && project.is_none() {
            keep_one_administrator(&write, person.id, now).await?;
        }
        let ended = permission::ActiveModel {
            valid_until: Set(Some(now.0)),
            ..ActiveModelTrait::default()
        };
        let changed = permission::Entity::update_many()
            .set(ended)
            .filter(permission::Column::PersonId.eq(person.id))
            .filter(permission::Column::Role.eq(role.as_str()))
            .filter(place)
            .filter(not_over(permission::Column::ValidUntil, now))
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

/// Refuses if nobody but this person is a staff administrator now.
async fn keep_one_administrator(
    write: &Write<'_>,
    leaving: i64,
    now: Timestamp,
) -> Result<(), AdminError> {
    let role = Role::StaffAreaAdministrator.as_str();
    let there = permission::Entity::find()
        .filter(permission::Column::Role.eq(role))
        .filter(permission::Column::ProjectId.is_null())
        .filter(permission::Column::ValidFrom.lte(now.0))
        .filter(not_over(permission::Column::ValidUntil, now))
        // Two who take the role from each other take turns.
        .lock_exclusive()
        .all(&**write)
        .await?;
    let holds = |row: &permission::Model| row.person_id == leaving;
    if there.iter().any(holds) && there.iter().all(holds) {
        return Err(AdminError::LastAdministrator);
    }
    Ok(())
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
