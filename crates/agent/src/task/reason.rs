//! What is said outside of how a job ended: a reason from a fixed list, and numbers about the machine.

use glovebox_protocol::{Ended, Metrics, Reason};
use glovebox_runner::{ActionReport, FailureKind, RunError};

use super::kept::Over;

/// How a job that ran ended.
pub(super) fn of_report(report: &ActionReport) -> Over {
    let ended = match &report.failure {
        Some(failure) => of_kind(failure.kind),
        None if report.state.is_success() => Ended::Succeeded {
            withheld: report.outputs.iter().any(|file| file.withheld.is_some()),
        },
        None => Ended::Failed(Reason::Internal),
    };
    Over {
        metrics: metrics(report),
        ..Over::ended(ended)
    }
}

fn of_kind(kind: FailureKind) -> Ended {
    Ended::Failed(match kind {
        FailureKind::MissingScript => Reason::MissingScript,
        FailureKind::StudyDefinition => Reason::StudyDefinition,
        FailureKind::NonzeroExit => Reason::NonzeroExit,
        FailureKind::RuntimeMissing => Reason::NotAllowed,
        FailureKind::CouldNotStart => Reason::CouldNotStart,
        FailureKind::OutOfMemory => Reason::OutOfMemory,
        FailureKind::TimedOut => Reason::TimedOut,
        FailureKind::CpuTime => Reason::CpuTime,
        FailureKind::DiskLimit => Reason::DiskLimit,
        FailureKind::TooManyProcesses => Reason::TooManyProcesses,
        FailureKind::Signalled => Reason::Signalled,
        FailureKind::MissingOutputs => Reason::MissingOutputs,
        FailureKind::ChangedInputs => Reason::ChangedInputs,
        FailureKind::MissingInputs => Reason::MissingInputs,
        FailureKind::Internal => Reason::Internal,
        FailureKind::Cancelled | FailureKind::Environment => return Ended::MayPass,
    })
}

/// How a job ended that did not start.
pub(super) fn of_error(error: &RunError) -> Ended {
    match error {
        RunError::Image { .. } => Ended::Failed(Reason::NotAllowed),
        RunError::UnknownAction(_) | RunError::Code(_) => Ended::Failed(Reason::Code),
        RunError::Lock(_)
        | RunError::Sandbox(_)
        | RunError::Runtime { .. }
        | RunError::Images(_)
        | RunError::Store(_)
        | RunError::Io { .. } => Ended::MayPass,
    }
}

/// What the command used. What could not be sampled of a command that was too short is said as the other
/// number of its kind: the most at once is never less than the average.
fn metrics(report: &ActionReport) -> Option<Metrics> {
    let seconds = report.command_time?.as_secs_f64();
    let memory = report.peak_memory?;
    let cpu = if seconds > 0.0 {
        report.cpu_seconds? / seconds
    } else {
        0.0
    };
    Some(Metrics {
        cpu_mean: cpu,
        cpu_peak: report.peak_cpus.unwrap_or(cpu).max(cpu),
        memory_mean: report.mean_memory.unwrap_or(memory).min(memory),
        memory_peak: memory,
    })
}
