//! Telling a page that its job request changed, by server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, stream};
use glovebox_protocol::WatchQuery;
use tokio::sync::{broadcast, watch};

use super::{Refused, client::parse, query::Asked};
use crate::{
    app::App,
    http::{ClientAddress, Place},
};

/// What stands between closes connections that say nothing for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// How long one connection lasts. A browser opens it anew by itself; one that was forgotten ends.
const LONGEST: Duration = Duration::from_mins(10);

/// Changes that come close together are told as one.
const PAUSE: Duration = Duration::from_millis(200);

struct Watching {
    number: i64,
    changes: broadcast::Receiver<i64>,
    stopping: watch::Receiver<bool>,
    until: tokio::time::Instant,
    told: bool,
    _place: Place,
}

/// A stream of events `changed`, each saying that the request is to be looked at anew. What changed is
/// not in it, so it tells nobody more than they may see.
pub(crate) async fn job_request(
    State(app): State<Arc<App>>,
    client: ClientAddress,
    number: Result<Path<String>, PathRejection>,
    Asked(asked): Asked<WatchQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let number = parse(number)?;
    let wait = match asked.wait_seconds {
        None => LONGEST,
        Some(seconds) => Duration::from_secs(seconds.into()),
    };
    if wait > LONGEST {
        let message = format!("wait_seconds is at most {}", LONGEST.as_secs());
        return Err(Refused::bad_request(message));
    }
    let place = app.watchers.try_take(client.key());
    let place = place.ok_or_else(Refused::unavailable)?;
    // Watching begins before looking, so that nothing falls between.
    let watching = Watching {
        number,
        changes: app.changes.watch(),
        stopping: app.scheduling.stopping(),
        until: tokio::time::Instant::now() + wait,
        told: false,
        _place: place,
    };
    if !app.reader.has_job_request(number).await? {
        return Err(Refused::not_found("job request"));
    }
    let events = stream::unfold(watching, |mut watching| async {
        watching.next().await.then(|| {
            let event = Event::default()
                .event("changed")
                .data(watching.number.to_string());
            (Ok(event), watching)
        })
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Watching {
    /// Waits for a change; false when the stream ends.
    async fn next(&mut self) -> bool {
        if self.told {
            tokio::time::sleep(PAUSE).await;
        }
        self.told = true;
        loop {
            let change = tokio::select! {
                _ = self.stopping.wait_for(|stop| *stop) => return false,
                () = tokio::time::sleep_until(self.until) => return false,
                change = self.changes.recv() => change,
            };
            match change {
                Ok(number) if number != self.number => {}
                // Too far behind to know what changed: perhaps this.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
        }
    }
}
