//! What went before a request or a job, in the same workspace on the same backend.

use glovebox_jobs::{State, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{JobRequestView, Reader};
use crate::storage::{
    StorageError,
    entity::{job, job_request},
};

/// An earlier request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierView {
    /// Its public number.
    pub number: i64,
    /// Its commit.
    pub commit: String,
    /// The project file at the commit.
    pub project_yaml: String,
}

/// An earlier job of the same action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierRun {
    /// Its name between systems.
    pub id: String,
    /// The public number of its request.
    pub request: i64,
    /// Where it stands.
    pub state: State,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// The commit of its request.
    pub commit: String,
}

/// Any beginning of a job's name; the whole has 16 characters.
const LONGEST_ID: usize = 16;

impl Reader {
    /// The request before one, and the last before it all of whose jobs succeeded. There is no second
    /// without a first.
    pub async fn earlier_requests(
        &self,
        view: &JobRequestView,
    ) -> Result<(Option<EarlierView>, Option<EarlierView>), StorageError> {
        let Some(previous) = self.request_before(view, false).await? else {
            return Ok((None, None));
        };
        let success = if previous.summary_is_success() {
            Some(previous.clone())
        } else {
            self.request_before(view, true).await?
        };
        let previous = self.with_file(view, previous).await?;
        let success = match success {
            Some(success) if success.number == previous.number => Some(previous.clone()),
            Some(success) => Some(self.with_file(view, success).await?),
            None => None,
        };
        Ok((Some(previous), success))
    }

    async fn request_before(
        &self,
        view: &JobRequestView,
        succeeded: bool,
    ) -> Result<Option<job_request::Model>, StorageError> {
        let mut find = job_request::Entity::find()
            .filter(job_request::Column::WorkspaceId.eq(view.workspace_id))
            .filter(job_request::Column::BackendId.eq(view.backend_id))
            .filter(job_request::Column::Number.lt(view.number));
        if succeeded {
            find = find.filter(job_request::Column::Status.eq("succeeded"));
        }
        let find = find.order_by_desc(job_request::Column::Number);
        Ok(find.one(&**self.database).await?)
    }

    async fn with_file(
        &self,
        view: &JobRequestView,
        earlier: job_request::Model,
    ) -> Result<EarlierView, StorageError> {
        // Most requests share the file of the one before.
        let project_yaml = if earlier.definition_digest == view.definition_digest {
            view.project_yaml.clone()
        } else {
            let text = self.definition(&earlier.definition_digest).await?;
            text.unwrap_or_default()
        };
        Ok(EarlierView {
            number: earlier.number,
            commit: earlier.commit_sha,
            project_yaml,
        })
    }

    /// The job of the same action before one of a request, and the last that succeeded.
    pub async fn earlier_runs(
        &self,
        view: &JobRequestView,
        action: &str,
    ) -> Result<(Option<EarlierRun>, Option<EarlierRun>), StorageError> {
        let Some(previous) = self.run_before(view, action, None).await? else {
            return Ok((None, None));
        };
        let success = if previous.state == State::Succeeded {
            Some(previous.clone())
        } else {
            self.run_before(view, action, Some(State::Succeeded))
                .await?
        };
        Ok((Some(previous), success))
    }

    async fn run_before(
        &self,
        view: &JobRequestView,
        action: &str,
        state: Option<State>,
    ) -> Result<Option<EarlierRun>, StorageError> {
        let mut find = job::Entity::find()
            .filter(job::Column::WorkspaceId.eq(view.workspace_id))
            .filter(job::Column::BackendId.eq(view.backend_id))
            .filter(job::Column::Cancelled.eq(false))
            .filter(job::Column::Action.eq(action))
            .filter(job::Column::RequestNumber.lt(view.number));
        if let Some(state) = state {
            find = find.filter(job::Column::State.eq(state.as_str()));
        }
        let find = find.order_by_desc(job::Column::Sequence);
        let Some(row) = find.one(&**self.database).await? else {
            return Ok(None);
        };
        let commit: Option<String> = job_request::Entity::find_by_id(row.request_number)
            .select_only()
            .column(job_request::Column::CommitSha)
            .into_tuple()
            .one(&**self.database)
            .await?;
        let state = State::ALL
            .into_iter()
            .find(|known| known.as_str() == row.state);
        Ok(state.map(|state| EarlierRun {
            state,
            id: row.id,
            request: row.request_number,
            completed_at: row.completed_at.map(Timestamp),
            commit: commit.unwrap_or_default(),
        }))
    }

    /// The request and the name of the one job whose name begins so; nothing where none or several do.
    pub async fn job_by_prefix(
        &self,
        beginning: &str,
    ) -> Result<Option<(i64, String)>, StorageError> {
        let of_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let could_be = (1..=LONGEST_ID).contains(&beginning.len()) && beginning.bytes().all(of_id);
        if !could_be {
            return Ok(None);
        }
        // The last name that begins so, in any order of letters that a database may have.
        let last = format!("{beginning:z<LONGEST_ID$}");
        let mut found: Vec<(i64, String)> = job::Entity::find()
            .select_only()
            .columns([job::Column::RequestNumber, job::Column::Id])
            .filter(job::Column::Id.gte(beginning))
            .filter(job::Column::Id.lte(last))
            .limit(2)
            .into_tuple()
            .all(&**self.database)
            .await?;
        Ok(found.pop().filter(|_| found.is_empty()))
    }
}

impl job_request::Model {
    fn summary_is_success(&self) -> bool {
        self.status == "succeeded"
    }
}
