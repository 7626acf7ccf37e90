//! How many files this program may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to what the system allows: each action takes a dozen files, each visitor one. Sandboxes
/// say themselves what their commands may open.
pub(super) fn raise() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // Where it cannot be raised, as much is done at once as can be.
    let _ = setrlimit(Resource::Nofile, raised);
}
