//! The packages that Glovebox gives to study code (`cohortextractor`, `osmatching`): part of the
//! binary, unpacked once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use crate::cache::Cache;
use crate::digest::{Parts, short};
use crate::error::{IoContext as _, PrepareError};
use crate::machine::Machine;
use crate::process;
use crate::python::{self, Interpreter};

/// Where study code finds them: the value of `PYTHONPATH`.
pub(crate) const GUEST: &str = "/opt/glovebox/packages";

const MARKER: &str = ".digest";

/// Paths and contents, sorted by path; written by the build script.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/packages.rs"));

/// Of all paths and contents.
pub(crate) fn digest() -> &'static str {
    static DIGEST: LazyLock<String> = LazyLock::new(|| {
        EMBEDDED
            .iter()
            .fold(Parts::new("packages"), |parts, (path, content)| {
                parts.with(path).with(content)
            })
            .hex()
    });
    &DIGEST
}

/// The folder that holds the packages with byte code for `interpreter`.
pub(crate) fn unpack(
    interpreter: &Interpreter,
    machine: &Machine,
    cache: &Cache,
    cancel: &AtomicBool,
) -> Result<PathBuf, PrepareError> {
    let digest = Parts::new("unpacked packages")
        .with(digest())
        .with(&interpreter.cache_tag)
        .hex();
    let whole =
        |place: &Path| fs::read(place.join(MARKER)).is_ok_and(|found| found == digest.as_bytes());
    cache.once(
        &format!("packages-{}", short(&digest)),
        whole,
        || (),
        cancel,
        |staging| {
            for (name, content) in EMBEDDED {
                let path = staging.join(name);
                let folder = path.parent().unwrap_or(staging);
                fs::create_dir_all(folder).at(folder)?;
                fs::write(&path, content).at(&path)?;
            }
            let python = process::command(machine, &interpreter.executable, staging);
            python::compile(python, staging, staging, GUEST, cancel)?;
            let marker = staging.join(MARKER);
            fs::write(&marker, &digest).at(&marker)?;
            python::make_readable(staging)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::EMBEDDED;

    #[test]
    fn both_packages_are_embedded_without_tests_and_caches() {
        let names: Vec<_> = EMBEDDED.iter().map(|(name, _)| *name).collect();
        for package in ["cohortextractor/__init__.py", "osmatching/__init__.py"] {
            assert!(names.contains(&package), "{package} in {names:?}");
        }
        for unwanted in ["__pycache__", "/tests/", ".pyc"] {
            assert!(
                !names.iter().any(|name| name.contains(unwanted)),
                "{unwanted} in {names:?}"
            );
        }
        assert!(names.is_sorted());
    }
}
