//! What control groups say a job uses.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{Controller, Version};

/// What a job uses now; nothing where its controller is not held.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// How many processes the kernel has killed for memory.
    pub(crate) oom_kills: Option<u64>,
    /// Bytes, without file cache not used lately, which the kernel would drop first.
    pub(crate) memory: Option<u64>,
    pub(crate) tasks: Option<u64>,
    /// How often a new task was refused.
    pub(crate) refused: Option<u64>,
    pub(crate) cpu_user: Option<Duration>,
    pub(crate) cpu_system: Option<Duration>,
}

impl Reading {
    pub(super) fn take(&mut self, controller: Controller, version: Version, folder: &Path) {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let number = |name: &str| text(name)?.trim().parse::<u64>().ok();
        let field = |name: &str, key: &str| {
            text(name)?.lines().find_map(|line| {
                let (found, value) = line.split_once(' ')?;
                (found == key).then(|| value.trim().parse::<u64>().ok())?
            })
        };
        match (controller, version) {
            (Controller::Memory, Version::V1) => {
                self.oom_kills = field("memory.oom_control", "oom_kill");
                self.memory = without_cache(
                    number("memory.usage_in_bytes"),
                    field("memory.stat", "total_inactive_file"),
                );
            }
            (Controller::Memory, Version::V2) => {
                self.oom_kills = field("memory.events", "oom_kill");
                self.memory = without_cache(
                    number("memory.current"),
                    field("memory.stat", "inactive_file"),
                );
            }
            (Controller::Pids, _) => {
                self.tasks = number("pids.current");
                self.refused = field("pids.events", "max");
            }
            (Controller::Cpu, Version::V2) => {
                self.cpu_user = field("cpu.stat", "user_usec").map(Duration::from_micros);
                self.cpu_system = field("cpu.stat", "system_usec").map(Duration::from_micros);
            }
            (Controller::CpuAcct, Version::V1) => {
                self.cpu_user = number("cpuacct.usage_user").map(Duration::from_nanos);
                self.cpu_system = number("cpuacct.usage_sys").map(Duration::from_nanos);
            }
            (Controller::Cpu, Version::V1) | (Controller::CpuAcct, Version::V2) => {}
        }
    }
}

fn without_cache(used: Option<u64>, cache: Option<u64>) -> Option<u64> {
    Some(used?.saturating_sub(cache.unwrap_or(0)))
}
