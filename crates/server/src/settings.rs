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
            http: HttpSettings::default(),
            git: GitSettings::default(),
            oidc: None,
            scheduling: glovebox_jobs::Settings::default(),
            backends: HashMap::new(),
        }
    }
}

/// How repositories are read.
#[derive(Debug, Clone)]
pub struct GitSettings {
    /// Whether a repository may be a folder of this machine (`file:///…`): for tests and
    /// demonstrations. Otherwise it is read over HTTPS only.
    pub allow_file: bool,
    /// How long one call of git may take.
    pub timeout: Duration,
    /// How many calls of git run at once; further ones wait.
    pub at_once: usize,
}

impl Default for GitSettings {
    fn default() -> Self {
        Self {
            allow_file: false,
            timeout: Duration::from_mins(1),
            at_once: 4,
        }
    }
}
