//! The addresses of pages: readable, and the same for ever.

/// Of a workspace.
pub fn workspace_path(project: &str, workspace: &str) -> String {
    format!("/{project}/{workspace}/")
}

/// Of the page on which jobs of a workspace are asked for.
pub fn run_jobs_path(project: &str, workspace: &str) -> String {
    format!("/{project}/{workspace}/run-jobs/")
}

/// Of a job request.
pub fn job_request_path(project: &str, workspace: &str, number: i64) -> String {
    format!("/{project}/{workspace}/{number}/")
}

/// Of a job.
pub fn job_path(project: &str, workspace: &str, number: i64, job: &str) -> String {
    format!("/{project}/{workspace}/{number}/{job}/")
}
