//! `glovebox server set-password`, `set-email` and `link-identity`: how a person signs in.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::super::say::say;
use super::Place;
use super::create::refused;
use crate::exit::Exit;

/// No password is longer, in bytes.
const MOST_BYTES: u64 = 1024;

/// Give a person a password, and sign them out everywhere. It is typed, or read from standard input.
#[derive(clap::Args)]
pub(super) struct SetPassword {
    /// Their user name.
    username: String,
}

/// Say that an email address is a person's: a provider of identities that knows it signs them in.
#[derive(clap::Args)]
pub(super) struct SetEmail {
    /// Their user name.
    username: String,
    /// The address; none without.
    address: Option<String>,
}

/// Say who a person is at a provider of identities, which signs them in from now on.
#[derive(clap::Args)]
pub(super) struct LinkIdentity {
    /// Their user name.
    username: String,
    /// The address of the provider, exactly as it writes it.
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The provider's own name for the person (`sub`).
    #[arg(long)]
    subject: String,
}

pub(super) async fn set_password(place: &Place, set: &SetPassword) -> Exit {
    let typed = match typed() {
        Ok(Some(typed)) => typed,
        Ok(None) => {
            say("the two passwords are not the same: nothing was changed");
            return Exit::Usage;
        }
        Err(error) => {
            say(&format!("the password cannot be read: {error}"));
            return Exit::Usage;
        }
    };
    let done = async {
        let admin = place.admin().await?;
        admin.set_password(&set.username, &typed).await
    };
    done.await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

pub(super) async fn set_email(place: &Place, set: &SetEmail) -> Exit {
    let done = async {
        let admin = place.admin().await?;
        admin.set_email(&set.username, set.address.as_deref()).await
    };
    done.await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

pub(super) async fn link_identity(place: &Place, link: &LinkIdentity) -> Exit {
    let done = async {
        let admin = place.admin().await?;
        admin
            .link_identity(&link.username, &link.issuer, &link.subject)
            .await
    };
    done.await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

/// The password: one line of standard input, or, at a terminal, typed twice without being shown. None
/// where what was typed differs.
fn typed() -> io::Result<Option<String>> {
    let input = io::stdin();
    if !input.is_terminal() {
        return line().map(Some);
    }
    let _hidden = Hidden::begin()?;
    say("New password, which is not shown:");
    let first = line()?;
    say("The same again:");
    let again = line()?;
    Ok((first == again).then_some(first))
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().take(MOST_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // If it fails, the terminal is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
