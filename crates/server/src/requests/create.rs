//! Asking for jobs.

use glovebox_jobs::JobRequest;
use glovebox_pipeline::{Problem, Project};
use glovebox_protocol::CreateRequest;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use tracing::Instrument as _;

use super::{LONGEST_NAME, RequestError, check_actions};
use crate::{
    access::Standing,
    app::App,
    audit::Deed,
    clock,
    git::RepoUrl,
    scheduling::{Made, Message, NewRequest},
    storage::{
        entity::{backend, person, workspace},
        storable,
    },
    token::random_name,
};

/// Asks for jobs on behalf of a person.
///
/// The branch or commit is resolved once, and the project file is read at that commit and kept with the
/// request, so what is planned, shown and run is one thing. Either all jobs are made or none.
pub(crate) async fn create(
    app: &App,
    person: &person::Model,
    asked: &CreateRequest,
) -> Result<Made, RequestError> {
    let (made, _) = create_as_seen(app, person, asked, None).await?;
    Ok(made)
}

/// The same at the commit that somebody looked at, which may not be the newest any more; gives the newest
/// beside it.
pub(crate) async fn create_as_seen(
    app: &App,
    person: &person::Model,
    asked: &CreateRequest,
    seen: Option<&str>,
) -> Result<(Made, String), RequestError> {
    check_actions(&asked.actions)?;
    let (workspace, _) = permitted(app, person, asked).await?;

    let at = asked.git_ref.as_deref().unwrap_or(&workspace.branch);
    let repo = RepoUrl::parse(&workspace.repo_url, app.allow_file)
        .map_err(crate::git::CannotRead::from)?;
    let (read, newest) = if let Some(seen) = seen {
        app.repositories.read_again(&repo, at, seen).await?
    } else {
        let read = app.repositories.read(&repo, at).await?;
        let commit = read.commit.clone();
        (read, commit)
    };
    let (project, definition) =
        check(read.project)
            .await?
            .map_err(|problems| RequestError::Rejected {
                commit: read.commit.clone(),
                problems,
            })?;

    // Reading a repository may have taken minutes: what was permitted then need not be so any more.
    let (workspace, backend) = permitted(app, person, asked).await?;

    let id = random_name()?;
    let new = NewRequest {
        deed: Deed {
            actor: person.username.clone(),
            action: "job_request_created",
            subject: format!("job-request/{id}"),
            details: json!({
                "workspace": workspace.name,
                "backend": backend.slug,
                "commit": read.commit,
                "actions": asked.actions,
                "force_run_dependencies": asked.force_run_dependencies,
            }),
        },
        request: JobRequest {
            id,
            backend: backend.slug.clone(),
            workspace: workspace.name.clone(),
            database: "default".to_owned(),
            requested_actions: asked.actions.clone(),
            force_run_dependencies: asked.force_run_dependencies,
            // Nobody asks the publisher of codelists yet, so nothing is refused for them.
            codelists_ok: true,
        },
        project,
        definition,
        workspace_id: workspace.id,
        repo_url: workspace.repo_url,
        branch: at.to_owned(),
        commit: read.commit,
        created_by: person.id,
        will_notify: asked.notify,
    };
    let new = Box::new(new);
    let span = tracing::info_span!(
        "job_request",
        request = new.request.id,
        backend = backend.slug
    );
    let made = app
        .scheduling
        .ask(&backend, |answer| Message::Create { new, answer })
        .instrument(span)
        .await??;
    Ok((made, newest))
}

/// The workspace and the backend of a request, if the person may run jobs there now.
async fn permitted(
    app: &App,
    person: &person::Model,
    asked: &CreateRequest,
) -> Result<(workspace::Model, backend::Model), RequestError> {
    let workspace = workspace::Entity::find()
        .filter(workspace::Column::Name.eq(storable(&asked.workspace)))
        .one(&**app.database)
        .await?
        .ok_or_else(|| not_found("workspace", &asked.workspace))?;
    let backend = backend::Entity::find()
        .filter(backend::Column::Slug.eq(storable(&asked.backend)))
        .one(&**app.database)
        .await?
        .ok_or_else(|| not_found("backend", &asked.backend))?;
    let standing = Standing::of(&**app.database, person.id, clock::now()).await?;
    standing.run_on(&workspace, &backend)?;
    Ok((workspace, backend))
}

/// Checks a project file away from the threads that serve others: a large one takes a while.
pub(crate) async fn check(
    bytes: Vec<u8>,
) -> Result<Result<(Project, String), Vec<Problem>>, RequestError> {
    let check = move || match glovebox_pipeline::check_bytes(&bytes).outcome {
        // What was accepted is text.
        Ok(project) => Ok((project, String::from_utf8_lossy(&bytes).into_owned())),
        Err(rejected) => Err(rejected.errors),
    };
    tokio::task::spawn_blocking(check).await.map_err(|error| {
        tracing::error!(%error, "checking a project file met a defect");
        RequestError::Unavailable
    })
}

fn not_found(what: &'static str, name: &str) -> RequestError {
    RequestError::NotFound {
        what,
        name: name.chars().take(LONGEST_NAME).collect(),
    }
}
