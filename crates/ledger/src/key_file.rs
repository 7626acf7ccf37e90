//! The file that holds a log's signing key, readable by its owner alone.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use glovebox_beneath as beneath;
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::key::{KeyFault, Signer};

/// No signing key is longer, in bytes.
const LONGEST: u64 = 1024;

/// Why there is no signing key. None of these holds any of it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not a key.
    #[error("{} holds no signing key: {fault}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: KeyFault,
    },
    /// It is the key of another log.
    #[error("{} is the key of the log {found}, and this log is {wanted}: give this one a key file of its own", path.display())]
    OtherLog {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// Others than its owner may read or change it.
    #[error("others may read or change {0}: keep it to yourself, with chmod 600 {0}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// It is a link, a folder or something else.
    #[error("{} is no regular file: name a file, and no link to one", .0.display())]
    Strange(PathBuf),
    /// It cannot be read or made.
    #[error("the signing key {} cannot be read or made: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Signer {
    /// The key that a file holds, whatever its log is called; nothing if the file is missing.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyFileError> {
        load(&folder_of(path)?, path, None)
    }

    /// The key that a file holds, for the log of this name; made, with mode 0600, if the file is missing.
    ///
    /// The file must not be in the log's folder, which others are given.
    pub fn load_or_create(path: &Path, name: &str) -> Result<Self, KeyFileError> {
        let folder = folder_of(path)?;
        if let Some(signer) = load(&folder, path, Some(name))? {
            return Ok(signer);
        }
        let failed = |source: io::Error| io_error(path, source);
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|_| failed(io::Error::other("the system has no random bytes")))?;
        let signer = Self::from_seed(name, seed).map_err(|fault| KeyFileError::Key {
            path: path.to_owned(),
            fault,
        })?;
        let is_made = create(&folder, path, &signer.secret_text(&seed)).map_err(failed)?;
        if is_made {
            return Ok(signer);
        }
        // Another process was faster: its key is the one.
        load(&folder, path, Some(name))?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
    }
}

fn folder_of(path: &Path) -> Result<File, KeyFileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = rustix::fs::open(folder, flags, Mode::empty());
    open.map(File::from)
        .map_err(|error| io_error(path, error.into()))
}

fn name_of(path: &Path) -> &Path {
    path.file_name().map_or(path, Path::new)
}

fn load(folder: &File, path: &Path, wanted: Option<&str>) -> Result<Option<Signer>, KeyFileError> {
    let (file, stat) = match beneath::open_file(folder, name_of(path)) {
        Ok(open) => open,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::INVAL | Errno::NXIO) => {
            return Err(KeyFileError::Strange(path.to_owned()));
        }
        Err(error) => return Err(io_error(path, error.into())),
    };
    if stat.st_mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(KeyFileError::Open { path });
    }
    let mut text = String::new();
    file.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|source| io_error(path, source))?;
    let signer = Signer::parse(text.trim_end()).map_err(|fault| KeyFileError::Key {
        path: path.to_owned(),
        fault,
    })?;
    let found = signer.verifier_key().name();
    if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
        return Err(KeyFileError::OtherLog {
            path: path.to_owned(),
            found: found.to_owned(),
            wanted: wanted.to_owned(),
        });
    }
    Ok(Some(signer))
}

/// Makes the file whole, and never over another: whether it did.
fn create(folder: &File, path: &Path, secret: &str) -> io::Result<bool> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mut unfinished = name_of(path).as_os_str().as_bytes().to_vec();
    unfinished.extend(format!(".{}", HEXLOWER.encode(&random)).bytes());
    let unfinished = Path::new(std::ffi::OsStr::from_bytes(&unfinished));
    let mut file = beneath::create_file(folder, unfinished, beneath::FILE_MODE)?;
    file.write_all(secret.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    let place = name_of(path);
    match rustix::fs::renameat_with(folder, unfinished, folder, place, RenameFlags::NOREPLACE) {
        Ok(()) => {
            folder.sync_all()?;
            Ok(true)
        }
        Err(error) => {
            rustix::fs::unlinkat(folder, unfinished, AtFlags::empty())?;
            if error == Errno::EXIST {
                Ok(false)
            } else {
                Err(error.into())
            }
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::Io {
        path: path.to_owned(),
        source,
    }
}
