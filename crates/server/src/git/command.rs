//! Calling git.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{io::AsyncReadExt as _, process::Command, sync::Semaphore, time::timeout};

use super::{RepoUrl, group::Group, size};
use crate::GitSettings;

/// What is read at most of what git says about an error, and of a short answer.
const SHORT: u64 = 8 * 1024;

/// The tree without files, which git knows by itself.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Variables of the server that git needs to get out of a network, or to trust its own authority.
const KEPT: &[&str] = &[
    "PATH",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
];

/// A call of git failed. For logs: it may quote what the other side says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitFailed {
    #[error("git cannot be started: {0}")]
    Start(#[source] io::Error),
    #[error("git cannot be heard: {0}")]
    Read(#[source] io::Error),
    #[error("git {what} took longer than {} s", limit.as_secs())]
    TooLong { what: String, limit: Duration },
    #[error("git {what} failed: {said}")]
    Failed { what: String, said: String },
    #[error("git {what} said more than {limit} bytes")]
    TooMuch { what: String, limit: u64 },
    #[error("the repository has more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("git {what} said something else than was asked")]
    Answer { what: String },
}

/// What stands at a path of a commit.
#[derive(Debug)]
pub(super) struct TreeEntry {
    pub(super) is_file: bool,
    pub(super) object: String,
    pub(super) size: u64,
}

/// The git command, held to what this server needs of it.
pub(super) struct Git {
    /// Where nothing of the host's settings is found.
    home: PathBuf,
    protocols: &'static str,
    limit: Duration,
    most_bytes: u64,
    places: Semaphore,
}

struct Said {
    success: bool,
    out: Vec<u8>,
    errors: String,
}

impl Git {
    pub(super) fn new(home: &Path, settings: &GitSettings) -> Self {
        Self {
            home: home.to_owned(),
            protocols: if settings.allow_file {
                "https:file"
            } else {
                "https"
            },
            limit: settings.timeout,
            most_bytes: settings.most_bytes,
            places: Semaphore::new(settings.at_once.max(1)),
        }
    }

    /// Makes an empty bare repository, if there is none; whether there was none.
    pub(super) async fn make_mirror(&self, mirror: &Path) -> Result<bool, GitFailed> {
        if tokio::fs::try_exists(mirror.join("HEAD"))
            .await
            .unwrap_or(false)
        {
            return Ok(false);
        }
        tokio::fs::create_dir_all(mirror)
            .await
            .map_err(GitFailed::Start)?;
        let arguments = ["init", "--quiet", "--bare", "--template=", "."];
        self.call(mirror, &arguments, SHORT)
            .await?
            .succeeded("init")
            .map(|_| true)
    }

    /// Brings a mirror's branches to those of the repository, and forgets those that are gone. What it
    /// brought stays, also where that is too much.
    pub(super) async fn fetch(&self, mirror: &Path, repo: &RepoUrl) -> Result<(), GitFailed> {
        let arguments = [
            "fetch",
            "--quiet",
            "--prune",
            "--force",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--",
            repo.as_str(),
            "+refs/heads/*:refs/heads/*",
        ];
        let limit = self.most_bytes;
        let said = tokio::select! {
            said = self.call(mirror, &arguments, SHORT) => said?,
            () = size::passes(mirror, limit) => return Err(GitFailed::TooLarge { limit }),
        };
        said.succeeded("fetch")?;
        if size::is_above(mirror, limit).await {
            return Err(GitFailed::TooLarge { limit });
        }
        Ok(())
    }

    /// The commit that a branch of the mirror is at.
    pub(super) async fn branch_head(
        &self,
        mirror: &Path,
        name: &str,
    ) -> Result<Option<String>, GitFailed> {
        self.commit(mirror, &format!("refs/heads/{name}")).await
    }

    /// A commit of the mirror, in full, if a branch leads to it.
    pub(super) async fn commit_on_a_branch(
        &self,
        mirror: &Path,
        commit: &str,
    ) -> Result<Option<String>, GitFailed> {
        let Some(commit) = self.commit(mirror, commit).await? else {
            return Ok(None);
        };
        let contains = format!("--contains={commit}");
        let arguments = ["for-each-ref", "--count=1", &contains, "refs/heads/"];
        let said = self.call(mirror, &arguments, SHORT).await?;
        let branches = said.succeeded("for-each-ref")?;
        Ok((!branches.is_empty()).then_some(commit))
    }

    pub(super) async fn commit(
        &self,
        mirror: &Path,
        name: &str,
    ) -> Result<Option<String>, GitFailed> {
        let peeled = format!("{name}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &peeled,
        ];
        let said = self.call(mirror, &arguments, SHORT).await?;
        if !said.success {
            // It tells what does not exist by its exit code alone.
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&said.out).trim().to_owned();
        let is_commit = line.len() == 40 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_commit {
            Ok(Some(line))
        } else {
            Err(answer("rev-parse"))
        }
    }

    /// What stands at a path of a commit, if anything.
    pub(super) async fn entry(
        &self,
        mirror: &Path,
        commit: &str,
        path: &str,
    ) -> Result<Option<TreeEntry>, GitFailed> {
        let arguments = ["ls-tree", "--long", "--full-tree", commit, "--", path];
        let said = self.call(mirror, &arguments, SHORT).await?;
        let out = said.succeeded("ls-tree")?;
        let text = String::from_utf8_lossy(&out);
        let Some(line) = text.lines().next() else {
            return Ok(None);
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [mode, kind, object, size, ..] = words[..] else {
            return Err(answer("ls-tree"));
        };
        // A link is a blob too; what it holds is a path and not the file.
        Ok(Some(TreeEntry {
            is_file: kind == "blob" && mode.starts_with("100"),
            object: object.to_owned(),
            size: size.parse().unwrap_or(0),
        }))
    }

    /// The bytes of a file.
    pub(super) async fn blob(
        &self,
        mirror: &Path,
        object: &str,
        limit: u64,
    ) -> Result<Vec<u8>, GitFailed> {
        let arguments = ["cat-file", "blob", object];
        self.call(mirror, &arguments, limit)
            .await?
            .succeeded("cat-file")
    }

    /// The beginning of a difference, up to a limit, and whether that is all of it.
    pub(super) async fn beginning(
        &self,
        mirror: &Path,
        arguments: &[&str],
        limit: u64,
        patience: Duration,
    ) -> Result<(Vec<u8>, bool), GitFailed> {
        let what = "diff";
        let too_long = || GitFailed::TooLong {
            what: what.to_owned(),
            limit: patience,
        };
        // The semaphore is never closed.
        let _place = self.places.acquire().await;
        let told = timeout(patience, self.said(mirror, arguments, limit));
        let (mut said, is_whole) = told.await.map_err(|_| too_long())??;
        if !is_whole {
            said.out
                .truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok((said.out, false));
        }
        Ok((said.succeeded(what)?, true))
    }

    async fn call(&self, folder: &Path, arguments: &[&str], limit: u64) -> Result<Said, GitFailed> {
        let what = arguments.first().copied().unwrap_or_default();
        // The semaphore is never closed.
        let _place = self.places.acquire().await;
        timeout(self.limit, self.run(folder, arguments, limit))
            .await
            .map_err(|_| GitFailed::TooLong {
                what: what.to_owned(),
                limit: self.limit,
            })?
    }

    async fn run(&self, folder: &Path, arguments: &[&str], limit: u64) -> Result<Said, GitFailed> {
        match self.said(folder, arguments, limit).await? {
            (said, true) => Ok(said),
            (_, false) => Err(GitFailed::TooMuch {
                what: arguments.first().copied().unwrap_or_default().to_owned(),
                limit,
            }),
        }
    }

    /// What git says, and whether that is all of it: after the limit, it is not listened to any more.
    async fn said(
        &self,
        folder: &Path,
        arguments: &[&str],
        limit: u64,
    ) -> Result<(Said, bool), GitFailed> {
        let mut child = self
            .command(folder, arguments)
            .spawn()
            .map_err(GitFailed::Start)?;
        let group = Group::of(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut out = Vec::new();
        let mut errors = Vec::new();
        let read_out = async {
            match stdout {
                Some(stdout) => stdout.take(limit + 1).read_to_end(&mut out).await,
                None => Ok(0),
            }
        };
        let read_errors = async {
            let Some(mut stderr) = stderr else {
                return Ok(0);
            };
            let kept = (&mut stderr).take(SHORT).read_to_end(&mut errors).await?;
            // A full pipe would hold git up.
            tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await?;
            Ok(kept)
        };
        tokio::try_join!(read_out, read_errors).map_err(GitFailed::Read)?;
        let is_whole = u64::try_from(out.len()).unwrap_or(u64::MAX) <= limit;
        let status = child.wait().await.map_err(GitFailed::Read)?;
        group.ended();
        let said = Said {
            success: status.success(),
            out,
            errors: String::from_utf8_lossy(&errors).trim().to_owned(),
        };
        Ok((said, is_whole))
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .current_dir(folder)
            // Its own group, so that its helpers end with it.
            .process_group(0)
            .env("HOME", &self.home)
            .env("LC_ALL", "C")
            .env("GIT_ALLOW_PROTOCOL", self.protocols)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "true")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            // A study must not say of its own files that they are not to be compared.
            .env("GIT_ATTR_SOURCE", EMPTY_TREE)
            .env("GIT_ATTR_NOSYSTEM", "1")
            .args(["-c", "core.hooksPath=/dev/null"])
            .args(["-c", "credential.helper="])
            .args(["-c", "gc.auto=0"])
            // A redirect would lead to where no setting points; what is broken is not kept.
            .args(["-c", "http.followRedirects=false"])
            .args(["-c", "transfer.fsckObjects=true"])
            .args(["-c", "fetch.recurseSubmodules=false"])
            // Folders that another user of this machine owns, where `file` is allowed at all.
            .args(["-c", "safe.directory=*"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl Said {
    fn succeeded(self, what: &str) -> Result<Vec<u8>, GitFailed> {
        if self.success {
            Ok(self.out)
        } else {
            Err(GitFailed::Failed {
                what: what.to_owned(),
                said: self.errors,
            })
        }
    }
}

fn answer(what: &str) -> GitFailed {
    GitFailed::Answer {
        what: what.to_owned(),
    }
}
