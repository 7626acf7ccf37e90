//! What an agent says, as events of the machine.

use glovebox_jobs::{AgentId, Event, TaskId, TaskResult};
use glovebox_protocol::{Ended, Happened, Reason, Report, Stage};

use super::message::{Note, Tell};

/// The event that a report is, and what it says beside.
pub(crate) fn events_of(report: &Report, task: TaskId) -> Tell {
    let agent = AgentId(report.agent.clone());
    let mut reason = None;
    let event = match report.happened {
        Happened::Stage(stage) => Event::Progress {
            agent,
            task: task.clone(),
            stage: stage_of(stage),
        },
        Happened::GoesOn => Event::Renewed {
            agent,
            task: task.clone(),
        },
        Happened::Stopped => Event::Stopped {
            agent,
            task: task.clone(),
        },
        Happened::Ended(ended) => {
            if let Ended::Failed(why) = ended {
                reason = Some(why);
            }
            Event::Finished {
                agent,
                task: task.clone(),
                result: result_of(ended),
            }
        }
    };
    Tell {
        events: vec![event],
        note: Some(Note {
            task,
            reason,
            metrics: report.metrics,
        }),
        deed: None,
    }
}

const fn stage_of(stage: Stage) -> glovebox_jobs::Stage {
    match stage {
        Stage::Preparing => glovebox_jobs::Stage::Preparing,
        Stage::Executing => glovebox_jobs::Stage::Executing,
        Stage::Finalizing => glovebox_jobs::Stage::Finalizing,
    }
}

/// The states that the field knows are few; the reason is kept beside them.
///
/// What the study's own code did or lacks counts as an error of its command. What no change of the code
/// would mend counts as the platform's.
const fn result_of(ended: Ended) -> TaskResult {
    match ended {
        Ended::Succeeded { withheld } => TaskResult::Exited {
            exit_code: 0,
            unmatched_patterns: false,
            withheld,
        },
        Ended::MayPass => TaskResult::MayPass,
        Ended::Failed(reason) => match reason {
            Reason::MissingOutputs => TaskResult::Exited {
                exit_code: 0,
                unmatched_patterns: true,
                withheld: false,
            },
            Reason::TimedOut => TaskResult::TimedOut,
            Reason::NonzeroExit
            | Reason::ChangedInputs
            | Reason::MissingScript
            | Reason::StudyDefinition
            | Reason::OutOfMemory
            | Reason::CpuTime
            | Reason::DiskLimit
            | Reason::TooManyProcesses
            | Reason::Signalled => TaskResult::Exited {
                exit_code: 1,
                unmatched_patterns: false,
                withheld: false,
            },
            Reason::MissingInputs
            | Reason::CouldNotStart
            | Reason::NotAllowed
            | Reason::Code
            | Reason::Internal => TaskResult::WillNotPass,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_is_one() {
        let failures = [
            Reason::NonzeroExit,
            Reason::MissingOutputs,
            Reason::TimedOut,
            Reason::Code,
        ];
        for reason in failures {
            assert!(!result_of(Ended::Failed(reason)).is_success(), "{reason:?}");
        }
        assert!(!result_of(Ended::MayPass).is_success());
        assert!(result_of(Ended::Succeeded { withheld: true }).is_success());
    }
}
