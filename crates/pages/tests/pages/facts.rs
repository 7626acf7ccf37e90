//! Facts of a request that could be: the six actions of a study of sick notes.

use glovebox_jobs::{Job, JobRequest, Planned, RequestStatus, StatusCode, Timestamp, plan};
use glovebox_pages::{JobFacts, RequestFacts};
use glovebox_ui::Instant;

/// The pipeline of the example study.
pub(crate) const PROJECT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../studies/long-covid-sick-notes/project.yaml"
));

/// The moment at which everything was asked for, in milliseconds.
pub(crate) const BEGAN: i64 = 1_637_000_000_000;

/// The present: a quarter of an hour later.
pub(crate) fn now() -> Instant {
    Instant::from_millis(BEGAN + 900_000)
}

pub(crate) fn request() -> RequestFacts {
    RequestFacts {
        number: 4168,
        id: "n7eqywpua5iegvnv".to_owned(),
        organisation: "An institute".to_owned(),
        organisation_slug: "institute".to_owned(),
        project: "sick-notes".to_owned(),
        project_name: "Sick notes".to_owned(),
        workspace: "long-covid-sick-notes".to_owned(),
        backend: "TPP".to_owned(),
        backend_slug: "tpp".to_owned(),
        repo: "https://github.com/an-institute/long-covid-sick-notes".to_owned(),
        branch: "master".to_owned(),
        commit: "dde614c0000000000000000000000000000000aa".to_owned(),
        requested_by: "a researcher".to_owned(),
        username: "researcher".to_owned(),
        created_at: Instant::from_millis(BEGAN),
        force_run_dependencies: false,
        requested_actions: vec!["run_all".to_owned()],
        status: RequestStatus::Pending,
        status_message: String::new(),
        project_yaml: PROJECT.to_owned(),
        code_is_public: true,
    }
}

/// The jobs of the request, as they are made.
pub(crate) fn jobs(request: &RequestFacts) -> Vec<JobFacts> {
    let project = glovebox_pipeline::check(&request.project_yaml)
        .outcome
        .unwrap();
    let asked = JobRequest {
        id: request.id.clone(),
        backend: "tpp".to_owned(),
        workspace: request.workspace.clone(),
        database: "default".to_owned(),
        requested_actions: request.requested_actions.clone(),
        force_run_dependencies: false,
        codelists_ok: true,
    };
    let planned = plan(&asked, &project, &["tpp"], &[], Timestamp(BEGAN)).unwrap();
    let Planned::Jobs(jobs) = planned else {
        unreachable!("nothing ran before");
    };
    jobs.into_iter()
        .map(|job| JobFacts {
            job,
            reason: None,
            queue_position: None,
        })
        .collect()
}

/// The same job after it came to a code, having started and ended so many seconds after the beginning.
pub(crate) fn at(job: &mut Job, code: StatusCode, started: Option<i64>, ended: Option<i64>) {
    let moment = |seconds: i64| Timestamp(BEGAN + seconds * 1000);
    job.code = code;
    job.started_at = started.map(moment);
    job.completed_at = ended.map(moment);
    job.updated_at = ended.or(started).map_or(job.updated_at, moment);
}
