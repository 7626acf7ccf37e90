//! One job request, whole.

use glovebox_jobs::{Job, StatusCode, Summary, Timestamp};
use glovebox_protocol::{Metrics, Reason};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{
    Named, Reader, Who,
    latest::{requested_actions, summary},
    names::Names,
};
use crate::storage::{
    StorageError,
    entity::{definition, job, job_request},
    storable,
};

/// A job request with all that its page needs.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRequestView {
    /// Its public number.
    pub number: i64,
    /// Its name between systems, 16 characters.
    pub id: String,
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
    /// Where the code was when it was asked for.
    pub repo_url: String,
    /// The branch or commit that was asked for.
    pub branch: String,
    /// What that was at, 40 hexadecimal digits.
    pub commit: String,
    /// What was asked for: actions, or `run_all`.
    pub requested_actions: Vec<String>,
    /// Whether all that these need was to run anew.
    pub force_run_dependencies: bool,
    /// A sentence that says more than the status, if there is more to say.
    pub message: Option<String>,
    /// Its jobs, summed up.
    pub summary: Summary,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<JobView>,
    /// The project file at the commit.
    pub project_yaml: String,
    /// Whether everybody may see the code, and what it declares.
    pub code_is_public: bool,
    pub(crate) project_id: i64,
    pub(super) workspace_id: i64,
    pub(crate) backend_id: i64,
    pub(super) definition_digest: String,
}

/// A job with what an agent said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// Why it failed, if an agent said so.
    pub reason: Option<Reason>,
    /// What it used, if an agent said so.
    pub metrics: Option<Metrics>,
}

impl JobView {
    /// One sentence for people about where the job stands. It names no file and no value.
    pub fn sentence(&self) -> String {
        let of_study = matches!(
            self.job.code,
            StatusCode::NonzeroExit | StatusCode::JobError | StatusCode::UnmatchedPatterns
        );
        match self.reason.filter(|_| of_study) {
            Some(reason) => sentence(reason).to_owned(),
            None => self.job.sentence(),
        }
    }
}

const fn sentence(reason: Reason) -> &'static str {
    match reason {
        Reason::NonzeroExit => "The command ended with an error: see the log of the job",
        Reason::MissingOutputs => {
            "An output that the action declares was not made: see the log of the job"
        }
        Reason::ChangedInputs => "The command changed an output of another action",
        Reason::MissingInputs => {
            "The outputs of an action that it needs are not there: run that action again"
        }
        Reason::MissingScript => "A script that the command names is not in the repository",
        Reason::StudyDefinition => {
            "The study definition could not be evaluated: check that the action runs locally"
        }
        Reason::CouldNotStart => "The command could not be started",
        Reason::OutOfMemory => "Stopped, because it used more memory than it may",
        Reason::TimedOut => "Stopped, because it ran longer than it may",
        Reason::CpuTime => "Stopped, because it used more processor time than it may",
        Reason::DiskLimit => "Stopped, because it wrote more to disk than it may",
        Reason::TooManyProcesses => "Stopped, because it started more processes than it may",
        Reason::Signalled => "A signal from elsewhere ended the command",
        Reason::NotAllowed => "This backend does not allow what the action asks for",
        Reason::Code => "The code could not be read at its commit",
        Reason::Internal => "The platform met a defect: contact those who run it",
    }
}

impl Reader {
    /// Whether there is a request with a number.
    pub(crate) async fn has_job_request(&self, number: i64) -> Result<bool, StorageError> {
        let found: Option<i64> = job_request::Entity::find_by_id(number)
            .select_only()
            .column(job_request::Column::Number)
            .into_tuple()
            .one(&**self.database)
            .await?;
        Ok(found.is_some())
    }

    /// The number of the request with a name between systems.
    pub async fn number_of(&self, id: &str) -> Result<Option<i64>, StorageError> {
        let found = job_request::Entity::find()
            .select_only()
            .column(job_request::Column::Number)
            .filter(job_request::Column::Id.eq(storable(id)))
            .into_tuple()
            .one(&**self.database)
            .await?;
        Ok(found)
    }

    /// The request with a number.
    pub async fn job_request(&self, number: i64) -> Result<Option<JobRequestView>, StorageError> {
        let Some(mut view) = self.job_request_without_file(number).await? else {
            return Ok(None);
        };
        let text = self.definition(&view.definition_digest).await?;
        view.project_yaml = text.unwrap_or_default();
        Ok(Some(view))
    }

    pub(super) async fn definition(&self, digest: &str) -> Result<Option<String>, StorageError> {
        let text = definition::Entity::find_by_id(digest)
            .select_only()
            .column(definition::Column::Text);
        Ok(text.into_tuple().one(&**self.database).await?)
    }

    /// The same with an empty project file, which may be large.
    pub(crate) async fn job_request_without_file(
        &self,
        number: i64,
    ) -> Result<Option<JobRequestView>, StorageError> {
        let database = &**self.database;
        let Some(request) = job_request::Entity::find_by_id(number)
            .one(database)
            .await?
        else {
            return Ok(None);
        };
        let names = Names::of(database, std::slice::from_ref(&request)).await?;
        let belongs = names.belongs(&request)?;
        let jobs: Vec<Row> = job::Entity::find()
            .select_only()
            .columns([
                job::Column::Id,
                job::Column::Record,
                job::Column::Reason,
                job::Column::Metrics,
            ])
            .filter(job::Column::RequestNumber.eq(number))
            .order_by_asc(job::Column::Position)
            .order_by_asc(job::Column::Sequence)
            .into_tuple()
            .all(database)
            .await?;
        Ok(Some(JobRequestView {
            number: request.number,
            organisation: belongs.organisation,
            project: belongs.project,
            workspace: belongs.workspace,
            backend: belongs.backend,
            created_by: belongs.created_by,
            created_at: Timestamp(request.created_at),
            requested_actions: requested_actions(&request)?,
            summary: summary(&request),
            id: request.id,
            repo_url: request.repo_url,
            branch: request.branch,
            commit: request.commit_sha,
            force_run_dependencies: request.force_run_dependencies,
            message: request.message,
            jobs: jobs.into_iter().map(view).collect::<Result<_, _>>()?,
            project_yaml: String::new(),
            code_is_public: belongs.code_is_public,
            project_id: belongs.project_id,
            workspace_id: request.workspace_id,
            backend_id: request.backend_id,
            definition_digest: request.definition_digest,
        }))
    }
}

/// What is read of a job: its name, its record, why it failed, and what it used.
type Row = (String, String, Option<String>, Option<String>);

fn view((id, record, reason, metrics): Row) -> Result<JobView, StorageError> {
    let damaged = |error: serde_json::Error| StorageError::Damaged {
        what: format!("job {id}"),
        reason: error.to_string(),
    };
    let word = reason.map(serde_json::Value::String);
    Ok(JobView {
        job: serde_json::from_str(&record).map_err(damaged)?,
        // Words and measures of a later version are left out, and the page stands.
        reason: word.and_then(|word| serde_json::from_value(word).ok()),
        metrics: metrics.and_then(|metrics| serde_json::from_str(&metrics).ok()),
    })
}
