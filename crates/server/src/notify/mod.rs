//! Telling people how their requests ended: one message a request, by e-mail, a webhook, or both.
//!
//! That something is to be told is kept in the transaction in which the request ends ([`outbox`]). A task
//! beside the backends sends it, as often as it takes and within bounds, over restarts too. So each message
//! is sent at least once; one that comes twice has the same id. No transaction is open while something is
//! sent.
//!
//! * [`digest`] is what is told: what the public page shows, and no more.
//! * [`email`] and [`webhook`] are the ways out, [`secret`] reads what they prove themselves with.

mod digest;
mod email;
pub(crate) mod outbox;
mod secret;
mod webhook;

use std::{path::PathBuf, sync::Arc, time::Duration};

use glovebox_jobs::Timestamp;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use tokio::{
    sync::{
        broadcast::error::{RecvError, TryRecvError},
        watch,
    },
    task::JoinSet,
};

use crate::{
    changes::Changes,
    clock,
    read::Reader,
    settings::NotifySettings,
    storage::{
        Database, StorageError,
        entity::{job_request, notification, person},
    },
};
use digest::Digest;
use email::Email;
use outbox::Attempted;
use webhook::Webhook;

/// Why nobody can be told, as the settings are.
#[derive(Debug, thiserror::Error)]
pub enum CannotNotify {
    /// E-mail cannot be sent so.
    #[error("e-mail cannot be sent so: {reason}")]
    Email {
        /// Why not.
        reason: String,
    },
    /// The webhook cannot be called.
    #[error("the webhook cannot be called: {reason}")]
    Webhook {
        /// Why not.
        reason: String,
    },
    /// A file with a secret cannot be used.
    #[error("the secret in {} cannot be used: {reason}", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// How many messages are sent at once.
const AT_ONCE: u64 = 8;

/// How long to look away at most, and how soon after a change to look.
const LONGEST_REST: Duration = Duration::from_mins(1);
const SHORTEST_REST: Duration = Duration::from_millis(100);

/// How long a message that is under way may take when the server stops. It is sent again otherwise.
const FAREWELL: Duration = Duration::from_secs(5);

/// The longest time between two attempts.
const LONGEST_DELAY: Duration = Duration::from_hours(1);

/// What became of telling on one way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Done,
    /// It may pass. The reason is for the log.
    Again(String),
    /// It will not pass.
    Never(String),
}

/// Sends what is to be told.
pub(crate) struct Notifier {
    database: Arc<Database>,
    reader: Reader,
    /// Where links lead, without a slash at the end.
    origin: String,
    email: Option<Email>,
    webhook: Option<Arc<Webhook>>,
    settings: NotifySettings,
}

impl Notifier {
    pub(crate) fn new(
        database: Arc<Database>,
        origin: String,
        settings: &NotifySettings,
    ) -> Result<Self, CannotNotify> {
        Ok(Self {
            reader: Reader::new(Arc::clone(&database)),
            database,
            origin,
            email: settings.email.as_ref().map(Email::new).transpose()?,
            webhook: settings
                .webhook
                .as_ref()
                .map(Webhook::new)
                .transpose()?
                .map(Arc::new),
            settings: settings.clone(),
        })
    }

    /// Why a person with this address, or none, would not be told anything, if so.
    pub(crate) fn why_not(&self, address: Option<&str>) -> Option<&'static str> {
        match (&self.email, &self.webhook) {
            (None, None) => Some("(this service sends no messages)"),
            (Some(_), None) if address.is_none() => {
                Some("(give the address that you are written to in your settings first)")
            }
            _ => None,
        }
    }

    /// Sends until the server stops. What is left then is sent when it starts again.
    pub(crate) async fn serve(self: Arc<Self>, changes: Changes, mut stop: watch::Receiver<bool>) {
        let mut news = changes.watch();
        loop {
            // What changed until here is looked at now, and what changes from here on after that.
            while !matches!(
                news.try_recv(),
                Err(TryRecvError::Empty | TryRecvError::Closed)
            ) {}
            let too_late = async {
                let _ = stop.wait_for(|stop| *stop).await;
                tokio::time::sleep(FAREWELL).await;
            };
            let rest = tokio::select! {
                rest = self.round() => rest,
                () = too_late => return,
            };
            let rest = rest.unwrap_or_else(|error| {
                tracing::error!(%error, "what is to be told cannot be found out");
                LONGEST_REST
            });
            let heard = async {
                // One that fell behind has missed something too.
                if let Err(RecvError::Closed) = news.recv().await {
                    std::future::pending::<()>().await;
                }
                // Changes come in swarms.
                tokio::time::sleep(SHORTEST_REST).await;
            };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = heard => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Sends what is due, and gives how long there is nothing to do.
    async fn round(self: &Arc<Self>) -> Result<Duration, StorageError> {
        let due = outbox::due(&**self.database, clock::now(), AT_ONCE).await?;
        let mut under_way = JoinSet::new();
        for row in due {
            let notifier = Arc::clone(self);
            under_way.spawn(async move { notifier.settle(row).await });
        }
        while under_way.join_next().await.is_some() {}
        let rest = match outbox::next(&**self.database).await? {
            Some(next) => {
                let millis = next.saturating_sub(clock::now().0);
                Duration::from_millis(u64::try_from(millis).unwrap_or(0))
            }
            None => LONGEST_REST,
        };
        Ok(rest.clamp(SHORTEST_REST, LONGEST_REST))
    }

    /// Tries once, and keeps what came of it. What cannot be read, as after somebody changed the database
    /// by hand, is put off too, so that it holds up no other.
    async fn settle(&self, row: notification::Model) {
        let number = row.request_number;
        let attempted = match self.attempt(&row).await {
            Ok(attempted) => attempted,
            Err(error) => {
                let why = Told::Again(error.to_string());
                self.came_of(&row, Some(&why), None, clock::now())
            }
        };
        let kept = async {
            let write = self.database.write().await?;
            outbox::keep(&*write, row.id, attempted, clock::now()).await?;
            write.commit().await
        };
        if let Err(error) = kept.await {
            tracing::error!(%error, request = number, "what became of a message is not kept");
        }
    }

    async fn attempt(&self, row: &notification::Model) -> Result<Attempted, StorageError> {
        let number = row.request_number;
        let view = self.reader.job_request_without_file(number).await?;
        let view = view.ok_or_else(|| StorageError::Damaged {
            what: format!("job request {number}"),
            reason: "it is not there, and is to be told of".to_owned(),
        })?;
        let digest = Arc::new(Digest::of(&view, &self.origin));
        let address = self.address(number).await?;
        let by_email = async {
            match (&self.email, &address) {
                (Some(email), Some(address)) if row.email_at.is_none() => {
                    Some(email.tell(address, &digest).await)
                }
                _ => None,
            }
        };
        let (by_email, by_webhook) = tokio::join!(by_email, self.call(row, &digest));
        Ok(self.came_of(row, by_email.as_ref(), by_webhook.as_ref(), clock::now()))
    }

    async fn call(&self, row: &notification::Model, digest: &Arc<Digest>) -> Option<Told> {
        if row.webhook_at.is_some() {
            return None;
        }
        let digest = Arc::clone(digest);
        let webhook = Arc::clone(self.webhook.as_ref()?);
        let called = tokio::task::spawn_blocking(move || webhook.tell(&digest));
        Some(
            called
                .await
                .unwrap_or_else(|error| Told::Again(error.to_string())),
        )
    }

    /// What is to be kept of an attempt.
    fn came_of(
        &self,
        row: &notification::Model,
        by_email: Option<&Told>,
        by_webhook: Option<&Told>,
        now: Timestamp,
    ) -> Attempted {
        let request = row.request_number;
        let mut again = false;
        let mut lost = false;
        let mut told = row.email_at.is_some() || row.webhook_at.is_some();
        let mut settle = |way: &'static str, before: Option<i64>, came: Option<&Told>| match came {
            None => before,
            Some(Told::Done) => {
                tracing::info!(request, way, "how a request ended was told");
                told = true;
                Some(now.0)
            }
            Some(Told::Again(why)) => {
                tracing::warn!(request, way, why, "a message could not be sent");
                again = true;
                before
            }
            Some(Told::Never(why)) => {
                tracing::error!(request, way, why, "a message cannot be sent");
                lost = true;
                before
            }
        };
        let email_at = settle("email", row.email_at, by_email);
        let webhook_at = settle("webhook", row.webhook_at, by_webhook);
        let attempts = row.attempts.saturating_add(1);
        let give_up = again && attempts >= i64::from(self.settings.attempts);
        if give_up {
            tracing::error!(request, attempts, "a message is given up");
        }
        let next_at = (again && !give_up).then(|| {
            now.0
                .saturating_add(delay(self.settings.first_retry, attempts))
        });
        let outcome = match (next_at, give_up || lost, told) {
            (Some(_), _, _) => "",
            (None, true, _) => "given_up",
            (None, false, true) => "told",
            // There is no way, or no address.
            (None, false, false) => "nowhere",
        };
        Attempted {
            email_at,
            webhook_at,
            attempts,
            next_at,
            outcome,
        }
    }

    /// Where who made a request is written to.
    async fn address(&self, request: i64) -> Result<Option<String>, StorageError> {
        let who = job_request::Entity::find_by_id(request)
            .select_only()
            .column(job_request::Column::CreatedBy)
            .into_query();
        let person = person::Entity::find()
            .filter(person::Column::Id.in_subquery(who))
            .one(&**self.database)
            .await?;
        Ok(person.and_then(|person| person.email))
    }
}

/// How long to wait after so many attempts, in milliseconds: twice as long each time.
fn delay(first: Duration, attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(20);
    let delay = first.saturating_mul(1 << doublings).min(LONGEST_DELAY);
    i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_an_hour() {
        let delays = [1, 2, 3, 7, 8, 99].map(|attempts| delay(Duration::from_secs(30), attempts));
        assert_eq!(
            delays,
            [30_000, 60_000, 120_000, 1_920_000, 3_600_000, 3_600_000]
        );
    }
}
