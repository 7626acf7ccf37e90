//! The study's code: which files count as code, what they were, and a frozen copy of them.
//!
//! A run copies the code once, hashing what it copies, and every job starts from that copy: an
//! edit made while the run is under way cannot reach half of its jobs.

mod copying;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use glovebox_pipeline::Project;
use sha2::{Digest as _, Sha256};

use crate::folder::{make_private, write_atomically};
use copying::{Copying, make_parent};

/// What says which actions there are.
const PROJECT_FILE: &str = "project.yaml";

/// Most bytes that may count as code; a folder with more holds data that no pattern declares.
const MOST_BYTES: u64 = 2 << 30;

/// Most files that may count as code.
const MOST_FILES: usize = 100_000;

/// Digest of every code file, and of every link and where it leads, by its path relative to the
/// project folder.
pub type FileDigests = BTreeMap<String, String>;

/// A frozen copy of a study's code.
#[derive(Debug)]
pub struct CodeSnapshot {
    root: PathBuf,
    files: FileDigests,
    /// Which of them are links.
    links: BTreeSet<String>,
    digest: String,
    ignored: Vec<String>,
}

/// Why the code could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// Reading or writing failed.
    #[error("cannot copy the code file {path}: {source}")]
    Io {
        /// Path relative to the project folder.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Far more than code is in the folder.
    #[error(
        "the project folder holds more than {} GiB or {MOST_FILES} files beside its declared outputs (the largest is {largest}): \
         move data out of the folder, or declare it as an output of the action that makes it",
        MOST_BYTES >> 30
    )]
    TooMuch {
        /// The largest file seen.
        largest: String,
    },
}

impl CodeSnapshot {
    /// Copies the code of `project` into the new folder `into`.
    ///
    /// `is_output` tells whether a path (relative, with `/`) is a declared output of some action:
    /// what an earlier run left in the folder is not code. `project.yaml` is copied, but counts
    /// as code only where a file of code names it: what an action is, is compared by itself, and
    /// an edit to one action must not make all others stale.
    ///
    /// # Errors
    /// A file cannot be read or written, or the folder is far too large to be code.
    pub fn take(
        project: &Path,
        into: &Path,
        is_output: &dyn Fn(&str) -> bool,
    ) -> Result<Self, CodeError> {
        make_private(into).map_err(|source| CodeError::Io {
            path: String::new(),
            source,
        })?;
        let mut copy = Copying {
            project,
            is_output,
            names_project_yaml: false,
            bytes: 0,
            largest: (0, String::new()),
            snapshot: Self {
                root: into.to_owned(),
                files: FileDigests::new(),
                links: BTreeSet::new(),
                digest: String::new(),
                ignored: Vec::new(),
            },
        };
        copy.folder(Path::new(""))?;
        let names_project_yaml = copy.names_project_yaml;
        let mut snapshot = copy.snapshot;
        let mut digest = Sha256::new();
        for (path, file) in &snapshot.files {
            if path == PROJECT_FILE && !names_project_yaml {
                continue;
            }
            // Length-prefixed, so that no two trees read the same.
            digest.update((path.len() as u64).to_le_bytes());
            digest.update(path);
            digest.update(file);
        }
        snapshot.digest = base16ct::lower::encode_string(&digest.finalize());
        if !names_project_yaml {
            snapshot.files.remove(PROJECT_FILE);
        }
        Ok(snapshot)
    }

    /// Digest (SHA-256, hexadecimal) of all that counts as code.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The folder that holds the frozen code.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.root)
    }

    /// Paths of all code files and links.
    pub fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// Paths of the links among them.
    pub fn links(&self) -> &BTreeSet<String> {
        &self.links
    }

    /// Names of what is neither code nor output and was left out: special files, and names that are not UTF-8.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Keeps what the code was in `folder`, so that a later run can name what changed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_digests(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(format!("{}.json", self.digest));
        if path.exists() {
            return Ok(());
        }
        write_atomically(&path, &serde_json::to_vec(&self.files)?)
    }

    /// What changed since the code had the digest `earlier`: up to `most` paths, in order.
    ///
    /// Empty when nothing changed or when it is not known any more what the code was.
    pub fn changes_since(&self, earlier: &str, folder: &Path, most: usize) -> Vec<String> {
        // A digest is a file name here: nothing else may be.
        if !earlier.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Vec::new();
        }
        let Ok(bytes) = fs::read(folder.join(format!("{earlier}.json"))) else {
            return Vec::new();
        };
        let Ok(earlier) = serde_json::from_slice::<FileDigests>(&bytes) else {
            return Vec::new();
        };
        let changed = self
            .files
            .iter()
            .filter_map(|(path, digest)| match earlier.get(path) {
                None => Some(format!("{path} is new")),
                Some(before) if before != digest => Some(format!("{path} changed")),
                Some(_) => None,
            });
        let removed = earlier
            .keys()
            .filter(|path| !self.files.contains_key(*path))
            .map(|path| format!("{path} is gone"));
        changed.chain(removed).take(most).collect()
    }

    /// Copies the frozen code into a job's workspace.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn stage(&self, workspace: &Path) -> io::Result<()> {
        let mut paths: BTreeSet<&str> = self.files.keys().map(String::as_str).collect();
        // Read by the code or not, it is there as it is in the project.
        if fs::symlink_metadata(self.root.join(PROJECT_FILE)).is_ok() {
            paths.insert(PROJECT_FILE);
        }
        for path in paths {
            let (from, target) = (self.root.join(path), workspace.join(path));
            make_parent(&target)?;
            if self.links.contains(path) {
                symlink(fs::read_link(from)?, &target)?;
            } else {
                // `fs::copy` shares the blocks where the filesystem can.
                fs::copy(from, &target)?;
            }
        }
        Ok(())
    }
}

/// Whether some action of the project declares the path as an output.
pub(crate) fn is_output(project: &Project, path: &str) -> bool {
    let mut outputs = project.actions().iter().flat_map(|action| &action.outputs);
    outputs.any(|output| output.pattern.matches(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            make_parent(&path).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn snapshot(project: &Path) -> (tempfile::TempDir, CodeSnapshot) {
        let into = tempfile::tempdir().unwrap();
        let is_output = |path: &str| path.starts_with("output/");
        let code = CodeSnapshot::take(project, &into.path().join("code"), &is_output).unwrap();
        (into, code)
    }

    #[test]
    fn outputs_caches_and_version_control_are_not_code() {
        let dir = project(&[
            ("analysis/a.py", "1"),
            ("analysis/__pycache__/a.pyc", "x"),
            (".git/config", "x"),
            ("metadata/a.log", "x"),
            ("output/a.csv", "x"),
            (".glovebox/x", "x"),
            ("project.yaml", "version: 4"),
        ]);
        let (_into, code) = snapshot(dir.path());
        assert_eq!(code.files.keys().collect::<Vec<_>>(), ["analysis/a.py"]);
    }

    #[test]
    fn project_yaml_counts_only_where_code_names_it() {
        let plain = project(&[
            ("a.py", "1"),
            ("project.yaml", "a"),
            ("README.md", "project.yaml"),
        ]);
        let (_one, before) = snapshot(plain.path());
        fs::write(plain.path().join("project.yaml"), "b").unwrap();
        let (_two, after) = snapshot(plain.path());
        assert_eq!(before.digest(), after.digest());

        fs::write(plain.path().join("a.py"), "open('project.yaml')").unwrap();
        let (_three, before) = snapshot(plain.path());
        fs::write(plain.path().join("project.yaml"), "c").unwrap();
        let (_four, after) = snapshot(plain.path());
        assert_ne!(before.digest(), after.digest());
    }

    #[test]
    fn changes_are_named() {
        let dir = project(&[("a.py", "1"), ("b.py", "1"), ("c.py", "1")]);
        let kept = tempfile::tempdir().unwrap();
        let (_one, before) = snapshot(dir.path());
        before.keep_digests(kept.path()).unwrap();
        fs::write(dir.path().join("a.py"), "2").unwrap();
        fs::remove_file(dir.path().join("b.py")).unwrap();
        fs::write(dir.path().join("d.py"), "1").unwrap();
        let (_two, after) = snapshot(dir.path());
        assert_eq!(
            after.changes_since(before.digest(), kept.path(), 9),
            ["a.py changed", "d.py is new", "b.py is gone"]
        );
        assert!(
            after
                .changes_since("../../etc/passwd", kept.path(), 9)
                .is_empty()
        );
    }

    #[test]
    fn a_link_is_copied_as_a_link_and_never_read() {
        let dir = project(&[("a.py", "1")]);
        symlink("/etc/passwd", dir.path().join("secret.csv")).unwrap();
        let (_into, code) = snapshot(dir.path());
        let workspace = tempfile::tempdir().unwrap();
        code.stage(workspace.path()).unwrap();
        let staged = workspace.path().join("secret.csv");
        assert!(fs::symlink_metadata(&staged).unwrap().is_symlink());
        assert!(code.links().contains("secret.csv"));
    }

    #[test]
    fn where_a_link_leads_is_code() {
        let dir = project(&[("v1.py", "1"), ("v2.py", "2")]);
        let link = dir.path().join("current.py");
        symlink("v1.py", &link).unwrap();
        let kept = tempfile::tempdir().unwrap();
        let (_one, before) = snapshot(dir.path());
        before.keep_digests(kept.path()).unwrap();
        fs::remove_file(&link).unwrap();
        symlink("v2.py", &link).unwrap();
        let (_two, after) = snapshot(dir.path());
        assert_eq!(
            after.changes_since(before.digest(), kept.path(), 9),
            ["current.py changed"]
        );
    }

    #[test]
    fn project_yaml_may_be_a_link() {
        let dir = project(&[("conf/project.yaml", "version: 4")]);
        symlink("conf/project.yaml", dir.path().join("project.yaml")).unwrap();
        let (_into, code) = snapshot(dir.path());
        let workspace = tempfile::tempdir().unwrap();
        code.stage(workspace.path()).unwrap();
        let staged = fs::read_to_string(workspace.path().join("project.yaml")).unwrap();
        assert_eq!(staged, "version: 4");
    }
}
