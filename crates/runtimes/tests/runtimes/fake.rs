//! A machine whose `python3` is a script: it answers as Python would and notes what was asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use glovebox_runtimes::{Cache, Machine, PrepareError, Prepared, Progress, Runtimes};
use tempfile::TempDir;

/// Plays `python3`. `FAKE_VERSION` is its version, `FAKE_PIP` how its pip ends, `FAKE_CHECK`
/// the exit code of the import check; `FAKE_LOG` collects its working folders and arguments.
const SCRIPT: &str = r#"#!/bin/sh
echo "$PWD: $(echo "$*" | tr '\n' ' ')" >> "$FAKE_LOG"
case "$*" in
*glovebox-interpreter*)
    case "$FAKE_VERSION" in silent) exit 0 ;; hang) sleep 60 ;; esac
    echo "a greeting from a wrapper"
    echo "glovebox-interpreter: {\"implementation\": \"CPython\", \"version\": \"$FAKE_VERSION\", \
\"major\": 3, \"minor\": $(echo "$FAKE_VERSION" | cut -d. -f2), \"architecture\": \"x86_64\", \
\"cache_tag\": \"cpython\", \"abi_flags\": \"\", \"executable\": \"$0\", \"prefix\": \"${FAKE_PREFIX:-/usr}\"}"
    ;;
*"-m venv"*)
    for folder; do :; done
    mkdir -p "$folder/bin" "$folder/lib/python3.11/site-packages"
    ln -s "$0" "$folder/bin/python"
    touch "$folder/bin/activate.csh"
    printf 'home = /usr/bin\ncommand = venv %s\n' "$folder" > "$folder/pyvenv.cfg"
    ;;
*"-m pip"*)
    while [ "$1" != --target ]; do shift; done
    umask 077
    mkdir -p "$2/a/b" "$2/bin"
    echo "Collecting a==1.0 (from -r $PWD/python.txt (line 1))"
    case "$FAKE_PIP" in
    hang) sleep 60 ;;
    slow) sleep 0.4 ;;
    killed) kill -9 $$ ;;
    '') ;;
    *) echo "$FAKE_PIP" >&2; exit 1 ;;
    esac
    echo "a = 1" > "$2/a/b/c.py"
    ;;
*"import a"*) echo "a does not import"; exit "${FAKE_CHECK:-0}" ;;
esac
"#;

const TABLE: &str = r#"
[environments.python]
kind = "python"
lock = "a.txt"
imports = ["a"]
program = "python"
[images.python]
environment = "python"
versions = ["latest"]
[images.cohortextractor]
builtin = "cohortextractor"
environment = "python"
versions = ["latest"]
"#;

pub(crate) struct Fake {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Fake {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let fake = Self {
            folder,
            variables: Vec::new(),
        };
        for name in ["bin", "table"] {
            fs::create_dir(fake.path(name)).expect("a folder");
        }
        fake.program("python3");
        fake.lock("a==1.0 --hash=sha256:00\n");
        fs::write(fake.path("table/runtimes.toml"), TABLE).expect("a table");
        let path = format!("{}:/usr/bin:/bin", fake.path("bin").display());
        let log = fake.path("log").display().to_string();
        fake.with("PATH", &path)
            .with("FAKE_LOG", &log)
            .with("FAKE_VERSION", "3.11.2")
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// The same without the machine's own programs on `PATH`, of which some are Pythons.
    pub(crate) fn alone(self) -> Self {
        for program in ["tr", "cut", "sleep", "mkdir", "ln", "touch"] {
            let link = self.path("bin").join(program);
            std::os::unix::fs::symlink(Path::new("/usr/bin").join(program), link).expect("a link");
        }
        let path = self.path("bin").display().to_string();
        self.with("PATH", &path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts another such Python on `PATH`.
    pub(crate) fn program(&self, name: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, SCRIPT).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable");
    }

    pub(crate) fn lock(&self, text: &str) {
        fs::write(self.path("table/a.txt"), text).expect("a lock");
    }

    pub(crate) fn machine(&self) -> Machine {
        Machine::from_variables(self.variables.clone())
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::new(self.path("cache"))
    }

    pub(crate) fn runtimes(&self) -> Runtimes {
        Runtimes::from_file(&self.path("table/runtimes.toml")).expect("a table")
    }

    pub(crate) fn prepare(&self) -> Result<Prepared, PrepareError> {
        self.prepare_image("python", &|_| (), &AtomicBool::new(false))
    }

    pub(crate) fn prepare_image(
        &self,
        image: &str,
        progress: &dyn Fn(Progress),
        cancel: &AtomicBool,
    ) -> Result<Prepared, PrepareError> {
        let runtime = self.runtimes().resolve(image, "latest").expect("an image");
        runtime.prepare(&self.machine(), &self.cache(), progress, cancel)
    }

    pub(crate) fn steps(&self) -> Vec<Progress> {
        let steps = Mutex::new(Vec::new());
        let tell = |step| steps.lock().expect("no panic").push(step);
        self.prepare_image("python", &tell, &AtomicBool::new(false))
            .expect("prepared");
        steps.into_inner().expect("no panic")
    }

    /// How many calls of the script had `words` among their arguments.
    pub(crate) fn calls(&self, words: &str) -> usize {
        self.log()
            .lines()
            .filter(|line| line.contains(words))
            .count()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The names in the cache that begin with `prefix`.
    pub(crate) fn cached(&self, prefix: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("cache"))
            .into_iter()
            .flatten()
            .flatten();
        let begins = |path: &Path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        };
        entries
            .map(|entry| entry.path())
            .filter(|path| begins(path))
            .collect()
    }
}
