//! Where a job stands: four states, and in each the codes that say why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The states of a job, as people see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has not started, or is to start anew.
    Pending,
    /// An agent is at work on it.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended, and not well.
    Failed,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Succeeded, Self::Failed];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Whether a job in this state stays in it for ever.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! codes {
    ($($state:ident { $($variant:ident => $word:literal, $meaning:literal;)* })*) => {
        /// Why a job stands where it does. Each code belongs to one state.
        ///
        /// The words are those of OpenSAFELY's job-runner; [`Self::TooHeavy`] and
        /// [`Self::TimeLimitExceeded`] are new, for jobs that would there wait or run for ever.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum StatusCode {
            $($(#[doc = $meaning] $variant,)*)*
        }

        impl StatusCode {
            /// Every code there is, by state.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $word,)*)* }
            }

            /// The state it belongs to.
            pub const fn state(self) -> State {
                match self { $($(Self::$variant => State::$state,)*)* }
            }
        }
    };
}

codes! {
    Pending {
        Created => "created", "Nobody has looked at it yet.";
        WaitingOnDependencies => "waiting_on_dependencies", "A job that it needs has not ended.";
        WaitingOnWorkers => "waiting_on_workers", "No worker is free for it.";
        WaitingOnDbWorkers => "waiting_on_db_workers", "No worker that may use the database is free.";
        Paused => "paused", "The backend starts nothing at present.";
        WaitingDbMaintenance => "waiting_db_maintenance", "The database is being maintained. It may have run before.";
        WaitingOnReboot => "waiting_on_reboot", "It ran, and was stopped for a restart of the machine.";
        WaitingOnNewTask => "waiting_on_new_task", "It ran, the machinery failed, and it will be tried again.";
    }
    Running {
        Initiated => "initiated", "It was handed to an agent.";
        Preparing => "preparing", "Code and inputs are being laid out.";
        Prepared => "prepared", "Code and inputs are laid out.";
        Executing => "executing", "The command runs.";
        Executed => "executed", "The command ended.";
        Finalizing => "finalizing", "Outputs are being collected.";
        Finalized => "finalized", "Outputs are collected.";
    }
    Succeeded {
        Succeeded => "succeeded", "The command ended well and all outputs are there.";
    }
    Failed {
        DependencyFailed => "dependency_failed", "A job that it needs failed.";
        NonzeroExit => "nonzero_exit", "The command ended with an error.";
        UnmatchedPatterns => "unmatched_patterns", "An output that was declared was not made.";
        CancelledByUser => "cancelled_by_user", "Somebody cancelled it.";
        InternalError => "internal_error", "The machinery failed more often than is tried.";
        KilledByAdmin => "killed_by_admin", "A person who runs the service ended it.";
        StaleCodelists => "stale_codelists", "Codelists were out of date. In records of earlier jobs only.";
        JobError => "job_error", "An agent met an error that no new attempt would mend.";
        TooHeavy => "too_heavy", "It needs more workers than its backend has.";
        TimeLimitExceeded => "time_limit_exceeded", "It ran longer than it may.";
    }
}

impl StatusCode {
    /// Whether a running job that takes this code goes back to pending and loses its start.
    pub const fn is_reset(self) -> bool {
        matches!(
            self,
            Self::WaitingDbMaintenance | Self::WaitingOnReboot | Self::WaitingOnNewTask
        )
    }

    /// The code with a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// Whether a job may go from this code to another.
    ///
    /// | from | to |
    /// |---|---|
    /// | pending | any other pending code but `created`; `initiated`; every failure |
    /// | `waiting_on_new_task`, `paused`, `waiting_db_maintenance` | also `succeeded`: the report of a lapsed lease, before a new attempt |
    /// | running | any later or earlier running code but `initiated`; the reset codes; `succeeded`; every failure but `dependency_failed` and `too_heavy` |
    /// | succeeded, failed | nothing |
    ///
    /// Only pending jobs fail for what they need or weigh: both are known before they start. Among
    /// running codes there is a way back, since an agent that starts anew repeats what it had not
    /// ended.
    pub fn may_become(self, next: Self) -> bool {
        match (self.state(), next.state()) {
            (State::Succeeded | State::Failed, _) => false,
            (State::Pending, State::Pending) => next != self && next != Self::Created,
            (State::Pending, State::Running) => next == Self::Initiated,
            (State::Pending, State::Succeeded) => matches!(
                self,
                Self::WaitingOnNewTask | Self::Paused | Self::WaitingDbMaintenance
            ),
            (State::Pending, State::Failed) | (State::Running, State::Succeeded) => true,
            (State::Running, State::Pending) => next.is_reset(),
            (State::Running, State::Running) => next != self && next != Self::Initiated,
            (State::Running, State::Failed) => {
                !matches!(next, Self::DependencyFailed | Self::TooHeavy)
            }
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_stable_and_read_back() {
        for &code in StatusCode::ALL {
            let json = serde_json::to_string(&code).expect("JSON");
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(
                serde_json::from_str::<StatusCode>(&json).expect("a code"),
                code
            );
            assert_eq!(StatusCode::from_word(code.as_str()), Some(code));
        }
        for state in State::ALL {
            assert_eq!(
                serde_json::to_string(&state).expect("JSON"),
                format!("\"{state}\"")
            );
        }
        assert_eq!(StatusCode::from_word("Created"), None);
        let words: BTreeSet<&str> = StatusCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), StatusCode::ALL.len());
    }

    #[test]
    fn every_state_has_the_codes_of_the_reference() {
        let of = |state: State| -> Vec<&str> {
            let codes = StatusCode::ALL.iter().filter(|code| code.state() == state);
            codes.map(|code| code.as_str()).collect()
        };
        assert_eq!(
            of(State::Pending).join(" "),
            "created waiting_on_dependencies waiting_on_workers waiting_on_db_workers paused \
             waiting_db_maintenance waiting_on_reboot waiting_on_new_task"
        );
        assert_eq!(
            of(State::Running).join(" "),
            "initiated preparing prepared executing executed finalizing finalized"
        );
        assert_eq!(of(State::Succeeded), ["succeeded"]);
        assert_eq!(
            of(State::Failed).join(" "),
            "dependency_failed nonzero_exit unmatched_patterns cancelled_by_user internal_error \
             killed_by_admin stale_codelists job_error too_heavy time_limit_exceeded"
        );
    }

    #[test]
    fn every_code_can_be_left_unless_it_is_final() {
        for &code in StatusCode::ALL {
            let next: Vec<_> = StatusCode::ALL
                .iter()
                .filter(|next| code.may_become(**next))
                .collect();
            if code.state().is_final() {
                assert_eq!(next, [&code; 0], "{code} is final");
                continue;
            }
            // Success, failure and cancelling are within reach of every code that is not final.
            let mut reached = BTreeSet::from([code]);
            let mut open = vec![code];
            while let Some(from) = open.pop() {
                for &to in StatusCode::ALL {
                    if from.may_become(to) && reached.insert(to) {
                        open.push(to);
                    }
                }
            }
            assert!(reached.contains(&StatusCode::Succeeded), "{code}");
            assert!(code.may_become(StatusCode::CancelledByUser), "{code}");
        }
    }

    #[test]
    fn what_must_not_happen_is_not_in_the_table() {
        use StatusCode as Code;
        let forbidden = [
            (Code::Created, Code::Executing),
            (Code::Created, Code::Succeeded),
            (Code::WaitingOnWorkers, Code::Succeeded),
            (Code::WaitingOnWorkers, Code::Created),
            (Code::Executing, Code::Initiated),
            (Code::Executing, Code::WaitingOnWorkers),
            (Code::Executing, Code::Paused),
            (Code::Executing, Code::DependencyFailed),
            (Code::Executing, Code::TooHeavy),
            (Code::Succeeded, Code::CancelledByUser),
            (Code::CancelledByUser, Code::Succeeded),
        ];
        for (from, to) in forbidden {
            assert!(!from.may_become(to), "{from} to {to}");
        }
    }
}
