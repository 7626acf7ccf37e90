//! Lists of job requests, the newest first unless somebody sorts them.

use std::{sync::Arc, time::Duration};

use glovebox_jobs::{RequestStatus, State, Summary, Timestamp};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, JoinType, Order, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef, Select,
    sea_query::{Expr, ExprTrait as _, IntoColumnRef as _, SelectStatement, SubQueryStatement},
};

use super::{Filter, Named, Reader, Who, names::Names};
use crate::storage::{
    StorageError,
    entity::{backend, job_request, person, workspace},
};

/// The longest page.
const LONGEST: u64 = 200;

/// What a list of requests is sorted by; those that are alike, by number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The number, and so the time it was made.
    #[default]
    Number,
    /// The word of the status.
    Status,
    /// The name of the workspace.
    Workspace,
    /// The name of the backend.
    Backend,
    /// The full name of who asked.
    CreatedBy,
    /// How many jobs succeeded.
    Succeeded,
}

/// A part of a list. It is told by where it begins and not by how many come before, so it is found at
/// once however far down it is, and nothing is shown twice when new requests come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only requests that the list has further down than the one with this number: with the newest first,
    /// those with a lower number.
    pub before: Option<i64>,
    /// Only requests that the list has right above the one with this number. It counts before `before`.
    pub after: Option<i64>,
    /// How many at most; never more than 200.
    pub size: u64,
    /// What they are sorted by.
    pub sort: Sort,
    /// Whether what is sorted first in words or numbers comes first; else what is sorted last.
    pub ascending: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            before: None,
            after: None,
            size: 25,
            sort: Sort::default(),
            ascending: false,
        }
    }
}

/// A part of a list of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// In the order of the list.
    pub rows: Vec<RequestRow>,
    /// Where the next page begins ([`Page::before`]), if there is one.
    pub next: Option<i64>,
    /// Where the page above ends ([`Page::after`]), if there is one.
    pub previous: Option<i64>,
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
    /// A part of the list of the requests that a filter lets through.
    pub async fn latest_requests(
        &self,
        filter: &Filter,
        page: Page,
    ) -> Result<Latest, StorageError> {
        if filter.text.is_none() {
            return self.part_of_requests(filter, page).await;
        }
        // The database goes on with what it was asked, also where nobody waits for it any more: its turn
        // ends with it.
        let turn = Arc::clone(&self.searches).acquire_owned().await;
        let (reader, filter) = (self.clone(), filter.clone());
        let search = tokio::spawn(async move {
            let _turn = turn;
            reader.part_of_requests(&filter, page).await
        });
        search.await.unwrap_or_else(|error| {
            Err(StorageError::Damaged {
                what: "a search".to_owned(),
                reason: error.to_string(),
            })
        })
    }

    async fn part_of_requests(&self, filter: &Filter, page: Page) -> Result<Latest, StorageError> {
        let Some(conditions) = filter.conditions(&**self.database).await? else {
            return Ok(Latest {
                rows: Vec::new(),
                next: None,
                previous: None,
            });
        };
        let size = page.size.clamp(1, LONGEST);
        let most = usize::try_from(size).unwrap_or(usize::MAX);
        let select = listed(conditions, page, size + 1);
        let mut requests = select.all(&**self.database).await?;
        let more = requests.len() > most;
        requests.truncate(most);
        let (has_previous, has_next) = match page.after {
            Some(_) => {
                requests.reverse();
                (more, true)
            }
            None => (page.before.is_some(), more),
        };
        let names = Names::of(&**self.database, &requests).await?;
        let rows = requests.iter().map(|request| row(request, &names));
        let number = |request: &job_request::Model| request.number;
        Ok(Latest {
            rows: rows.collect::<Result<_, StorageError>>()?,
            next: requests.last().filter(|_| has_next).map(number),
            previous: requests.first().filter(|_| has_previous).map(number),
        })
    }
}

/// The requests of a page: in the order of the list, or in the opposite one where it is walked upwards.
fn listed(conditions: Condition, page: Page, limit: u64) -> Select<job_request::Entity> {
    let ascending = page.ascending == page.after.is_none();
    let order = if ascending { Order::Asc } else { Order::Desc };
    let number = || job_request::Column::Number.into_column_ref();
    let mut select = joined(job_request::Entity::find(), page.sort).filter(conditions);
    if let Some(from) = page.after.or(page.before) {
        let (here, there) = match key(page.sort) {
            None => (Expr::col(number()), Expr::val(from)),
            Some(key) => {
                let there = SubQueryStatement::SelectStatement(place_of(from, page.sort));
                (Expr::tuple([key, Expr::col(number())]), there.into())
            }
        };
        select = select.filter(if ascending {
            here.gt(there)
        } else {
            here.lt(there)
        });
    }
    if let Some(key) = key(page.sort) {
        select = select.order_by(key, order.clone());
    }
    select
        .order_by(job_request::Column::Number, order)
        .limit(limit)
}

/// What a sort compares beside the number.
fn key(sort: Sort) -> Option<Expr> {
    let column = match sort {
        Sort::Number => return None,
        Sort::Status => job_request::Column::Status.as_column_ref(),
        Sort::Workspace => workspace::Column::Name.as_column_ref(),
        Sort::Backend => backend::Column::Name.as_column_ref(),
        Sort::CreatedBy => person::Column::FullName.as_column_ref(),
        Sort::Succeeded => job_request::Column::JobsSucceeded.as_column_ref(),
    };
    Some(Expr::col(column))
}

fn joined(select: Select<job_request::Entity>, sort: Sort) -> Select<job_request::Entity> {
    let relation: RelationDef = match sort {
        Sort::Number | Sort::Status | Sort::Succeeded => return select,
        Sort::Workspace => job_request::Entity::belongs_to(workspace::Entity)
            .from(job_request::Column::WorkspaceId)
            .to(workspace::Column::Id)
            .into(),
        Sort::Backend => job_request::Entity::belongs_to(backend::Entity)
            .from(job_request::Column::BackendId)
            .to(backend::Column::Id)
            .into(),
        Sort::CreatedBy => job_request::Entity::belongs_to(person::Entity)
            .from(job_request::Column::CreatedBy)
            .to(person::Column::Id)
            .into(),
    };
    select.join(JoinType::InnerJoin, relation)
}

/// Where a request stands in a sorted list.
fn place_of(number: i64, sort: Sort) -> SelectStatement {
    let mut select = joined(job_request::Entity::find(), sort).select_only();
    if let Some(key) = key(sort) {
        select = select.column_as(key, "key");
    }
    select
        .column(job_request::Column::Number)
        .filter(job_request::Column::Number.eq(number))
        .into_query()
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
