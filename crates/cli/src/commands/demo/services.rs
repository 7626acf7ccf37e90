//! The server and the agent of the demonstration.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use glovebox_agent::{Agent, Stop};
use glovebox_server::{Server, ServerError, Settings};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::super::database;
use super::Failed;
use super::place::{Links, Place};

/// How soon a signal is heeded.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// How long the end waits for the agent, whose sandboxes are stopped first.
const FAREWELL: Duration = Duration::from_secs(10);

/// A server and an agent at work.
pub(super) struct Services {
    address: SocketAddr,
    links: Links,
    runtime: Runtime,
    stop_server: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<Result<(), ServerError>>,
    stop_agent: Stop,
    agent: JoinHandle<()>,
}

impl Services {
    /// Starts both, the server at the first of the addresses that is free.
    pub(super) fn start(place: &Place, addresses: &[SocketAddr]) -> Result<Self, Failed> {
        place.make_server()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let server = runtime.block_on(bind(place, addresses))?;
        let address = server.local_addr();
        let links = runtime.block_on(place.set_up(&server.admin("demo")))?;
        let agent = Agent::new(place.agent_settings(address)?)?;
        let (stop_server, stopped) = oneshot::channel();
        let server = runtime.spawn(server.run(async {
            let _ = stopped.await;
        }));
        let stop_agent = Stop::new();
        let asked = stop_agent.clone();
        let agent = thread::spawn(move || {
            if let Err(error) = agent.run(&asked) {
                tracing::error!(%error, "the agent ended");
            }
        });
        Ok(Self {
            address,
            links,
            runtime,
            stop_server,
            server,
            stop_agent,
            agent,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    /// Stops what runs, and ends both.
    pub(super) fn stop(self) {
        // Once to take nothing more, twice to stop what it has.
        self.stop_agent.ask();
        self.stop_agent.ask();
        let (ended, end) = mpsc::channel();
        let agent = self.agent;
        thread::spawn(move || {
            let _ = agent.join();
            let _ = ended.send(());
        });
        let until = Instant::now() + FAREWELL;
        let _ = end.recv_timeout(FAREWELL);
        let _ = self.stop_server.send(());
        let server = self.server;
        self.runtime.block_on(async {
            let left = until.saturating_duration_since(Instant::now()).max(TICK);
            let _ = tokio::time::timeout(left, server).await;
        });
        self.runtime.shutdown_timeout(TICK);
    }
}

async fn bind(place: &Place, addresses: &[SocketAddr]) -> Result<Server, ServerError> {
    let mut refused = None;
    for address in addresses {
        let mut settings = Settings::in_folder(place.server());
        settings.listen = *address;
        settings.database = database::of_server_in(&place.server());
        // The study is a folder of this machine.
        settings.git.allow_file = true;
        match Server::bind(settings).await {
            Err(error @ ServerError::Listen { .. }) => refused = Some(error),
            bound => return bound,
        }
    }
    Err(refused.unwrap_or(ServerError::Superseded))
}
