//! What the demonstration works with: an organisation, a study, a backend, people and their tokens.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use glovebox_jobs::Timestamp;
use glovebox_server::{
    Admin, AdminError, NewBackend, NewGrant, NewPersonalToken, NewToken, NewWorkspace, Role, Scope,
};

use super::study;

pub(super) const BACKEND: &str = "demo";
pub(super) const PROJECT: &str = "sick-notes";
pub(super) const WORKSPACE: &str = "long-covid-sick-notes";
const ORGANISATION: &str = "example-institute";
const RESEARCHER: &str = "researcher";
const STAFF: &str = "staff";

/// How long what signs somebody in is good: a working day.
const LASTS: Duration = Duration::from_hours(12);

/// Why the demonstration cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(super) enum CannotSetUp {
    #[error("{} cannot be used: {source}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the path {} has a space or another character that no address of a repository may have: name another folder with --data-dir", .0.display())]
    OddPath(PathBuf),
    #[error(transparent)]
    Admin(#[from] AdminError),
}

/// The folder of a demonstration.
#[derive(Debug, Clone)]
pub(super) struct Place {
    folder: PathBuf,
}

/// The tokens of the addresses by which people are signed in.
pub(super) struct Links {
    pub(super) researcher: NewToken,
    pub(super) staff: NewToken,
}

impl Place {
    pub(super) fn new(folder: &Path) -> Result<Self, CannotSetUp> {
        let failed = |source| CannotSetUp::Folder {
            path: folder.to_owned(),
            source,
        };
        make_private(folder).map_err(failed)?;
        let folder = fs::canonicalize(folder).map_err(failed)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
        if folder
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .all(|&byte| plain(byte))
        {
            Ok(Self { folder })
        } else {
            Err(CannotSetUp::OddPath(folder))
        }
    }

    pub(super) fn server(&self) -> PathBuf {
        self.folder.join("server")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log.jsonl")
    }

    pub(super) fn researcher_token(&self) -> PathBuf {
        self.folder.join("researcher.token")
    }

    /// The address of the study.
    fn repository(&self) -> String {
        format!("file://{}/study", self.folder.display())
    }

    /// The study as a repository.
    pub(super) fn lay_out_study(&self) -> Result<(), CannotSetUp> {
        let folder = self.folder.join("study");
        let laid_out = make_private(&folder).and_then(|()| study::lay_out(&folder));
        laid_out.map_err(|source| CannotSetUp::Folder {
            path: folder,
            source,
        })
    }

    /// Makes the folder of the server, readable by its owner alone.
    pub(super) fn make_server(&self) -> Result<(), CannotSetUp> {
        let path = self.server();
        make_private(&path).map_err(|source| CannotSetUp::Folder { path, source })
    }

    /// Enters everything that has to be there before anybody asks for jobs; what is there stays. Tokens
    /// are made anew each time.
    pub(super) async fn set_up(&self, admin: &Admin) -> Result<Links, CannotSetUp> {
        there(
            admin
                .create_organisation(ORGANISATION, "Example institute")
                .await,
        )?;
        there(
            admin
                .create_project(ORGANISATION, PROJECT, "Sick notes after COVID-19")
                .await,
        )?;
        let workspace = NewWorkspace {
            project: PROJECT.to_owned(),
            name: WORKSPACE.to_owned(),
            repo_url: self.repository(),
            branch: study::BRANCH.to_owned(),
        };
        there(admin.create_workspace(&workspace).await)?;
        let backend = NewBackend {
            slug: BACKEND.to_owned(),
            name: "Demonstration".to_owned(),
        };
        let token = match admin.create_backend(&backend).await {
            Err(AdminError::Exists { .. }) => admin.renew_backend_token(BACKEND).await?,
            made => made?,
        };
        self.keep("agent.token", token.reveal())?;
        for (username, name, role, project) in [
            (
                RESEARCHER,
                "A researcher",
                Role::ProjectDeveloper,
                Some(PROJECT),
            ),
            (
                STAFF,
                "A member of staff",
                Role::StaffAreaAdministrator,
                None,
            ),
        ] {
            match admin.create_person(username, name).await {
                // Their roles may have been changed since.
                Err(AdminError::Exists { .. }) => {}
                made => {
                    made?;
                    let grant = NewGrant {
                        username: username.to_owned(),
                        role,
                        project: project.map(str::to_owned),
                        from: None,
                        until: None,
                    };
                    admin.grant_role(&grant).await?;
                    if role == Role::ProjectDeveloper {
                        admin.admit(username, BACKEND, None, None).await?;
                    }
                }
            }
        }
        admin.revoke_personal_tokens(RESEARCHER).await?;
        let token = NewPersonalToken {
            username: RESEARCHER.to_owned(),
            scope: Scope::Jobs,
            expires_at: in_a_day(),
        };
        let token = admin.create_personal_token(&token).await?;
        self.keep("researcher.token", token.reveal())?;
        Ok(Links {
            researcher: admin.create_sign_in_link(RESEARCHER, LASTS).await?,
            staff: admin.create_sign_in_link(STAFF, LASTS).await?,
        })
    }

    /// The settings of the agent, which allow it this study and nothing else.
    pub(super) fn agent_settings(
        &self,
        server: SocketAddr,
    ) -> Result<glovebox_agent::Settings, glovebox_agent::SettingsError> {
        let text = format!(
            "server = \"http://{server}\"\n\
             token_file = \"agent.token\"\n\
             name = \"demo-1\"\n\
             folder = \"agent\"\n\
             slots = 2\n\
             repositories = [{:?}]\n\
             file_repositories = true\n\
             runtimes = [\"python\", \"cohortextractor\"]\n\
             database_actions = true\n",
            self.repository(),
        );
        glovebox_agent::Settings::from_toml(&text, &self.folder)
    }

    /// Writes a token into a file that nobody else can read, whole or not at all.
    fn keep(&self, name: &str, token: &str) -> Result<(), CannotSetUp> {
        let path = self.folder.join(name);
        let new = self.folder.join(format!("{name}.new"));
        let written = || -> io::Result<()> {
            let mut file = File::options()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&new)?;
            writeln!(file, "{token}")?;
            fs::rename(&new, &path)
        };
        written().map_err(|source| CannotSetUp::Folder {
            path: self.folder.join(name),
            source,
        })
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// What is there already needs not be made.
fn there(made: Result<(), AdminError>) -> Result<(), AdminError> {
    match made {
        Err(AdminError::Exists { .. }) => Ok(()),
        made => made,
    }
}

fn in_a_day() -> Timestamp {
    let then = SystemTime::now() + LASTS;
    let millis = then
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}
