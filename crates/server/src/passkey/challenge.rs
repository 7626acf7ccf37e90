//! What authenticators are to sign: each once, within minutes, for one purpose.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::token::{NewToken, TokenHash};

/// How long somebody has to find their key.
const LASTS: Duration = Duration::from_mins(5);

/// How many are open at most; of more, the oldest is over.
const MOST: usize = 5_000;

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing in.
    SignIn,
    /// Adding a passkey, in this session.
    Add(i64),
}

#[derive(Default)]
pub(super) struct Challenges {
    open: Mutex<HashMap<String, (Instant, Purpose)>>,
}

impl Challenges {
    pub(super) fn give(&self, challenge: &NewToken, purpose: Purpose) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, (at, _)| at.elapsed() < LASTS);
        if open.len() >= MOST {
            let oldest = open.iter().min_by_key(|(_, (at, _))| *at);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                open.remove(&oldest);
            }
        }
        let hash = challenge.hash().as_str().to_owned();
        open.insert(hash, (Instant::now(), purpose));
    }

    /// Uses one up; whether it was given for this.
    pub(super) fn take(&self, challenge: &str, purpose: Purpose) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let found = open.remove(TokenHash::of(challenge).as_str());
        found.is_some_and(|(at, for_what)| at.elapsed() < LASTS && for_what == purpose)
    }
}

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenges(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_good_once_for_its_purpose_and_there_are_never_too_many() {
        let challenges = Challenges::default();
        let one = NewToken::make().unwrap();
        let cases = [
            (Purpose::SignIn, Purpose::SignIn, true),
            (Purpose::SignIn, Purpose::Add(1), false),
            (Purpose::Add(1), Purpose::Add(2), false),
            (Purpose::Add(1), Purpose::Add(1), true),
        ];
        for (given, taken, wanted) in cases {
            challenges.give(&one, given);
            assert_eq!(challenges.take(one.reveal(), taken), wanted);
            assert!(!challenges.take(one.reveal(), given), "it is used up");
        }
        challenges.give(&one, Purpose::SignIn);
        for _ in 0..MOST {
            challenges.give(&NewToken::make().unwrap(), Purpose::SignIn);
        }
        assert_eq!(challenges.open.lock().unwrap().len(), MOST);
        assert!(!challenges.take(one.reveal(), Purpose::SignIn));
    }
}
