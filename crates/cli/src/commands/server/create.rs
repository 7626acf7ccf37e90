//! `glovebox server create …`, `grant` and `revoke`: what the server works with.

use std::io::{self, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use glovebox_jobs::Timestamp;
use glovebox_server::{
    AdminError, NewBackend, NewGrant, NewPersonalToken, NewToken, NewWorkspace, Role, Scope,
};

use super::super::say::say;
use super::Place;
use crate::exit::Exit;

/// Create something that the server works with.
#[derive(clap::Subcommand)]
pub(super) enum Create {
    /// An organisation.
    Organisation {
        /// Its word in addresses.
        slug: String,
        /// Its name for people.
        name: String,
    },
    /// A project.
    Project {
        /// Its word in addresses.
        slug: String,
        /// Its name for people.
        name: String,
        /// Its organisation.
        #[arg(long, value_name = "SLUG")]
        organisation: String,
    },
    /// A workspace: a repository and a branch.
    Workspace {
        /// Its name.
        name: String,
        /// Its project.
        #[arg(long, value_name = "SLUG")]
        project: String,
        /// Its repository.
        #[arg(long, value_name = "URL")]
        repo: String,
        /// Its branch.
        #[arg(long, default_value = "main")]
        branch: String,
        /// Show its code, and what changed in it, only to people who have a role in the project.
        #[arg(long)]
        code_is_not_public: bool,
    },
    /// A backend; prints the token that its agents show, once.
    Backend {
        /// Its word in addresses.
        slug: String,
        /// Its name for people.
        name: String,
    },
    /// A person.
    Person {
        /// Their user name.
        username: String,
        /// Their full name.
        name: String,
        /// Their email address, if it is known to be theirs: a provider of identities that knows it
        /// signs them in.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
    },
    /// A token by which a person's programs speak for them; prints it, once.
    Token {
        /// Their user name.
        username: String,
        /// For how many days it is good.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
}

/// Grant a role to a person.
#[derive(clap::Args)]
pub(super) struct Grant {
    /// Their user name.
    username: String,
    /// The role, such as `project_developer`.
    #[arg(value_parser = role)]
    role: Role,
    /// The project it is for; all of them without.
    #[arg(long, value_name = "SLUG")]
    project: Option<String>,
}

/// Take a role from a person.
#[derive(clap::Args)]
pub(super) struct Revoke {
    /// Their user name.
    username: String,
    /// The role.
    #[arg(value_parser = role)]
    role: Role,
    /// The project it was for; all of them without.
    #[arg(long, value_name = "SLUG")]
    project: Option<String>,
}

pub(super) async fn create(place: &Place, what: &Create) -> Exit {
    match made(place, what).await {
        Ok(None) => Exit::Success,
        Ok(Some(token)) => told(&token),
        Err(error) => refused(&error),
    }
}

pub(super) async fn grant(place: &Place, grant: &Grant) -> Exit {
    let new = NewGrant {
        username: grant.username.clone(),
        role: grant.role,
        project: grant.project.clone(),
        from: None,
        until: None,
    };
    let granted = async { place.admin().await?.grant_role(&new).await };
    granted
        .await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

pub(super) async fn revoke(place: &Place, revoke: &Revoke) -> Exit {
    let project = revoke.project.as_deref();
    let revoked = async {
        let admin = place.admin().await?;
        admin
            .revoke_role(&revoke.username, revoke.role, project)
            .await
    };
    revoked
        .await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

async fn made(place: &Place, what: &Create) -> Result<Option<NewToken>, AdminError> {
    let admin = place.admin().await?;
    match what {
        Create::Organisation { slug, name } => admin.create_organisation(slug, name).await?,
        Create::Project {
            slug,
            name,
            organisation,
        } => admin.create_project(organisation, slug, name).await?,
        Create::Workspace {
            name,
            project,
            repo,
            branch,
            code_is_not_public,
        } => {
            let new = NewWorkspace {
                project: project.clone(),
                name: name.clone(),
                repo_url: repo.clone(),
                branch: branch.clone(),
            };
            admin.create_workspace(&new).await?;
            if *code_is_not_public {
                // Names are put in lower case.
                let name = name.to_ascii_lowercase();
                admin.set_code_public(&name, false).await?;
            }
        }
        Create::Backend { slug, name } => {
            let new = NewBackend {
                slug: slug.clone(),
                name: name.clone(),
            };
            return Ok(Some(admin.create_backend(&new).await?));
        }
        Create::Person {
            username,
            name,
            email: None,
        } => admin.create_person(username, name).await?,
        Create::Person {
            username,
            name,
            email: Some(email),
        } => {
            admin
                .create_person_with_email(username, name, email)
                .await?;
        }
        Create::Token { username, days } => {
            let new = NewPersonalToken {
                username: username.clone(),
                scope: Scope::Jobs,
                expires_at: in_days(*days),
            };
            return Ok(Some(admin.create_personal_token(&new).await?));
        }
    }
    Ok(None)
}

/// The one thing that is printed on standard output: it can be sent into a file and seen by nobody.
pub(super) fn told(token: &NewToken) -> Exit {
    match writeln!(io::stdout().lock(), "{}", token.reveal()) {
        Ok(()) => {
            say("This token is shown once: keep it in a file that only its owner may read.");
            Exit::Success
        }
        Err(_) => Exit::Environment,
    }
}

/// The path of a page that signs somebody in, below wherever people reach the server.
pub(super) fn told_path(token: &NewToken) -> Exit {
    match writeln!(io::stdout().lock(), "/sign-in/{}/", token.reveal()) {
        Ok(()) => {
            say(
                "Whoever opens this path of the server first is signed in: give it to nobody else.",
            );
            Exit::Success
        }
        Err(_) => Exit::Environment,
    }
}

pub(super) fn refused(error: &AdminError) -> Exit {
    say(&error.to_string());
    match error {
        AdminError::Storage(_) | AdminError::NoRandomness(_) => Exit::Environment,
        _ => Exit::Usage,
    }
}

fn in_days(days: u16) -> Timestamp {
    let span = Duration::from_hours(24 * u64::from(days));
    let then = SystemTime::now() + span;
    let millis = then
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| {
        let known = Role::ALL.map(Role::as_str).join(", ");
        format!("there is no role `{word}`: the roles are {known}")
    })
}
