//! bubblewrap's command line.

use std::ffi::OsString;
use std::path::Path;

use crate::environment::BwrapFeatures;
use crate::rootfs::{self, HOST_NAME, USER_ID};
use crate::spec::Spec;

/// Everything bubblewrap is told, but for what is passed by descriptor (made files and filters).
pub(crate) fn arguments(spec: &Spec, launcher: &Path, features: BwrapFeatures) -> Vec<OsString> {
    let id = USER_ID.to_string();
    let isolation = [
        "--unshare-user",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--uid",
        &id,
        "--gid",
        &id,
        "--hostname",
        HOST_NAME,
        "--cap-drop",
        "ALL",
        // No controlling terminal: nothing can be typed into the one that started us.
        "--new-session",
        "--die-with-parent",
        "--clearenv",
    ];
    let mut list: Vec<OsString> = isolation.into_iter().map(OsString::from).collect();
    list.extend(rootfs::arguments(spec, launcher, features));
    list
}
