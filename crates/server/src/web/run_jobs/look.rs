//! Looking at `project.yaml` at a branch or a commit.

use std::time::Duration;

use glovebox_pages::Code;
use glovebox_pipeline::{Problem, Project};
use tokio::time::timeout;

use crate::{
    app::App,
    git::{CannotRead, RepoUrl},
    requests,
    storage::entity::workspace,
};

/// How long reading a repository that is large and far away may take in all.
pub(super) const LONGEST: Duration = Duration::from_mins(2);

/// What was found.
pub(super) enum Found {
    Accepted {
        commit: String,
        project: Project,
    },
    Rejected {
        commit: String,
        text: String,
        problems: Vec<Problem>,
    },
    /// Why nothing was, as a reason without a full stop.
    Unreadable(String),
}

impl Found {
    pub(super) fn project(&self) -> Option<&Project> {
        match self {
            Self::Accepted { project, .. } => Some(project),
            _ => None,
        }
    }

    pub(super) fn shown(&self) -> Code<'_> {
        match self {
            Self::Accepted { commit, project } => Code::Accepted { commit, project },
            Self::Rejected {
                commit,
                text,
                problems,
            } => Code::Rejected {
                commit,
                text,
                problems,
            },
            Self::Unreadable(why) => Code::Unreadable(why),
        }
    }
}

pub(super) async fn at(app: &App, workspace: &workspace::Model, at: &str) -> Found {
    let read = async {
        let repo = RepoUrl::parse(&workspace.repo_url, app.allow_file).map_err(CannotRead::from)?;
        app.repositories.read(&repo, at).await
    };
    let read = match timeout(LONGEST, read).await {
        Ok(Ok(read)) => read,
        Ok(Err(error)) => {
            if let CannotRead::Failed(details) = &error {
                tracing::warn!(workspace = workspace.name, error = %details, "a repository could not be read");
            }
            return Found::Unreadable(error.to_string());
        }
        Err(_) => {
            return Found::Unreadable(
                "reading the repository takes too long: try again".to_owned(),
            );
        }
    };
    let commit = read.commit;
    match requests::check(read.project.clone()).await {
        Ok(Ok((project, _))) => Found::Accepted { commit, project },
        Ok(Err(problems)) => Found::Rejected {
            commit,
            text: String::from_utf8_lossy(&read.project).into_owned(),
            problems,
        },
        Err(error) => Found::Unreadable(error.to_string()),
    }
}
