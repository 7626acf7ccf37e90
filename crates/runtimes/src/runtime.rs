//! What an image is here, once it has been looked up.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::error::PrepareError;
use crate::machine::Machine;
use crate::prepared::Prepared;
use crate::progress::Progress;
use crate::{python, r};

/// An action that Glovebox carries out itself; study code is only evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builtin {
    /// Study definitions of the `cohortextractor` package.
    CohortExtractor,
}

/// What an action runs in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    Python(python::Environment),
    R(r::Environment),
}

/// An image of the table, in a version that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    pub(crate) image: String,
    pub(crate) version: String,
    pub(crate) builtin: Option<Builtin>,
    pub(crate) environment: Arc<Environment>,
}

/// Whether a runtime can be used now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It can.
    Ready {
        /// What [`Prepared::digest`] will be.
        digest: String,
        /// What some studies will miss, and what to type.
        note: Option<String>,
    },
    /// It will be installed on first use.
    Installable,
    /// Something has to be installed by hand first.
    Missing {
        /// What is wrong.
        problem: String,
        /// The command to type, where there is one.
        remedy: Option<String>,
    },
}

impl Runtime {
    /// As an action calls it: `python:latest`.
    pub fn id(&self) -> String {
        format!("{}:{}", self.image, self.version)
    }

    /// The image: `python`.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// The version: `latest`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What Glovebox itself does for the action, if it does.
    pub fn builtin(&self) -> Option<Builtin> {
        self.builtin
    }

    /// Makes it ready: installs what is missing, or waits for a process that is doing so. When all
    /// is there it starts no process and takes well under a millisecond.
    ///
    /// `progress` hears of each step. When `cancel` becomes true this ends with
    /// [`PrepareError::Cancelled`] within a tenth of a second and leaves nothing half-made.
    pub fn prepare(
        &self,
        machine: &Machine,
        cache: &Cache,
        progress: &dyn Fn(Progress),
        cancel: &AtomicBool,
    ) -> Result<Prepared, PrepareError> {
        match self.environment.as_ref() {
            Environment::Python(python) => {
                python.prepare(&self.purpose(), machine, cache, progress, cancel)
            }
            Environment::R(r) => r.prepare(machine),
        }
    }

    /// Whether it can be used now; installs nothing.
    pub fn state(&self, machine: &Machine, cache: &Cache) -> State {
        match self.environment.as_ref() {
            Environment::Python(python) => python.state(&self.purpose(), machine, cache),
            Environment::R(r) => r.state(machine),
        }
    }

    /// What sets its digest apart from that of others in the same environment. What is built in
    /// changes with Glovebox, and so does every runtime, as `osmatching` calls this very program. The
    /// name and version of the image are no part of it: `python:v2` and
    /// `python:latest` run the same thing.
    fn purpose(&self) -> String {
        let what = match self.builtin {
            None => "python",
            Some(Builtin::CohortExtractor) => "cohortextractor",
        };
        format!("{what} of glovebox {}", env!("CARGO_PKG_VERSION"))
    }
}
