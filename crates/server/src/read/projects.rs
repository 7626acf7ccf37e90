//! Project files that were read a moment ago: many requests share one, and reading it is half of drawing a page.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use glovebox_pipeline::Project;

/// How many are kept, and of how many bytes of text in all. What is read from a text takes several times
/// its room.
const MOST: usize = 500;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Project files by the digest of their text. One that cannot be read is kept as such.
#[derive(Debug, Default)]
pub(super) struct Projects(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_digest: HashMap<String, (Option<Arc<Project>>, usize)>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Projects {
    /// The project file with a digest and a text. Takes a moment if it is large and was not read lately.
    pub(super) fn of(&self, digest: &str, text: &str) -> Option<Arc<Project>> {
        if let Some((project, _)) = self.lock().by_digest.get(digest) {
            return project.clone();
        }
        let project = glovebox_pipeline::check(text).outcome.ok().map(Arc::new);
        let mut kept = self.lock();
        let entry = (project.clone(), text.len());
        if kept.by_digest.insert(digest.to_owned(), entry).is_none() {
            kept.bytes += text.len();
            kept.order.push_back(digest.to_owned());
        }
        while kept.order.len() > MOST || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.order.pop_front() else {
                break;
            };
            if let Some((_, size)) = kept.by_digest.remove(&oldest) {
                kept.bytes -= size;
            }
        }
        project
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
