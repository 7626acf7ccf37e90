//! `glovebox ledger copy`: a copy of a ledger on the web, kept up to date.

use std::path::PathBuf;

use glovebox_ledger::{Copied, CopyError, LogError, Resource, update_copy};

use super::super::remote::http;
use super::super::say::say;
use super::super::visible::visible;
use super::given::{Key, shown};
use super::prefix::Prefix;
use super::stop::Stop;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox ledger copy https://jobs.example.org/ledger ledger --key-file ledger.pub

Run it again to bring the copy up to date.
Exit codes: 0 the copy is up to date, 1 the ledger is not what it was, and the copy stays as it was.";

/// Copy a ledger, or bring a copy up to date, if it continues what the copy has.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where the ledger is published, such as `https://jobs.example.org/ledger`.
    #[arg(value_name = "URL", value_parser = Prefix::parse)]
    from: Prefix,

    /// The folder of the copy; made where it is missing.
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    key: Key,
}

pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let key = args.key.read()?;
    let http = http(args.from.is_local());
    let Copied { checkpoint, before } =
        update_copy(&args.folder, &key, |file| fetch(&http, &args.from, file))?;
    let (origin, size, folder) = (&checkpoint.origin, checkpoint.size, shown(&args.folder));
    say(&visible(&format!(
        "{folder} is the ledger {origin} with {size} entries, {} of them new.",
        size.saturating_sub(before)
    )));
    Ok(Exit::Success)
}

/// A file of the ledger; nothing where it has none.
fn fetch(http: &ureq::Agent, from: &Prefix, file: Resource) -> Result<Option<Vec<u8>>, Stop> {
    let url = from.of(&file.to_string());
    let failed = |error| Stop::environment(format!("{url} does not answer: {error}"));
    let mut answer = http.get(&url).call().map_err(failed)?;
    let status = answer.status();
    if status == 404 || status == 410 {
        return Ok(None);
    }
    if status != 200 {
        return Err(Stop::environment(format!("{url} answered {status}")));
    }
    let body = answer.body_mut().with_config().limit(file.largest());
    body.read_to_vec().map(Some).map_err(failed)
}

impl From<CopyError<Self>> for Stop {
    fn from(error: CopyError<Self>) -> Self {
        match error {
            CopyError::Fetch(stop) => stop,
            CopyError::Missing(Resource::Checkpoint) => Self::environment(
                "no ledger is published there: give the address that /checkpoint follows",
            ),
            CopyError::Copy(LogError::Read(error)) => error.into(),
            CopyError::Copy(
                error @ (LogError::InUse(_) | LogError::Write { .. } | LogError::Unsure(_)),
            ) => Self::environment(error.to_string()),
            error => Self::no(error.to_string()),
        }
    }
}
