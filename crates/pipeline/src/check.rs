//! Text in; a project, or every error, out.

use crate::{
    graph::Project,
    kind::Kind,
    problem::{Problem, Problems},
    project::{self, Draft},
    rules,
    source::{Source, Span},
    yaml::{self, MAX_BYTES},
};

/// What there is to say about a project file.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The project, or why there is none.
    pub outcome: Result<Project, Rejected>,
    /// What is allowed but probably not meant.
    pub warnings: Vec<Problem>,
}

/// A project file that does not keep to the rules.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the project file has {} errors; the first is on {}", errors.len(), first(errors))]
pub struct Rejected {
    /// Every error, the most fundamental first; never empty.
    pub errors: Vec<Problem>,
    /// What could be read in spite of them.
    pub outline: Outline,
}

/// The actions of a file that was rejected, as far as they could be read. To be shown, not run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// In the order of the file.
    pub actions: Vec<OutlinedAction>,
}

/// An action of a file that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedAction {
    /// Its name.
    pub name: String,
    /// What it says it needs, known or not.
    pub needs: Vec<String>,
    /// Whether its command reads the database.
    pub is_database_action: bool,
}

/// Checks a project file.
pub fn check(text: &str) -> Report {
    if text.len() > MAX_BYTES {
        return rejected_unread(
            Kind::YamlTooLarge,
            format!(
                "the file has {} bytes, more than the {MAX_BYTES} that are read: make it smaller",
                text.len()
            ),
            0,
            "",
        );
    }
    let source = Source::new(text);
    let mut problems = Problems::new(&source);
    let mut composed = yaml::compose(&source.as_written());
    let regular;
    if let Some(first) = composed.syntax_error() {
        regular = yaml::regularise(source.body());
        if let Some(regular) = &regular {
            let second = yaml::compose(&source.regular(regular));
            let further = |second: Span| second.start > first.start;
            if second.syntax_error().is_none_or(further) {
                composed = second;
            }
        }
    }
    composed.report(&mut problems, &source);
    let Some(document) = composed.document else {
        return report(None, Vec::new(), problems, &source);
    };
    let Some(sketch) = project::read(&document, &mut problems) else {
        return report(None, Vec::new(), problems, &source);
    };
    rules::check(&sketch, &mut problems);
    let population_size = project::population_size(&document, &sketch, &mut problems);
    let facts = sketch
        .version
        .map(|version| (version.number(), population_size));
    report(facts, sketch.actions, problems, &source)
}

/// Checks a project file that may not be text at all.
pub fn check_bytes(bytes: &[u8]) -> Report {
    match std::str::from_utf8(bytes) {
        Ok(text) => check(text),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            rejected_unread(
                Kind::YamlNotUtf8,
                "the file is not UTF-8 from here on: save it as UTF-8".to_owned(),
                error.valid_up_to(),
                std::str::from_utf8(valid).unwrap_or_default(),
            )
        }
    }
}

fn rejected_unread(kind: Kind, message: String, at: usize, text: &str) -> Report {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    let location = Source::new(text).locate(Span { start: at, end: at });
    Report {
        outcome: Err(Rejected {
            errors: vec![Problem {
                kind,
                location,
                message,
                help: None,
            }],
            outline: Outline::default(),
        }),
        warnings: Vec::new(),
    }
}

fn report(
    facts: Option<(f64, Option<i64>)>,
    actions: Vec<Draft<'_>>,
    problems: Problems<'_>,
    source: &Source<'_>,
) -> Report {
    let (errors, warnings) = problems.finish();
    let outcome = match facts {
        Some((version, population_size)) if errors.is_empty() => {
            Ok(Project::build(version, population_size, actions, source))
        }
        _ => Err(Rejected {
            errors,
            outline: Outline {
                actions: actions.iter().map(outline).collect(),
            },
        }),
    };
    Report { outcome, warnings }
}

fn outline(draft: &Draft<'_>) -> OutlinedAction {
    OutlinedAction {
        name: draft.name.clone(),
        needs: draft
            .needs
            .iter()
            .map(|need| need.name.to_owned())
            .collect(),
        is_database_action: draft
            .run
            .as_ref()
            .is_some_and(|draft| rules::is_database_action(&draft.run)),
    }
}

fn first(errors: &[Problem]) -> String {
    errors.first().map(ToString::to_string).unwrap_or_default()
}
