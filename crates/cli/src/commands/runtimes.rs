use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use glovebox_runtimes::{
    Cache, ImageRow, Machine, PrepareError, Progress, ResolveError, Runtime, Runtimes, State,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::say::say;
use crate::exit::Exit;

/// Say what images such as python:latest mean here, and install them.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: ListArgs,
}

const EXAMPLES: &str = "\
Examples:
  glovebox runtimes                          what can run here
  glovebox runtimes install                  install everything that can be, to work offline later
  glovebox runtimes install python:latest    install one

GLOVEBOX_CACHE_DIR says where (else ~/.cache/glovebox), GLOVEBOX_PYTHON with which Python, and pip's
own settings (PIP_INDEX_URL, proxies) where packages come from.

Exit codes: 0 done, 2 an image or the table is wrong, 3 something is missing on this machine,
130 stopped.";

#[derive(clap::Subcommand)]
enum Command {
    /// List the images, and whether each is ready (the default).
    List(ListArgs),
    /// Install images now instead of on first use.
    Install(InstallArgs),
}

#[derive(clap::Args)]
struct ListArgs {
    /// For people, or for programs.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    table: TableArgs,
}

#[derive(clap::Args)]
struct InstallArgs {
    /// Images such as python or python:latest; none: all that can be installed here.
    #[arg(value_name = "IMAGE")]
    images: Vec<String>,
    #[command(flatten)]
    table: TableArgs,
}

#[derive(clap::Args)]
struct TableArgs {
    /// A table of runtimes to use instead of the one built in.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(args: &Args) -> Exit {
    let table = match &args.command {
        None => &args.list.table,
        Some(Command::List(list)) => &list.table,
        Some(Command::Install(install)) => &install.table,
    };
    let runtimes = match &table.table {
        None => Runtimes::embedded(),
        Some(path) => Runtimes::from_file(path),
    };
    let runtimes = match runtimes {
        Ok(runtimes) => runtimes,
        Err(error) => return complain(&error, Exit::Usage),
    };
    let machine = Machine::current();
    let cache = match Cache::of_user(&machine) {
        Ok(cache) => cache,
        Err(error) => return complain(&error, Exit::Environment),
    };
    match &args.command {
        None => list(&runtimes, &machine, &cache, args.list.format),
        Some(Command::List(list_args)) => list(&runtimes, &machine, &cache, list_args.format),
        Some(Command::Install(install_args)) => {
            install(&runtimes, &machine, &cache, &install_args.images)
        }
    }
}

/// Installs images that a command needs, for the machine's user; what is there already is said in a line.
pub(super) fn make_ready(images: &[String]) -> Exit {
    let machine = Machine::current();
    match (Runtimes::embedded(), Cache::of_user(&machine)) {
        (Ok(runtimes), Ok(cache)) => install(&runtimes, &machine, &cache, images),
        (Err(error), _) => complain(&error, Exit::Environment),
        (_, Err(error)) => complain(&error, Exit::Environment),
    }
}

/// A row of the JSON output.
#[derive(Serialize)]
struct Row {
    image: String,
    versions: Vec<String>,
    kind: Option<&'static str>,
    state: &'static str,
    detail: Option<String>,
    remedy: Option<String>,
    digest: Option<String>,
}

impl Row {
    fn of(image: ImageRow, machine: &Machine, cache: &Cache) -> Self {
        let state = image.runtime.map(|runtime| runtime.state(machine, cache));
        let (state, detail, remedy, digest) = match state {
            Ok(State::Ready { digest, note }) => ("ready", note, None, Some(digest)),
            Ok(State::Installable) => ("installable", None, None, None),
            Ok(State::Missing { problem, remedy }) => ("missing", Some(problem), remedy, None),
            Err(why) => ("unavailable", Some(why), None, None),
        };
        Self {
            image: image.name,
            versions: image.versions,
            kind: image.kind,
            state,
            detail,
            remedy,
            digest,
        }
    }

    /// The state in words.
    fn state(&self) -> String {
        match (self.state, &self.detail) {
            ("ready", _) => String::from("ready"),
            ("installable", _) => String::from("will be installed on first use"),
            ("missing", _) => String::from("missing: see below"),
            (_, Some(why)) => format!("not available here: {why}"),
            (_, None) => String::from("not available here"),
        }
    }

    /// What stands below the table, on lines of its own so that it can be copied.
    fn advice(&self) -> Option<String> {
        let detail = self
            .detail
            .as_ref()
            .filter(|_| self.state != "unavailable")?;
        let remedy = self
            .remedy
            .as_ref()
            .filter(|remedy| !detail.contains(remedy.as_str()));
        let remedy = remedy
            .map(|remedy| format!("; type:\n  {remedy}"))
            .unwrap_or_default();
        Some(format!("\n{}: {detail}{remedy}", self.image))
    }
}

fn list(runtimes: &Runtimes, machine: &Machine, cache: &Cache, format: Format) -> Exit {
    let rows: Vec<_> = runtimes
        .images()
        .into_iter()
        .map(|image| Row::of(image, machine, cache))
        .collect();
    if format == Format::Json {
        return match serde_json::to_string_pretty(&rows) {
            Ok(text) => answer(&text),
            Err(error) => complain(&error, Exit::Environment),
        };
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["image", "versions", "kind", "digest", "state"]);
    for row in &rows {
        table.add_row([
            row.image.as_str(),
            &row.versions.join(" "),
            row.kind.unwrap_or("–"),
            row.digest
                .as_ref()
                .and_then(|digest| digest.get(..12))
                .unwrap_or("–"),
            &row.state(),
        ]);
    }
    let mut text = table.trim_fmt();
    let mut advice: Vec<_> = rows.iter().filter_map(Row::advice).collect();
    advice.dedup();
    for advice in advice {
        text.push('\n');
        text.push_str(&advice);
    }
    answer(&text)
}

fn install(runtimes: &Runtimes, machine: &Machine, cache: &Cache, images: &[String]) -> Exit {
    let chosen: Result<Vec<Runtime>, ResolveError> = if images.is_empty() {
        // What has to be installed by hand is named, and does not keep the rest from being installed.
        Ok(runtimes
            .images()
            .into_iter()
            .filter_map(|image| image.runtime.ok())
            .collect())
    } else {
        let split = |image: &String| match image.rsplit_once(':') {
            Some((name, version)) => runtimes.resolve(name, version),
            None => runtimes.resolve(image, "latest"),
        };
        images.iter().map(split).collect()
    };
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(error) => return complain(&error, Exit::Usage),
    };
    let cancel = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::clone(&cancel)) {
            return complain(&error, Exit::Environment);
        }
    }
    let mut exit = Exit::Success;
    for runtime in &chosen {
        let started = Instant::now();
        let reporter = Reporter::new();
        let outcome = runtime.prepare(machine, cache, &|step| reporter.tell(&step), &cancel);
        reporter.end();
        match outcome {
            Ok(prepared) => {
                let (id, seconds) = (runtime.id(), started.elapsed().as_secs_f64());
                say(&format!(
                    "{id}: ready in {seconds:.1} s ({})",
                    prepared.description
                ));
            }
            Err(PrepareError::Cancelled) => {
                say("stopped; nothing half-installed is left");
                return Exit::Interrupted;
            }
            Err(PrepareError::NoR { remedy }) if images.is_empty() => {
                say(&format!(
                    "{}: R is not installed; for studies in R type: {remedy}",
                    runtime.id()
                ));
            }
            Err(error) => {
                say(&format!("{}: {error}", runtime.id()));
                exit = Exit::Environment;
            }
        }
    }
    exit
}

/// Tells a person how far an installation is: one moving line on a terminal, else a line per step
/// that takes long.
struct Reporter {
    bar: Option<ProgressBar>,
}

impl Reporter {
    fn new() -> Self {
        let moving = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let bar = moving.then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    fn tell(&self, step: &Progress) {
        // The line that says it is ready comes next.
        if matches!(step, Progress::Installed { .. }) {
            return;
        }
        let text = step.to_string();
        match &self.bar {
            Some(bar) => {
                bar.set_message(text);
                bar.tick();
            }
            None => say(&text),
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn complain(error: &dyn std::error::Error, exit: Exit) -> Exit {
    say(&format!("error: {error}"));
    exit
}

/// What was asked for, on standard output. Whoever closed it has read enough.
fn answer(text: &str) -> Exit {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("error: the answer could not be written: {error}"));
            Exit::Environment
        }
        _ => Exit::Success,
    }
}
