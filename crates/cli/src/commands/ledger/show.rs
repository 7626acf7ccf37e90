//! `glovebox ledger show`: the entries of a ledger as lines.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use glovebox_ledger::Published;

use super::super::visible::visible;
use super::stop::Stop;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox ledger show ledger
  glovebox ledger show ledger --from 1200 | head

It does not check them: that is what `glovebox ledger verify` does.";

/// Entries read at a time.
const STEP: u64 = 256;

/// Print the entries of a ledger, one a line, without checking them.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder that holds the file `checkpoint`.
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The first entry to print, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
}

pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let published = Published::open(&args.folder)?;
    let size = published.checkpoint()?.size;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut next = args.from;
    while next < size {
        let until = size.min((next / STEP + 1) * STEP);
        for entry in published.entries(next..until)? {
            // What acts on a terminal is not printed as it is.
            let line = visible(&String::from_utf8_lossy(&entry));
            if let Err(error) = writeln!(out, "{line}") {
                return ended(&error);
            }
        }
        next = until;
    }
    match out.flush() {
        Ok(()) => Ok(Exit::Success),
        Err(error) => ended(&error),
    }
}

/// Whoever reads may have seen enough, as `head` has.
fn ended(error: &io::Error) -> Result<Exit, Stop> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Ok(Exit::Success)
    } else {
        Err(Stop::writing(error))
    }
}
