//! A run that did not begin: nothing ran, and whoever asked is told why.

use std::io::{self, Write as _};

use serde::Serialize;

use super::super::say::say;
use super::super::visible::visible;
use super::Format;
use crate::exit::Exit;

/// Why nothing ran.
pub(super) struct Refused {
    pub(super) exit: Exit,
    /// A stable word for programs.
    kind: &'static str,
    /// One sentence; empty if it was said already.
    message: String,
}

impl Refused {
    /// `project.yaml` cannot be read or is rejected, as has been said in full.
    pub(super) fn project(exit: Exit) -> Self {
        Self {
            exit,
            kind: match exit {
                Exit::Failure => "project-rejected",
                _ => "project-unreadable",
            },
            message: String::new(),
        }
    }

    /// An action that the project does not have.
    pub(super) fn unknown_action(message: String) -> Self {
        Self {
            exit: Exit::Usage,
            kind: "unknown-action",
            message,
        }
    }

    /// What was named as the project's folder is none.
    pub(super) fn folder(message: String) -> Self {
        Self {
            exit: Exit::Usage,
            kind: "project-unreadable",
            message,
        }
    }

    /// This machine cannot.
    pub(super) fn environment(message: String) -> Self {
        Self {
            exit: Exit::Environment,
            kind: "environment",
            message,
        }
    }

    /// Somebody stopped it first.
    pub(super) fn stopped() -> Self {
        Self {
            exit: Exit::Interrupted,
            kind: "stopped",
            message: "the run was stopped before anything began".to_owned(),
        }
    }

    /// Tells whoever asked, in the form they asked for.
    pub(super) fn tell(&self, format: Format) {
        #[derive(Serialize)]
        struct Report<'a> {
            succeeded: bool,
            error: Error<'a>,
            actions: [(); 0],
        }
        #[derive(Serialize)]
        struct Error<'a> {
            kind: &'a str,
            message: &'a str,
        }
        if !self.message.is_empty() {
            say(&visible(&self.message));
        }
        if format == Format::Json {
            let message = if self.message.is_empty() {
                "project.yaml cannot be used: `glovebox check --format json` says why"
            } else {
                &self.message
            };
            let report = Report {
                succeeded: false,
                error: Error {
                    kind: self.kind,
                    message,
                },
                actions: [],
            };
            let mut out = io::stdout().lock();
            // The exit code says it too, to whoever closed this end.
            let _ = serde_json::to_writer_pretty(&mut out, &report);
            let _ = writeln!(out);
        }
    }
}
