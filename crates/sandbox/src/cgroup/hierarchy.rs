//! Where control groups are mounted, and which group this process is in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Controller, Version};

/// For each controller, the group under which job groups go.
///
/// That is the group this process runs in: limits that an administrator put on it hold for the
/// jobs too. Version 2 does not let a group with processes pass controllers on, so there our
/// group is used if it is the root or if we are alone in it (as under systemd's `Delegate=yes`,
/// whose documentation asks for the move into a group of our own that [`settle`] makes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hierarchies {
    v1: BTreeMap<Controller, PathBuf>,
    v2: Option<PathBuf>,
}

impl Hierarchies {
    /// Those of this process.
    pub(crate) fn of_this_process() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mut found = Self::parse(&read("/proc/self/mountinfo"), &read("/proc/self/cgroup"));
        found.v2 = found.v2.and_then(|group| settle(&group));
        found
    }

    #[cfg(test)]
    pub(super) fn version_2_at(root: PathBuf) -> Self {
        Self {
            v1: BTreeMap::new(),
            v2: Some(root),
        }
    }

    /// The group to make job groups in. A controller is in version 1 or in version 2, never both.
    pub(super) fn parent(&self, controller: Controller) -> Option<(Version, &Path)> {
        if let Some(group) = self.v1.get(&controller) {
            return Some((Version::V1, group));
        }
        let group = self.v2.as_deref()?;
        let offered = fs::read_to_string(group.join("cgroup.controllers")).ok()?;
        let has = offered
            .split_whitespace()
            .any(|word| word == controller.name());
        has.then_some((Version::V2, group))
    }

    /// From the text of `/proc/self/mountinfo` and `/proc/self/cgroup` (see `proc(5)`).
    fn parse(mountinfo: &str, own: &str) -> Self {
        let mut found = Self::default();
        for mount in mountinfo.lines().filter_map(Mount::parse) {
            let own_path = |wanted: &dyn Fn(&str) -> bool| {
                own.lines().find_map(|line| {
                    let (_, rest) = line.split_once(':')?;
                    let (controllers, path) = rest.split_once(':')?;
                    wanted(controllers).then_some(path)
                })
            };
            if mount.kind == "cgroup2" {
                found.v2 = own_path(&str::is_empty).and_then(|path| mount.group(path));
            } else if mount.kind == "cgroup" {
                for controller in Controller::ALL {
                    let name = controller.name();
                    let lists = |list: &str| list.split(',').any(|word| word == name);
                    if lists(mount.options)
                        && let Some(group) = own_path(&lists).and_then(|path| mount.group(path))
                    {
                        found.v1.insert(controller, group);
                    }
                }
            }
        }
        found
    }
}

struct Mount<'a> {
    kind: &'a str,
    /// Which part of the hierarchy is mounted: not the whole in a container.
    root: &'a str,
    point: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let mut before = before.split(' ').skip(3);
        let (root, point) = (before.next()?, before.next()?);
        let mut after = after.split(' ');
        let kind = after.next()?;
        let options = after.nth(1).unwrap_or_default();
        Some(Self {
            kind,
            root,
            point,
            options,
        })
    }

    fn group(&self, own: &str) -> Option<PathBuf> {
        let below = Path::new(own).strip_prefix(self.root).ok()?;
        // Escaped spaces, and `..` of a group outside our namespace: not ours to use.
        if self.point.contains('\\') || own.contains("..") {
            return None;
        }
        Some(Path::new(self.point).join(below))
    }
}

/// Frees our version 2 group for passing controllers on, if need be by moving this process into
/// a group below it. Gives the group under which job groups can be made, if there is one.
fn settle(group: &Path) -> Option<PathBuf> {
    const OWN_LEAF: &str = "glovebox-supervisor";
    // Only the very root lacks this file; it may have processes and pass controllers on.
    if !group.join("cgroup.type").exists() {
        return Some(group.to_owned());
    }
    // Settled before: we are in the leaf.
    if group.ends_with(OWN_LEAF) {
        return group.parent().map(Path::to_owned);
    }
    let members = fs::read_to_string(group.join("cgroup.procs")).ok()?;
    let own_id = std::process::id().to_string();
    if members.lines().any(|member| member != own_id) {
        return None;
    }
    let leaf = group.join(OWN_LEAF);
    fs::create_dir_all(&leaf).ok()?;
    fs::write(leaf.join("cgroup.procs"), own_id).ok()?;
    Some(group.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str =
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
    const V1_MEMORY: &str = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory";
    const V1_CPU: &str =
        "33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct";
    const V1_DOCKER: &str =
        "35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";

    #[test]
    fn groups_are_found_in_every_layout() {
        let v1 = |pairs: &[(Controller, &str)]| pairs.iter().map(|(c, p)| (*c, p.into())).collect();
        let cases: [(&str, String, &str, Hierarchies); 6] = [
            (
                "version 2",
                V2.into(),
                "0::/user.slice/a.scope\n",
                Hierarchies {
                    v1: v1(&[]),
                    v2: Some("/sys/fs/cgroup/user.slice/a.scope".into()),
                },
            ),
            (
                "version 1, two controllers in one mount",
                format!("{V1_MEMORY}\n{V1_CPU}"),
                "4:memory:/a/b\n2:cpu,cpuacct:/\n1:name=systemd:/x\n",
                Hierarchies {
                    v1: v1(&[
                        (Controller::Memory, "/sys/fs/cgroup/memory/a/b"),
                        (Controller::Cpu, "/sys/fs/cgroup/cpu,cpuacct/"),
                        (Controller::CpuAcct, "/sys/fs/cgroup/cpu,cpuacct/"),
                    ]),
                    v2: None,
                },
            ),
            (
                "a container's part of the hierarchy",
                V1_DOCKER.into(),
                "4:memory:/docker/ab\n",
                Hierarchies {
                    v1: v1(&[(Controller::Memory, "/sys/fs/cgroup/memory")]),
                    v2: None,
                },
            ),
            (
                "a group outside what is mounted",
                V1_DOCKER.into(),
                "4:memory:/other\n",
                Hierarchies::default(),
            ),
            (
                "a group outside the namespace",
                V2.into(),
                "0::/../..\n",
                Hierarchies::default(),
            ),
            (
                "rubbish",
                "a - b\n\n - \n- cgroup2".into(),
                "x\n:\n0::\n",
                Hierarchies::default(),
            ),
        ];
        for (name, mounts, own, expected) in cases {
            assert_eq!(Hierarchies::parse(&mounts, own), expected, "{name}");
        }
    }

    #[test]
    fn a_shared_group_is_left_alone_and_a_group_of_our_own_is_settled() {
        let own_id = std::process::id();
        for (name, is_root, members, expected) in [
            ("the root", true, "1\n2\n".to_owned(), true),
            ("shared", false, format!("1\n{own_id}\n"), false),
            ("delegated to us", false, format!("{own_id}\n"), true),
        ] {
            let group = tempfile::tempdir().unwrap();
            fs::write(group.path().join("cgroup.procs"), members).unwrap();
            if !is_root {
                fs::write(group.path().join("cgroup.type"), "domain\n").unwrap();
            }
            let settled = settle(group.path());
            assert_eq!(settled.is_some(), expected, "{name}");
            if name == "delegated to us" {
                let leaf = group.path().join("glovebox-supervisor");
                assert_eq!(
                    fs::read_to_string(leaf.join("cgroup.procs")).unwrap(),
                    own_id.to_string()
                );
                fs::write(leaf.join("cgroup.type"), "domain\n").unwrap();
                assert_eq!(settle(&leaf).as_deref(), Some(group.path()), "settled once");
            }
        }
    }
}
