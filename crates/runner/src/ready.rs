//! What the images of a run mean, made ready before anything starts.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use glovebox_pipeline::Action;
use glovebox_runtimes::{Cache, Machine, Prepared, Progress, Runtime, Runtimes};

use crate::error::RunError;
use crate::perform::image;
use crate::report::{Event, Observer};

/// The images of a run.
#[derive(Default)]
pub(crate) struct Images {
    /// What each that can be used means.
    pub(crate) ready: BTreeMap<String, (Runtime, Prepared)>,
    /// Why the others cannot.
    pub(crate) missing: BTreeMap<String, RunError>,
}

/// Makes every image that the actions name ready; ends early when `stop` is raised.
///
/// # Errors
/// The machine cannot tell what any image means.
pub(crate) fn ready(
    actions: &[&Action],
    observer: &dyn Observer,
    stop: &AtomicBool,
) -> Result<Images, RunError> {
    let table = Runtimes::embedded().map_err(|error| RunError::Io {
        what: "reading the table of runtimes",
        source: std::io::Error::other(error),
    })?;
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
    let mut images = Images::default();
    for action in actions {
        let name = image(action);
        if images.ready.contains_key(&name) || images.missing.contains_key(&name) {
            continue;
        }
        let resolved = table.resolve(&action.run.image.name, &action.run.image.version);
        let prepared = resolved
            .map_err(|source| RunError::Image {
                action: action.name.clone(),
                source,
            })
            .and_then(|runtime| {
                let prepared = runtime.prepare(&machine, &cache, &tell, stop);
                let failed = |source| RunError::Runtime {
                    image: name.clone(),
                    source,
                };
                Ok((runtime, prepared.map_err(failed)?))
            });
        match prepared {
            Ok(prepared) => {
                images.ready.insert(name, prepared);
            }
            Err(error) => {
                images.missing.insert(name, error);
            }
        }
    }
    Ok(images)
}
