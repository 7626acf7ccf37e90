//! `glovebox server run`: serve until stopped.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use glovebox_server::{ForwardedBy, OidcSettings, Server, ServerError, Settings};

use super::super::log;
use super::super::open_files;
use super::super::say::say;
use super::super::stop;
use super::Place;
use super::notify::Notify;
use super::oidc::Oidc;
use crate::exit::Exit;

/// How soon a signal is heeded.
const TICK: Duration = Duration::from_millis(100);

/// Serve pages, programs and agents until stopped.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Where to listen. It speaks plain HTTP: let what stands before it speak TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,

    /// Where people reach it, such as `https://jobs.example.org`. Cookies are for TLS only if this is.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    public_origin: Option<String>,

    #[command(flatten)]
    oidc: Oidc,

    /// What the ledger is called when it is begun, and from then on: a host name of yours [default: that
    /// of the public origin].
    #[arg(long, value_name = "NAME")]
    ledger_name: Option<String>,

    /// What stands before it, by address: it alone is believed about who calls. Without, limits by
    /// address do not hold for calls from this machine. Can be given several times.
    #[arg(long, value_name = "ADDRESS")]
    proxy: Vec<IpAddr>,

    /// The header in which that says who calls. It must set it itself, whatever it was sent.
    #[arg(
        long,
        value_enum,
        value_name = "HEADER",
        default_value = "x-forwarded-for"
    )]
    proxy_header: Header,

    /// The most that is fetched of one repository.
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    largest_repository_mib: u64,

    #[command(flatten)]
    notify: Notify,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Header {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded`, of RFC 7239.
    Forwarded,
}

/// The host of the public origin, if nobody says otherwise.
fn ledger_name(args: &Args) -> Option<String> {
    let origin = args.public_origin.as_deref();
    let host = origin.and_then(|origin| origin.split(['/', ':']).nth(3));
    args.ledger_name.clone().or(host.map(str::to_owned))
}

fn origin(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(text.to_ascii_lowercase())
        }
        _ => Err("give https:// and a host, and a port if there is one, and no path".to_owned()),
    }
}

pub(super) async fn serve(place: &Place, args: &Args) -> Exit {
    let _traces = match log::to_standard_error("glovebox-server") {
        Ok(traces) => traces,
        Err(exit) => return exit,
    };
    open_files::raise();
    let asked = match stop::count() {
        Ok(asked) => asked,
        Err(error) => {
            say(&format!("signals cannot be handled: {error}"));
            return Exit::Environment;
        }
    };
    let oidc = match args.oidc.settings() {
        Ok(oidc) => oidc,
        Err(error) => {
            say(&error);
            return Exit::Usage;
        }
    };
    until_stopped(place, args, oidc, &asked)
        .await
        .unwrap_or_else(|error| {
            say(&error.to_string());
            Exit::Environment
        })
}

async fn until_stopped(
    place: &Place,
    args: &Args,
    oidc: Option<OidcSettings>,
    asked: &Arc<AtomicUsize>,
) -> Result<Exit, ServerError> {
    let mut settings = Settings::in_folder(&place.folder);
    settings.listen = args.listen;
    settings.public_origin.clone_from(&args.public_origin);
    if let Some(name) = ledger_name(args) {
        settings.ledger.name = name;
    }
    settings.database = place.database();
    settings.oidc = oidc;
    settings.git.most_bytes = args.largest_repository_mib << 20;
    settings.http.proxies.clone_from(&args.proxy);
    settings.http.forwarded_by = match args.proxy_header {
        Header::XForwardedFor => ForwardedBy::XForwardedFor,
        Header::Forwarded => ForwardedBy::Forwarded,
    };
    settings.notify = args.notify.settings();
    settings.git.allow_file = place.allow_file_repositories;
    let server = Server::bind(settings).await?;
    say(&format!("http://{}/", server.local_addr()));
    tokio::select! {
        ended = server.run(asked_times(1, Arc::clone(asked))) => ended.map(|()| Exit::Success),
        // Whatever was said was kept before.
        () = asked_times(2, Arc::clone(asked)) => Ok(Exit::Interrupted),
    }
}

async fn asked_times(times: usize, asked: Arc<AtomicUsize>) {
    while asked.load(Ordering::Acquire) < times {
        tokio::time::sleep(TICK).await;
    }
}
