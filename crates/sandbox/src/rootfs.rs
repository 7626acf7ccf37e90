//! The file system a command sees, built from nothing.
//!
//! What is not listed here does not exist inside: no home folders, no `/var`, no `/run`, no
//! `/sys`, none of the host's accounts or configuration.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::environment::BwrapFeatures;
use crate::spec::{GLOVEBOX_BIN, Spec, WORKSPACE, WorkspaceAccess};

/// The user and group id inside, whatever they are outside.
pub(crate) const USER_ID: u32 = 1000;
/// The host name inside.
pub(crate) const HOST_NAME: &str = "glovebox";

/// Parts of `/etc` that programs under `/usr` need and that tell nothing of the host's people or
/// network: the dynamic linker's cache, Debian's alternatives, fonts, R's and Python's site files.
const ETC: [&str; 8] = [
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "mime.types",
    "R",
    "paperspecs",
];

/// Folders beside `/usr` that are links into it on merged systems and folders on others.
const BESIDE_USR: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// What the kernel shows of the whole machine in `/proc`. Some of it only the host's root can
/// read, and under `sudo glovebox` the command is that user, though without privileges.
const HIDDEN_IN_PROC: [&str; 8] = [
    "kcore",
    "keys",
    "kallsyms",
    "timer_list",
    "sched_debug",
    "slabinfo",
    "vmallocinfo",
    "pagetypeinfo",
];

/// A small file made for the sandbox.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct MadeFile {
    pub(crate) target: PathBuf,
    pub(crate) contents: String,
}

/// The files of `/etc` that name the sandbox's own user and host.
pub(crate) fn made_files() -> Vec<MadeFile> {
    let file = |name: &str, contents: String| MadeFile {
        target: Path::new("/etc").join(name),
        contents,
    };
    vec![
        file(
            "passwd",
            format!("glovebox:x:{USER_ID}:{USER_ID}:glovebox:/tmp:/bin/sh\n"),
        ),
        file("group", format!("glovebox:x:{USER_ID}:\n")),
        file(
            "hosts",
            format!("127.0.0.1 localhost {HOST_NAME}\n::1 localhost\n"),
        ),
        file(
            "nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n".into(),
        ),
        file("resolv.conf", String::new()),
        file("hostname", format!("{HOST_NAME}\n")),
        file("timezone", "Etc/UTC\n".into()),
    ]
}

/// bubblewrap's arguments for the file system, in the order in which it carries them out. The
/// files of [`made_files`] go before them.
pub(crate) fn arguments(spec: &Spec, launcher: &Path, features: BwrapFeatures) -> Vec<OsString> {
    let mut list = Arguments::default();
    list.add(&["--ro-bind", "/usr", "/usr"]);
    for name in BESIDE_USR {
        let path = Path::new("/").join(name);
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => {
                list.add(&["--symlink", &format!("usr/{name}"), &format!("/{name}")]);
            }
            Ok(meta) if meta.is_dir() => list.bind("--ro-bind", &path, &path),
            _ => {}
        }
    }
    for path in etc_entries() {
        list.bind("--ro-bind-try", &path, &path);
    }
    // Times are UTC wherever the host is: an output must not depend on the machine.
    list.add(&["--symlink", "/usr/share/zoneinfo/UTC", "/etc/localtime"]);
    list.add(&["--symlink", "../usr/lib/os-release", "/etc/os-release"]);
    list.add(&["--symlink", "/proc/self/mounts", "/etc/mtab"]);

    list.add(&["--proc", "/proc"]);
    for name in HIDDEN_IN_PROC {
        let path = Path::new("/proc").join(name);
        if path.exists() {
            list.bind("--ro-bind", Path::new("/dev/null"), &path);
        }
    }
    // As a whole: root's own user id, even without capabilities, may write much of `/proc/sys`,
    // where one file names a program that the host's kernel runs as the host's root.
    list.add(&["--remount-ro", "/proc"]);
    list.add(&["--dev", "/dev"]);
    list.tmpfs("/dev/shm", "1777", spec.limits.scratch, features);
    // The devices in it still work; only files can no longer be put beside them.
    list.add(&["--remount-ro", "/dev"]);
    list.tmpfs("/tmp", "1777", spec.limits.scratch, features);
    list.add(&["--symlink", "/tmp", "/var/tmp"]);

    for mount in &spec.mounts {
        list.bind("--ro-bind", &mount.source, &mount.target);
    }
    list.bind("--ro-bind", launcher, Path::new(GLOVEBOX_BIN));
    let how = match spec.access {
        WorkspaceAccess::ReadWrite => "--bind",
        WorkspaceAccess::ReadOnly => "--ro-bind",
    };
    list.bind(how, &spec.workspace, Path::new(WORKSPACE));
    list.add(&["--remount-ro", "/", "--chdir", WORKSPACE]);
    list.0
}

fn etc_entries() -> Vec<PathBuf> {
    let etc = Path::new("/etc");
    let mut entries: Vec<_> = ETC.iter().map(|name| etc.join(name)).collect();
    // `/etc/python3`, `/etc/python3.11` …: site customisation that `/usr/lib` links to.
    let pythons = fs::read_dir(etc).into_iter().flatten().flatten();
    entries.extend(
        pythons
            .filter(|entry| entry.file_name().as_bytes().starts_with(b"python3"))
            .map(|entry| entry.path()),
    );
    entries
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn add(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(OsString::from));
    }

    fn bind(&mut self, how: &str, source: &Path, target: &Path) {
        self.0.extend([how.into(), source.into(), target.into()]);
    }

    fn tmpfs(&mut self, target: &str, mode: &str, size: u64, features: BwrapFeatures) {
        self.add(&["--perms", mode]);
        // Where bubblewrap cannot bound it, the memory limit does: what is in it counts there.
        if features.sized_tmpfs {
            self.add(&["--size", &size.max(4096).to_string()]);
        }
        self.add(&["--tmpfs", target]);
    }
}
