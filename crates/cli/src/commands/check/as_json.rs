//! The answer for machines.

use glovebox_pipeline::{Problem, Report};
use serde::Serialize;
use serde_json::{Map, Value, json};

#[derive(Serialize)]
struct Answer<'a> {
    accepted: bool,
    errors: Vec<Said<'a>>,
    warnings: Vec<Said<'a>>,
    /// In the order of the file.
    actions: Vec<&'a str>,
    needs: Map<String, Value>,
    database_actions: Vec<&'a str>,
}

#[derive(Serialize)]
struct Said<'a> {
    kind: &'static str,
    line: usize,
    column: usize,
    message: std::borrow::Cow<'a, str>,
}

/// One object, without line breaks. A rejected file is listed as far as it could be read.
pub(super) fn write(report: &Report) -> String {
    let mut answer = Answer {
        accepted: report.outcome.is_ok(),
        errors: Vec::new(),
        warnings: report.warnings.iter().map(Said::of).collect(),
        actions: Vec::new(),
        needs: Map::new(),
        database_actions: Vec::new(),
    };
    match &report.outcome {
        Ok(project) => {
            for action in project.actions() {
                answer.list(&action.name, &action.needs, action.is_database_action);
            }
        }
        Err(rejected) => {
            answer.errors = rejected.errors.iter().map(Said::of).collect();
            for action in &rejected.outline.actions {
                answer.list(&action.name, &action.needs, action.is_database_action);
            }
        }
    }
    json!(answer).to_string()
}

impl<'a> Answer<'a> {
    fn list(&mut self, name: &'a str, needs: &[String], is_database_action: bool) {
        self.actions.push(name);
        self.needs.insert(name.to_owned(), json!(needs));
        if is_database_action {
            self.database_actions.push(name);
        }
    }
}

impl<'a> Said<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self {
            kind: problem.kind.as_str(),
            line: problem.location.line,
            column: problem.location.column,
            message: match &problem.help {
                Some(help) => format!("{} ({help})", problem.message).into(),
                None => problem.message.as_str().into(),
            },
        }
    }
}
