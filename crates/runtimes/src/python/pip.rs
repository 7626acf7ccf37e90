//! pip: which of a person's settings it is given, and what its output says of a failure.

use std::process::Command;

use crate::machine::Machine;

/// The settings of pip that a person's environment may make: where packages come from and how they
/// are reached. Any other could change what is installed, or where.
const PIP_SETTINGS: [&str; 15] = [
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_CACHE_DIR",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
];

/// Gives `pip` those settings of the machine, and no others.
pub(super) fn settings(pip: &mut Command, machine: &Machine) {
    for (name, _) in machine.variables() {
        let text = name.to_string_lossy();
        if text.starts_with("PIP_") && !PIP_SETTINGS.contains(&text.as_ref()) {
            pip.env_remove(name);
        }
    }
    // These come from configuration files too, and either one stops an installation into a folder.
    pip.env("PIP_USER", "0").env("PIP_REQUIRE_VIRTUALENV", "0");
}

/// Why pip failed, as far as its output tells; it has one exit code for all. Where it shows several,
/// the last of this order is the one to mend: pip says that the network failed even when a later
/// try succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    Unreachable,
    DiskFull,
    NoPip,
    WrongHash,
}

impl Cause {
    const SIGNS: [(Self, &[&str]); 4] = [
        (
            Self::WrongHash,
            &["DO NOT MATCH THE HASHES", "Hashes are required"],
        ),
        (Self::NoPip, &["No module named pip"]),
        (
            Self::DiskFull,
            &["No space left on device", "Disk quota exceeded"],
        ),
        (
            Self::Unreachable,
            &[
                "Failed to establish a new connection",
                "Temporary failure in name resolution",
                "Name or service not known",
                "Network is unreachable",
                "Connection refused",
                "ConnectTimeout",
                "Read timed out",
                "ProxyError",
                "SSLError",
                "(from versions: none)",
            ],
        ),
    ];

    /// The cause that a line of its output speaks of.
    pub(super) fn shown_by(line: &str) -> Option<Self> {
        Self::SIGNS
            .iter()
            .find(|(_, signs)| signs.iter().any(|sign| line.contains(sign)))
            .map(|(cause, _)| *cause)
    }
}
