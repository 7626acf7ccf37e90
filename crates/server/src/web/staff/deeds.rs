//! What is in the audit log, in words.

use glovebox_jobs::Timestamp;
use glovebox_pages::staff::Cell;
use serde_json::{Map, Value};

use super::{backends, organisations, projects, users, workspaces};
use crate::web::facts::moment;

/// What was done: `role_granted` is read as "role granted".
pub(super) fn words(action: &str) -> String {
    action.replace('_', " ")
}

/// To what, with the page of it.
pub(super) fn subject(subject: &str) -> Cell {
    let Some((kind, name)) = subject.split_once('/') else {
        return Cell::text(subject);
    };
    let path = match kind {
        "person" => users::path(name),
        "project" => projects::path(name),
        "organisation" => organisations::path(name),
        "workspace" => workspaces::path(name),
        "backend" => backends::path(name),
        _ => return Cell::Text(format!("{} {name}", kind.replace('-', " "))),
    };
    Cell::link(format!("{kind} {name}"), path)
}

/// How: each thing that is known by its name, without what is nothing.
pub(super) fn details(json: &str) -> String {
    let Ok(details) = serde_json::from_str::<Map<String, Value>>(json) else {
        return json.to_owned();
    };
    let known = details
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), told(name, value)));
    known.collect::<Vec<_>>().join("; ")
}

fn told(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(values) => {
            let told: Vec<_> = values.iter().map(|value| told(name, value)).collect();
            told.join(", ")
        }
        Value::Number(number) => match number.as_i64() {
            Some(at) if ["from", "until"].contains(&name) || name.ends_with("_at") => {
                moment(Timestamp(at)).absolute()
            }
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_read_as_words() {
        let cases = [
            (
                r#"{"role":"output_checker","project":null}"#,
                "role: output_checker",
            ),
            (r#"{"active":false}"#, "active: no"),
            (
                r#"{"actions":["a","b"],"force_run_dependencies":true}"#,
                "actions: a, b; force run dependencies: yes",
            ),
            (
                r#"{"until":1637000000000}"#,
                "until: 15 Nov 2021, 18:13:20 UTC",
            ),
            (r#"{"seconds":60}"#, "seconds: 60"),
            ("{}", ""),
            ("not JSON", "not JSON"),
        ];
        for (json, wanted) in cases {
            assert_eq!(details(json), wanted, "{json}");
        }
    }
}
