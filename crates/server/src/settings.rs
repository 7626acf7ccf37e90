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
    /// How people are told that their requests ended.
    pub notify: NotifySettings,
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
            notify: NotifySettings::default(),
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
    /// What it is called when it is begun, and from then on: a host name of yours, so that no other
    /// ledger has it.
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

/// How people are told that their requests ended. Without a way, nobody is.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// By e-mail to who made the request.
    pub email: Option<EmailSettings>,
    /// By a call to one other program, for all requests.
    pub webhook: Option<WebhookSettings>,
    /// How long after a failure it is tried again; twice as long after each further one, up to an hour.
    pub first_retry: Duration,
    /// How often it is tried at most.
    pub attempts: u32,
}

impl Default for NotifySettings {
    /// No way; about a day of attempts.
    fn default() -> Self {
        Self {
            email: None,
            webhook: None,
            first_retry: Duration::from_secs(30),
            attempts: 30,
        }
    }
}

/// The server that sends e-mail.
#[derive(Debug, Clone)]
pub struct EmailSettings {
    /// Its host.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: SmtpTls,
    /// Who sends, in the server's eyes.
    pub username: Option<String>,
    /// The file with the password, which nobody else may read.
    pub password_file: Option<PathBuf>,
    /// Who sends, in the reader's eyes, such as `Glovebox <jobs@example.org>`.
    pub from: String,
}

/// How a server that sends e-mail is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// By TLS from the first byte, usually at port 465.
    Implicit,
    /// By TLS once that was agreed upon, and not at all without; usually at port 587.
    StartTls,
    /// In the clear: on this machine only.
    None,
}

/// A program that is told how requests end.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// `https://…`, or `http://…` on this machine.
    pub url: String,
    /// The file with the secret that calls are signed with, which nobody else may read.
    pub secret_file: PathBuf,
    /// Whether it may be on a private network.
    pub allow_private: bool,
}
