//! What can be a repository.

/// Longer ones are no address that anybody types.
const LONGEST: usize = 500;

/// A text that is no address of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no repository: use https://host/owner/name, without a user name, a query or a fragment"
)]
pub struct BadUrl(pub String);

/// The address of a repository: `https://…`, or `file:///…` where that is allowed.
///
/// It holds no user name and no password, so it can be shown, and it cannot be taken for an option of git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepoUrl(String);

impl RepoUrl {
    pub(crate) fn parse(text: &str, allow_file: bool) -> Result<Self, BadUrl> {
        let bad = || BadUrl(text.chars().take(LONGEST).collect());
        let plain = text.len() <= LONGEST
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['?', '#', '\\', '"', '\'', '<', '>']);
        if !plain {
            return Err(bad());
        }
        if allow_file && text.starts_with("file:///") && text.len() > "file:///".len() {
            return Ok(Self(text.to_owned()));
        }
        let rest = text.strip_prefix("https://").ok_or_else(bad)?;
        let (host, path) = rest.split_once('/').ok_or_else(bad)?;
        let host_is_one = !host.is_empty()
            && !host.starts_with(['-', '.'])
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
        let path_is_one =
            !path.is_empty() && !path.contains('@') && path.split('/').all(|part| part != "..");
        if host_is_one && path_is_one {
            Ok(Self(text.to_owned()))
        } else {
            Err(bad())
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_repositories() {
        // (text, with files allowed, accepted)
        let cases = [
            ("https://github.com/opensafely/study", false, true),
            ("https://git.example.org:8443/a/b.git", false, true),
            ("http://github.com/opensafely/study", false, false),
            ("https://user:secret@github.com/a/b", false, false),
            ("https://github.com", false, false),
            ("https://github.com/a?b", false, false),
            ("https://-x/a", false, false),
            ("https://h/../a", false, false),
            ("https://h/a b", false, false),
            ("ext::sh -c id", true, false),
            ("--upload-pack=id", true, false),
            ("ssh://github.com/a/b", true, false),
            ("/srv/study", true, false),
            ("file:///srv/study", false, false),
            ("file:///srv/study", true, true),
        ];
        for (text, allow_file, accepted) in cases {
            assert_eq!(RepoUrl::parse(text, allow_file).is_ok(), accepted, "{text}");
        }
    }
}
