//! Descriptors that were left open by whoever started us.

use std::fs;

use nix::unistd;

/// Closes every descriptor but the three standard ones. A descriptor that glovebox inherited
/// without close-on-exec (from a shell, a service manager) must not reach the command.
pub(super) fn close_all() -> std::io::Result<()> {
    // Collected first: the listing has a descriptor of its own, closed again by then.
    let open: Vec<i32> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in open {
        // Already closed is as good as closed.
        let _ = unistd::close(descriptor);
    }
    Ok(())
}
