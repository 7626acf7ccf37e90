//! Passwords: which may be chosen, and how they are kept.

use std::{fmt, sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};

use crate::token::{NoRandomness, random};

/// The shortest that may be chosen, in characters.
const SHORTEST: usize = 12;

/// The longest, in characters: what a manager of passwords makes is shorter.
const LONGEST: usize = 128;

/// How many are hashed at once. Each takes a core and 19 MiB, and others' calls want both.
const AT_ONCE: usize = 2;

/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(8);

/// What those who guess try first, of those that are long enough to be chosen.
const COMMON: &[&str] = &[
    "passwordpassword",
    "password1234",
    "password12345",
    "password123456",
    "passw0rd1234",
    "p@ssw0rd1234",
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789123",
    "1234567890ab",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdfghjkl",
    "qwerty123456",
    "asdfghjkl123",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "zaq12wsxcde3",
    "abcdefghijkl",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdefg12345",
    "iloveyou1234",
    "letmeinletmein",
    "letmein12345",
    "welcome12345",
    "welcome123456",
    "administrator",
    "administrator1",
    "changemechangeme",
    "changeme1234",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "gloveboxglovebox",
    "glovebox1234",
    "opensafely12",
    "opensafely123",
    "opensafely1234",
    "trustno1trustno1",
    "manchesterunited",
];

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// It is too short.
    #[error("a password has at least 12 characters: take some words that do not belong together")]
    Short,
    /// It is too long.
    #[error("a password has at most 128 characters")]
    Long,
    /// Others would try it first.
    #[error(
        "this password is among those that are guessed first: take some words that do not belong together"
    )]
    Common,
    /// It holds the name that stands beside it.
    #[error("a password must not hold the user name")]
    Name,
}

/// What somebody typed for a password. It is never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Typed(String);

impl Typed {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Whether somebody may choose it. There is no rule about what it is made of: those make passwords
    /// that are hard to keep in mind and no harder to guess.
    pub(crate) fn may_be_chosen_by(&self, username: &str) -> Result<(), BadPassword> {
        let count = self.0.chars().count();
        if count < SHORTEST {
            return Err(BadPassword::Short);
        }
        if count > LONGEST {
            return Err(BadPassword::Long);
        }
        let lower = self.0.to_lowercase();
        // A name of one or two letters is in many words.
        if username.chars().count() > 2 && lower.contains(&username.to_lowercase()) {
            return Err(BadPassword::Name);
        }
        let first = lower.chars().next();
        let is_one_character = lower.chars().all(|c| Some(c) == first);
        if is_one_character || COMMON.contains(&lower.as_str()) {
            return Err(BadPassword::Common);
        }
        Ok(())
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// What comparing a password with the one that is kept has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    Different,
    Same,
    /// The same, and kept at other costs than those of today: it is to be hashed anew.
    SameButStale,
}

/// Why nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotHashed {
    /// Too many are being hashed.
    #[error("too many people sign in at this moment")]
    Busy,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The library refused.
    #[error("a password could not be hashed")]
    Failed,
}

/// Hashes passwords, a few at once, where that holds nobody up.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// What is kept of a password.
    pub(crate) async fn hash(&self, typed: &Typed) -> Result<String, NotHashed> {
        let salt = random::<16>()?;
        let typed = typed.clone();
        self.in_turn(move || {
            let hash = costs()?.hash_password_with_salt(typed.0.as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
                .map_err(|_| NotHashed::Failed)
        })
        .await
    }

    /// Compares a password with what is kept; where nothing is, in the same time.
    pub(crate) async fn compare(
        &self,
        typed: &Typed,
        kept: Option<String>,
    ) -> Result<Compared, NotHashed> {
        let typed = typed.clone();
        self.in_turn(move || {
            let hasher = costs()?;
            let kept = kept.as_deref().map(PasswordHash::new);
            let Some(Ok(kept)) = kept else {
                // Nobody is told by a quick answer that a name is unknown.
                let salt = b"sixteen bytes...";
                let _ = hasher.hash_password_with_salt(typed.0.as_bytes(), salt);
                return Ok(Compared::Different);
            };
            if hasher.verify_password(typed.0.as_bytes(), &kept).is_err() {
                return Ok(Compared::Different);
            }
            Ok(if is_of_today(&kept) {
                Compared::Same
            } else {
                Compared::SameButStale
            })
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, NotHashed> + Send + 'static,
    ) -> Result<T, NotHashed> {
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| NotHashed::Busy)?;
        let turn = turn.map_err(|_| NotHashed::Failed)?;
        let done = tokio::task::spawn_blocking(move || {
            // Kept until the work ends, also where nobody waits for it any more.
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| NotHashed::Failed)?
    }
}

/// Argon2id with 19 MiB, 2 passes and 1 lane: the least that the password storage cheat sheet of OWASP takes.
fn params() -> Result<Params, NotHashed> {
    Params::new(19 * 1024, 2, 1, Some(32)).map_err(|_| NotHashed::Failed)
}

fn costs() -> Result<Argon2<'static>, NotHashed> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?))
}

fn is_of_today(kept: &PasswordHash) -> bool {
    let Ok(today) = params() else { return false };
    let same = Params::try_from(kept).is_ok_and(|found| {
        (found.m_cost(), found.t_cost(), found.p_cost())
            == (today.m_cost(), today.t_cost(), today.p_cost())
    });
    same && kept.algorithm == Algorithm::Argon2id.ident()
        && kept.version == Some(Version::V0x13.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_chosen() {
        use BadPassword::{Common, Long, Name, Short};
        let longest = "é".repeat(64) + &"x".repeat(64);
        let too_long = "xy".repeat(65);
        let cases = [
            ("", Err(Short)),
            ("elevenchars", Err(Short)),
            // Counted in characters, not in bytes.
            ("ééééééééééé", Err(Short)),
            ("twelve chars", Ok(())),
            (&longest, Ok(())),
            (&too_long, Err(Long)),
            ("aaaaaaaaaaaaaaaa", Err(Common)),
            ("PasswordPassword", Err(Common)),
            ("correct horse battery staple", Err(Common)),
            ("my Researcher 42", Err(Name)),
            ("only lower case letters", Ok(())),
        ];
        for (text, wanted) in cases {
            assert_eq!(
                Typed::new(text).may_be_chosen_by("researcher"),
                wanted,
                "{text}"
            );
        }
        assert_eq!(Typed::new("twelve chars").may_be_chosen_by("ch"), Ok(()));
        for common in COMMON {
            assert!(common.chars().count() >= SHORTEST, "{common} is too short");
        }
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_one_of_other_costs_is_hashed_anew() {
        let passwords = Passwords::new();
        let right = Typed::new("a bucket of green rain");
        let wrong = Typed::new("a bucket of green rains");
        let kept = passwords.hash(&right).await.unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        assert_ne!(kept, passwords.hash(&right).await.unwrap());
        let cheap = Params::new(8 * 1024, 1, 1, Some(32)).unwrap();
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
        let cheap = cheap.hash_password_with_salt(right.0.as_bytes(), b"some salt of old");
        let cheap = cheap.unwrap().to_string();
        let cases = [
            (&right, Some(kept.clone()), Compared::Same),
            (&wrong, Some(kept), Compared::Different),
            (&right, Some(cheap.clone()), Compared::SameButStale),
            (&wrong, Some(cheap), Compared::Different),
            (&right, None, Compared::Different),
            (&right, Some("damaged".to_owned()), Compared::Different),
        ];
        for (typed, kept, wanted) in cases {
            assert_eq!(passwords.compare(typed, kept).await, Ok(wanted));
        }
        assert!(!format!("{right:?}").contains("bucket"));
    }
}
