//! What the images of a run mean, made ready before anything starts.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use glovebox_pipeline::Action;
use glovebox_runtimes::{Cache, Machine, Prepared, Progress, Runtime, Runtimes};

use crate::error::RunError;
use crate::perform::image;
use crate::report::{Event, Observer};

/// Makes every image that the actions name ready; ends early when `stop` is raised.
///
/// # Errors
/// An image means nothing here, or cannot be made ready.
pub(crate) fn ready(
    actions: &[&Action],
    observer: &dyn Observer,
    stop: &AtomicBool,
) -> Result<BTreeMap<String, (Runtime, Prepared)>, RunError> {
    let table = Runtimes::embedded().map_err(|error| RunError::Io {
        what: "reading the table of runtimes",
        source: std::io::Error::other(error),
    })?;
    let mut resolved = BTreeMap::new();
    for action in actions {
        let runtime = table
            .resolve(&action.run.image.name, &action.run.image.version)
            .map_err(|source| RunError::Image {
                action: action.name.clone(),
                source,
            })?;
        resolved.insert(image(action), runtime);
    }
    let machine = Machine::current();
    let cache = Cache::of_user(&machine).map_err(|error| RunError::Io {
        what: "finding the cache",
        source: std::io::Error::other(error),
    })?;
    let tell = |progress: Progress| {
        observer.event(&Event::Preparing {
            what: &progress.to_string(),
        });
    };
    resolved
        .into_iter()
        .map(
            |(image, runtime)| match runtime.prepare(&machine, &cache, &tell, stop) {
                Ok(prepared) => Ok((image, (runtime, prepared))),
                Err(source) => Err(RunError::Runtime { image, source }),
            },
        )
        .collect()
}
