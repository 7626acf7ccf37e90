//! Control groups: one group for each job and controller, made before it and removed after.

mod hierarchy;
mod readings;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use hierarchy::Hierarchies;
pub(crate) use readings::Reading;

use rustix::process::{Pid, Signal, kill_process};

use crate::Limits;
use crate::enforcement::{CpuBy, Enforcement, MemoryBy, ProcessesBy};

/// The folder of our groups, below the group we run in.
const FOLDER: &str = "glovebox";

/// The launcher's own tasks beside the command's: bubblewrap's monitor and reaper, and two
/// threads of the stage inside.
pub(crate) const OWN_TASKS_OUTSIDE: u64 = 4;

/// How long to wait for killed processes to leave a group.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a controller's files are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// What we want of a control group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Controller {
    Memory,
    Pids,
    Cpu,
    /// Version 1 counts CPU time in a controller of its own.
    CpuAcct,
}

impl Controller {
    pub(crate) const ALL: [Self; 4] = [Self::Memory, Self::Pids, Self::Cpu, Self::CpuAcct];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpu",
            Self::CpuAcct => "cpuacct",
        }
    }
}

/// One controller that holds for the job.
#[derive(Debug)]
struct Held {
    controller: Controller,
    version: Version,
    folder: PathBuf,
}

/// The groups of one job. Dropping them removes them, once their processes are gone.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    held: Vec<Held>,
}

impl Groups {
    /// Makes groups with `limits` wherever that is possible, for each controller on its own.
    pub(crate) fn create(hierarchies: &Hierarchies, limits: &Limits) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let job = format!(
            "{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let mut groups = Self::default();
        for controller in Controller::ALL {
            let Some((version, parent)) = hierarchies.parent(controller) else {
                continue;
            };
            let folder = parent.join(FOLDER).join(&job);
            let made = make_group(version, parent, &folder)
                .and_then(|()| set_limit(controller, version, &folder, limits));
            if made.is_ok() {
                groups.held.push(Held {
                    controller,
                    version,
                    folder,
                });
            } else if !groups.held.iter().any(|held| held.folder == folder) {
                remove_group(&folder);
            }
        }
        groups
    }

    /// The files that a process writes its id to in order to join, each once.
    pub(crate) fn procs_files(&self) -> Vec<PathBuf> {
        self.folders()
            .map(|folder| folder.join("cgroup.procs"))
            .collect()
    }

    fn folders(&self) -> impl Iterator<Item = &Path> {
        let mut folders: Vec<_> = self.held.iter().map(|held| held.folder.as_path()).collect();
        folders.sort_unstable();
        folders.dedup();
        folders.into_iter()
    }

    fn holds(&self, controller: Controller) -> bool {
        self.held.iter().any(|held| held.controller == controller)
    }

    /// What is enforced how, given what is enforced here.
    pub(crate) fn enforcement(&self, otherwise: ProcessesBy) -> Enforcement {
        Enforcement {
            memory: if self.holds(Controller::Memory) {
                MemoryBy::Cgroup
            } else {
                MemoryBy::Watchdog
            },
            processes: if self.holds(Controller::Pids) {
                ProcessesBy::Cgroup
            } else {
                otherwise
            },
            cpu: if self.holds(Controller::Cpu) {
                CpuBy::Cgroup
            } else {
                CpuBy::Affinity
            },
        }
    }

    /// What the job uses now.
    pub(crate) fn read(&self) -> Reading {
        let mut reading = Reading::default();
        for held in &self.held {
            reading.take(held.controller, held.version, &held.folder);
        }
        reading
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for folder in self.folders() {
            remove_group(folder);
        }
    }
}

/// Makes the job's group and the folder it is in, with the controllers passed down to it.
fn make_group(version: Version, parent: &Path, folder: &Path) -> io::Result<()> {
    let shared = parent.join(FOLDER);
    // Another glovebox that has just finished may remove the shared folder between two steps.
    for attempt in 0..3 {
        make_folder(&shared)?;
        if version == Version::V2 {
            pass_down(parent)?;
            pass_down(&shared)?;
        }
        match make_folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempt < 2 => {}
            result => return result,
        }
    }
    Ok(())
}

fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// Version 2 gives a controller to the groups below only when told to. Each is asked for on its
/// own: one that is missing must not cost the others.
fn pass_down(group: &Path) -> io::Result<()> {
    let control = group.join("cgroup.subtree_control");
    let active = fs::read_to_string(&control).unwrap_or_default();
    let offered = fs::read_to_string(group.join("cgroup.controllers"))?;
    for name in ["memory", "pids", "cpu"] {
        let has = |list: &str| list.split_whitespace().any(|word| word == name);
        if has(&offered) && !has(&active) {
            fs::write(&control, format!("+{name}"))?;
        }
    }
    Ok(())
}

fn set_limit(
    controller: Controller,
    version: Version,
    folder: &Path,
    limits: &Limits,
) -> io::Result<()> {
    const PERIOD_US: f64 = 100_000.0;
    let write = |file: &str, value: String| fs::write(folder.join(file), value);
    let tasks = limits.processes.saturating_add(OWN_TASKS_OUTSIDE);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "validated, and bounded by a day's worth"
    )]
    let quota = ((limits.cpus.min(1e6) * PERIOD_US) as i64).max(1000);
    match (controller, version) {
        (Controller::Memory, Version::V1) => {
            write("memory.limit_in_bytes", limits.memory.to_string())?;
            // Memory and swap together; absent where the kernel does not count swap.
            let _ = write("memory.memsw.limit_in_bytes", limits.memory.to_string());
            Ok(())
        }
        (Controller::Memory, Version::V2) => {
            write("memory.max", limits.memory.to_string())?;
            let _ = write("memory.swap.max", "0".into());
            // One process killed, all killed: half a job's results are no results.
            let _ = write("memory.oom.group", "1".into());
            Ok(())
        }
        (Controller::Pids, _) => write("pids.max", tasks.to_string()),
        (Controller::Cpu, Version::V1) => {
            write("cpu.cfs_period_us", "100000".into())?;
            write("cpu.cfs_quota_us", quota.to_string())
        }
        (Controller::Cpu, Version::V2) => write("cpu.max", format!("{quota} 100000")),
        (Controller::CpuAcct, Version::V1) => Ok(()),
        // Counted by `cpu` there.
        (Controller::CpuAcct, Version::V2) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Removes a job's group, and the shared folder after the last of them. What a killed glovebox
/// left behind is removed by the next.
fn remove_group(folder: &Path) {
    let start = Instant::now();
    while let Err(error) = fs::remove_dir(folder) {
        // Dying processes leave a little after their parent was told.
        if error.kind() == io::ErrorKind::NotFound || start.elapsed() > PATIENCE {
            break;
        }
        thread::sleep(Duration::from_millis(2));
    }
    let Some(shared) = folder.parent() else {
        return;
    };
    for entry in fs::read_dir(shared).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.split_once('-'))
            .map(|(pid, _)| pid);
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            end_orphans(&entry.path());
            let _ = fs::remove_dir(entry.path());
        }
    }
    let _ = fs::remove_dir(shared);
}

/// Kills what is still in a group whose glovebox is gone.
///
/// A bubblewrap that is killed between making its first process and letting it go on leaves that one
/// waiting for ever: it has run nothing, and is told of no death.
fn end_orphans(folder: &Path) {
    let list = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    let ids = list.lines().filter_map(|id| id.trim().parse().ok());
    // A process of another namespace is listed as 0.
    for process in ids.filter(|id| *id > 0).filter_map(Pid::from_raw) {
        let _ = kill_process(process, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of plain files stands in for the kernel's: what is written can be looked at.
    fn version_2(controllers: &str) -> (tempfile::TempDir, Hierarchies) {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("cgroup.controllers"), controllers).unwrap();
        fs::create_dir(root.path().join(FOLDER)).unwrap();
        fs::write(
            root.path().join(FOLDER).join("cgroup.controllers"),
            controllers,
        )
        .unwrap();
        let hierarchies = Hierarchies::version_2_at(root.path().to_owned());
        (root, hierarchies)
    }

    #[test]
    fn what_a_glovebox_that_is_gone_left_in_its_group_is_ended() {
        let shared = tempfile::tempdir().unwrap();
        let mut orphan = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        // No process has this id: the largest that the kernel gives is 4,194,304.
        let gone = shared.path().join("9999999-0");
        let of_another = shared.path().join(format!("{}-0", std::process::id()));
        for group in [&gone, &of_another] {
            fs::create_dir(group).unwrap();
        }
        fs::write(gone.join("cgroup.procs"), format!("0\n{}\n", orphan.id())).unwrap();
        fs::write(
            of_another.join("cgroup.procs"),
            std::process::id().to_string(),
        )
        .unwrap();
        let own = shared.path().join("own");
        fs::create_dir(&own).unwrap();
        remove_group(&own);
        let status = orphan.wait().unwrap();
        assert!(!status.success(), "{status}");
    }

    fn limits() -> Limits {
        Limits {
            cpus: 1.5,
            memory: 1 << 30,
            processes: 10,
            ..Limits::default()
        }
    }

    #[test]
    fn version_2_limits_are_written_where_the_kernel_reads_them() {
        let (root, hierarchies) = version_2("cpuset cpu io memory pids");
        let groups = Groups::create(&hierarchies, &limits());
        let enforcement = groups.enforcement(ProcessesBy::Watchdog);
        assert_eq!(
            enforcement.in_words(),
            "memory by cgroup, processes by cgroup, CPUs by cgroup, disk by watchdog"
        );
        let procs = groups.procs_files();
        assert_eq!(procs.len(), 1, "one hierarchy is joined once");
        let folder = procs[0].parent().unwrap();
        for (file, content) in [
            ("memory.max", "1073741824"),
            ("memory.swap.max", "0"),
            ("memory.oom.group", "1"),
            ("pids.max", "14"),
            ("cpu.max", "150000 100000"),
        ] {
            assert_eq!(
                fs::read_to_string(folder.join(file)).unwrap(),
                content,
                "{file}"
            );
        }
        // Plain files keep the last write only; the kernel's adds each.
        let control = fs::read_to_string(root.path().join("cgroup.subtree_control")).unwrap();
        assert_eq!(control, "+cpu");

        fs::write(
            folder.join("memory.events"),
            "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 1\n",
        )
        .unwrap();
        fs::write(folder.join("memory.current"), "5000000").unwrap();
        fs::write(
            folder.join("memory.stat"),
            "anon 4000000\nfile 1000000\ninactive_file 900000\n",
        )
        .unwrap();
        fs::write(folder.join("pids.current"), "7").unwrap();
        fs::write(folder.join("pids.events"), "max 3\n").unwrap();
        fs::write(
            folder.join("cpu.stat"),
            "usage_usec 30\nuser_usec 10\nsystem_usec 20\n",
        )
        .unwrap();
        let expected = Reading {
            oom_kills: Some(1),
            memory: Some(4_100_000),
            tasks: Some(7),
            refused: Some(3),
            cpu_user: Some(Duration::from_micros(10)),
            cpu_system: Some(Duration::from_micros(20)),
        };
        assert_eq!(groups.read(), expected);
        // A folder of plain files cannot be removed as a group can, and waiting for that is slow.
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_controller_that_is_not_offered_costs_only_itself() {
        let (_root, hierarchies) = version_2("memory");
        let groups = Groups::create(&hierarchies, &limits());
        let enforcement = groups.enforcement(ProcessesBy::Rlimit);
        assert_eq!(enforcement.memory, MemoryBy::Cgroup);
        assert_eq!(enforcement.processes, ProcessesBy::Rlimit);
        assert_eq!(enforcement.cpu, CpuBy::Affinity);
        fs::remove_dir_all(groups.procs_files()[0].parent().unwrap()).unwrap();
    }

    #[test]
    fn nothing_is_claimed_where_nothing_can_be_made() {
        let hierarchies = Hierarchies::version_2_at("/proc/self".into());
        let groups = Groups::create(&hierarchies, &limits());
        assert!(groups.held.is_empty());
        assert_eq!(
            groups.enforcement(ProcessesBy::Watchdog).memory,
            MemoryBy::Watchdog
        );
    }
}
