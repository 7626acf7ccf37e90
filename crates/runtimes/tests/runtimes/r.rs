//! R, where the system has it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use glovebox_runtimes::{Cache, Machine, Prepared, Runtime, Runtimes, State};
use tempfile::TempDir;

const TABLE: &str = "[environments.r]\nkind = \"r\"\nprogram = \"Rscript\"\npackages = [\"r-cran-here\", \"r-cran-data.table\", \"r-cran-mass\"]\n[images.r]\nenvironment = \"r\"\nversions = [\"latest\"]\n";

fn package(root: &Path, library: &str, name: &str, version: &str) {
    let folder = root.join(library).join(name);
    fs::create_dir_all(&folder).expect("a working machine");
    let text = format!("Package: {name}\nVersion: {version}\nBuilt: R 4.2.2; ; 2023-01-01; unix\n");
    fs::write(folder.join("DESCRIPTION"), text).expect("a working machine");
}

/// A root folder with Debian's R.
fn debian() -> TempDir {
    let root = TempDir::new().expect("a working machine");
    for folder in ["usr/bin", "etc/R", "etc/alternatives"] {
        fs::create_dir_all(root.path().join(folder)).expect("a working machine");
    }
    let rscript = root.path().join("usr/bin/Rscript");
    fs::write(&rscript, "").expect("a working machine");
    fs::set_permissions(&rscript, fs::Permissions::from_mode(0o755)).expect("a working machine");
    package(root.path(), "usr/lib/R/library", "base", "4.2.2");
    package(root.path(), "usr/lib/R/library", "MASS", "7.3-58.2");
    package(
        root.path(),
        "usr/lib/R/site-library",
        "data.table",
        "1.14.8",
    );
    root
}

fn r() -> Runtime {
    Runtimes::from_toml(TABLE)
        .expect("a working machine")
        .resolve("r", "latest")
        .expect("a working machine")
}

fn machine(root: &Path) -> Machine {
    Machine::from_variables([("PATH", "/usr/bin")]).with_root(root)
}

fn prepare(root: &Path) -> Prepared {
    let cache = Cache::new("/nonexistent");
    r().prepare(&machine(root), &cache, &|_| (), &AtomicBool::new(false))
        .expect("a working machine")
}

#[test]
fn without_r_one_line_says_what_to_type() {
    let root = TempDir::new().expect("a working machine");
    let cache = Cache::new("/nonexistent");
    let error = r()
        .prepare(
            &machine(root.path()),
            &cache,
            &|_| (),
            &AtomicBool::new(false),
        )
        .expect_err("no R");
    insta::assert_snapshot!(error, @"R is not installed: type `apt-get install r-base-core r-cran-here r-cran-data.table r-cran-mass`");
    let State::Missing { remedy, .. } = r().state(&machine(root.path()), &cache) else {
        panic!("R is missing");
    };
    assert_eq!(remedy.as_deref(), error.remedy());
}

#[test]
fn with_r_the_missing_packages_are_named() {
    let root = debian();
    let State::Ready { digest, note } = r().state(&machine(root.path()), &Cache::new("/none"))
    else {
        panic!("R is there");
    };
    insta::assert_snapshot!(note.unwrap_or_default(), @"some packages that studies use are missing: apt-get install r-cran-here");
    let prepared = prepare(root.path());
    assert_eq!(prepared.digest, digest);
    assert_eq!(prepared.description, "R 4.2.2 with 3 packages");
    let guests: Vec<_> = prepared
        .mounts
        .iter()
        .map(|m| m.guest.display().to_string())
        .collect();
    assert_eq!(guests, ["/etc/R", "/etc/alternatives"]);
    let argv = |words: &str| prepared.argv(&[words.to_owned()]).join(" ");
    assert_eq!(argv("analysis/a.R"), "Rscript analysis/a.R");
    assert_eq!(argv("./run.sh"), "./run.sh");
}

#[test]
fn the_digest_changes_with_any_package() {
    let root = debian();
    let mut digests = vec![prepare(root.path()).digest];
    package(
        root.path(),
        "usr/lib/R/site-library",
        "data.table",
        "1.14.9",
    );
    digests.push(prepare(root.path()).digest);
    package(root.path(), "usr/local/lib/R/site-library", "mine", "1.0");
    digests.push(prepare(root.path()).digest);
    package(root.path(), "usr/lib/R/library", "base", "4.2.3");
    digests.push(prepare(root.path()).digest);
    assert_eq!(prepare(root.path()).digest, digests[3]);
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 4);
}
