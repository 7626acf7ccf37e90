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
pub(super) fn commit(repo: &str, commit: &str) -> Option<String> {
    Some(format!("{}/tree/{}", forge(repo)?, escape(commit)))
}

/// `project.yaml` at a commit.
pub(super) fn definition(repo: &str, commit: &str) -> Option<String> {
    let forge = forge(repo)?;
    Some(format!("{forge}/blob/{}/project.yaml", escape(commit)))
}

/// What changed from one commit to another.
pub(crate) fn comparison(repo: &str, from: &str, to: &str) -> Option<String> {
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
    fn words_that_name_scripts_are_linked() {
        let request = RequestFacts {
            repo: "https://github.com/opensafely/a-study".to_owned(),
            commit: "dde614c".to_owned(),
            ..RequestFacts::nothing()
        };
        let at = "https://github.com/opensafely/a-study/blob/dde614c/";
        // (word, the path that it leads to)
        let cases = [
            (
                "analysis/match_running.py",
                Some("analysis/match_running.py"),
            ),
            ("./analysis/a.py", Some("analysis/a.py")),
            ("/workspace/analysis/a.py", Some("analysis/a.py")),
            ("/analysis/a.py", Some("analysis/a.py")),
            ("\"analysis/a.R\"", Some("analysis/a.R")),
            ("a.py", None),
            ("python:latest", None),
            ("--config=analysis/a.json", None),
            ("-i/x", None),
            ("output/cohorts/a.csv", None),
            ("analysis/outputs.py", None),
            ("analysis/../../secret", None),
            ("analysis/a b.py", None),
            ("a/b?c", None),
            ("/", None),
            ("//host/x", Some("host/x")),
        ];
        for (word, path) in cases {
            let wanted = path.map(|path| format!("{at}{path}"));
            assert_eq!(script(&request, word), wanted, "{word}");
        }
        let elsewhere = RequestFacts {
            repo: "https://git.example.org/a/b".to_owned(),
            ..request
        };
        assert_eq!(script(&elsewhere, "analysis/a.py"), None);
    }

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
            assert_eq!(definition(repo, "a").is_some(), is_linked, "{repo}");
            assert_eq!(comparison(repo, "a", "b").is_some(), is_linked, "{repo}");
        }
    }
}
