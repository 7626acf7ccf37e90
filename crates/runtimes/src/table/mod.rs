//! The table of images, `runtimes.toml`, and looking an image up in it.

mod error;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

pub use error::{ResolveError, TableError};

use crate::python::Lock;
use crate::runtime::{Builtin, Environment, Runtime};
use crate::{python, r};

const TABLE: &str = include_str!("../../runtimes.toml");
const LOCKS: [(&str, &str); 1] = [("python.txt", include_str!("../../locks/python.txt"))];

/// Which images there are and what each means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtimes {
    images: BTreeMap<String, Image>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Image {
    Available {
        builtin: Option<Builtin>,
        environment: Arc<Environment>,
        versions: Vec<String>,
    },
    Unavailable {
        why: String,
    },
}

/// One image of the table, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRow {
    /// Its name.
    pub name: String,
    /// The versions accepted; `v1.*` stands for all below v1. Empty if it is not available.
    pub versions: Vec<String>,
    /// `built in`, `python`, `r`, or nothing if it is not available.
    pub kind: Option<&'static str>,
    /// The image in the first of its versions, or why it is not available here.
    pub runtime: Result<Runtime, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    #[serde(default)]
    environments: BTreeMap<String, EnvironmentText>,
    #[serde(default)]
    images: BTreeMap<String, ImageText>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum EnvironmentText {
    Python {
        lock: String,
        imports: Vec<String>,
        program: String,
    },
    R {
        packages: Vec<String>,
        program: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageText {
    builtin: Option<Builtin>,
    environment: Option<String>,
    #[serde(default)]
    versions: Vec<String>,
    unavailable: Option<String>,
}

impl Runtimes {
    /// The table that Glovebox comes with.
    pub fn embedded() -> Result<Self, TableError> {
        Self::from_toml(TABLE)
    }

    /// A table of your own; its locks are those that Glovebox comes with.
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        Self::read(text, |_| Ok(None))
    }

    /// A table of your own in a file; locks of its own are files in the same folder.
    pub fn from_file(path: &Path) -> Result<Self, TableError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| TableError::Read {
                path: path.to_path_buf(),
                source,
            })
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::read(&read(path)?, |lock| {
            let path = folder.join(lock);
            if path.exists() {
                read(&path).map(Some)
            } else {
                Ok(None)
            }
        })
    }

    fn read(
        text: &str,
        lock: impl Fn(&str) -> Result<Option<String>, TableError>,
    ) -> Result<Self, TableError> {
        let table: TableText =
            toml::from_str(text).map_err(|error| TableError::Syntax(error.to_string()))?;
        let environments = table
            .environments
            .into_iter()
            .map(|(name, text)| Ok((name, Arc::new(environment(text, &lock)?))))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let images = table
            .images
            .into_iter()
            .map(|(name, text)| image(&name, text, &environments).map(|image| (name, image)))
            .collect::<Result<_, _>>()?;
        Ok(Self { images })
    }

    /// What `name:version` means here.
    pub fn resolve(&self, name: &str, version: &str) -> Result<Runtime, ResolveError> {
        match self.images.get(name) {
            None => Err(ResolveError::UnknownImage {
                name: name.to_owned(),
                suggestion: self.suggestion(name),
                known: self.available().map(str::to_owned).collect(),
            }),
            Some(Image::Unavailable { why }) => Err(ResolveError::NotAvailable {
                name: name.to_owned(),
                why: why.clone(),
            }),
            Some(Image::Available {
                builtin,
                environment,
                versions,
            }) => {
                if !versions.iter().any(|pattern| accepts(pattern, version)) {
                    let (name, version) = (name.to_owned(), version.to_owned());
                    let known = versions.clone();
                    return Err(ResolveError::UnknownVersion {
                        name,
                        version,
                        known,
                    });
                }
                Ok(Runtime {
                    image: name.to_owned(),
                    version: version.to_owned(),
                    builtin: *builtin,
                    environment: Arc::clone(environment),
                })
            }
        }
    }

    /// Every image, those that can run here first, each part by name.
    pub fn images(&self) -> Vec<ImageRow> {
        let mut rows: Vec<_> = self
            .images
            .iter()
            .map(|(name, image)| row(name, image))
            .collect();
        rows.sort_by_key(|row| row.runtime.is_err());
        rows
    }

    fn available(&self) -> impl Iterator<Item = &str> {
        self.images
            .iter()
            .filter(|(_, image)| matches!(image, Image::Available { .. }))
            .map(|(name, _)| name.as_str())
    }

    /// The known image with the most similar name: a slip of the keyboard, or the same image with
    /// its registry in front.
    fn suggestion(&self, name: &str) -> Option<String> {
        let short = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        self.images
            .keys()
            .map(|known| (strsim::damerau_levenshtein(&short, known), known))
            .filter(|(distance, known)| *distance <= known.len().div_ceil(3).min(3))
            .filter(|(distance, known)| *distance < known.len())
            .min()
            .map(|(_, known)| known.clone())
    }
}

fn row(name: &str, image: &Image) -> ImageRow {
    let name = name.to_owned();
    match image {
        Image::Unavailable { why } => ImageRow {
            name,
            versions: Vec::new(),
            kind: None,
            runtime: Err(why.clone()),
        },
        Image::Available {
            builtin,
            environment,
            versions,
        } => {
            let kind = match (builtin, environment.as_ref()) {
                (Some(_), _) => "built in",
                (None, Environment::Python(_)) => "python",
                (None, Environment::R(_)) => "r",
            };
            let runtime = Runtime {
                image: name.clone(),
                version: versions.first().cloned().unwrap_or_default(),
                builtin: *builtin,
                environment: Arc::clone(environment),
            };
            ImageRow {
                name,
                versions: versions.clone(),
                kind: Some(kind),
                runtime: Ok(runtime),
            }
        }
    }
}

fn environment(
    text: EnvironmentText,
    beside: impl Fn(&str) -> Result<Option<String>, TableError>,
) -> Result<Environment, TableError> {
    match text {
        EnvironmentText::R { packages, program } => {
            Ok(Environment::R(r::Environment { packages, program }))
        }
        EnvironmentText::Python {
            lock,
            imports,
            program,
        } => {
            // It becomes the name of a file while installing.
            if lock.contains('/') || lock.starts_with('.') || lock.is_empty() {
                return Err(TableError::NoLock { lock });
            }
            let built_in = || {
                LOCKS
                    .iter()
                    .find(|(name, _)| *name == lock)
                    .map(|(_, text)| *text)
            };
            let text = match beside(&lock)? {
                Some(text) => text,
                None => built_in()
                    .ok_or_else(|| TableError::NoLock { lock: lock.clone() })?
                    .to_owned(),
            };
            let lock = Lock::parse(&lock, &text).map_err(|error| TableError::Lock {
                lock: lock.clone(),
                problem: error.to_string(),
            })?;
            Ok(Environment::Python(python::Environment {
                lock,
                imports,
                program,
            }))
        }
    }
}

fn image(
    name: &str,
    text: ImageText,
    environments: &BTreeMap<String, Arc<Environment>>,
) -> Result<Image, TableError> {
    let image = name.to_owned();
    match text {
        ImageText {
            builtin: None,
            environment: None,
            versions,
            unavailable: Some(why),
        } if versions.is_empty() => Ok(Image::Unavailable { why }),
        ImageText {
            builtin,
            environment: Some(environment),
            versions,
            unavailable: None,
        } if !versions.is_empty() => {
            let Some(found) = environments.get(&environment) else {
                return Err(TableError::NoEnvironment { image, environment });
            };
            if builtin.is_some() && !matches!(found.as_ref(), Environment::Python(_)) {
                return Err(TableError::BuiltinNeedsPython { image });
            }
            Ok(Image::Available {
                builtin,
                environment: Arc::clone(found),
                versions,
            })
        }
        _ => Err(TableError::Image { image }),
    }
}

/// Whether a version of the table stands for `version`: `v1.*` for v1.93 and v1.93.3.
fn accepts(pattern: &str, version: &str) -> bool {
    match pattern.strip_suffix('*') {
        None => pattern == version,
        Some(prefix) => version.strip_prefix(prefix).is_some_and(|rest| {
            rest.split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        }),
    }
}
