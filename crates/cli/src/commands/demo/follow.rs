//! Submitting the request of the demonstration, and telling how it goes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use comfy_table::{ContentArrangement, Table, presets};
use glovebox_pipeline::Project;
use glovebox_protocol::{CreateRequest, Created, Job, JobRequest, PATH_JOB_REQUESTS};

use super::super::remote::{Failed, Server, line, path_of};
use super::super::visible::visible;
use super::place::{BACKEND, Links, Place, WORKSPACE};
use super::{services::TICK, study, tell};
use crate::exit::Exit;

/// Asks for all actions of the study, as the page that this project implements did, and tells each change
/// until nothing more will.
pub(super) fn submit_and_follow(
    address: SocketAddr,
    place: &Place,
    links: &Links,
    asked: &Arc<AtomicUsize>,
) -> Result<Exit, Failed> {
    let server = Server::on_loopback(address, place.researcher_token());
    let project = glovebox_pipeline::check(study::project_yaml()).outcome.ok();
    let actions = project.iter().flat_map(Project::actions);
    let request = CreateRequest {
        workspace: WORKSPACE.to_owned(),
        backend: BACKEND.to_owned(),
        git_ref: None,
        actions: actions.map(|action| action.name.clone()).collect(),
        force_run_dependencies: false,
        notify: false,
    };
    let began = Instant::now();
    let created: Created = server.ask(PATH_JOB_REQUESTS, &request)?;
    let number = created.request.number;
    let sign_in =
        |token: &glovebox_server::NewToken| format!("http://{address}/sign-in/{}/", token.reveal());
    tell(&format!(
        "The job request, as anybody sees it:    {}",
        server.address_of(&created.request)
    ));
    tell(&format!(
        "Sign in as its researcher, once:        {}",
        sign_in(&links.researcher)
    ));
    tell(&format!(
        "Sign in as a member of staff, once:     {}",
        sign_in(&links.staff)
    ));
    tell("");

    let mut told = HashMap::new();
    loop {
        let request: JobRequest = server.read(&path_of(number))?;
        for job in &request.jobs {
            let is_new = told.get(&job.id) != Some(&job.state);
            if is_new && job.state != "pending" {
                tell(&visible(&line(job)));
                told.insert(job.id.clone(), job.state.clone());
            }
        }
        if !["pending", "running"].contains(&request.status.as_str()) {
            return Ok(ended(&request, project.as_ref(), began));
        }
        if asked.load(Ordering::Acquire) > 0 {
            return Ok(Exit::Interrupted);
        }
        thread::sleep(TICK);
    }
}

fn ended(request: &JobRequest, project: Option<&Project>, began: Instant) -> Exit {
    tell(&format!("\n{}\n", table(request, project)));
    let succeeded = request.jobs.iter().filter(|job| job.state == "succeeded");
    let seconds = began.elapsed().as_secs_f64();
    tell(&format!(
        "{} {}: {} of {} jobs succeeded, {seconds:.1} s after the request was sent.",
        if request.status == "succeeded" {
            '✔'
        } else {
            '✖'
        },
        request.status,
        succeeded.count(),
        request.jobs.len(),
    ));
    if request.status == "succeeded" {
        Exit::Success
    } else {
        Exit::Failure
    }
}

/// Each job with its outputs, and the level of each in words.
fn table(request: &JobRequest, project: Option<&Project>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["action", "state", "ran", "outputs, each with its level"]);
    for job in &request.jobs {
        table.add_row([
            visible(&job.action),
            job.state.clone(),
            ran(job).unwrap_or_default(),
            outputs(project, &job.action),
        ]);
    }
    table
}

fn ran(job: &Job) -> Option<String> {
    let millis = job.completed_at?.checked_sub(job.started_at?)?;
    let millis = u32::try_from(millis).ok()?;
    Some(format!("{:.2} s", f64::from(millis) / 1000.0))
}

fn outputs(project: Option<&Project>, action: &str) -> String {
    let action = project.and_then(|project| project.action(action));
    let lines = action.into_iter().flat_map(|action| &action.outputs);
    let lines = lines.map(|output| {
        let level = output.level.meaning();
        format!("{}\n  {level}", visible(output.pattern.as_str()))
    });
    lines.collect::<Vec<_>>().join("\n")
}
