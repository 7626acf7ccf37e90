//! Copying the code of a project folder while hashing what is copied.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

use super::{CodeError, CodeSnapshot, MOST_BYTES, MOST_FILES};
use crate::folder::PRIVATE_FOLDER;

/// Folders that are never code, at any depth: version control, caches and local environments.
const NEVER_CODE: &[&str] = &[
    ".git",
    PRIVATE_FOLDER,
    ".ipynb_checkpoints",
    ".Rproj.user",
    ".venv",
    "__pycache__",
    "node_modules",
];

/// The reference keeps its own logs in this folder of the project.
const REFERENCE_METADATA: &str = "metadata";

pub(super) struct Copying<'a> {
    pub(super) project: &'a Path,
    pub(super) is_output: &'a dyn Fn(&str) -> bool,
    pub(super) names_project_yaml: bool,
    pub(super) bytes: u64,
    pub(super) largest: (u64, String),
    pub(super) snapshot: CodeSnapshot,
}

impl Copying<'_> {
    pub(super) fn folder(&mut self, relative: &Path) -> Result<(), CodeError> {
        let failed = |source| CodeError::Io {
            path: relative.display().to_string(),
            source,
        };
        let folder = fs::read_dir(self.project.join(relative)).map_err(failed)?;
        for entry in folder {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let path = relative.join(&name);
            let Some(text) = path.to_str() else {
                self.snapshot
                    .ignored
                    .push(path.to_string_lossy().into_owned());
                continue;
            };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                let name = name.to_str().unwrap_or_default();
                if NEVER_CODE.contains(&name) || text == REFERENCE_METADATA {
                    continue;
                }
                self.folder(&path)?;
            } else if (self.is_output)(text) {
                // Made by a run: staged from the store, never from here.
            } else if kind.is_file() {
                self.file(text)?;
            } else if kind.is_symlink() {
                self.link(text)?;
            } else {
                self.snapshot.ignored.push(text.to_owned());
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<(), CodeError> {
        let failed = |source| CodeError::Io {
            path: path.to_owned(),
            source,
        };
        let mut source = File::options()
            .read(true)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
            .open(self.project.join(path))
            .map_err(failed)?;
        let metadata = source.metadata().map_err(failed)?;
        self.count(path, metadata.len())?;
        let mut content = Vec::new();
        (&mut source)
            .take(MOST_BYTES)
            .read_to_end(&mut content)
            .map_err(failed)?;
        self.names_project_yaml |= may_be_script(path) && names(&content, b"project.yaml");
        let target = self.snapshot.root.join(path);
        make_parent(&target).map_err(failed)?;
        let mut copy = File::create(&target).map_err(failed)?;
        copy.write_all(&content).map_err(failed)?;
        let executable = metadata.permissions().mode() & 0o100;
        copy.set_permissions(fs::Permissions::from_mode(0o600 | executable))
            .map_err(failed)?;
        let mut digest = Sha256::new();
        digest.update(if executable == 0 { b"file" } else { b"exec" });
        digest.update(&content);
        let digest = base16ct::lower::encode_string(&digest.finalize());
        self.snapshot.files.insert(path.to_owned(), digest);
        Ok(())
    }

    fn link(&mut self, path: &str) -> Result<(), CodeError> {
        let failed = |source| CodeError::Io {
            path: path.to_owned(),
            source,
        };
        self.count(path, 0)?;
        // Copied as a link: inside the sandbox it leads nowhere that the code could not go anyway.
        let leads_to = fs::read_link(self.project.join(path)).map_err(failed)?;
        let target = self.snapshot.root.join(path);
        make_parent(&target).map_err(failed)?;
        symlink(&leads_to, &target).map_err(failed)?;
        let mut digest = Sha256::new();
        digest.update(b"link");
        digest.update(leads_to.as_os_str().as_bytes());
        let digest = base16ct::lower::encode_string(&digest.finalize());
        self.snapshot.files.insert(path.to_owned(), digest);
        self.snapshot.links.insert(path.to_owned());
        Ok(())
    }

    fn count(&mut self, path: &str, bytes: u64) -> Result<(), CodeError> {
        if bytes >= self.largest.0 {
            self.largest = (bytes, path.to_owned());
        }
        self.bytes = self.bytes.saturating_add(bytes);
        let files = self.snapshot.files.len();
        if self.bytes > MOST_BYTES || files >= MOST_FILES {
            return Err(CodeError::TooMuch {
                largest: self.largest.1.clone(),
            });
        }
        Ok(())
    }
}

pub(super) fn make_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent),
        None => Ok(()),
    }
}

/// Whether a file could be run or imported: prose that mentions `project.yaml` reads nothing.
fn may_be_script(path: &str) -> bool {
    let prose = ["md", "txt", "rst", "html", "pdf", "yml", "yaml"];
    let extension = Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str());
    extension.is_none_or(|extension| !prose.contains(&extension))
}

fn names(content: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(content, word).is_some()
}
