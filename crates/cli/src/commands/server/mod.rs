//! `glovebox server`: run the job server, and set up what it works with.

mod create;
mod members;
mod notify;
mod oidc;
mod person;
mod run;
mod switch;
mod tokens;

use std::fs::DirBuilder;
use std::future::Future;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use glovebox_server::{Admin, AdminError, DatabaseUrl};

use super::database;
use super::say::say;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox server create backend tpp TPP             prints the token that its agents show
  glovebox server grant researcher project_developer --project sick-notes
  glovebox server admit researcher tpp               lets them run jobs there
  glovebox server run --listen 127.0.0.1:8000
  glovebox server switch tpp pause                   nothing more starts there until `resume`";

/// Run the job server, and set up what it works with.
#[derive(clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,

    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Run(Box<run::Args>),
    #[command(subcommand)]
    Create(create::Create),
    Grant(create::Grant),
    Revoke(create::Revoke),
    Switch(switch::Args),
    Admit(members::Admit),
    Dismiss(members::Dismiss),
    RevokeTokens(tokens::RevokeTokens),
    RenewToken(tokens::RenewToken),
    SignInLink(tokens::SignInLink),
    SetPassword(person::SetPassword),
    SetEmail(person::SetEmail),
    LinkIdentity(person::LinkIdentity),
}

/// Where the server keeps what it has.
///
/// A database elsewhere is named by the environment variable `GLOVEBOX_DATABASE_URL` and by no argument,
/// as its address holds a password.
#[derive(clap::Args)]
struct Place {
    /// The folder of the server; its database is there unless `GLOVEBOX_DATABASE_URL` names another.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "glovebox-server"
    )]
    folder: PathBuf,

    /// Take folders of this machine (`file:///…`) for repositories: for demonstrations.
    #[arg(long, global = true)]
    allow_file_repositories: bool,
}

impl Place {
    fn database(&self) -> DatabaseUrl {
        database::of_server_in(&self.folder)
    }

    /// Opens the database for whoever sets something up; the audit log names the account.
    async fn admin(&self) -> Result<Admin, AdminError> {
        let actor = std::env::var("USER").unwrap_or_else(|_| "command line".to_owned());
        let admin = Admin::open(&self.database(), actor).await?;
        Ok(if self.allow_file_repositories {
            admin.allowing_file_repositories()
        } else {
            admin
        })
    }
}

pub(crate) fn run(args: &Args) -> Exit {
    // It holds who asked for what, and hashes of tokens.
    let mut private = DirBuilder::new();
    let made = private
        .recursive(true)
        .mode(0o700)
        .create(&args.place.folder);
    if let Err(error) = made {
        say(&format!(
            "{} cannot be made: {error}",
            args.place.folder.display()
        ));
        return Exit::Environment;
    }
    match &args.command {
        Command::Run(run) => block_on(run::serve(&args.place, run)),
        Command::Create(create) => block_on(create::create(&args.place, create)),
        Command::Grant(grant) => block_on(create::grant(&args.place, grant)),
        Command::Revoke(revoke) => block_on(create::revoke(&args.place, revoke)),
        Command::Switch(switch) => block_on(switch::switch(&args.place, switch)),
        Command::Admit(admit) => block_on(members::admit(&args.place, admit)),
        Command::Dismiss(dismiss) => block_on(members::dismiss(&args.place, dismiss)),
        Command::RevokeTokens(revoke) => block_on(tokens::revoke(&args.place, revoke)),
        Command::RenewToken(renew) => block_on(tokens::renew(&args.place, renew)),
        Command::SignInLink(link) => block_on(tokens::sign_in_link(&args.place, link)),
        Command::SetPassword(set) => block_on(person::set_password(&args.place, set)),
        Command::SetEmail(set) => block_on(person::set_email(&args.place, set)),
        Command::LinkIdentity(link) => block_on(person::link_identity(&args.place, link)),
    }
}

fn block_on(work: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            say(&format!("the server cannot start: {error}"));
            Exit::Environment
        }
    }
}
