//! R: the system's own, where it is installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::digest::Parts;
use crate::error::PrepareError;
use crate::machine::{Machine, is_executable};
use crate::prepared::{Mount, Prepared, SYSTEM_PATH, variables};
use crate::runtime::State;

/// Where R may be: its `Rscript`, and its home. All are below `/usr`, which sandboxes show.
const HOMES: [(&str, &str); 3] = [
    ("/usr/bin/Rscript", "/usr/lib/R"),
    ("/usr/local/bin/Rscript", "/usr/local/lib/R"),
    ("/usr/bin/Rscript", "/usr/lib64/R"),
];

/// Where packages may be, beside `library` in R's home; Debian's order.
const LIBRARIES: [&str; 3] = [
    "/usr/local/lib/R/site-library",
    "/usr/lib/R/site-library",
    "/usr/share/R/library",
];

/// What R reads outside `/usr`: its own settings, which linear algebra library was chosen, fonts.
const SETTINGS: [&str; 3] = ["/etc/R", "/etc/alternatives", "/etc/fonts"];

/// R, as the table describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Debian packages that studies expect.
    pub(crate) packages: Vec<String>,
    /// Runs a script.
    pub(crate) program: String,
}

/// What is installed.
struct Installed {
    /// Of R itself: `4.2.2`.
    version: String,
    /// Names of packages in lower case, as Debian writes them.
    packages: BTreeSet<String>,
    /// Of the description of every package, R's own included. A description has the version and
    /// the time at which the package was built, so it changes when a package does.
    digest: String,
}

impl Environment {
    pub(crate) fn prepare(&self, machine: &Machine) -> Result<Prepared, PrepareError> {
        let installed = installed(machine).ok_or_else(|| PrepareError::NoR {
            remedy: self.remedy(),
        })?;
        let mounts = SETTINGS
            .iter()
            .map(|path| Mount {
                host: machine.system(path),
                guest: PathBuf::from(path),
            })
            .filter(|mount| mount.host.exists())
            .collect();
        Ok(Prepared {
            digest: digest(&installed),
            description: format!(
                "R {} with {} packages",
                installed.version,
                installed.packages.len()
            ),
            mounts,
            env: variables(&[
                ("HOME", "/tmp"),
                ("LANG", "C.UTF-8"),
                ("TZ", "UTC"),
                // See the same of Python: results must not depend on how many threads there are.
                ("OMP_NUM_THREADS", "1"),
                ("OPENBLAS_NUM_THREADS", "1"),
                ("R_LIBS_USER", "/nonexistent"),
            ]),
            path_entries: SYSTEM_PATH.map(str::to_owned).to_vec(),
            program: self.program.clone(),
            script_extensions: &["R", "r"],
        })
    }

    pub(crate) fn state(&self, machine: &Machine) -> State {
        let Some(installed) = installed(machine) else {
            let problem = String::from("R is not installed");
            return State::Missing {
                problem,
                remedy: Some(self.remedy()),
            };
        };
        let missing: Vec<&str> = self
            .packages
            .iter()
            .filter(|name| {
                !installed
                    .packages
                    .contains(name.trim_start_matches("r-cran-"))
            })
            .map(String::as_str)
            .collect();
        let note = (!missing.is_empty()).then(|| {
            let names = missing.join(" ");
            format!("some packages that studies use are missing: apt-get install {names}")
        });
        State::Ready {
            digest: digest(&installed),
            note,
        }
    }

    fn remedy(&self) -> String {
        format!("apt-get install r-base-core {}", self.packages.join(" "))
    }
}

fn digest(installed: &Installed) -> String {
    Parts::new("runtime")
        .with("r")
        .with(&installed.digest)
        .hex()
}

fn installed(machine: &Machine) -> Option<Installed> {
    let home = HOMES.iter().find_map(|(rscript, home)| {
        let description = Path::new(home).join("library/base/DESCRIPTION");
        (is_executable(&machine.system(rscript)) && machine.system(description).is_file())
            .then_some(*home)
    })?;
    let mut packages = BTreeSet::new();
    let mut version = String::new();
    let mut parts = Parts::new("R packages");
    let own = Path::new(home).join("library");
    for library in std::iter::once(own.as_path()).chain(LIBRARIES.iter().map(Path::new)) {
        let Ok(entries) = fs::read_dir(machine.system(library)) else {
            continue;
        };
        let mut folders: Vec<_> = entries.flatten().collect();
        folders.sort_by_key(fs::DirEntry::file_name);
        for folder in folders {
            let Ok(description) = fs::read(folder.path().join("DESCRIPTION")) else {
                continue;
            };
            let name = folder.file_name().to_string_lossy().into_owned();
            if name == "base" {
                version = field(&description, "Version").unwrap_or_default();
            }
            parts = parts
                .with(library.as_os_str().as_encoded_bytes())
                .with(&name)
                .with(description);
            packages.insert(name.to_ascii_lowercase());
        }
    }
    Some(Installed {
        version,
        packages,
        digest: parts.hex(),
    })
}

/// A field of a package's description, on one line.
fn field(description: &[u8], name: &str) -> Option<String> {
    String::from_utf8_lossy(description)
        .lines()
        .find_map(|line| {
            Some(
                line.strip_prefix(name)?
                    .strip_prefix(':')?
                    .trim()
                    .to_owned(),
            )
        })
}
