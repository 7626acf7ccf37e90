//! The options that bound what one action may use.

use std::time::Duration;

use glovebox_sandbox::Limits;

use super::quantity;

#[derive(clap::Args)]
#[command(next_help_heading = "Limits of each action")]
pub(super) struct LimitArgs {
    /// Processors that one action may keep busy.
    #[arg(long, value_name = "N", default_value = "2", value_parser = quantity::processors)]
    cpus: f64,

    /// Memory of one action.
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = quantity::memory)]
    memory: u64,

    /// Bytes that one action may write.
    #[arg(long, value_name = "SIZE", default_value = "20G", value_parser = quantity::bytes)]
    disk: u64,

    /// Processes and threads of one action.
    #[arg(long, value_name = "N", default_value_t = 512)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=4_194_304))]
    processes: u64,

    /// How long one action may take.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = quantity::duration)]
    timeout: Duration,
}

impl LimitArgs {
    /// The limits as the sandbox takes them.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            cpus: self.cpus,
            memory: self.memory,
            disk: self.disk,
            file_size: self.disk,
            processes: self.processes,
            wall: self.timeout,
            // Every processor busy to the end.
            cpu_time: self.timeout.mul_f64(self.cpus),
            ..Limits::default()
        }
    }
}
