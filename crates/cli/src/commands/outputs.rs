use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use glovebox_levels::{FileCheck, Level, Limits, check_file};
use serde::Serialize;

use crate::exit::Exit;

/// Ask what may stand at a security level.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Check whether one file may stand at a level, by the rules that backends apply.
    #[command(before_help = "\
Examples:
  glovebox outputs check output/table.csv --level moderately_sensitive
  glovebox outputs check output/table.csv --level moderately_sensitive --format json
  glovebox outputs check output/table.csv --level moderately_sensitive --max-rows 1000")]
    Check(CheckArgs),
}

#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    /// The file to check.
    file: PathBuf,

    // Help text shows Markdown as it is, so the names go without.
    #[arg(
        long,
        help = "highly_sensitive, moderately_sensitive or minimally_sensitive"
    )]
    level: Level,

    /// How to answer: in words on standard error, or as JSON on standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    /// The largest size allowed, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().max_size)]
    max_size: u64,

    /// The most CSV rows allowed after the header.
    #[arg(long, value_name = "ROWS", default_value_t = Limits::default().max_rows)]
    max_rows: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(command: &Command) -> Exit {
    let Command::Check(args) = command;
    match check(args) {
        Ok(exit) => exit,
        Err(Stop { exit, message }) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr(), "error: {message}");
            exit
        }
    }
}

/// Why there is no answer.
struct Stop {
    exit: Exit,
    message: String,
}

fn check(args: &CheckArgs) -> Result<Exit, Stop> {
    let name = shown(&args.file);
    let usage = |message| Stop {
        exit: Exit::Usage,
        message,
    };
    // Looked at before it is opened: opening a FIFO would wait for its writer.
    let facts = fs::metadata(&args.file).map_err(|error| {
        usage(format!(
            "cannot read {name}: {error}; name a file that is there"
        ))
    })?;
    if !facts.is_file() {
        return Err(usage(format!(
            "{name} is not a regular file; name one file to check"
        )));
    }
    let file = File::open(&args.file).map_err(|error| {
        usage(format!(
            "cannot read {name}: {error}; make it readable first"
        ))
    })?;
    let limits = Limits {
        max_size: args.max_size,
        max_rows: args.max_rows,
    };
    // The name is only asked for its type, and no allowed type is spelled with anything else.
    let checked_name = args
        .file
        .file_name()
        .map(OsStr::to_string_lossy)
        .unwrap_or_default();
    let answer = check_file(&checked_name, &file, args.level, &limits).map_err(|error| Stop {
        exit: Exit::Environment,
        message: format!("cannot read {name} to its end: {error}; try again"),
    })?;

    let written = match args.format {
        Format::Human => write_words(&name, args, &answer),
        Format::Json => write_json(args, &answer),
    };
    written.map_err(|error| Stop {
        exit: Exit::Environment,
        message: format!("cannot write the answer: {error}"),
    })?;
    Ok(if answer.ok {
        Exit::Success
    } else {
        Exit::Failure
    })
}

/// A path as it may be shown on a terminal: what a name could do to one is spelled out.
fn shown(path: &Path) -> String {
    path.to_string_lossy().escape_debug().to_string()
}

fn write_words(name: &str, args: &CheckArgs, answer: &FileCheck) -> io::Result<()> {
    let mut out = io::stderr().lock();
    if answer.ok {
        let mut facts = count(answer.size, "byte");
        if let (Some(rows), Some(columns)) = (answer.row_count, answer.col_count) {
            facts = format!(
                "{facts}, {}, {}",
                count(rows, "row"),
                count(columns, "column")
            );
        }
        return writeln!(
            out,
            "{name} may stand at {} ({facts}).",
            args.level.in_words()
        );
    }
    writeln!(out, "{name} may not stand at {}.", args.level.in_words())?;
    for reason in &answer.reasons {
        writeln!(out, "  - {reason} [{}]", reason.code())?;
    }
    writeln!(
        out,
        "Then check again: glovebox outputs check {name} --level {}",
        args.level
    )
}

fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    file: &'a str,
    level: Level,
    ok: bool,
    reasons: Vec<Why>,
    size: u64,
    row_count: Option<u64>,
    col_count: Option<u64>,
}

#[derive(Serialize)]
struct Why {
    code: &'static str,
    message: String,
}

fn write_json(args: &CheckArgs, answer: &FileCheck) -> io::Result<()> {
    let why = |reason: &glovebox_levels::Reason| Why {
        code: reason.code(),
        message: reason.to_string(),
    };
    let answer = Answer {
        file: &args.file.to_string_lossy(),
        level: args.level,
        ok: answer.ok,
        reasons: answer.reasons.iter().map(why).collect(),
        size: answer.size,
        row_count: answer.row_count,
        col_count: answer.col_count,
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &answer)?;
    writeln!(out)
}
