//! What an agent allows, whatever the server says.

use glovebox_pipeline::Action;

use crate::settings::SettingsError;

/// The lists of repositories, runtimes and permissions of one agent.
#[derive(Debug, Clone)]
pub struct Allowed {
    repositories: Vec<String>,
    runtimes: Vec<(String, Option<String>)>,
    database_actions: bool,
    file_repositories: bool,
}

/// Why a task is not run here. No text of the task is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The task or its workspace has a name that no folder may have.
    #[error("its name, or that of its workspace, is none that a folder may have")]
    Name,
    /// The repository is not on the list.
    #[error("its repository is not on this agent's list")]
    Repository,
    /// What should be a commit is none.
    #[error("its commit is not 40 hexadecimal digits")]
    Commit,
    /// The image of the action is not on the list.
    #[error("its runtime is not on this agent's list, or is not known here")]
    Runtime,
    /// The action reads the database.
    #[error("it is a database action, which this agent does not run")]
    Database,
    /// The action reads the database, and the server did not say that it may.
    #[error("it is a database action, which the server did not say")]
    DatabaseUnasked,
}

impl Allowed {
    pub(crate) fn new(
        repositories: &[String],
        runtimes: &[String],
        database_actions: bool,
        file_repositories: bool,
    ) -> Result<Self, SettingsError> {
        for (name, list) in [("repositories", repositories), ("runtimes", runtimes)] {
            if list.is_empty() {
                return Err(SettingsError::AllowsNothing(name));
            }
        }
        let wrong = |entry: &String, why| SettingsError::Repository {
            entry: entry.clone(),
            why,
        };
        for entry in repositories {
            if !is_plain(bare(entry)) {
                return Err(wrong(
                    entry,
                    "is no plain address: write `https://`, a host and a path",
                ));
            }
            if entry.starts_with("file://") && !file_repositories {
                return Err(wrong(
                    entry,
                    "is a folder, which `file_repositories` forbids",
                ));
            }
        }
        let runtime = |entry: &String| {
            let (image, version) = match entry.split_once(':') {
                Some((image, version)) => (image, Some(version)),
                None => (entry.as_str(), None),
            };
            let is_word = |text: &str| {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
                !text.is_empty() && text.bytes().all(plain)
            };
            if is_word(image) && version.is_none_or(is_word) {
                Ok((image.to_owned(), version.map(str::to_owned)))
            } else {
                Err(SettingsError::Runtime(entry.clone()))
            }
        };
        Ok(Self {
            repositories: repositories
                .iter()
                .map(|entry| bare(entry).to_owned())
                .collect(),
            runtimes: runtimes.iter().map(runtime).collect::<Result<_, _>>()?,
            database_actions,
            file_repositories,
        })
    }

    /// Whether code may be fetched from a repository: one of the list, or one below one of the list.
    pub(crate) fn repository(&self, repo: &str) -> Result<(), NotAllowed> {
        let bare = bare(repo);
        let listed = self.repositories.iter().any(|entry| {
            bare.strip_prefix(entry.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let by_file = bare.starts_with("file://");
        if listed && is_plain(bare) && (!by_file || self.file_repositories) {
            Ok(())
        } else {
            Err(NotAllowed::Repository)
        }
    }

    /// Whether git may read a repository from a folder.
    pub(crate) fn file_repositories(&self) -> bool {
        self.file_repositories
    }

    /// Whether an action may run; `requires_db` is what the server said of it.
    pub(crate) fn action(&self, action: &Action, requires_db: bool) -> Result<(), NotAllowed> {
        let image = &action.run.image;
        let listed = self.runtimes.iter().any(|(name, version)| {
            *name == image.name
                && version
                    .as_ref()
                    .is_none_or(|version| *version == image.version)
        });
        if !listed {
            return Err(NotAllowed::Runtime);
        }
        if action.is_database_action && !self.database_actions {
            return Err(NotAllowed::Database);
        }
        if action.is_database_action && !requires_db {
            return Err(NotAllowed::DatabaseUnasked);
        }
        Ok(())
    }
}

/// A commit by its whole name.
pub(crate) fn commit(text: &str) -> Result<(), NotAllowed> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == 40 && text.bytes().all(is_digit) {
        Ok(())
    } else {
        Err(NotAllowed::Commit)
    }
}

/// Forges take these endings for nothing.
fn bare(repo: &str) -> &str {
    let repo = repo.strip_suffix('/').unwrap_or(repo);
    repo.strip_suffix(".git").unwrap_or(repo)
}

/// An address that reads the same to everybody: nothing in it is escaped, leads up, names a user or
/// could be an option of a command.
fn is_plain(repo: &str) -> bool {
    let rest = repo
        .strip_prefix("https://")
        .or_else(|| repo.strip_prefix("file:///"));
    let Some(rest) = rest else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~:/".contains(&byte);
    repo.len() <= 1000
        && rest.bytes().all(plain)
        && rest
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !part.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(repositories: &[&str], runtimes: &[&str], database: bool, file: bool) -> Allowed {
        let owned = |list: &[&str]| {
            list.iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        Allowed::new(&owned(repositories), &owned(runtimes), database, file).unwrap()
    }

    #[test]
    fn a_repository_is_allowed_by_whole_parts_of_its_address() {
        let list = [
            "https://github.com/opensafely",
            "https://example.org/a/one.git",
            "file:///srv/git",
        ];
        let with_files = allowed(&list, &["python"], false, true);
        let without = allowed(&list[..2], &["python"], false, false);
        for (repo, is_allowed) in [
            ("https://github.com/opensafely/study", true),
            ("https://github.com/opensafely/study.git", true),
            ("https://github.com/opensafely", true),
            ("https://github.com/opensafely-evil/study", false),
            ("https://github.com/opensafely/../evil/study", false),
            ("https://github.com/opensafely/./study", false),
            ("https://github.com/opensafely//study", false),
            ("https://github.com/opensafely/%2e%2e/evil", false),
            ("https://github.com/opensafely/a?b", false),
            ("https://github.com/opensafely/a#b", false),
            ("https://github.com/opensafely/--upload-pack=x", false),
            ("https://github.com@evil.org/opensafely/study", false),
            ("http://github.com/opensafely/study", false),
            ("ext::sh -c x", false),
            ("https://example.org/a/one", true),
            ("https://example.org/a/one.git", true),
            ("https://example.org/a/one2", false),
            ("https://example.org/a", false),
            ("https://GitHub.com/opensafely/study", false),
            ("", false),
        ] {
            assert_eq!(with_files.repository(repo).is_ok(), is_allowed, "{repo}");
            assert_eq!(without.repository(repo).is_ok(), is_allowed, "{repo}");
        }
        assert!(with_files.repository("file:///srv/git/study").is_ok());
        assert!(with_files.repository("file:///srv/git/../x").is_err());
        assert!(without.repository("file:///srv/git/study").is_err());
    }

    #[test]
    fn an_action_is_allowed_by_its_image_and_what_it_reads() {
        let project = glovebox_pipeline::check(
            "
version: 3
expectations: {population_size: 10}
actions:
  count: {run: 'python:v2 python count.py', outputs: {highly_sensitive: {a: output/a.csv}}}
  extract: {run: 'cohortextractor:latest generate_cohort', outputs: {highly_sensitive: {a: output/input.csv}}}
",
        )
        .outcome
        .unwrap();
        let (count, extract) = (
            project.action("count").unwrap(),
            project.action("extract").unwrap(),
        );
        let list = ["https://example.org"];
        let any = allowed(&list, &["python", "cohortextractor"], true, false);
        assert_eq!(any.action(count, false), Ok(()));
        assert_eq!(any.action(extract, true), Ok(()));
        assert_eq!(any.action(extract, false), Err(NotAllowed::DatabaseUnasked));
        let no_database = allowed(&list, &["python:v2", "cohortextractor"], false, false);
        assert_eq!(no_database.action(count, true), Ok(()));
        assert_eq!(no_database.action(extract, true), Err(NotAllowed::Database));
        let other = allowed(&list, &["python:v1"], true, false);
        assert_eq!(other.action(count, false), Err(NotAllowed::Runtime));
        assert_eq!(other.action(extract, true), Err(NotAllowed::Runtime));
    }

    #[test]
    fn a_commit_is_its_whole_name() {
        assert!(commit(&"0123456789abcdef".repeat(3)[..40]).is_ok());
        for bad in [
            "",
            "main",
            "HEAD",
            "--all",
            &"0".repeat(39),
            &"A".repeat(40),
            &"g".repeat(40),
        ] {
            assert!(commit(bad).is_err(), "{bad}");
        }
    }
}
