//! What a backend allows, and how patient it is.

use std::time::Duration;

use crate::{
    job::Job,
    pool::{Pools, Weight, Weights},
};

/// The settings of a backend.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many jobs run at once.
    pub pools: Pools,
    /// What jobs weigh.
    pub weights: Weights,
    /// When to try again, and when no more.
    pub retries: Retries,
    /// How long an agent may be silent.
    pub leases: Leases,
    /// How long a job may run that does not say itself; nothing for as long as it likes.
    pub time_limit: Option<Duration>,
    /// What counts of the time between two steps, at most.
    ///
    /// Between two steps that are further apart the clock was set, or the server was stopped, and
    /// no agent could have renewed a lease. Steps are to be made more often than this.
    pub longest_step: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pools: Pools::default(),
            weights: Weights::default(),
            retries: Retries::default(),
            leases: Leases::default(),
            time_limit: Some(Duration::from_hours(7 * 24)),
            longest_step: Duration::from_secs(15),
        }
    }
}

impl Settings {
    /// What a job weighs here.
    pub fn weigh(&self, job: &Job) -> Weight {
        self.weights
            .weigh(&job.workspace, &job.action, &job.run_command)
    }
}

/// How attempts that the machinery failed are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// After so many failed attempts, the job fails. At least one is made.
    pub attempts: u32,
    /// The delay after the first failed attempt; it doubles with each.
    pub first_delay: Duration,
    /// The longest delay.
    pub longest_delay: Duration,
    /// How often one attempt is handed out to an agent that does not seem to receive it.
    pub hand_outs: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_delay: Duration::from_secs(5),
            longest_delay: Duration::from_mins(10),
            hand_outs: 3,
        }
    }
}

impl Retries {
    /// How long to wait after so many failed attempts.
    pub fn delay(&self, faults: u32) -> Duration {
        let doublings = faults.saturating_sub(1).min(31);
        self.first_delay
            .saturating_mul(1 << doublings)
            .min(self.longest_delay)
    }
}

/// How long an agent may be silent about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leases {
    /// How long a lease lasts. The agent counts from when it *sent* what renewed it, by a clock that
    /// cannot be set, and stops the task when it has run out.
    pub length: Duration,
    /// How much longer the server waits before it lets another agent begin. It makes up for
    /// clocks that run fast or jump: as long as they gain less than this within one lease, no
    /// job is run by two agents at once.
    pub grace: Duration,
}

impl Default for Leases {
    fn default() -> Self {
        Self {
            length: Duration::from_mins(2),
            grace: Duration::from_mins(1),
        }
    }
}

impl Leases {
    /// How long the server waits in all.
    pub(crate) fn patience(&self) -> Duration {
        self.length.saturating_add(self.grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let retries = Retries {
            attempts: 9,
            first_delay: Duration::from_secs(5),
            longest_delay: Duration::from_mins(1),
            hand_outs: 1,
        };
        for (faults, seconds) in [
            (0, 5),
            (1, 5),
            (2, 10),
            (3, 20),
            (4, 40),
            (5, 60),
            (u32::MAX, 60),
        ] {
            assert_eq!(
                retries.delay(faults),
                Duration::from_secs(seconds),
                "{faults}"
            );
        }
    }
}
