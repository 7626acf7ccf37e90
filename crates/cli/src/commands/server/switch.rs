//! `glovebox server switch`: what a backend is to do from now on, beside the server that runs it.

use std::time::{Duration, Instant};

use glovebox_server::{Admin, AdminError, KeptSwitch, Switch};

use super::super::say::say;
use super::Place;
use super::create::refused;
use crate::exit::Exit;

/// A server that runs looks every second.
const LONGEST: Duration = Duration::from_secs(10);

const TICK: Duration = Duration::from_millis(100);

/// Switch a backend: a running server takes it within seconds, and it holds after restarts too.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The backend.
    backend: String,
    /// What it is to do from now on.
    #[arg(value_enum)]
    to: To,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum To {
    /// Start nothing more; what runs goes on.
    Pause,
    /// Start jobs again.
    Resume,
    /// Stop what uses the database, which starts anew after `end-maintenance`.
    BeginMaintenance,
    /// The database is there again.
    EndMaintenance,
    /// Stop all that runs, which starts anew after `resume`.
    PrepareForReboot,
    /// Take requests, and let its agents call.
    Activate,
    /// Take no more requests, and let its agents call no more; jobs that are there stay.
    Deactivate,
}

impl To {
    const fn switch(self) -> Result<Switch, bool> {
        match self {
            Self::Pause => Ok(Switch::Pause),
            Self::Resume => Ok(Switch::Resume),
            Self::BeginMaintenance => Ok(Switch::BeginMaintenance),
            Self::EndMaintenance => Ok(Switch::EndMaintenance),
            Self::PrepareForReboot => Ok(Switch::PrepareForReboot),
            Self::Activate => Err(true),
            Self::Deactivate => Err(false),
        }
    }
}

pub(super) async fn switch(place: &Place, args: &Args) -> Exit {
    match switched(place, args).await {
        Ok(true) => Exit::Success,
        Ok(false) => {
            say(
                "This is kept, and no server has taken it yet: it holds as soon as one runs on this database.",
            );
            Exit::Success
        }
        Err(error) => refused(&error),
    }
}

/// Whether it holds.
async fn switched(place: &Place, args: &Args) -> Result<bool, AdminError> {
    let admin = place.admin().await?;
    match args.to.switch() {
        Ok(switch) => {
            let kept = admin.switch_backend(&args.backend, switch).await?;
            taken(&admin, kept).await
        }
        // Looked up in the database at every call.
        Err(active) => {
            admin.set_backend_active(&args.backend, active).await?;
            Ok(true)
        }
    }
}

async fn taken(admin: &Admin, kept: KeptSwitch) -> Result<bool, AdminError> {
    let began = Instant::now();
    loop {
        if admin.is_switch_taken(kept).await? {
            return Ok(true);
        }
        if began.elapsed() > LONGEST {
            return Ok(false);
        }
        tokio::time::sleep(TICK).await;
    }
}
