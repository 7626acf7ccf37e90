//! `glovebox ledger verify`: whether a copy of a ledger is what was signed.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::ValueEnum;
use glovebox_ledger::{Fault, Kept, ReadError, Report, Resource, verify, verify_against};
use serde::Serialize;

use super::super::say::say;
use super::super::visible::visible;
use super::given::{Key, shown, small_file};
use super::stop::Stop;
use crate::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  glovebox ledger verify ledger --key-file ledger.pub
  glovebox ledger verify ledger --key-file ledger.pub --against last-year/checkpoint
  glovebox ledger verify ledger --key-file ledger.pub --against last-year --format json

Exit codes: 0 it is what was signed, 1 it is not.";

/// Verify a copy of a ledger: its signature, every hash, and every entry.
///
/// With --against, also that it continues what somebody kept of it earlier: then not even whoever has
/// the signing key can have changed, removed or reordered what it had.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the copy: the one that holds the file `checkpoint`.
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    key: Key,

    /// What was kept earlier: the folder of a copy, or a file with a checkpoint.
    #[arg(long, value_name = "DIR|FILE")]
    against: Option<PathBuf>,

    /// How to answer: in words on standard error, or as JSON on standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: &Args) -> Result<Exit, Stop> {
    let key = args.key.read()?;
    let answer = match &args.against {
        None => verify(&args.folder, &key),
        Some(path) if path.is_dir() => verify_against(&args.folder, &key, Kept::Copy(path)),
        Some(path) => {
            let note = small_file(path, Resource::Checkpoint.largest())?;
            verify_against(&args.folder, &key, Kept::Checkpoint(&note))
        }
    };
    let answer = match answer {
        Ok(report) => Ok(report),
        Err(ReadError::Fault(fault)) => Err(fault),
        Err(other) => return Err(other.into()),
    };
    match args.format {
        Format::Human => tell(args, &answer),
        Format::Json => write_json(&answer).map_err(|error| Stop::writing(&error))?,
    }
    Ok(match answer {
        Ok(_) => Exit::Success,
        Err(_) => Exit::Failure,
    })
}

fn tell(args: &Args, answer: &Result<Report, Fault>) {
    let folder = shown(&args.folder);
    match answer {
        Ok(report) => {
            let checkpoint = &report.checkpoint;
            let (origin, size) = (&checkpoint.origin, checkpoint.size);
            say(&visible(&format!(
                "{folder} is the ledger {origin}, as it was signed with {size} entries."
            )));
            if let (Some(kept), Some(against)) = (report.kept, &args.against) {
                let against = shown(against);
                say(&visible(&format!(
                    "It continues {against}: the first {kept} entries are the same."
                )));
            }
        }
        Err(fault) => {
            say(&visible(&format!("{folder} is not what was signed.")));
            say(&visible(&format!("  - {fault} [{}]", fault.code())));
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    origin: Option<&'a str>,
    size: Option<u64>,
    root: Option<String>,
    kept: Option<u64>,
    fault: Option<Wrong>,
}

#[derive(Serialize)]
struct Wrong {
    code: &'static str,
    entry: Option<u64>,
    file: Option<String>,
    message: String,
}

fn write_json(answer: &Result<Report, Fault>) -> io::Result<()> {
    let report = answer.as_ref().ok();
    let checkpoint = report.map(|report| &report.checkpoint);
    let answer = Answer {
        ok: answer.is_ok(),
        origin: checkpoint.map(|checkpoint| checkpoint.origin.as_str()),
        size: checkpoint.map(|checkpoint| checkpoint.size),
        root: checkpoint.map(|checkpoint| checkpoint.root.to_string()),
        kept: report.and_then(|report| report.kept),
        fault: answer.as_ref().err().map(|fault| Wrong {
            code: fault.code(),
            entry: fault.entry(),
            file: fault.file().map(|file| file.to_string()),
            message: fault.to_string(),
        }),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &answer)?;
    writeln!(out)
}
