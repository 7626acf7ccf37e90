//! Sign-ins that are under way: each is good once, for ten minutes, in the browser that began it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::token::{NewToken, TokenHash};

/// How long somebody has to sign in at the provider.
pub(crate) const LASTS: Duration = Duration::from_mins(10);

/// How many are under way at most; of more, the oldest has to begin again.
const MOST: usize = 5_000;

/// A sign-in that was begun.
#[derive(Clone)]
pub(crate) struct Begun {
    /// What the provider's token must hold.
    pub(super) nonce: String,
    /// What proves to the provider that who brings the code began.
    pub(super) verifier: String,
    /// The path to go on to.
    pub(super) next: String,
}

/// Those that are under way, by the hash of their state. They are kept in memory: whoever is at the
/// provider while the server is restarted begins again.
#[derive(Default)]
pub(super) struct Pending {
    known: Mutex<HashMap<String, Waiting>>,
}

struct Waiting {
    at: Instant,
    browser: TokenHash,
    begun: Begun,
}

impl Pending {
    pub(super) fn begin(&self, state: &NewToken, browser: &NewToken, begun: Begun) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, waiting| waiting.at.elapsed() < LASTS);
        if known.len() >= MOST {
            let oldest = known.iter().min_by_key(|(_, waiting)| waiting.at);
            if let Some(oldest) = oldest.map(|(state, _)| state.clone()) {
                known.remove(&oldest);
            }
        }
        let waiting = Waiting {
            at: Instant::now(),
            browser: browser.hash(),
            begun,
        };
        known.insert(state.hash().as_str().to_owned(), waiting);
    }

    /// Uses one up, whether or not it is this browser's.
    pub(super) fn take(&self, state: &str, browser: &str) -> Option<Begun> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = known.remove(TokenHash::of(state).as_str())?;
        let is_good =
            waiting.at.elapsed() < LASTS && TokenHash::of(browser).is(waiting.browser.as_str());
        is_good.then_some(waiting.begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Begun {
        Begun {
            nonce: "nonce".to_owned(),
            verifier: "verifier".to_owned(),
            next: "/".to_owned(),
        }
    }

    #[test]
    fn one_is_good_once_and_for_one_browser() {
        let pending = Pending::default();
        let token = || NewToken::make().unwrap();
        let (state, browser, other) = (token(), token(), token());
        pending.begin(&state, &browser, begun());
        assert!(pending.take(other.reveal(), browser.reveal()).is_none());
        assert!(pending.take(state.reveal(), browser.reveal()).is_some());
        assert!(pending.take(state.reveal(), browser.reveal()).is_none());
        pending.begin(&state, &browser, begun());
        assert!(pending.take(state.reveal(), other.reveal()).is_none());
        assert!(pending.take(state.reveal(), browser.reveal()).is_none());
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let pending = Pending::default();
        let first = NewToken::make().unwrap();
        pending.begin(&first, &first, begun());
        for _ in 0..MOST {
            let token = NewToken::make().unwrap();
            pending.begin(&token, &token, begun());
        }
        assert_eq!(pending.known.lock().unwrap().len(), MOST);
        assert!(pending.take(first.reveal(), first.reveal()).is_none());
    }
}
