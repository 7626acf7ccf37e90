//! Links to the code at the forge that keeps it.

use glovebox_ui::escape;

use super::RequestFacts;

/// The page of a repository at a forge whose addresses are known; nothing for anything else, so that no
/// address that a study chose is ever linked.
fn forge(repo: &str) -> Option<&str> {
    let rest = repo.strip_prefix("https://github.com/")?;
    let plain = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && part.chars().all(allowed) && !part.starts_with('.')
    };
    let (owner, name) = rest.trim_end_matches(".git").split_once('/')?;
    (plain(owner) && plain(name)).then(|| repo.trim_end_matches(".git"))
}

/// The code at a commit.
pub(crate) fn commit(repo: &str, commit: &str) -> Option<String> {
    Some(format!("{}/tree/{}", forge(repo)?, escape(commit)))
}

/// What changed from one commit to another.
pub(super) fn comparison(repo: &str, from: &str, to: &str) -> Option<String> {
    Some(format!(
        "{}/compare/{}..{}",
        forge(repo)?,
        escape(from),
        escape(to)
    ))
}

/// The script that a word of a command names, at the commit of the request.
///
/// The rule of the reference: words with a slash that are no options and no outputs.
pub(super) fn script(request: &RequestFacts, word: &str) -> Option<String> {
    let word = word.trim_matches(['"', '\'']);
    if !word.contains('/') || word.starts_with('-') || word.contains("output") {
        return None;
    }
    let path = word.strip_prefix("/workspace/").unwrap_or(word);
    let path = path
        .strip_prefix("./")
        .unwrap_or(path)
        .trim_start_matches('/');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if path.is_empty() || path.contains("..") || !path.chars().all(is_plain) {
        return None;
    }
    Some(format!(
        "{}/blob/{}/{path}",
        forge(&request.repo)?,
        request.commit
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_forge_that_is_known_is_linked() {
        for (repo, is_linked) in [
            ("https://github.com/opensafely/a-study", true),
            ("https://github.com/opensafely/a-study.git", true),
            ("https://github.com/opensafely", false),
            ("https://github.com/a/b/c", false),
            ("https://github.com/a/\"onclick=x", false),
            ("https://github.com.example/a/b", false),
            ("javascript:alert(1)", false),
            ("file:///srv/study", false),
        ] {
            assert_eq!(commit(repo, "dde614c").is_some(), is_linked, "{repo}");
            assert_eq!(comparison(repo, "a", "b").is_some(), is_linked, "{repo}");
        }
    }
}
