//! Secrets of the service, out of files that nobody else may read.

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use super::CannotNotify;

/// No secret is longer, in bytes.
const LONGEST: u64 = 1024;

/// The first line of a file. It is never taken from an argument or the environment, which others can see.
pub(super) fn read(path: &Path) -> Result<String, CannotNotify> {
    let bad = |reason: String| CannotNotify::Secret {
        path: path.to_owned(),
        reason,
    };
    let unreadable = |error: std::io::Error| bad(format!("it cannot be read: {error}"));
    // What is looked at is what is read. A pipe would be waited for.
    let no_waiting = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options()
        .read(true)
        .custom_flags(no_waiting)
        .open(path)
        .map_err(unreadable)?;
    let found = file.metadata().map_err(unreadable)?;
    if !found.is_file() {
        return Err(bad("it is no regular file".to_owned()));
    }
    if found.permissions().mode() & 0o077 != 0 {
        let mend = format!("others may read it: run chmod 600 {}", path.display());
        return Err(bad(mend));
    }
    let mut text = String::new();
    file.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(bad("it is empty".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};

    #[test]
    fn what_others_may_read_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let cases = [
            ("s3cret\n", 0o600, Some("s3cret")),
            ("s3cret", 0o400, Some("s3cret")),
            ("s3cret", 0o640, None),
            ("s3cret", 0o604, None),
            ("\n\n", 0o600, None),
            ("", 0o600, None),
        ];
        for (text, mode, wanted) in cases {
            let _ = std::fs::remove_file(&path);
            write(&path, text).unwrap();
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).ok().as_deref(), wanted, "{text:?} {mode:o}");
        }
        let error = read(&folder.path().join("none")).unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
        assert!(read(folder.path()).is_err());
    }
}
