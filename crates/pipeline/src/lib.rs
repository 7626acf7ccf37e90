//! `project.yaml`: text in; a typed graph, or every error with its place, out.
//!
//! The file is the contract between a study and the machinery that runs it: which commands there
//! are, what each needs, and at which security level its outputs stand. It is written by people
//! outside the secure zone and read inside it, so this crate treats it as hostile: nothing in a
//! file can make it panic, recurse without bound, or take time out of proportion to its size.
//!
//! ```
//! let report = glovebox_pipeline::check(
//!     "
//! version: 4
//! actions:
//!   describe:
//!     run: python:v2 python analysis/describe.py
//!     outputs:
//!       moderately_sensitive:
//!         table: output/table.csv
//! ",
//! );
//! let project = report.outcome.expect("the file keeps to the rules");
//! assert_eq!(project.action("describe").map(|action| action.run.image.name.as_str()), Some("python"));
//! ```
//!
//! # How it is built
//!
//! * `yaml` turns text into an arena of located nodes, within limits, and knows nothing of studies.
//! * `project` reads those nodes as a pipeline, one file per subject of the grammar.
//! * `rules` checks what only shows when actions are seen together, or when the image is known.
//! * [`Project`] is what is left when nothing was wrong. It cannot be made in any other way, so
//!   whoever holds one may rely on its needs being known and free of cycles.
//!
//! Errors come in the order of precedence of the OpenSAFELY `pipeline` library, so that the first
//! one is the one that library would have raised; errors that only Glovebox raises come after.
//!
//! The crate must not know files, git or jobs.

mod check;
mod config_json;
mod graph;
mod kind;
mod problem;
mod project;
mod rules;
mod slug;
mod source;
mod suggest;
mod yaml;

pub use check::{Outline, OutlinedAction, Rejected, Report, check, check_bytes};
pub use graph::{Action, Output, Project, UnknownAction};
pub use kind::Kind;
pub use problem::Problem;
pub use project::{Image, OutputPattern, PathFault, Run, split_words};
pub use source::Location;
pub use yaml::MAX_BYTES;
