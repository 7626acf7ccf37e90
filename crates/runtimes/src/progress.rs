//! What a person is told while a runtime is made ready.

use std::fmt;

/// A step of [`crate::Runtime::prepare`]. Nothing is reported when everything is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Another process is installing the same thing; this one waits until it is done.
    Waiting {
        /// What is being installed, for people: `Python environment`.
        what: String,
    },
    /// An installation begins.
    Installing {
        /// What is being installed, for people.
        what: String,
        /// How many packages its lock names.
        packages: usize,
    },
    /// A package is being fetched.
    Fetching {
        /// `numpy 2.3.5`.
        package: String,
        /// Which of `of` it is, from 1.
        nth: usize,
        /// How many there are.
        of: usize,
    },
    /// All packages are there; they are being put into place.
    Unpacking,
    /// Byte code is being compiled, once, so that jobs start fast.
    Compiling,
    /// The packages are imported to see that they work on this machine.
    Checking,
    /// The installation is whole and in place.
    Installed {
        /// What was installed, for people.
        what: String,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { what } => {
                write!(
                    f,
                    "waiting for another process that is installing the {what}"
                )
            }
            Self::Installing { what, packages } => {
                write!(f, "installing the {what}: {packages} locked packages, once")
            }
            Self::Fetching { package, nth, of } => write!(f, "fetching {package} ({nth} of {of})"),
            Self::Unpacking => f.write_str("unpacking"),
            Self::Compiling => f.write_str("compiling byte code"),
            Self::Checking => f.write_str("checking that the packages import"),
            Self::Installed { what } => write!(f, "installed the {what}"),
        }
    }
}
