//! `glovebox server admit` and `dismiss`: who may run jobs on a backend.

use super::Place;
use super::create::refused;
use crate::exit::Exit;

/// Let a person run jobs on a backend, in the projects in which they may run jobs.
#[derive(clap::Args)]
pub(super) struct Admit {
    /// Their user name.
    username: String,
    /// The backend.
    backend: String,
}

/// Let a person run no more jobs on a backend.
#[derive(clap::Args)]
pub(super) struct Dismiss {
    /// Their user name.
    username: String,
    /// The backend.
    backend: String,
}

pub(super) async fn admit(place: &Place, admit: &Admit) -> Exit {
    let admitted = async {
        let setup = place.admin().await?;
        setup
            .admit(&admit.username, &admit.backend, None, None)
            .await
    };
    admitted
        .await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}

pub(super) async fn dismiss(place: &Place, dismiss: &Dismiss) -> Exit {
    let dismissed = async {
        let setup = place.admin().await?;
        setup.dismiss(&dismiss.username, &dismiss.backend).await
    };
    dismissed
        .await
        .map_or_else(|error| refused(&error), |()| Exit::Success)
}
