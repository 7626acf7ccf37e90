//! A folder with a study in a repository, and what a server and an agent work with.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A line that the study's script prints: it stands in logs beside the data, and nowhere else.
pub(crate) const PLANTED: &str = "PLANTED-LINE-OF-A-LOG";

const STUDY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../studies/long-covid-sick-notes"
);

/// One ended `glovebox` command.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    /// A folder with the example study, committed, whose matching also prints [`PLANTED`].
    pub(crate) fn new() -> Self {
        let place = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let study = place.file("study");
        copy(Path::new(STUDY), &study);
        let script = study.join("analysis/match_running.py");
        let text = fs::read_to_string(&script).unwrap();
        let printing = format!("{text}\nprint({PLANTED:?}, *people.iloc[0])\n");
        fs::write(&script, printing).unwrap();
        git(&study, &["init", "--quiet", "--initial-branch=main"]);
        git(&study, &["add", "."]);
        git(&study, &["commit", "--quiet", "--message", "study"]);
        place
    }

    /// Everything that has to be there before anybody asks for jobs.
    pub(crate) fn set_up(&self) {
        let repo = self.repo();
        self.create(&["organisation", "institute", "An institute"]);
        let project = ["project", "sick-notes", "Sick notes"];
        self.create(&[&project[..], &["--organisation", "institute"]].concat());
        let workspace = ["workspace", "sick-notes", "--project", "sick-notes"];
        let code = ["--repo", &repo, "--allow-file-repositories"];
        self.create(&[&workspace[..], &code].concat());
        let backend = self.create(&["backend", "tpp", "TPP"]);
        self.keep("backend.token", &backend);
        self.create(&["person", "researcher", "A researcher"]);
        let token = self.create(&["token", "researcher"]);
        self.keep("researcher.token", &token);
        let grant = ["grant", "researcher", "project_developer"];
        let granted =
            Said::of(&mut self.server(&[&grant[..], &["--project", "sick-notes"]].concat()));
        assert_eq!(granted.code, Some(0), "{}", granted.stderr);
        let admitted = Said::of(&mut self.server(&["admit", "researcher", "tpp"]));
        assert_eq!(admitted.code, Some(0), "{}", admitted.stderr);
    }

    /// `agent.toml`: few dummy patients, and nothing allowed but this study.
    pub(crate) fn write_agent_settings(&self, url: &str) {
        let (url, repo) = (url.trim_end_matches('/'), self.repo());
        let text = format!(
            r#"
server = "{url}"
token_file = "backend.token"
name = "tpp-1"
folder = "agent"
repositories = ["{repo}"]
file_repositories = true
runtimes = ["python", "cohortextractor"]
database_actions = true
population = 2000
"#
        );
        fs::write(self.file("agent.toml"), text).unwrap();
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A `glovebox` command in this folder.
    pub(crate) fn glovebox(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glovebox"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("GLOVEBOX_DATABASE_URL")
            .stdin(Stdio::null());
        command
    }

    /// `glovebox server …`.
    pub(crate) fn server(&self, args: &[&str]) -> Command {
        let mut command = self.glovebox(&["server", "--allow-file-repositories"]);
        command.args(args);
        command
    }

    /// A command that speaks with the server as a researcher, run to its end.
    pub(crate) fn say(&self, args: &[&str], url: &str) -> Said {
        Said::of(&mut self.asking(args, url))
    }

    /// The same, to be started.
    pub(crate) fn asking(&self, args: &[&str], url: &str) -> Command {
        let mut command = self.glovebox(args);
        command
            .env("GLOVEBOX_SERVER", url)
            .env("GLOVEBOX_TOKEN_FILE", self.file("researcher.token"));
        command
    }

    /// A file of the workspace beside the data.
    pub(crate) fn in_workspace(&self, path: &str) -> PathBuf {
        self.file("agent/workspaces/sick-notes").join(path)
    }

    /// What the jobs printed.
    pub(crate) fn job_logs(&self) -> Vec<String> {
        let jobs = fs::read_dir(self.in_workspace("jobs")).unwrap();
        jobs.map(|job| fs::read_to_string(job.unwrap().path().join("log.txt")).unwrap())
            .collect()
    }

    /// Every file of the server, with what it holds.
    pub(crate) fn server_files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.file("glovebox-server")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.display().to_string(), fs::read(&path).unwrap()));
                }
            }
        }
        files
    }

    fn create(&self, args: &[&str]) -> String {
        let said = Said::of(&mut self.server(&[&["create"], args].concat()));
        assert_eq!(said.code, Some(0), "{args:?}: {}", said.stderr);
        said.stdout
    }

    fn keep(&self, name: &str, token: &str) {
        assert_eq!(token.trim().len(), 43, "a token alone is printed");
        let mut options = fs::File::options();
        let file = options.create_new(true).write(true).mode(0o600);
        let mut file = file.open(self.file(name)).unwrap();
        file.write_all(token.as_bytes()).unwrap();
    }

    fn repo(&self) -> String {
        format!("file://{}", self.file("study").display())
    }

    fn file(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }
}

impl Said {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Self {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

/// What a browser without an account is answered: head and page.
pub(crate) fn page(url: &str, path: &str) -> String {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        // What a run on this machine left is no part of the study.
        if name == ".glovebox" || name == "output" {
        } else if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn git(folder: &Path, args: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=researcher",
            "-c",
            "user.email=researcher@example.org",
        ])
        .args(["-c", "commit.gpgsign=false"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
