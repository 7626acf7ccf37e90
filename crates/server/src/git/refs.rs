//! What can be a branch or a commit.

/// Names that git takes are longer, but no file system is asked to hold them.
const LONGEST: usize = 200;

/// A text that names neither a branch nor a commit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no branch and no commit")]
pub struct BadRef(pub String);

/// What somebody wants to have resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Branch(String),
    /// A commit in full, which no branch may be named like.
    Commit(String),
    /// The beginning of a commit, unless there is a branch of this name.
    Either(String),
}

impl Wanted {
    pub(super) fn parse(text: &str) -> Result<Self, BadRef> {
        let digits = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        match text.len() {
            40 if digits => Ok(Self::Commit(text.to_owned())),
            7..40 if digits => Ok(Self::Either(text.to_owned())),
            _ => {
                check_branch(text)?;
                Ok(Self::Branch(text.to_owned()))
            }
        }
    }
}

/// The rules of `git check-ref-format --branch`, so that a name stands for itself wherever git reads it.
pub(crate) fn check_branch(name: &str) -> Result<(), BadRef> {
    let bad_character = |c: char| c.is_control() || c == ' ' || "~^:?*[\\\u{7f}".contains(c);
    let bad_part = |part: &str| {
        part.is_empty() || part.starts_with('.') || part.strip_suffix(".lock").is_some()
    };
    let good = !name.is_empty()
        && name.len() <= LONGEST
        && !name.starts_with('-')
        && !name.ends_with('.')
        && name != "@"
        && name != "HEAD"
        && !name.contains("..")
        && !name.contains("@{")
        && !name.chars().any(bad_character)
        && !name.split('/').any(bad_part);
    if good {
        Ok(())
    } else {
        Err(BadRef(name.chars().take(LONGEST).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_git_would_take_for_something_else_are_none() {
        let good = ["main", "feature/a-b", "release_1.0", "wärme", "main@home"];
        for name in good {
            assert_eq!(check_branch(name), Ok(()), "{name}");
        }
        let bad = [
            "",
            "-x",
            "--upload-pack=id",
            "a b",
            "a..b",
            "a~1",
            "a^",
            "a:b",
            "a@{1}",
            "@",
            "HEAD",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a\nb",
            "a\0b",
            "a\\b",
            "refs/*",
            "a.",
        ];
        for name in bad {
            assert!(check_branch(name).is_err(), "{name:?}");
        }
        assert!(check_branch(&"x".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn commits_are_told_from_branches() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Wanted::parse(sha), Ok(Wanted::Commit(sha.to_owned())));
        assert_eq!(
            Wanted::parse("abcdef1"),
            Ok(Wanted::Either("abcdef1".to_owned()))
        );
        assert_eq!(Wanted::parse("abc"), Ok(Wanted::Branch("abc".to_owned())));
    }
}
