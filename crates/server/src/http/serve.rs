//! Taking connections, and what is called over them.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request, http::HeaderMap, response::Response};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;

use super::{ClientAddress, HttpSettings, body::TimedBody, paced::Paced, places::Places};

/// How many headers a request may have.
const MOST_HEADERS: usize = 100;

/// How long to rest when the machine can open no more connections.
const REST: Duration = Duration::from_secs(1);

/// Serves until `shutdown` is ready, and then until every call that is under way has ended.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    settings: HttpSettings,
    shutdown: impl Future<Output = ()>,
) {
    let settings = Arc::new(settings);
    let places = Places::new(settings.connections, settings.connections_each);
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.head_time)
        .max_headers(MOST_HEADERS)
        // What is read at once holds a head and, beside it, part of a body.
        .max_buf_size(settings.head_size.max(8 * 1024));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let room = places.room().await;
            (room, listener.accept().await)
        };
        let (room, accepted) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = next => next,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_of_the_connection(&error) {
                    tracing::error!(%error, "connections cannot be taken");
                    tokio::time::sleep(REST).await;
                }
                continue;
            }
        };
        let is_proxy = settings.proxies.contains(&peer.ip().to_canonical());
        let key = ClientAddress::of(peer, &HeaderMap::new(), &settings).key();
        // Whoever has too many is let go without a word: a word would need one more.
        let Some(place) = room.and_then(|room| places.take(room, key.filter(|_| !is_proxy))) else {
            tracing::warn!("an address has too many connections");
            continue;
        };
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(Paced::new(stream, settings.stall_time));
        let calls = Calls {
            router: TowerToHyperService::new(router.clone()),
            settings: Arc::clone(&settings),
            peer,
        };
        let connection = http.serve_connection(io, service_fn(move |request| calls.call(request)));
        let watched = connections.watch(connection);
        tokio::spawn(async move {
            // That the other end went away or was too slow is no event.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// The calls of one connection.
struct Calls {
    router: TowerToHyperService<Router>,
    settings: Arc<HttpSettings>,
    peer: SocketAddr,
}

impl Calls {
    fn call(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let client = ClientAddress::of(self.peer, request.headers(), &self.settings);
        let time = self.settings.body_time;
        let mut request = request.map(|body| TimedBody::new(body, time));
        request.extensions_mut().insert(client);
        self.router.call(request)
    }
}

/// Whether only the connection that was to be taken is at fault.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
