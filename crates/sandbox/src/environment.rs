//! What this machine offers: which bubblewrap, and whether it may make namespaces.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What sandboxes are made with here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The bubblewrap program.
    pub bwrap: PathBuf,
    /// Its version, as it says.
    pub version: String,
}

/// Why this machine cannot make sandboxes: each message is one line that ends in what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// No bubblewrap on the `PATH`.
    #[error("bubblewrap is not installed: apt-get install bubblewrap")]
    NotInstalled,
    /// A bubblewrap from before 0.5, which cannot load two filters.
    #[error("bubblewrap {found} at {} is too old (0.5 or newer is needed): apt-get install bubblewrap", path.display())]
    TooOld {
        /// Where it is.
        path: PathBuf,
        /// Its version, as it says.
        found: String,
    },
    /// The system does not let this user make namespaces.
    #[error("this system does not allow sandboxes ({cause}): {remedy}")]
    Forbidden {
        /// What forbids it.
        cause: String,
        /// A command, or an option, that allows it.
        remedy: String,
    },
    /// bubblewrap fails for a reason that has no known remedy.
    #[error("bubblewrap does not work here: {0}")]
    Failed(String),
}

/// What this version of bubblewrap can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BwrapFeatures {
    /// `--size` for a tmpfs (0.7).
    pub(crate) sized_tmpfs: bool,
}

/// bubblewrap, found and asked for its version.
#[derive(Debug, Clone)]
pub(crate) struct Bwrap {
    pub(crate) description: Description,
    pub(crate) features: BwrapFeatures,
}

impl Bwrap {
    pub(crate) fn find() -> Result<Self, Unavailable> {
        let path = on_path("bwrap").ok_or(Unavailable::NotInstalled)?;
        let output = Command::new(&path)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Unavailable::Failed(error.to_string()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.trim().trim_start_matches("bubblewrap ").to_owned();
        let number = parse_version(&version).ok_or_else(|| {
            Unavailable::Failed(format!("its version is unreadable: {version:?}"))
        })?;
        if number < (0, 5) {
            return Err(Unavailable::TooOld {
                path,
                found: version,
            });
        }
        let features = BwrapFeatures {
            sized_tmpfs: number >= (0, 7),
        };
        Ok(Self {
            description: Description {
                bwrap: path,
                version,
            },
            features,
        })
    }

    /// Makes the smallest sandbox that needs everything a real one needs.
    pub(crate) fn probe(&self) -> Result<(), Unavailable> {
        let output = Command::new(&self.description.bwrap)
            .args([
                "--unshare-user",
                "--unshare-pid",
                "--unshare-net",
                "--unshare-ipc",
            ])
            .args(["--unshare-uts", "--die-with-parent", "--ro-bind", "/", "/"])
            .args(["--proc", "/proc", "--dev", "/dev", "--", "/bin/true"])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Unavailable::Failed(error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let read = |path: &str| {
            fs::read_to_string(path)
                .ok()
                .map(|text| text.trim().to_owned())
        };
        Err(explain(&String::from_utf8_lossy(&output.stderr), &read))
    }
}

/// Only absolute folders: a relative one would let the current folder choose our program.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|p| is_program(p))
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What forbids namespaces here, from what bubblewrap said and the kernel's switches.
fn explain(stderr: &str, switch: &dyn Fn(&str) -> Option<String>) -> Unavailable {
    let is = |path: &str, value: &str| switch(path).as_deref() == Some(value);
    let forbidden = |cause: &str, remedy: &str| Unavailable::Forbidden {
        cause: cause.into(),
        remedy: remedy.into(),
    };
    if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        return forbidden(
            "user namespaces are switched off",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        );
    }
    if is("/proc/sys/user/max_user_namespaces", "0") {
        return forbidden(
            "no user namespaces are allowed",
            "sudo sysctl -w user.max_user_namespaces=15000",
        );
    }
    if is(
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
    ) {
        return forbidden(
            "AppArmor restricts user namespaces",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        );
    }
    let first = stderr.lines().next().unwrap_or("it said nothing").trim();
    if stderr.contains("Can't mount proc") {
        return forbidden(
            "/proc is partly hidden, as in a Docker container",
            "start the container with --security-opt systempaths=unconfined --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
        );
    }
    if stderr.contains("Operation not permitted") || stderr.contains("Permission denied") {
        return forbidden(
            first,
            "in Docker, start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
        );
    }
    Unavailable::Failed(first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_ends_in_what_to_do_on_one_line() {
        let cases = [
            (
                "bwrap: No permissions to create new namespace",
                "kernel.unprivileged_userns_clone",
                "0",
                "unprivileged_userns_clone=1",
            ),
            (
                "bwrap: Creating new namespace failed: No space left on device",
                "user.max_user_namespaces",
                "0",
                "max_user_namespaces=15000",
            ),
            (
                "bwrap: setting up uid map: Permission denied",
                "kernel.apparmor_restrict_unprivileged_userns",
                "1",
                "restrict_unprivileged_userns=0",
            ),
            (
                "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
                "",
                "",
                "systempaths=unconfined",
            ),
            (
                "bwrap: Creating new namespace failed: Operation not permitted",
                "",
                "",
                "seccomp=unconfined",
            ),
            ("bwrap: something else\nand more", "", "", "something else"),
        ];
        for (stderr, name, value, expected) in cases {
            let wanted = format!("/proc/sys/{}", name.replace('.', "/"));
            let said =
                explain(stderr, &|path| (path == wanted).then(|| value.to_owned())).to_string();
            assert!(said.contains(expected), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("0.11.0"), Some((0, 11)));
        assert!(parse_version("0.11.0") > parse_version("0.8.0"));
        assert_eq!(parse_version("nonsense"), None);
    }
}
