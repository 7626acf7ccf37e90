//! Lock files: requirements, each pinned and with hashes.

use sha2::{Digest as _, Sha256};

/// A lock file that may be installed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lock {
    /// Its file name.
    pub(crate) name: String,
    pub(crate) text: String,
    /// SHA-256 of the text, hexadecimal.
    pub(crate) sha256: String,
    /// `numpy 2.3.5`, in the file's order.
    pub(crate) packages: Vec<String>,
}

/// A lock file does not lock.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum LockError {
    #[error("line {line}: `{text}` has no exact version (name==version)")]
    NotPinned { line: usize, text: String },
    #[error("line {line}: `{package}` has no hash (--hash=sha256:…)")]
    NoHash { line: usize, package: String },
    #[error("line {line}: `{text}` is an option; where packages come from is pip's configuration")]
    Option { line: usize, text: String },
    #[error("it names no package")]
    Empty,
}

impl Lock {
    /// Reads requirements in pip's format: `name==version [; marker] \`, then lines of hashes.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, LockError> {
        let mut packages = Vec::new();
        for (line, requirement) in logical_lines(text) {
            let words = requirement.split_whitespace();
            let (hashes, words): (Vec<_>, Vec<_>) =
                words.partition(|word| word.starts_with("--hash=sha256:"));
            let first = words.first().copied().unwrap_or_default();
            if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
                return Err(LockError::Option {
                    line,
                    text: (*option).to_owned(),
                });
            }
            let Some((package, version)) = first.trim_end_matches(';').split_once("==") else {
                return Err(LockError::NotPinned {
                    line,
                    text: first.to_owned(),
                });
            };
            if hashes.is_empty() {
                return Err(LockError::NoHash {
                    line,
                    package: package.to_owned(),
                });
            }
            packages.push(format!("{package} {version}"));
        }
        if packages.is_empty() {
            return Err(LockError::Empty);
        }
        let sha256 = base16ct::lower::encode_string(&Sha256::digest(text.as_bytes()));
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            sha256,
            packages,
        })
    }
}

/// Lines joined where they end in a backslash, without comments and blank ones; with the number,
/// from 1, of the first of each.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut continued = false;
    for (at, line) in text.lines().enumerate() {
        let line = line
            .split_once('#')
            .map_or(line, |(before, _)| before)
            .trim();
        let (line, goes_on) = line.strip_suffix('\\').map_or((line, false), |l| (l, true));
        match lines.last_mut() {
            Some((_, whole)) if continued => {
                whole.push(' ');
                whole.push_str(line);
            }
            _ if line.is_empty() => {}
            _ => lines.push((at + 1, line.to_owned())),
        }
        continued = goes_on;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Lock, LockError};

    #[test]
    fn only_what_is_pinned_and_hashed_is_a_lock() {
        let read = |text| Lock::parse("l.txt", text).map(|lock| lock.packages);
        let text = "# c\na==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n\nb==2 ; python_version < '3.12' --hash=sha256:02 # x\n";
        assert_eq!(read(text), Ok(vec!["a 1".into(), "b 2".into()]));
        let line = 1;
        for (text, error) in [
            ("", LockError::Empty),
            ("# only words\n", LockError::Empty),
            (
                "a==1",
                LockError::NoHash {
                    line,
                    package: "a".into(),
                },
            ),
            (
                "a==1 --hash=md5:00",
                LockError::Option {
                    line,
                    text: "--hash=md5:00".into(),
                },
            ),
            (
                "a>=1 --hash=sha256:00",
                LockError::NotPinned {
                    line,
                    text: "a>=1".into(),
                },
            ),
            (
                "./a.whl --hash=sha256:00",
                LockError::NotPinned {
                    line,
                    text: "./a.whl".into(),
                },
            ),
            (
                "--index-url elsewhere",
                LockError::Option {
                    line,
                    text: "--index-url".into(),
                },
            ),
            (
                "-e .",
                LockError::Option {
                    line,
                    text: "-e".into(),
                },
            ),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }
}
