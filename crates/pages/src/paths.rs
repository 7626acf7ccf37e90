//! The addresses of pages: readable, and the same for ever.

/// Of an organisation.
pub fn organisation_path(slug: &str) -> String {
    format!("/orgs/{slug}/")
}

/// Of a project.
pub fn project_path(project: &str) -> String {
    format!("/{project}/")
}

/// Of a workspace.
pub fn workspace_path(project: &str, workspace: &str) -> String {
    format!("/{project}/{workspace}/")
}

/// Of the list of all that was asked for in a workspace.
pub fn workspace_log_path(project: &str, workspace: &str) -> String {
    format!("/{project}/{workspace}/logs/")
}

/// Of the page on which jobs of a workspace are asked for.
pub fn run_jobs_path(project: &str, workspace: &str) -> String {
    format!("/{project}/{workspace}/run-jobs/")
}

/// Of a job request.
pub fn job_request_path(project: &str, workspace: &str, number: i64) -> String {
    format!("/{project}/{workspace}/{number}/")
}

/// Of what changed in the code of a job request since an earlier one.
pub fn changes_path(project: &str, workspace: &str, number: i64, since: i64) -> String {
    format!("/{project}/{workspace}/{number}/changes/?since={since}")
}

/// Of a job.
pub fn job_path(project: &str, workspace: &str, number: i64, job: &str) -> String {
    format!("/{project}/{workspace}/{number}/{job}/")
}

/// Of a job, from the page of its request: that names hundreds, each several times.
pub(crate) fn job_from_request(job: &str) -> String {
    format!("{job}/")
}

/// Of a person.
pub fn user_path(username: &str) -> String {
    format!("/users/{username}/")
}

/// Of a backend.
pub fn backend_path(slug: &str) -> String {
    format!("/status/{slug}/")
}
