//! Comparisons that were made, so that a page never waits for git.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::{CannotCompare, Comparison, RepoUrl, Repositories};
use crate::limits::Limiter;

/// How many are kept, and of how many bytes in all.
const MOST: usize = 2_000;
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// For how long what could not be compared is not tried again.
const REST: Duration = Duration::from_mins(1);

/// How many comparisons are made at once.
const AT_ONCE: usize = 2;

/// How often in a row a repository is asked for what its mirror lacks, how soon once more, and of how many
/// that is known: pages lead anybody to commits that are gone.
const FETCHES: u32 = 5;
const FETCH_EVERY: Duration = Duration::from_secs(30);
const REPOSITORIES: usize = 10_000;

/// Two commits of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Pair {
    pub(crate) repo: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// What is known of two commits.
#[derive(Debug, Clone)]
enum Known {
    /// It never changes.
    Compared(Arc<Comparison>),
    /// Not to be tried again before a moment; whether the repository itself was asked.
    Failed { until: Instant, had_fetched: bool },
}

/// Comparisons that were made.
pub(crate) struct Comparisons {
    kept: Mutex<Kept>,
    places: Semaphore,
    fetches: Limiter<String>,
    allow_file: bool,
}

#[derive(Default)]
struct Kept {
    by_pair: HashMap<Pair, Known>,
    order: VecDeque<Pair>,
    bytes: usize,
}

impl Comparisons {
    pub(crate) fn new(allow_file: bool) -> Self {
        Self {
            kept: Mutex::default(),
            places: Semaphore::new(AT_ONCE),
            fetches: Limiter::new(FETCHES, FETCH_EVERY, REPOSITORIES),
            allow_file,
        }
    }

    /// What changed, if that is known.
    pub(crate) fn known(&self, pair: &Pair) -> Option<Arc<Comparison>> {
        match self.lock().by_pair.get(pair) {
            Some(Known::Compared(comparison)) => Some(Arc::clone(comparison)),
            Some(Known::Failed { .. }) | None => None,
        }
    }

    /// Whether it would be in vain to compare these now.
    fn is_vain(&self, pair: &Pair, may_fetch: bool) -> bool {
        match self.lock().by_pair.get(pair) {
            Some(Known::Failed { until, had_fetched }) => {
                *until > Instant::now() && (*had_fetched || !may_fetch)
            }
            Some(Known::Compared(_)) | None => false,
        }
    }

    /// Whether somebody should compare these while nobody waits: it is not known, nor known to fail, and
    /// there is a place.
    pub(crate) fn is_wanted(&self, pair: &Pair) -> bool {
        self.places.available_permits() > 0
            && self.known(pair).is_none()
            && !self.is_vain(pair, false)
    }

    /// What changed, made out if it is not known.
    pub(crate) async fn compare(
        &self,
        repositories: &Repositories,
        pair: &Pair,
        may_fetch: bool,
    ) -> Result<Arc<Comparison>, CannotCompare> {
        // The semaphore is never closed. Whoever waited for a place may find it done.
        let _place = self.places.acquire().await;
        if let Some(comparison) = self.known(pair) {
            return Ok(comparison);
        }
        if self.is_vain(pair, may_fetch) {
            return Err(CannotCompare::NotHere);
        }
        let repo = RepoUrl::parse(&pair.repo, self.allow_file);
        let repo = repo.map_err(|_| CannotCompare::NotHere)?;
        let (from, to) = (pair.from.as_str(), pair.to.as_str());
        let mut compared = repositories.compare(&repo, from, to, false).await;
        let is_lacking = matches!(compared, Err(CannotCompare::NotHere));
        let may_fetch = may_fetch && is_lacking && self.fetches.check(pair.repo.clone()).is_ok();
        if may_fetch {
            compared = repositories.compare(&repo, from, to, true).await;
        }
        match compared {
            Ok(comparison) => {
                let comparison = Arc::new(comparison);
                self.keep(pair, Known::Compared(Arc::clone(&comparison)));
                Ok(comparison)
            }
            Err(error) => {
                let failed = Known::Failed {
                    until: Instant::now() + REST,
                    had_fetched: may_fetch,
                };
                self.keep(pair, failed);
                Err(error)
            }
        }
    }

    fn keep(&self, pair: &Pair, known: Known) {
        let mut kept = self.lock();
        kept.bytes += size(pair, &known);
        match kept.by_pair.insert(pair.clone(), known) {
            Some(before) => kept.bytes -= size(pair, &before),
            None => kept.order.push_back(pair.clone()),
        }
        while kept.order.len() > MOST || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.order.pop_front() else {
                break;
            };
            if let Some(gone) = kept.by_pair.remove(&oldest) {
                kept.bytes -= size(&oldest, &gone);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// About how many bytes of memory it takes.
fn size(pair: &Pair, known: &Known) -> usize {
    let names = 2 * (pair.repo.len() + pair.from.len() + pair.to.len()) + 200;
    let lines = match known {
        Known::Failed { .. } => 0,
        Known::Compared(comparison) => comparison
            .files
            .iter()
            .map(|file| {
                let lines: usize = file.lines.iter().map(|line| line.len() + 24).sum();
                file.path.len() + 100 + lines
            })
            .sum(),
    };
    names + lines
}
