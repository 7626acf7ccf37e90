//! Calling the provider: bounded in time, in size, and in how many at once.

use std::{sync::Arc, time::Duration};

use glovebox_outbound::{self as outbound, Reach};
use tokio::sync::Semaphore;

use super::{OidcError, address::Address};

/// How long a call may take.
const LONGEST: Duration = Duration::from_secs(8);

/// The longest answer that is read, in bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// How many calls at once: each holds a thread.
const AT_ONCE: usize = 4;

/// Calls a provider.
pub(super) struct Calls {
    http: ureq::Agent,
    turns: Arc<Semaphore>,
}

impl Calls {
    pub(super) fn new(issuer: &Address) -> Self {
        let config = outbound::settings(Reach::of(issuer.is_loopback()), "glovebox-server")
            .timeout_global(Some(LONGEST));
        Self {
            http: config.build().new_agent(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    pub(super) async fn get(&self, address: &Address) -> Result<Vec<u8>, OidcError> {
        let request = self.http.get(address.as_str());
        self.in_turn(move || request.header("accept", "application/json").call())
            .await
    }

    pub(super) async fn post(
        &self,
        address: &Address,
        form: String,
        authorization: Option<String>,
    ) -> Result<Vec<u8>, OidcError> {
        let mut request = self
            .http
            .post(address.as_str())
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        self.in_turn(move || request.send(form.as_bytes())).await
    }

    async fn in_turn(
        &self,
        call: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
    ) -> Result<Vec<u8>, OidcError> {
        let stopped = |_| OidcError::Call("it was stopped".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| OidcError::Call("nothing is called any more".to_owned()))?;
        let done = tokio::task::spawn_blocking(move || {
            // Kept until the call ends, also where nobody waits for it any more.
            let _turn = turn;
            let failed = |error: ureq::Error| OidcError::Call(error.to_string());
            let mut response = call().map_err(failed)?;
            let status = response.status().as_u16();
            if status != 200 {
                return Err(OidcError::Call(format!("it answers with status {status}")));
            }
            let body = response.body_mut().with_config().limit(MOST_BYTES);
            body.read_to_vec().map_err(failed)
        });
        done.await.map_err(stopped)?
    }
}
