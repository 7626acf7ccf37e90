//! Schemas that no attribute of a field can express: what may stand in a list, and words.

use utoipa::openapi::{
    ArrayBuilder, ObjectBuilder, Schema,
    schema::{ArrayItems, Type},
};

/// The states of a request.
const REQUEST_STATUSES: [&str; 7] = [
    "pending",
    "running",
    "failed",
    "succeeded",
    "nothing_to_do",
    "unknown",
    "unknown_error_creating_jobs",
];

/// The states of a job.
const JOB_STATES: [&str; 4] = ["pending", "running", "succeeded", "failed"];

pub(crate) fn request_status() -> Schema {
    words(REQUEST_STATUSES, "Where a request stands.")
}

pub(crate) fn job_state() -> Schema {
    words(JOB_STATES, "The state of a job.")
}

pub(crate) fn tasks() -> Schema {
    let task = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-z2-7]{16}-(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,8})$"));
    let about = "Every task that it holds and has not reported the end of.";
    list(task, about, 0, 10_000)
}

pub(crate) fn actions_to_run() -> Schema {
    let action = action().examples(["generate_cohort"]);
    list(action, "Actions, or `run_all`.", 1, 5_000)
}

pub(crate) fn actions_to_cancel() -> Schema {
    let about = "The actions; all that have not ended if there are none.";
    list(action(), about, 0, 5_000)
}

fn action() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(500))
}

fn list(items: ObjectBuilder, about: &str, least: usize, most: usize) -> Schema {
    let list = ArrayBuilder::new()
        .items(ArrayItems::RefOrSchema(Box::new(
            Schema::from(items).into(),
        )))
        .description(Some(about))
        .max_items(Some(most));
    let list = if least > 0 {
        list.min_items(Some(least))
    } else {
        list
    };
    list.into()
}

fn words<const N: usize>(words: [&str; N], about: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .description(Some(about))
        .into()
}
