//! The machine's own Python and pip, with an index that is a folder: what the lock promises is
//! what is installed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use glovebox_runtimes::{Cache, Machine, PrepareError, Prepared, Runtimes};
use tempfile::TempDir;

/// Makes a wheel of one module and prints its SHA-256.
const MAKE_WHEEL: &str = r#"
import hashlib, sys, zipfile
name = sys.argv[1] + "/tiny-1.0-py3-none-any.whl"
with zipfile.ZipFile(name, "w") as wheel:
    wheel.writestr("tiny.py", "answer = 42\n")
    wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n")
print(hashlib.sha256(open(name, "rb").read()).hexdigest())
"#;

fn prepare(folder: &Path, hash: &str) -> Result<Prepared, PrepareError> {
    let table = "[environments.python]\nkind = \"python\"\nlock = \"tiny.txt\"\nimports = [\"tiny\"]\nprogram = \"python\"\n[images.python]\nenvironment = \"python\"\nversions = [\"latest\"]\n";
    fs::write(
        folder.join("tiny.txt"),
        format!("tiny==1.0 --hash=sha256:{hash}\n"),
    )
    .expect("a working machine");
    fs::write(folder.join("runtimes.toml"), table).expect("a working machine");
    let runtimes = Runtimes::from_file(&folder.join("runtimes.toml")).expect("a working machine");
    let variables = std::env::vars_os()
        .filter(|(name, _)| !name.to_string_lossy().starts_with("PIP_"))
        .chain([
            ("PIP_NO_INDEX".into(), "1".into()),
            ("PIP_FIND_LINKS".into(), folder.into()),
            // Settings that would change what is installed, or where, are not passed on.
            ("PIP_USER".into(), "1".into()),
            ("PIP_PREFIX".into(), folder.into()),
            ("PIP_DRY_RUN".into(), "1".into()),
        ]);
    let machine = Machine::from_variables(variables);
    let runtime = runtimes
        .resolve("python", "latest")
        .expect("a working machine");
    let cache = Cache::new(folder.join("cache"));
    runtime.prepare(&machine, &cache, &|_| (), &AtomicBool::new(false))
}

#[test]
fn only_what_the_lock_promises_is_installed() {
    let folder = TempDir::new().expect("a working machine");
    let made = Command::new("python3")
        .args(["-c", MAKE_WHEEL])
        .arg(folder.path())
        .output();
    let made = made.expect("these tests need python3 with pip");
    let hash = String::from_utf8(made.stdout).expect("a working machine");

    let error = prepare(folder.path(), &"0".repeat(64)).expect_err("another file");
    assert!(matches!(error, PrepareError::WrongHash { .. }), "{error}");
    let first = error
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    insta::assert_snapshot!(first, @"a package does not have the contents that tiny.txt promises, so nothing was installed: try again, and if it stays, ask whoever runs your package index");

    let prepared = prepare(folder.path(), hash.trim()).expect("the file that was locked");
    let environment = &prepared.mounts[0].host;
    let python = environment.join("bin/python");
    let shown = Command::new(python)
        .args([
            "-c",
            "import sys, tiny; print(tiny.answer, sys.prefix, tiny.__cached__)",
        ])
        .output()
        .expect("a working machine");
    let shown = String::from_utf8(shown.stdout).expect("a working machine");
    let words: Vec<_> = shown.split_whitespace().collect();
    assert_eq!(words[..2], ["42", &environment.display().to_string()]);
    // Byte code is there, made for the place where study code sees it.
    let code = fs::read(words[2]).expect("a working machine");
    let guest = b"/opt/glovebox/python/lib/python3.";
    assert!(code.windows(guest.len()).any(|window| window == guest));
}

#[test]
fn modules_on_a_persons_python_path_are_not_imported_while_installing() {
    let folder = TempDir::new().expect("a working machine");
    let made = Command::new("python3")
        .args(["-c", MAKE_WHEEL])
        .arg(folder.path())
        .output();
    let hash = String::from_utf8(made.expect("python3").stdout).expect("a working machine");
    for module in ["pip", "venv", "json", "compileall", "platform"] {
        fs::write(
            folder.path().join(format!("{module}.py")),
            "raise SystemExit('study code')\n",
        )
        .expect("a working machine");
    }
    let environment = [("PYTHONPATH", folder.path())];
    let variables = std::env::vars_os()
        .chain(environment.map(|(name, value)| (name.into(), value.into())))
        .chain([
            ("PIP_FIND_LINKS".into(), folder.path().into()),
            ("PIP_NO_INDEX".into(), "1".into()),
        ]);
    let machine = Machine::from_variables(variables);
    let table = "[environments.python]\nkind = \"python\"\nlock = \"tiny.txt\"\nimports = [\"tiny\"]\nprogram = \"python\"\n[images.python]\nenvironment = \"python\"\nversions = [\"latest\"]\n";
    fs::write(
        folder.path().join("tiny.txt"),
        format!("tiny==1.0 --hash=sha256:{hash}"),
    )
    .expect("a working machine");
    fs::write(folder.path().join("runtimes.toml"), table).expect("a working machine");
    let runtimes =
        Runtimes::from_file(&folder.path().join("runtimes.toml")).expect("a working machine");
    let runtime = runtimes
        .resolve("python", "latest")
        .expect("a working machine");
    let cache = Cache::new(folder.path().join("cache"));
    runtime
        .prepare(&machine, &cache, &|_| (), &AtomicBool::new(false))
        .expect("installed");
}
