//! The graph and the timeline of a request.

use std::collections::{BTreeMap, BTreeSet};

use glovebox_pipeline::Project;
use glovebox_ui::{Bar, Graph, Instant, Node, Tone, Waterfall};

use super::JobFacts;
use crate::look;
use crate::paths::job_from_request;

/// The jobs of a request and what they need, as boxes and arrows.
///
/// What a job needs and this request did not run stands there too, as made by an earlier request.
pub(super) fn graph(project: Option<&Project>, jobs: &[JobFacts]) -> String {
    let Some(project) = project.filter(|_| jobs.len() <= Graph::MOST_NODES) else {
        return String::new();
    };
    let by_action: BTreeMap<&str, &JobFacts> = jobs
        .iter()
        .map(|facts| (facts.job.action.as_str(), facts))
        .collect();
    let needed = |name: &str| {
        let action = project.action(name);
        action
            .map(|action| action.needs.as_slice())
            .unwrap_or_default()
    };
    let needed_here: BTreeSet<&str> = jobs
        .iter()
        .flat_map(|facts| needed(&facts.job.action))
        .map(String::as_str)
        .collect();
    let is_shown = |name: &str| by_action.contains_key(name) || needed_here.contains(name);
    let shown: Vec<&str> = project
        .actions()
        .iter()
        .map(|action| action.name.as_str())
        .filter(|name| is_shown(name))
        .collect();
    let place: BTreeMap<&str, usize> = (0..).zip(&shown).map(|(at, name)| (*name, at)).collect();
    let nodes: Vec<Node> = shown
        .iter()
        .map(|name| {
            let facts = by_action.get(name);
            let needs = facts.map(|_| needed(name)).unwrap_or_default();
            Node {
                name: (*name).to_owned(),
                words: facts.map_or_else(|| "from an earlier request".to_owned(), |it| words(it)),
                tone: facts.map_or(Tone::Succeeded, |facts| look::tone_of_job(&facts.job)),
                href: facts.map(|facts| job_from_request(&facts.job.id.0)),
                needs: needs
                    .iter()
                    .filter_map(|need| place.get(need.as_str()).copied())
                    .collect(),
            }
        })
        .collect();
    let title = "What each job needs, from left to right, with its state";
    Graph {
        nodes: &nodes,
        title,
    }
    .to_string()
}

fn words(facts: &JobFacts) -> String {
    let job = &facts.job;
    let word = look::word_of_job(job);
    match (job.started_at, job.completed_at) {
        (Some(started), Some(ended)) => format!("{word}, {}", look::duration(ended.since(started))),
        _ => word.to_owned(),
    }
}

/// When each job waited and ran, in the order of the table.
pub(super) fn waterfall(jobs: &[JobFacts], now: Instant) -> String {
    let at = |millis: i64| Instant::from_millis(millis);
    let Some(first) = jobs.iter().map(|facts| at(facts.job.created_at.0)).min() else {
        return String::new();
    };
    let bars: Vec<Bar> = jobs
        .iter()
        .map(|facts| {
            let job = &facts.job;
            let until = job.completed_at.map_or(now, |ended| at(ended.0));
            Bar {
                name: job.action.clone(),
                created: at(job.created_at.0).since(first),
                started: job.started_at.map(|started| at(started.0).since(first)),
                until: until.since(first),
                tone: look::tone_of_job(job),
                href: Some(job_from_request(&job.id.0)),
            }
        })
        .collect();
    let title = "When each job waited and ran";
    Waterfall { bars: &bars, title }.to_string()
}
