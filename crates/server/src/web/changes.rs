//! What changed in the code of a job request since an earlier one.
//!
//! Git is asked away from every page but this one, and what it said is kept; a page of a request shows what
//! is known, and has what is not made out while nobody waits.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::IntoResponse as _,
};
use glovebox_pages::{ChangesPage, CodeChanges, FileChanges};

use super::{
    address::Chosen,
    answer::{NoPage, Page},
    facts, request,
    viewer::Viewer,
};
use crate::{
    app::App,
    git::{CannotCompare, Comparison, Pair},
    http::ClientAddress,
    read::{EarlierView, JobRequestView},
};

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    client: ClientAddress,
    place: Result<Path<(String, String, String)>, PathRejection>,
    chosen: Chosen,
) -> Page {
    let Path((project, workspace, number)) = place?;
    let view = request::found_at(&app, &project, &workspace, &number).await?;
    let since = chosen.number("since").ok_or(NoPage::Missing)?;
    let earlier = app.reader.job_request_without_file(since).await?;
    // Another workspace has another repository, and perhaps another public.
    let earlier = earlier
        .filter(|earlier| earlier.workspace == view.workspace && earlier.number < view.number)
        .ok_or(NoPage::Missing)?;
    let sees_code = viewer
        .sees_code(&app, view.project_id, view.code_is_public)
        .await?;
    let mut status = StatusCode::OK;
    let changes = if !sees_code {
        Err(
            "The code of this workspace is not public, so neither is what changed in it."
                .to_owned(),
        )
    } else if earlier.repo_url != view.repo_url {
        Err("The workspace had another repository then, so there is nothing to compare.".to_owned())
    } else {
        let pair = pair(&view, &earlier.commit);
        // Any two requests of a workspace can be compared, so there is always something to be made out.
        let is_too_much = viewer.session.is_none()
            && app.comparisons.known(&pair).is_none()
            && client
                .key()
                .is_some_and(|address| app.comparing.check(address).is_err());
        if is_too_much {
            status = StatusCode::TOO_MANY_REQUESTS;
            Err(TOO_MUCH.to_owned())
        } else {
            compared(&app, &pair).await
        }
    };
    let page = request::rendered(move || {
        let changes = changes.map(|comparison| code(&comparison, true));
        let page = ChangesPage {
            frame: viewer.frame(),
            request: &facts::request(&view, sees_code),
            since: earlier.number,
            since_commit: earlier.commit,
            changes: changes.as_ref().map_err(Clone::clone),
            now: facts::now(),
        };
        page.html()
    })
    .await?;
    Ok((status, page).into_response())
}

const TOO_MUCH: &str = "Too many comparisons were asked for from your network that nobody had asked for before. \
     Try again in a minute, or sign in.";

async fn compared(app: &App, pair: &Pair) -> Result<Arc<Comparison>, String> {
    let compared = app.comparisons.compare(&app.repositories, pair, true).await;
    compared.map_err(|error| {
        match &error {
            CannotCompare::Failed(reason) => {
                tracing::warn!(%reason, "code could not be compared");
            }
            CannotCompare::NotACommit | CannotCompare::NotHere | CannotCompare::Gone => {}
        }
        match error {
            CannotCompare::Gone => {
                "No branch of the repository leads to both commits any more, so they cannot be compared here."
            }
            _ => "The code cannot be compared at this moment. Try again in a minute.",
        }
        .to_owned()
    })
}

fn pair(view: &JobRequestView, since: &str) -> Pair {
    Pair {
        repo: view.repo_url.clone(),
        from: since.to_owned(),
        to: view.commit.clone(),
    }
}

/// What is known of what changed since an earlier request. If nothing is, it will be for the next reader,
/// unless the repository would have to be asked.
pub(super) fn known(
    app: &Arc<App>,
    view: &JobRequestView,
    earlier: &EarlierView,
) -> Option<CodeChanges> {
    let pair = pair(view, &earlier.commit);
    if pair.from == pair.to {
        return None;
    }
    let known = app.comparisons.known(&pair);
    if known.is_none() && app.comparisons.is_wanted(&pair) {
        let app = Arc::clone(app);
        tokio::spawn(async move {
            // Whether it could be done is kept with the pair.
            let _ = app
                .comparisons
                .compare(&app.repositories, &pair, false)
                .await;
        });
    }
    known.map(|comparison| code(&comparison, false))
}

fn code(comparison: &Comparison, with_lines: bool) -> CodeChanges {
    let files = comparison.files.iter().map(|file| FileChanges {
        path: file.path.clone(),
        counts: file.counts,
        lines: if with_lines {
            file.lines.clone()
        } else {
            Vec::new()
        },
        is_cut: file.is_cut,
    });
    CodeChanges {
        files: files.collect(),
        file_count: comparison.file_count,
        added: comparison.added,
        removed: comparison.removed,
        is_cut: comparison.is_cut,
    }
}
