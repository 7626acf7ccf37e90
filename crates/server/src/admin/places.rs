//! Organisations, projects and workspaces.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::json;

use super::{
    Admin, AdminError, check_name, check_text, exists, not_found,
    reserved::{is_page_of_project, is_reserved},
};
use crate::{
    git::{RepoUrl, check_branch},
    storage::{
        entity::{organisation, project, workspace},
        storable,
    },
};

/// A workspace that is to be made.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    /// The slug of its project.
    pub project: String,
    /// Its name: letters, digits, `-` and `_`, distinct among all workspaces. It is put in lower case.
    pub name: String,
    /// Where its code is: `https://…`.
    pub repo_url: String,
    /// The branch that requests are for unless they say another.
    pub branch: String,
}

impl Admin {
    /// Makes an organisation.
    pub async fn create_organisation(&self, slug: &str, name: &str) -> Result<(), AdminError> {
        check_name(slug)?;
        check_text(name)?;
        let now = Self::now();
        let write = self.database.write().await?;
        let row = organisation::ActiveModel {
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "organisation", slug))?;
        let details = json!({ "name": name });
        let subject = format!("organisation/{slug}");
        self.finish(write, now, "organisation_created", subject, details)
            .await
    }

    /// Gives an organisation another name for people.
    pub async fn rename_organisation(&self, slug: &str, name: &str) -> Result<(), AdminError> {
        check_text(name)?;
        let write = self.database.write().await?;
        let row = organisation::ActiveModel {
            name: Set(name.to_owned()),
            ..ActiveModelTrait::default()
        };
        let changed = organisation::Entity::update_many()
            .set(row)
            .filter(organisation::Column::Slug.eq(slug))
            .exec(&*write)
            .await?;
        if changed.rows_affected == 0 {
            return Err(not_found("organisation", slug));
        }
        let details = json!({ "name": name });
        let subject = format!("organisation/{slug}");
        self.finish(write, Self::now(), "organisation_renamed", subject, details)
            .await
    }

    /// Makes a project of an organisation.
    pub async fn create_project(
        &self,
        organisation: &str,
        slug: &str,
        name: &str,
    ) -> Result<(), AdminError> {
        check_name(slug)?;
        if is_reserved(slug) {
            return Err(AdminError::Reserved(slug.to_owned()));
        }
        check_text(name)?;
        let now = Self::now();
        let write = self.database.write().await?;
        let owner = organisation::Entity::find()
            .filter(organisation::Column::Slug.eq(storable(organisation)))
            .one(&*write)
            .await?
            .ok_or_else(|| not_found("organisation", organisation))?;
        let row = project::ActiveModel {
            organisation_id: Set(owner.id),
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "project", slug))?;
        let details = json!({ "name": name, "organisation": organisation });
        let subject = format!("project/{slug}");
        self.finish(write, now, "project_created", subject, details)
            .await
    }

    /// Says whether everybody may see the code of a workspace: what changed in it, what it declares, and
    /// where it is. Its states and times are public either way.
    pub async fn set_code_public(&self, workspace: &str, public: bool) -> Result<(), AdminError> {
        let now = Self::now();
        let write = self.database.write().await?;
        let row = workspace::Entity::find()
            .filter(workspace::Column::Name.eq(workspace))
            .one(&*write)
            .await?
            .ok_or_else(|| not_found("workspace", workspace))?;
        let changed = workspace::ActiveModel {
            id: Unchanged(row.id),
            code_is_public: Set(public),
            ..ActiveModelTrait::default()
        };
        changed.update(&*write).await?;
        let details = json!({ "code_is_public": public });
        let subject = format!("workspace/{workspace}");
        self.finish(write, now, "workspace_changed", subject, details)
            .await
    }

    /// Makes a workspace of a project.
    pub async fn create_workspace(&self, new: &NewWorkspace) -> Result<(), AdminError> {
        let name = new.name.to_ascii_lowercase();
        check_name(&name)?;
        if name.contains('.') {
            return Err(AdminError::BadName(name));
        }
        if is_page_of_project(&name) {
            return Err(AdminError::Reserved(name));
        }
        check_branch(&new.branch)?;
        let repo = RepoUrl::parse(&new.repo_url, self.allow_file)?;
        let now = Self::now();
        let write = self.database.write().await?;
        let owner = project::Entity::find()
            .filter(project::Column::Slug.eq(storable(&new.project)))
            .one(&*write)
            .await?
            .ok_or_else(|| not_found("project", &new.project))?;
        let row = workspace::ActiveModel {
            project_id: Set(owner.id),
            name: Set(name.clone()),
            repo_url: Set(repo.as_str().to_owned()),
            branch: Set(new.branch.clone()),
            code_is_public: Set(true),
            created_at: Set(now.0),
            ..ActiveModelTrait::default()
        };
        let inserted = row.insert(&*write).await;
        inserted.map_err(|error| exists(error, "workspace", &name))?;
        let details = json!({
            "project": new.project,
            "repo_url": repo.as_str(),
            "branch": new.branch,
        });
        let subject = format!("workspace/{name}");
        self.finish(write, now, "workspace_created", subject, details)
            .await
    }

    /// Says what a workspace is for: at most 1000 characters, or nothing.
    pub async fn set_workspace_purpose(&self, name: &str, purpose: &str) -> Result<(), AdminError> {
        let control = |c: char| c.is_control() && !"\r\n\t".contains(c);
        // The rest of the page is to be read in its order.
        let reorders = glovebox_ui::plain(purpose) != purpose.replace('\r', "\u{fffd}");
        if purpose.chars().count() > 1000 || purpose.chars().any(control) || reorders {
            return Err(AdminError::BadPurpose);
        }
        let row = workspace::ActiveModel {
            purpose: Set(purpose.to_owned()),
            ..ActiveModelTrait::default()
        };
        let details = json!({ "purpose": purpose });
        self.change_workspace(name, row, "workspace_purpose_changed", details)
            .await
    }

    /// Puts a workspace aside, so that nothing more is run in it, or takes it up again.
    pub async fn set_workspace_archived(
        &self,
        name: &str,
        archived: bool,
    ) -> Result<(), AdminError> {
        let row = workspace::ActiveModel {
            is_archived: Set(archived),
            ..ActiveModelTrait::default()
        };
        let action = if archived {
            "workspace_archived"
        } else {
            "workspace_unarchived"
        };
        self.change_workspace(name, row, action, json!({})).await
    }

    async fn change_workspace(
        &self,
        name: &str,
        row: workspace::ActiveModel,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<(), AdminError> {
        let write = self.database.write().await?;
        let changed = workspace::Entity::update_many()
            .set(row)
            .filter(workspace::Column::Name.eq(name))
            .exec(&*write)
            .await?;
        if changed.rows_affected == 0 {
            return Err(not_found("workspace", name));
        }
        let subject = format!("workspace/{name}");
        self.finish(write, Self::now(), action, subject, details)
            .await
    }
}
