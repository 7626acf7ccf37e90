//! What somebody chose, and what may be chosen.

use glovebox_jobs::{EarlierJob, JobId, JobRequest, Planned, State, Timestamp};
use glovebox_pages::{Chosen, Mistake, RunBackend};
use glovebox_pipeline::Project;
use glovebox_protocol::CreateRequest;
use serde::Deserialize;

use super::{super::facts, mistake};
use crate::{
    access::WhyNot,
    clock,
    read::{BackendView, JobRequestView, WorkspaceView},
    storage::entity::backend,
};

const RUN_ALL: &str = "run_all";

/// More boxes than any project has.
const MOST: usize = 5_000;

/// The form as it is sent. A box that is not ticked is not in it.
#[derive(Debug, Deserialize)]
pub(crate) struct Form {
    /// The commit that the page was made for.
    #[serde(default)]
    pub(super) commit: String,
    #[serde(default, rename = "ref")]
    pub(super) git_ref: String,
    #[serde(default)]
    pub(super) again: String,
    #[serde(default)]
    all: String,
    /// Slugs: names may hold what a form does not carry as it is.
    #[serde(default)]
    action: Vec<String>,
    #[serde(default)]
    backend: String,
    #[serde(default)]
    force: String,
    #[serde(default)]
    notify: String,
    #[serde(default)]
    step: String,
}

impl Form {
    pub(super) fn is_only_shown(&self) -> bool {
        self.step == "show"
    }

    /// What was chosen, by name, and what is wrong with it.
    pub(super) fn chosen(&self, project: Option<&Project>) -> (Chosen, Option<Mistake>) {
        let mut unknown = None;
        let mut actions = Vec::new();
        for slug in self.action.iter().take(MOST) {
            let found = project.and_then(|project| {
                let mut actions = project.actions().iter();
                actions.find(|action| action.slug == *slug)
            });
            match found {
                Some(action) => actions.push(action.name.clone()),
                None => unknown = Some(slug.chars().take(100).collect::<String>()),
            }
        }
        let all = !self.all.is_empty();
        let none = actions.is_empty() && !all;
        let wrong = match unknown.filter(|_| project.is_some()) {
            Some(unknown) => Some(mistake(
                "actions",
                &format!(
                    "project.yaml has no action {unknown:?} at this commit: choose from those below"
                ),
            )),
            None if project.is_some() && none => {
                Some(mistake("actions", "choose at least one action, or run_all"))
            }
            None => None,
        };
        let chosen = Chosen {
            all,
            actions,
            backend: self.backend.clone(),
            force: !self.force.is_empty(),
            notify: !self.notify.is_empty(),
        };
        (chosen, wrong)
    }
}

/// What an earlier request asked for, or what of it failed, as far as the project has it.
pub(super) fn of_request(
    request: &JobRequestView,
    only_failed: bool,
    project: Option<&Project>,
) -> Chosen {
    let failed = request.jobs.iter();
    let failed = failed.filter(|job| job.job.state() == State::Failed);
    let names: Vec<String> = if only_failed {
        failed.map(|job| job.job.action.clone()).collect()
    } else {
        request.requested_actions.clone()
    };
    let is_action = |name: &String| project.is_some_and(|project| project.action(name).is_some());
    Chosen {
        all: names.iter().any(|name| name == RUN_ALL && !is_action(name)),
        actions: names.into_iter().filter(is_action).collect(),
        backend: request.backend.slug.clone(),
        force: request.force_run_dependencies && !only_failed,
        notify: false,
    }
}

/// The request that a choice is.
pub(super) fn request(workspace: &str, at: &str, chosen: &Chosen) -> CreateRequest {
    CreateRequest {
        workspace: workspace.to_owned(),
        backend: chosen.backend.clone(),
        git_ref: Some(at.to_owned()),
        actions: names(chosen),
        force_run_dependencies: chosen.force,
        notify: chosen.notify,
    }
}

fn names(chosen: &Chosen) -> Vec<String> {
    let all = chosen.all.then(|| RUN_ALL.to_owned());
    all.into_iter()
        .chain(chosen.actions.iter().cloned())
        .collect()
}

/// The actions that a choice would run, as things stand, or why none.
pub(super) fn would_run(
    view: &WorkspaceView,
    chosen: &Chosen,
    project: &Project,
) -> Result<Vec<String>, String> {
    let earlier: Vec<EarlierJob> = view
        .last_jobs
        .iter()
        .map(|last| EarlierJob {
            id: JobId(last.action.clone()),
            backend: last.backend.clone(),
            workspace: view.name.clone(),
            action: last.action.clone(),
            state: last.state,
            cancelled: false,
            created_at: Timestamp(0),
        })
        .collect();
    let asked = JobRequest {
        // It names nothing: what is planned here is not kept.
        id: "a".repeat(16),
        backend: chosen.backend.clone(),
        workspace: view.name.clone(),
        database: "default".to_owned(),
        requested_actions: names(chosen),
        force_run_dependencies: chosen.force,
        codelists_ok: true,
    };
    let backends = [chosen.backend.as_str()];
    match glovebox_jobs::plan(&asked, project, &backends, &earlier, clock::now()) {
        Ok(Planned::Jobs(jobs)) => Ok(jobs.into_iter().map(|job| job.action).collect()),
        Ok(Planned::NothingToDo(why)) => Err(why.to_string()),
        Err(why) => Err(why.to_string()),
    }
}

/// The backends with whether they may be chosen. One that takes nobody's requests is shown to nobody who
/// could not run there anyway.
pub(super) fn backends(
    judged: &[(backend::Model, Result<(), WhyNot>)],
    busy: Vec<BackendView>,
) -> Vec<RunBackend> {
    let choice = |view: BackendView| {
        let (_, may) = judged
            .iter()
            .find(|(backend, _)| backend.slug == view.slug)?;
        let refused = match may {
            Ok(()) => None,
            Err(WhyNot::NotActive(_)) => Some("takes no requests at present"),
            Err(_) => Some("you are not admitted to it: ask those who look after this service"),
        };
        Some(RunBackend {
            facts: facts::backend(view),
            refused,
        })
    };
    busy.into_iter().filter_map(choice).collect()
}
