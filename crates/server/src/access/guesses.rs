//! How often somebody may be wrong about a password or an address before they have to wait.

use std::{net::IpAddr, time::Duration};

use crate::limits::Limiter;

/// How many accounts and addresses are known.
const KEYS: usize = 20_000;

/// Longer ones are nobody's.
const LONGEST_NAME: usize = 100;

/// Counts guesses: of one client at one account, at one account from everywhere, and of one client.
///
/// Whoever guesses from one place locks themself out, and not the person whose name they type; at an
/// account that many places guess at, all wait a few seconds for their turn. A link still lets its owner in.
pub(crate) struct Guesses {
    here: Limiter<(String, Option<IpAddr>)>,
    account: Limiter<String>,
    address: Limiter<IpAddr>,
}

/// A guess that was counted.
pub(crate) struct Guess<'g> {
    of: &'g Guesses,
    account: Option<String>,
    address: Option<IpAddr>,
}

impl Guesses {
    pub(crate) fn new() -> Self {
        Self {
            here: Limiter::new(10, Duration::from_mins(1), KEYS),
            account: Limiter::new(100, Duration::from_secs(10), KEYS),
            address: Limiter::new(30, Duration::from_secs(5), KEYS),
        }
    }

    /// Counts a guess before anything is compared, so that many at once are no way around; or says how
    /// long until the next.
    pub(crate) fn begin(
        &self,
        account: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Guess<'_>, Duration> {
        let account = account.map(|name| name.chars().take(LONGEST_NAME).collect::<String>());
        if let Some(address) = address {
            self.address.check(address)?;
        }
        if let Some(account) = &account {
            self.here.check((account.clone(), address))?;
            self.account.check(account.clone())?;
        }
        Ok(Guess {
            of: self,
            account,
            address,
        })
    }
}

impl Guess<'_> {
    /// It was no guess: whoever made it knew.
    pub(crate) fn was_right(self) {
        if let Some(address) = self.address {
            self.of.address.take_back(address);
        }
        if let Some(account) = self.account {
            self.of.here.take_back((account.clone(), self.address));
            self.of.account.take_back(account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    #[test]
    fn whoever_guesses_waits_and_nobody_else() {
        let guesses = Guesses::new();
        for _ in 0..10 {
            assert!(guesses.begin(Some("researcher"), HERE).is_ok());
        }
        let cases = [
            (Some("researcher"), HERE, false),
            (Some("researcher"), THERE, true),
            (Some("checker"), HERE, true),
            (None, HERE, true),
        ];
        for (account, address, wanted) in cases {
            let passes = guesses.begin(account, address).is_ok();
            assert_eq!(passes, wanted, "{account:?} {address:?}");
        }
        // One client at many accounts.
        let more = (0..100).filter(|n| guesses.begin(Some(&n.to_string()), HERE).is_ok());
        assert!(more.count() < 30);
        // One account from many clients.
        let from = |n: u8| Some(IpAddr::from([198, 51, 100, n]));
        let passed = (0..200).filter(|&n| guesses.begin(Some("many"), from(n)).is_ok());
        assert_eq!(passed.count(), 100);
    }

    #[test]
    fn whoever_is_right_may_be_so_as_often_as_they_like() {
        let guesses = Guesses::new();
        for _ in 0..200 {
            let guess = guesses.begin(Some("researcher"), HERE);
            guess.map(Guess::was_right).unwrap();
        }
    }
}
