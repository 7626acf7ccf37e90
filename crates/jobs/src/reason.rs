//! What people are told about where a job stands.
//!
//! These sentences leave the secure zone and are public, so they name no file, no value and nobody.

use crate::{job::Job, state::StatusCode};

impl StatusCode {
    /// One sentence for people: what it is and, where they can do something, what.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Created => "Created: it has not been looked at yet",
            Self::WaitingOnDependencies => "Waiting for the jobs whose outputs it needs",
            Self::WaitingOnWorkers => "Waiting for a free worker",
            Self::WaitingOnDbWorkers => "Waiting for a free worker that may use the database",
            Self::Paused => "The backend is paused: the job starts when it goes on",
            Self::WaitingDbMaintenance => {
                "The database is being maintained: the job starts when that is done"
            }
            Self::WaitingOnReboot => {
                "Stopped for a restart of the machine: the job starts anew afterwards"
            }
            Self::WaitingOnNewTask => "The last attempt met a fault and will be repeated",
            Self::Initiated => "Handed to an agent",
            Self::Preparing => "Preparing code and inputs",
            Self::Prepared => "Code and inputs are ready",
            Self::Executing => "Running",
            Self::Executed => "The command has ended",
            Self::Finalizing => "Collecting outputs",
            Self::Finalized => "Outputs are collected",
            Self::Succeeded => "Completed successfully",
            Self::DependencyFailed => "Not started, because a job whose outputs it needs failed",
            Self::NonzeroExit => "The command ended with an error",
            Self::UnmatchedPatterns => {
                "An output that the action declares was not made: see the log of the job"
            }
            Self::CancelledByUser => "Cancelled",
            Self::InternalError => {
                "Several attempts met a fault of the platform, so no more are made: contact those who run it"
            }
            Self::KilledByAdmin => "Ended by those who run the platform",
            Self::StaleCodelists => {
                "The codelists were out of date: update them, and request the job again"
            }
            Self::JobError => {
                "The platform cannot run this job, now or later: contact those who run it"
            }
            Self::TooHeavy => {
                "Refused, because it needs more workers than this backend has: it would never start"
            }
            Self::TimeLimitExceeded => "Stopped, because it ran longer than it may",
        }
    }
}

impl Job {
    /// One sentence for people about where this job stands.
    pub fn sentence(&self) -> String {
        let sentence = self.code.sentence();
        match (self.code, self.exit_code) {
            (StatusCode::Succeeded, _) if self.withheld => format!(
                "{sentence}, but a file marked as moderately sensitive was withheld: see the log of the job"
            ),
            (StatusCode::NonzeroExit, Some(exit_code)) => {
                match database_exit(exit_code).filter(|_| self.requires_db) {
                    Some(meaning) => format!("{sentence}: {meaning}"),
                    None => format!("{sentence} (exit code {exit_code})"),
                }
            }
            _ => sentence.to_owned(),
        }
    }
}

/// What the exit codes of `ehrql` mean to the person who asked for the job. Its codes are those of
/// OpenSAFELY; the database backends use 3 to 6, its command line the others.
const fn database_exit(exit_code: i32) -> Option<&'static str> {
    Some(match exit_code {
        2 => "its command line was not understood; check that the action runs locally",
        3 => {
            "the database had a passing fault; request the job again, and ask for help if it recurs"
        }
        4 => "new data is being loaded into the database; request the job again in a few hours",
        5 => "the database has a fault; ask for help",
        6 => {
            "the dataset definition is valid, but too complex for the database; ask for help to simplify it"
        }
        10 => "the definition could not be read; check that the action runs locally",
        11 => "a data file that the action reads could not be read",
        12 => "this project has no permission for what the definition asks for",
        13 => "the assurance tests failed; check that they pass locally",
        14 => {
            "it came forward so slowly that it would hardly have ended; ask for help to simplify it"
        }
        _ => return None,
    })
}
