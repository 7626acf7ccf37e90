//! Which job requests a list shows.

use glovebox_jobs::RequestStatus;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
    sea_query::{Expr, ExprTrait as _, Func, LikeExpr, SelectStatement},
};

use crate::storage::{
    StorageError,
    entity::{backend, job, job_request, organisation, person, project, workspace},
    storable,
};

/// No text that anybody looks for is longer, in characters.
const LONGEST_TEXT: usize = 100;

/// Which requests; what is not said does not matter. Names that do not exist lead to an empty list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The status.
    pub status: Option<RequestStatus>,
    /// The slugs of the backends, any of them; all where there is none.
    pub backends: Vec<String>,
    /// The slug of the organisation.
    pub organisation: Option<String>,
    /// The slug of the project.
    pub project: Option<String>,
    /// The name of the workspace.
    pub workspace: Option<String>,
    /// The user name of who asked.
    pub created_by: Option<String>,
    /// What is looked for: a number; a part of the name of an action, workspace, project, branch or
    /// person; the beginning of a commit or id. Within a workspace also a part of a job's action or id.
    pub text: Option<String>,
}

impl Filter {
    /// As conditions on requests; nothing where something is named that does not exist.
    ///
    /// Names become keys first, so that an index gives the list in its order.
    pub(super) async fn conditions(
        &self,
        read: &impl ConnectionTrait,
    ) -> Result<Option<Condition>, StorageError> {
        let mut all = Condition::all();
        if let Some(status) = self.status {
            all = all.add(job_request::Column::Status.eq(status.as_str()));
        }
        if !self.backends.is_empty() {
            let ids: Vec<i64> = backend::Entity::find()
                .select_only()
                .column(backend::Column::Id)
                .filter(
                    backend::Column::Slug.is_in(self.backends.iter().map(|slug| storable(slug))),
                )
                .into_tuple()
                .all(read)
                .await?;
            let Some(all_of) = any_of(job_request::Column::BackendId, &ids) else {
                return Ok(None);
            };
            all = all.add(all_of);
        }
        if let Some(username) = &self.created_by {
            let id: Option<i64> = person::Entity::find()
                .select_only()
                .column(person::Column::Id)
                .filter(person::Column::Username.eq(storable(username)))
                .into_tuple()
                .one(read)
                .await?;
            let Some(id) = id else {
                return Ok(None);
            };
            all = all.add(job_request::Column::CreatedBy.eq(id));
        }
        if self.workspace.is_some() || self.project.is_some() || self.organisation.is_some() {
            let ids = self.workspaces(read).await?;
            let Some(all_of) = any_of(job_request::Column::WorkspaceId, &ids) else {
                return Ok(None);
            };
            all = all.add(all_of);
        }
        let text = self.text.as_deref().map(str::trim).unwrap_or_default();
        if !text.is_empty() {
            all = all.add(mentions(text, self.workspace.is_some()));
        }
        Ok(Some(all))
    }

    async fn workspaces(&self, read: &impl ConnectionTrait) -> Result<Vec<i64>, StorageError> {
        let mut find = workspace::Entity::find()
            .select_only()
            .column(workspace::Column::Id);
        if let Some(name) = &self.workspace {
            find = find.filter(workspace::Column::Name.eq(storable(name)));
        }
        if self.project.is_some() || self.organisation.is_some() {
            let mut projects = project::Entity::find()
                .select_only()
                .column(project::Column::Id);
            if let Some(slug) = &self.project {
                projects = projects.filter(project::Column::Slug.eq(storable(slug)));
            }
            if let Some(slug) = &self.organisation {
                let owner = organisation::Entity::find()
                    .select_only()
                    .column(organisation::Column::Id)
                    .filter(organisation::Column::Slug.eq(storable(slug)));
                projects = projects
                    .filter(project::Column::OrganisationId.in_subquery(owner.into_query()));
            }
            find = find.filter(workspace::Column::ProjectId.in_subquery(projects.into_query()));
        }
        Ok(find.into_tuple().all(read).await?)
    }
}

/// One key is asked for as such: then an index has the rows in the order that the list has.
fn any_of(column: job_request::Column, ids: &[i64]) -> Option<Condition> {
    let one = match ids {
        [] => return None,
        [id] => column.eq(*id),
        ids => column.is_in(ids.iter().copied()),
    };
    Some(Condition::all().add(one))
}

fn mentions(text: &str, in_workspace: bool) -> Condition {
    use job_request::Column;
    // No database takes a zero in a text.
    let text: String = text
        .chars()
        .filter(|&c| c != '\0')
        .take(LONGEST_TEXT)
        .collect();
    let text = text.to_lowercase();
    let within = format!("%{}%", literal(&text));
    let mut any = Condition::any()
        .add(like(Column::RequestedActions, &within))
        .add(like(Column::Branch, &within));
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        // Names and commits have nothing else in them.
        any = any
            .add(begins(Column::Id, &text, 16))
            .add(begins(Column::CommitSha, &text, 40));
    }
    if let Ok(number) = text.parse::<i64>() {
        any = any.add(Column::Number.eq(number));
    }
    let people = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(
            Condition::any()
                .add(like(person::Column::Username, &within))
                .add(like(person::Column::FullName, &within)),
        );
    any = any.add(Column::CreatedBy.in_subquery(people.into_query()));
    if in_workspace {
        return any.add(Expr::exists(jobs_that_mention(&within)));
    }
    let projects = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(
            Condition::any()
                .add(like(project::Column::Slug, &within))
                .add(like(project::Column::Name, &within)),
        );
    let workspaces = workspace::Entity::find()
        .select_only()
        .column(workspace::Column::Id)
        .filter(
            Condition::any()
                .add(like(workspace::Column::Name, &within))
                .add(workspace::Column::ProjectId.in_subquery(projects.into_query())),
        );
    let of_job = job::Entity::find()
        .select_only()
        .column(job::Column::RequestNumber)
        .filter(job::Column::Id.eq(text));
    any.add(Column::WorkspaceId.in_subquery(workspaces.into_query()))
        .add(Column::Number.in_subquery(of_job.into_query()))
}

fn jobs_that_mention(within: &str) -> SelectStatement {
    let of_request = Expr::col((job::Entity, job::Column::RequestNumber))
        .equals((job_request::Entity, job_request::Column::Number));
    job::Entity::find()
        .select_only()
        .column(job::Column::Sequence)
        .filter(of_request)
        .filter(
            Condition::any()
                .add(like(job::Column::Action, within))
                .add(like(job::Column::Id, within)),
        )
        .into_query()
}

/// Names in small letters and digits, of a length, that begin so: compared as they stand, in any order of letters that
/// a database may have, as pages look through all requests for a text.
fn begins(column: impl ColumnTrait, beginning: &str, length: usize) -> Condition {
    Condition::all()
        .add(column.gte(beginning))
        .add(column.lte(format!("{beginning:z<length$}")))
}

fn like<C: ColumnTrait>(column: C, pattern: &str) -> Expr {
    let lower = Func::lower(Expr::col(column.as_column_ref()));
    Expr::expr(lower).like(LikeExpr::new(pattern).escape('!'))
}

/// A text whose every character stands for itself in a pattern.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern
}
