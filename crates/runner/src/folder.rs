//! The project folder and the private folder in it that Glovebox keeps its own things in.
//!
//! ```text
//! my-study/
//!   project.yaml
//!   analysis/ …            the study's code
//!   output/ …              copies of the outputs, for the person who ran the study
//!   .glovebox/             private (0700), ignored by git
//!     lock                 held while a run is under way
//!     code/                what the code was, by digest: path and digest of every file
//!     jobs/<job id>/       log.txt and job.json of every job
//!     latest/<action>.json the newest success of every action, for reuse
//!     outputs/             the two stores, one folder a level
//!     work/                workspaces of running jobs; empty when nothing runs
//! ```

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// Name of the private folder in a project folder.
pub const PRIVATE_FOLDER: &str = ".glovebox";

/// A project folder and the places in it.
#[derive(Debug, Clone)]
pub struct ProjectFolder {
    root: PathBuf,
}

impl ProjectFolder {
    /// Opens a project folder: makes its path absolute and creates the private folder.
    ///
    /// # Errors
    /// The folder does not exist or cannot be written.
    pub fn open(root: &Path) -> io::Result<Self> {
        let folder = Self {
            root: fs::canonicalize(root)?,
        };
        for place in [
            folder.private(),
            folder.code_manifests(),
            folder.jobs(),
            folder.latest(),
            folder.stores(),
            folder.work(),
        ] {
            own(&place)?;
        }
        // The folder ignores itself, so no study has to mention it and no row is committed by mistake.
        let ignore = folder.private().join(".gitignore");
        if !ignore.exists() {
            write_atomically(&ignore, b"*\n")?;
        }
        Ok(folder)
    }

    /// The folder that holds `project.yaml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The private folder.
    pub fn private(&self) -> PathBuf {
        self.root.join(PRIVATE_FOLDER)
    }

    /// Where the two stores are.
    pub fn stores(&self) -> PathBuf {
        self.private().join("outputs")
    }

    /// What code looked like, one file a digest.
    pub fn code_manifests(&self) -> PathBuf {
        self.private().join("code")
    }

    /// Logs and records, one folder a job.
    pub fn jobs(&self) -> PathBuf {
        self.private().join("jobs")
    }

    /// The newest success of each action.
    pub fn latest(&self) -> PathBuf {
        self.private().join("latest")
    }

    /// Workspaces of running jobs.
    pub fn work(&self) -> PathBuf {
        self.private().join("work")
    }

    /// A path as a person in the project folder would type it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// Creates one of the private folders, or makes sure that what is there is a folder.
///
/// A repository can bring links of these names along, and with them point our writes, and worse
/// our sweeping, anywhere.
fn own(place: &Path) -> io::Result<()> {
    match fs::symlink_metadata(place) {
        Ok(found) if !found.is_dir() => Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            format!(
                "{} is not a folder: remove it, Glovebox makes its own",
                place.display()
            ),
        )),
        _ => make_private(place),
    }
}

/// Creates a folder (and its parents) that only its owner may enter.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Writes a whole file or none: into a temporary file beside it, then renamed over it.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Opens one of Glovebox's own files: never through a link, never waiting for a pipe.
///
/// # Errors
/// It is not there, is no regular file, or cannot be opened.
pub(crate) fn open_own(path: &Path, options: &mut fs::OpenOptions) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = options
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is not a regular file: remove it", path.display()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_that_a_repository_brought_are_refused_and_lead_nowhere() {
        for name in ["", "code", "jobs", "latest", "outputs", "work"] {
            let outside = tempfile::tempdir().unwrap();
            fs::write(outside.path().join("keep"), "kept").unwrap();
            let project = tempfile::tempdir().unwrap();
            let private = project.path().join(PRIVATE_FOLDER);
            if !name.is_empty() {
                fs::create_dir(&private).unwrap();
            }
            let link = if name.is_empty() {
                private
            } else {
                private.join(name)
            };
            symlink(outside.path(), &link).unwrap();
            let mode = fs::metadata(outside.path()).unwrap().permissions();
            let error = ProjectFolder::open(project.path()).unwrap_err();
            assert!(error.to_string().contains("remove it"), "{name}: {error}");
            let left: Vec<_> = fs::read_dir(outside.path()).unwrap().collect();
            assert_eq!(left.len(), 1, "{name}: {left:?}");
            assert_eq!(fs::metadata(outside.path()).unwrap().permissions(), mode);
        }
    }
}
