//! Lists of job requests, the newest first.

use std::time::Duration;

use glovebox_jobs::{RequestStatus, State, Summary, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Select,
};

use super::{Named, Reader, Who, names::Names};
use crate::storage::{
    StorageError,
    entity::{backend, job_request, person, project, workspace},
    storable,
};

/// The longest page.
const LONGEST: u64 = 200;

/// Which requests; what is not said does not matter. Names that do not exist lead to an empty list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The status.
    pub status: Option<RequestStatus>,
    /// The slug of the backend.
    pub backend: Option<String>,
    /// The slug of the project.
    pub project: Option<String>,
    /// The name of the workspace.
    pub workspace: Option<String>,
    /// The user name of who asked.
    pub created_by: Option<String>,
}

/// A part of a list. It is told by where it begins and not by how many come before, so it is found at
/// once however far down it is, and nothing is shown twice when new requests come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only requests with a lower number.
    pub before: Option<i64>,
    /// How many at most; never more than 200.
    pub size: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            before: None,
            size: 25,
        }
    }
}

/// A part of a list of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// The newest first.
    pub rows: Vec<RequestRow>,
    /// Where the next page begins ([`Page::before`]), if there is one.
    pub next: Option<i64>,
}

/// A request as a line in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its public number.
    pub number: i64,
    /// Its organisation.
    pub organisation: Named,
    /// Its project.
    pub project: Named,
    /// The name of its workspace.
    pub workspace: String,
    /// Its backend.
    pub backend: Named,
    /// Who asked.
    pub created_by: Who,
    /// When.
    pub created_at: Timestamp,
    /// What was asked for.
    pub requested_actions: Vec<String>,
    /// Its jobs, summed up.
    pub summary: Summary,
}

impl Reader {
    /// The newest requests.
    pub async fn latest_requests(
        &self,
        filter: &Filter,
        page: Page,
    ) -> Result<Latest, StorageError> {
        let size = page.size.clamp(1, LONGEST);
        let mut requests = filtered(filter)
            .apply_if(page.before, |query, before| {
                query.filter(job_request::Column::Number.lt(before))
            })
            .order_by_desc(job_request::Column::Number)
            .limit(size + 1)
            .all(&**self.database)
            .await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = requests.len() > size;
        requests.truncate(size);
        let names = Names::of(&**self.database, &requests).await?;
        let next = requests
            .last()
            .filter(|_| more)
            .map(|request| request.number);
        let rows = requests.iter().map(|request| row(request, &names));
        Ok(Latest {
            rows: rows.collect::<Result<_, StorageError>>()?,
            next,
        })
    }
}

fn filtered(filter: &Filter) -> Select<job_request::Entity> {
    let workspaces = workspace::Entity::find()
        .select_only()
        .column(workspace::Column::Id);
    job_request::Entity::find()
        .apply_if(filter.status, |query, status| {
            query.filter(job_request::Column::Status.eq(status.as_str()))
        })
        .apply_if(filter.workspace.as_ref(), |query, name| {
            let named = workspaces
                .clone()
                .filter(workspace::Column::Name.eq(storable(name)));
            query.filter(job_request::Column::WorkspaceId.in_subquery(named.into_query()))
        })
        .apply_if(filter.project.as_ref(), |query, slug| {
            let project = project::Entity::find()
                .select_only()
                .column(project::Column::Id)
                .filter(project::Column::Slug.eq(storable(slug)));
            let of_project = workspaces
                .clone()
                .filter(workspace::Column::ProjectId.in_subquery(project.into_query()));
            query.filter(job_request::Column::WorkspaceId.in_subquery(of_project.into_query()))
        })
        .apply_if(filter.backend.as_ref(), |query, slug| {
            let backend = backend::Entity::find()
                .select_only()
                .column(backend::Column::Id)
                .filter(backend::Column::Slug.eq(storable(slug)));
            query.filter(job_request::Column::BackendId.in_subquery(backend.into_query()))
        })
        .apply_if(filter.created_by.as_ref(), |query, username| {
            let person = person::Entity::find()
                .select_only()
                .column(person::Column::Id)
                .filter(person::Column::Username.eq(storable(username)));
            query.filter(job_request::Column::CreatedBy.in_subquery(person.into_query()))
        })
}

fn row(request: &job_request::Model, names: &Names) -> Result<RequestRow, StorageError> {
    let belongs = names.belongs(request)?;
    Ok(RequestRow {
        number: request.number,
        organisation: belongs.organisation,
        project: belongs.project,
        workspace: belongs.workspace,
        backend: belongs.backend,
        created_by: belongs.created_by,
        created_at: Timestamp(request.created_at),
        requested_actions: requested_actions(request)?,
        summary: summary(request),
    })
}

pub(super) fn requested_actions(request: &job_request::Model) -> Result<Vec<String>, StorageError> {
    serde_json::from_str(&request.requested_actions).map_err(|error| StorageError::Damaged {
        what: format!("job request {}", request.number),
        reason: error.to_string(),
    })
}

/// What the row of a request says of its jobs.
pub(super) fn summary(request: &job_request::Model) -> Summary {
    let status = RequestStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == request.status)
        .unwrap_or(RequestStatus::Unknown);
    let count = |state| {
        let jobs = match state {
            State::Pending => request.jobs_pending,
            State::Running => request.jobs_running,
            State::Succeeded => request.jobs_succeeded,
            State::Failed => request.jobs_failed,
        };
        usize::try_from(jobs).unwrap_or_default()
    };
    Summary {
        status,
        jobs: State::ALL.map(count),
        started_at: request.started_at.map(Timestamp),
        completed_at: request.completed_at.map(Timestamp),
        runtime: Duration::from_millis(u64::try_from(request.runtime_ms).unwrap_or_default()),
    }
}
