//! What a server is told when it starts.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{DatabaseUrl, HttpSettings, OidcSettings};

/// The settings of a server. Nothing here is printed that would have to be kept secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens. It speaks plain HTTP: what stands before it does TLS.
    pub listen: SocketAddr,
    /// Where people reach it: scheme, host and port, such as `https://jobs.example.org`. With `https`,
    /// browsers are told never to send what signs somebody in over plain HTTP.
    pub public_origin: Option<String>,
    /// Where the database is.
    pub database: DatabaseUrl,
    /// A folder of its own, for mirrors of repositories. It can be deleted while no server runs.
    pub cache: PathBuf,
    /// Where the ledger is, which anybody may read.
    pub ledger: LedgerSettings,
    /// How connections are borne.
    pub http: HttpSettings,
    /// How repositories are read.
    pub git: GitSettings,
    /// A provider of identities that signs people in, beside passwords.
    pub oidc: Option<OidcSettings>,
    /// How jobs are scheduled on backends that `backends` does not name.
    pub scheduling: glovebox_jobs::Settings,
    /// How jobs are scheduled on these, by slug.
    pub backends: HashMap<String, glovebox_jobs::Settings>,
}

impl Settings {
    /// A server on the loopback interface, at a port that is free, with `SQLite` in a folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_origin: None,
            database: DatabaseUrl::sqlite_file(&folder.join("server.sqlite")),
            cache: folder.join("repositories"),
            ledger: LedgerSettings {
                folder: folder.join("ledger"),
                key_file: folder.join("ledger.key"),
                name: "glovebox.localhost".to_owned(),
            },
            http: HttpSettings::default(),
            git: GitSettings::default(),
            oidc: None,
            scheduling: glovebox_jobs::Settings::default(),
            backends: HashMap::new(),
        }
    }
}

/// Where the ledger is, and what it is called.
#[derive(Debug, Clone)]
pub struct LedgerSettings {
    /// Its folder. Lose it and nobody can verify what was done before; copies of it are everybody's.
    pub folder: PathBuf,
    /// The file of its private key, made the first time. It has to stand elsewhere than in the folder.
    pub key_file: PathBuf,
    /// Its name, the same for ever: a host name of yours, so that no other ledger has it.
    pub name: String,
}

/// How repositories are read.
#[derive(Debug, Clone)]
pub struct GitSettings {
    /// Whether a repository may be a folder of this machine (`file:///…`): for tests and
    /// demonstrations. Otherwise it is read over HTTPS only.
    pub allow_file: bool,
    /// How long one call of git may take.
    pub timeout: Duration,
    /// How many bytes the mirror of one repository may have. A repository that has more is not read.
    pub most_bytes: u64,
    /// How many calls of git run at once; further ones wait.
    pub at_once: usize,
}

impl Default for GitSettings {
    fn default() -> Self {
        Self {
            allow_file: false,
            timeout: Duration::from_mins(1),
            most_bytes: 2 << 30,
            at_once: 4,
        }
    }
}
