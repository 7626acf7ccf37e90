use std::{fmt::Write as _, path::Path, process::Command};

use super::*;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=researcher",
            "-c",
            "user.email=researcher@example.org",
        ])
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path, text: &str) -> String {
    std::fs::write(folder.join(PROJECT_FILE), text).unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", "change"]);
    git(folder, &["rev-parse", "HEAD"])
}

struct Place {
    folder: tempfile::TempDir,
    repositories: Repositories,
    url: RepoUrl,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study");
    std::fs::create_dir(&study).unwrap();
    git(&study, &["init", "--quiet", "--initial-branch=main"]);
    let settings = GitSettings {
        allow_file: true,
        ..GitSettings::default()
    };
    let repositories = Repositories::new(folder.path().join("cache"), &settings);
    let url = RepoUrl::parse(&format!("file://{}", study.display()), true).unwrap();
    Place {
        folder,
        repositories,
        url,
    }
}

impl Place {
    fn study(&self) -> PathBuf {
        self.folder.path().join("study")
    }

    async fn read(&self, at: &str) -> Result<AtCommit, CannotRead> {
        self.repositories.read(&self.url, at).await
    }
}

#[tokio::test]
async fn a_branch_is_resolved_once_and_read_at_that_commit() {
    let place = place();
    let first = commit(&place.study(), "one");
    let read = place.read("main").await.unwrap();
    assert_eq!(
        (read.commit, read.project),
        (first.clone(), b"one".to_vec())
    );

    let second = commit(&place.study(), "two");
    assert_eq!(place.read("main").await.unwrap().commit, second);
    assert_eq!(place.read(&first).await.unwrap().project, b"one");
    assert_eq!(place.read(&first[..10]).await.unwrap().commit, first);
}

#[tokio::test]
async fn a_commit_counts_only_while_a_branch_leads_to_it() {
    let place = place();
    commit(&place.study(), "one");
    git(&place.study(), &["checkout", "--quiet", "-b", "aside"]);
    let aside = commit(&place.study(), "aside");
    git(&place.study(), &["checkout", "--quiet", "main"]);
    git(&place.study(), &["update-ref", "refs/pull/1/head", &aside]);
    git(&place.study(), &["branch", "--quiet", "-D", "aside"]);
    let error = place.read(&aside).await.unwrap_err();
    assert!(matches!(error, CannotRead::NoCommit(_)), "{error:?}");
    let error = place.read("aside").await.unwrap_err();
    assert!(matches!(error, CannotRead::NoBranch(_)), "{error:?}");
}

#[tokio::test]
async fn what_is_no_project_file_is_told_apart() {
    let place = place();
    let study = place.study();
    std::fs::write(study.join("other"), "").unwrap();
    git(&study, &["add", "."]);
    git(&study, &["commit", "--quiet", "--message", "none"]);
    let error = place.read("main").await.unwrap_err();
    assert!(matches!(error, CannotRead::NoProjectFile(_)), "{error:?}");

    std::os::unix::fs::symlink("/etc/hostname", study.join(PROJECT_FILE)).unwrap();
    git(&study, &["add", "."]);
    git(&study, &["commit", "--quiet", "--message", "link"]);
    let error = place.read("main").await.unwrap_err();
    assert!(matches!(error, CannotRead::NotAFile(_)), "{error:?}");

    std::fs::remove_file(study.join(PROJECT_FILE)).unwrap();
    commit(&study, &"#".repeat(glovebox_pipeline::MAX_BYTES + 1));
    let error = place.read("main").await.unwrap_err();
    assert!(matches!(error, CannotRead::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn files_are_no_repositories_unless_that_is_allowed() {
    let place = place();
    commit(&place.study(), "one");
    let strict = Repositories::new(place.folder.path().join("strict"), &GitSettings::default());
    let error = strict.read(&place.url, "main").await.unwrap_err();
    assert!(matches!(error, CannotRead::Failed(_)), "{error:?}");
}

#[tokio::test]
async fn a_repository_that_is_gone_is_said_to_be() {
    let place = place();
    std::fs::remove_dir_all(place.study()).unwrap();
    let error = place.read("main").await.unwrap_err();
    assert!(matches!(error, CannotRead::Failed(_)), "{error:?}");
    assert!(
        !error.to_string().contains("file://"),
        "details are for logs"
    );
}

#[tokio::test]
async fn commits_are_compared_exactly_whatever_the_study_says_of_its_files() {
    let place = place();
    let study = place.study();
    std::fs::write(study.join("a.py"), "one\ntwo\n").unwrap();
    std::fs::write(study.join("binary"), b"\0\x01").unwrap();
    let first = commit(&study, "one");
    std::fs::write(study.join(".gitattributes"), "* -diff binary\n").unwrap();
    std::fs::write(study.join("a.py"), "one\nthree\n\u{202e}four\n").unwrap();
    std::fs::write(study.join("binary"), b"\0\x02").unwrap();
    std::fs::remove_file(study.join(PROJECT_FILE)).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", study.join("link")).unwrap();
    git(&study, &["add", "--all", "."]);
    git(&study, &["commit", "--quiet", "--message", "second"]);
    let second = git(&study, &["rev-parse", "HEAD"]);

    let compare = async |may_fetch| {
        place
            .repositories
            .compare(&place.url, &first, &second, may_fetch)
            .await
    };
    let error = compare(false).await.unwrap_err();
    assert!(matches!(error, CannotCompare::NotHere), "{error:?}");
    let comparison = compare(true).await.unwrap();
    let files: Vec<_> = comparison
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.counts))
        .collect();
    assert_eq!(
        files,
        [
            (".gitattributes", Some((1, 0))),
            ("a.py", Some((2, 1))),
            ("binary", None),
            ("link", Some((1, 0))),
            (PROJECT_FILE, Some((0, 1))),
        ]
    );
    let lines: Vec<&str> = comparison.files[1]
        .lines
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(
        lines,
        ["@@ -1,2 +1,3 @@", " one", "-two", "+three", "+\u{202e}four"]
    );
    // What is in the mirror needs no repository any more.
    std::fs::remove_dir_all(&study).unwrap();
    assert_eq!(compare(false).await.unwrap(), comparison);
}

#[tokio::test]
async fn what_cannot_be_compared_is_told_apart() {
    let place = place();
    let first = commit(&place.study(), "one");
    let nowhere = "0123456789abcdef0123456789abcdef01234567";
    let compare = async |from: &str, to: &str| {
        place
            .repositories
            .compare(&place.url, from, to, true)
            .await
            .unwrap_err()
    };
    let error = compare(&first, nowhere).await;
    assert!(matches!(error, CannotCompare::Gone), "{error:?}");
    for bad in ["--output=/tmp/x", "main", "", &first[..10]] {
        let error = compare(bad, &first).await;
        assert!(matches!(error, CannotCompare::NotACommit), "{error:?}");
    }
}

#[tokio::test]
async fn a_comparison_is_made_once_and_a_failure_rests() {
    let place = place();
    let first = commit(&place.study(), "one");
    let second = commit(&place.study(), "two");
    let pair = Pair {
        repo: place.url.as_str().to_owned(),
        from: first,
        to: second,
    };
    let comparisons = Comparisons::new(true);
    assert!(comparisons.is_wanted(&pair));
    let compare = async |may_fetch| {
        comparisons
            .compare(&place.repositories, &pair, may_fetch)
            .await
    };
    assert!(compare(false).await.is_err());
    assert!(!comparisons.is_wanted(&pair), "it failed just now");
    let made = compare(true).await.unwrap();
    assert_eq!((made.added, made.removed), (1, 1));
    assert!(
        comparisons
            .known(&pair)
            .is_some_and(|known| Arc::ptr_eq(&known, &made))
    );
    std::fs::remove_dir_all(place.folder.path().join("cache")).unwrap();
    assert!(Arc::ptr_eq(&compare(false).await.unwrap(), &made));
}

/// Text that no compression makes small.
fn noise(bytes: usize, seed: u64) -> String {
    let mut state = seed | 1;
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        // Xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(text, "{state:016x}").unwrap();
    }
    text
}

#[tokio::test]
async fn a_repository_that_is_too_large_is_refused_and_leaves_nothing() {
    let mut place = place();
    let settings = GitSettings {
        allow_file: true,
        most_bytes: 2 << 20,
        ..GitSettings::default()
    };
    let cache = place.folder.path().join("small");
    place.repositories = Repositories::new(cache.clone(), &settings);
    let study = place.study();
    let first = commit(&study, "one");
    assert_eq!(place.read("main").await.unwrap().commit, first);

    std::fs::write(study.join("rows"), noise(8 << 20, 7)).unwrap();
    commit(&study, "two");
    let error = place.read("main").await.unwrap_err();
    assert!(
        matches!(error, CannotRead::RepositoryTooLarge { limit } if limit == 2 << 20),
        "{error:?}"
    );
    assert!(error.to_string().contains("2 MiB"), "{error}");
    let left: Vec<_> = std::fs::read_dir(&cache).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    git(&study, &["reset", "--quiet", "--hard", &first]);
    assert_eq!(place.read("main").await.unwrap().commit, first);
}

#[tokio::test]
async fn what_no_branch_leads_to_any_more_keeps_nothing_from_being_read() {
    let mut place = place();
    let settings = GitSettings {
        allow_file: true,
        most_bytes: 6 << 20,
        ..GitSettings::default()
    };
    place.repositories = Repositories::new(place.folder.path().join("small"), &settings);
    let study = place.study();
    let first = commit(&study, "one");
    for seed in 1..=4 {
        // Each is half of the size, and takes the place of the one before.
        git(&study, &["reset", "--quiet", "--hard", &first]);
        std::fs::write(study.join("rows"), noise(5 << 20, seed)).unwrap();
        let pushed = commit(&study, &format!("attempt {seed}"));
        assert_eq!(place.read("main").await.unwrap().commit, pushed, "{seed}");
    }
}
