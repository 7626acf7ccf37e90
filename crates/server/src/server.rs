//! A server, from its settings to its end.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use glovebox_ledger::KeyFileError;
use tokio::net::TcpListener;

use crate::{
    Settings,
    admin::Admin,
    api,
    app::App,
    changes::Changes,
    git::{Comparisons, Repositories},
    http::{self, HttpSettings, Places},
    ledger::Ledger,
    limits::Limiter,
    notify::{CannotNotify, Notifier},
    oidc::{BadIssuer, Oidc},
    operations::Operations,
    passkey::Passkeys,
    people::People,
    read::Reader,
    scheduling::Scheduling,
    storage::{Database, StorageError},
    web::PageCache,
};

/// How long calls that are under way may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// How many watch requests at once: each is a connection that stays open.
const WATCHERS: usize = 500;

/// How many of them at one address, which may be that of a whole institute.
const WATCHERS_EACH: usize = 100;

/// How many comparisons of code an address may ask for in a row that nobody has made, and how long until it
/// may ask for one more: git takes seconds for each.
const COMPARISONS: u32 = 10;
const COMPARISON_EVERY: Duration = Duration::from_secs(10);

/// How many addresses are known that are limited.
const ADDRESSES: usize = 20_000;

/// Why a server does not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The database cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The address cannot be listened at.
    #[error("the server cannot listen at {address}: {reason}")]
    Listen {
        /// Where it should have.
        address: SocketAddr,
        /// Why not.
        reason: io::Error,
    },
    /// A folder of the server cannot be made.
    #[error("the folder for repositories cannot be made: {0}")]
    Folder(#[source] io::Error),
    /// The provider of identities cannot be used.
    #[error(transparent)]
    Oidc(#[from] BadIssuer),
    /// The key of the ledger cannot be used.
    #[error(transparent)]
    LedgerKey(#[from] KeyFileError),
    /// Nobody can be told how requests end, as the settings are.
    #[error(transparent)]
    Notify(#[from] CannotNotify),
    /// A newer server works on the same database.
    #[error("another server took the database over: let one run, with everything pointing at it")]
    Superseded,
}

/// A server that is ready to serve: its address is taken, its database open, its backends at work.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    http: HttpSettings,
    app: Arc<App>,
}

impl Server {
    /// Opens the database, sets the backends to work, and listens.
    pub async fn bind(settings: Settings) -> Result<Self, ServerError> {
        tokio::fs::create_dir_all(&settings.cache)
            .await
            .map_err(ServerError::Folder)?;
        let database = Arc::new(Database::open(&settings.database).await?);
        let unable = |reason| ServerError::Listen {
            address: settings.listen,
            reason,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(unable)?;
        let address = listener.local_addr().map_err(unable)?;
        let is_local = is_local(&settings, address);
        let listening = format!("http://{address}");
        let origin = settings.public_origin.as_ref().unwrap_or(&listening);
        let notifier = Notifier::new(Arc::clone(&database), origin.clone(), &settings.notify)?;
        let oidc = settings.oidc.map(|oidc| Oidc::new(oidc, origin));
        let oidc = oidc.transpose()?;
        let passkeys = Passkeys::new(origin);
        let changes = Changes::new();
        let scheduling = Scheduling::start(
            Arc::clone(&database),
            changes.clone(),
            settings.scheduling,
            settings.backends,
        )
        .await?;
        let ledger = Ledger::start(
            Arc::clone(&database),
            &settings.ledger.folder,
            &settings.ledger.key_file,
            &settings.ledger.name,
            scheduling.stopping(),
        )?;
        let app = App {
            ledger,
            scheduling,
            changes,
            repositories: Repositories::new(settings.cache, &settings.git),
            reader: Reader::new(Arc::clone(&database)),
            people: People::new(oidc, passkeys),
            comparisons: Comparisons::new(settings.git.allow_file),
            pages: PageCache::default(),
            notifier: Arc::new(notifier),
            watchers: Places::new(WATCHERS, WATCHERS_EACH),
            comparing: Limiter::new(COMPARISONS, COMPARISON_EVERY, ADDRESSES),
            is_local,
            wrong_tokens: Limiter::new(
                settings.http.wrong_tokens,
                settings.http.wrong_token_every,
                ADDRESSES,
            ),
            allow_file: settings.git.allow_file,
            public_origin: settings.public_origin,
            database,
        };
        tracing::info!(%address, "listening");
        Ok(Self {
            listener,
            address,
            http: settings.http,
            app: Arc::new(app),
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Sets up what the server works with, while it runs or before. `actor` is who the audit log names.
    pub fn admin(&self, actor: impl Into<String>) -> Admin {
        let database = Arc::clone(&self.app.database);
        Admin::with(database, actor.into(), self.app.allow_file)
    }

    /// A handle on the backends while they are at work.
    pub fn operations(&self) -> Operations {
        Operations::new(Arc::clone(&self.app))
    }

    /// Reads what pages show.
    pub fn reader(&self) -> Reader {
        self.app.reader.clone()
    }

    /// Serves until `shutdown` is ready. Then nobody waits any longer, calls that are under way end, and
    /// what was said is kept.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let app = Arc::clone(&self.app);
        let mut stopping = app.scheduling.stopping();
        let mut superseded = app.scheduling.superseded();
        let stop = async move {
            tokio::select! {
                () = shutdown => {}
                // The sender is there as long as the server.
                _ = superseded.wait_for(|superseded| *superseded) => {}
            }
            app.scheduling.stop();
        };
        let notifier = Arc::clone(&self.app.notifier);
        let telling =
            tokio::spawn(notifier.serve(self.app.changes.clone(), self.app.scheduling.stopping()));
        let router = api::router(Arc::clone(&self.app));
        let serve = http::serve(self.listener, router, self.http, stop);
        let too_late = async {
            // The sender is there as long as the server.
            let _ = stopping.wait_for(|stop| *stop).await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            () = serve => {}
            () = too_late => {}
        }
        self.app.scheduling.stop();
        self.app.scheduling.join().await;
        self.app.ledger.join().await;
        // It goes as soon as it is asked to, and catches what goes wrong.
        let _ = telling.await;
        self.app.database.close().await?;
        if *self.app.scheduling.superseded().borrow() {
            return Err(ServerError::Superseded);
        }
        Ok(())
    }
}

/// Whether people reach a server on this machine only: nothing stands before it, as far as it was told.
fn is_local(settings: &Settings, address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
        && settings.public_origin.is_none()
        && settings.http.proxies.is_empty()
}
