//! Everything that can be called.

use utoipa::{
    IntoParams as _,
    openapi::{
        ObjectBuilder, Required, Schema,
        link::LinkBuilder,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{KnownFormat, SchemaFormat, Type},
    },
};

use super::described::{Described, Scheme};
use crate::{
    Answer, Ask, CancelRequest, CreateRequest, Created, Health, JobRequest, JobRequestPage,
    ListQuery, PATH_ASK, PATH_EVENTS, PATH_HEALTH, PATH_JOB_REQUESTS, PATH_OPENAPI, PATH_REPORT,
    PATH_WORKSPACES, Report, Verdict, WatchQuery, WorkspaceStatuses,
};

const AGENTS: &str = "agents";
const PEOPLE: &str = "people";
const ANYBODY: &str = "anybody";

const NO_REQUEST: &str = "`not_found`: there is no such job request.";

pub(super) fn all() -> Vec<Described> {
    vec![
        ask(),
        report(),
        create(),
        list(),
        show(),
        cancel(),
        statuses(),
        watch(),
        document(),
        health(),
    ]
}

fn ask() -> Described {
    Described::post(PATH_ASK, "askForTasks", "Ask for tasks, and wait for one")
        .about("A long poll: it is answered once there is something to do, or it has waited as long as it may.")
        .tag(AGENTS)
        .shows(Scheme::Backend)
        .takes::<Ask>()
        .answers::<Answer>(200, "What the agent is to do.")
        .may_be_unavailable()
}

fn report() -> Described {
    Described::post(PATH_REPORT, "reportOnTask", "Say what happened to a task")
        .about("The same report may come again: sending it twice does no harm.")
        .tag(AGENTS)
        .shows(Scheme::Backend)
        .takes::<Report>()
        .answers::<Verdict>(200, "What became of the report.")
        .may_be_unavailable()
}

fn create() -> Described {
    Described::post(PATH_JOB_REQUESTS, "createJobRequest", "Ask for actions to be run")
        .about("The branch or commit is resolved once, and `project.yaml` is read at that commit. Either all jobs are made or none.")
        .tag(PEOPLE)
        .shows(Scheme::Person)
        .takes::<CreateRequest>()
        .answers::<Created>(201, "The request was taken.")
        .links("show", link("showJobRequest"))
        .links("cancel", link("cancelJobs"))
        .links("watch", link("watchJobRequest"))
        .refuses(403, "`forbidden`: the person, or the token, may not run jobs in this project.")
        .refuses(404, "`not_found`: there is no such workspace or backend.")
        .refuses(422, "`project_rejected`: `project.yaml` is rejected at the commit, with its problems. `refused`: there is no such branch, commit or action, or the actions cannot be run.")
        .refuses(502, "`repository_unreadable`: the repository could not be read.")
        .may_be_unavailable()
}

fn list() -> Described {
    Described::get(
        PATH_JOB_REQUESTS,
        "listJobRequests",
        "List job requests, the newest first",
    )
    .tag(ANYBODY)
    .query(ListQuery::into_params(|| Some(ParameterIn::Query)))
    .answers::<JobRequestPage>(200, "A part of the list.")
    .may_be_unavailable()
}

fn show() -> Described {
    let path = format!("{PATH_JOB_REQUESTS}/{{number}}");
    Described::get(path, "showJobRequest", "Say where a job request stands")
        .tag(ANYBODY)
        .parameter(number())
        .answers::<JobRequest>(200, "The request and its jobs.")
        .refuses(404, NO_REQUEST)
        .may_be_unavailable()
}

fn cancel() -> Described {
    let path = format!("{PATH_JOB_REQUESTS}/{{number}}/cancel");
    Described::post(path, "cancelJobs", "Cancel jobs of a request")
        .about("Jobs that have ended stay as they are, so cancelling twice is cancelling once.")
        .tag(PEOPLE)
        .shows(Scheme::Person)
        .parameter(number())
        .takes::<CancelRequest>()
        .answers::<JobRequest>(200, "The request as it is then.")
        .refuses(
            403,
            "`forbidden`: the person, or the token, may not cancel these jobs.",
        )
        .refuses(404, NO_REQUEST)
        .refuses(
            422,
            "`refused`: the request has no job for an action that is named.",
        )
        .may_be_unavailable()
}

fn statuses() -> Described {
    let name = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(100))
        .pattern(Some("^[a-z0-9][a-z0-9_-]*$"))
        .examples(["sick-notes"]);
    let path = format!("{PATH_WORKSPACES}/{{name}}/statuses");
    Described::get(
        path,
        "showWorkspaceStatuses",
        "Say where each action of a workspace stands",
    )
    .tag(ANYBODY)
    .parameter(in_path("name", "The workspace.", name))
    .answers::<WorkspaceStatuses>(200, "The newest job of each action on each backend.")
    .refuses(404, "`not_found`: there is no such workspace.")
    .may_be_unavailable()
}

fn watch() -> Described {
    let path = format!("{PATH_EVENTS}/{{number}}");
    Described::get(path, "watchJobRequest", "Hear of each change of a job request")
        .about("Server-sent events named `changed`, whose data is the number: the request is to be looked at anew. What changed is not in it.")
        .tag(ANYBODY)
        .parameter(number())
        .query(WatchQuery::into_params(|| Some(ParameterIn::Query)))
        .answers_with("text/event-stream", Type::String, "A stream of events.")
        .refuses(404, NO_REQUEST)
        .may_be_unavailable()
}

fn document() -> Described {
    Described::get(PATH_OPENAPI, "describeApi", "Give this document")
        .tag(ANYBODY)
        .answers_with("application/json", Type::Object, "This document.")
}

fn health() -> Described {
    Described::get(
        PATH_HEALTH,
        "checkHealth",
        "Say whether the server and its database work",
    )
    .tag(ANYBODY)
    .answers::<Health>(200, "They do.")
    .may_be_unavailable()
}

fn number() -> Parameter {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1))
        .maximum(Some(i64::MAX))
        .examples([1]);
    in_path("number", "The public number of the job request.", number)
}

fn in_path(name: &str, about: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(Schema::from(schema)))
        .build()
}

fn link(operation: &str) -> LinkBuilder {
    LinkBuilder::new()
        .operation_id(operation)
        .parameter("number", "$response.body#/request/number")
}
