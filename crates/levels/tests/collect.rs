//! Collecting from a workspace whose author is not trusted.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
    path::Path,
    time::{Duration, SystemTime},
};

use glovebox_levels::{Collected, Level, Refusal, candidates, collect, did_you_mean};
use proptest::prelude::*;
use rustix::fs::{CWD, Mode};

const HIGH: Level = Level::HighlySensitive;
const MODERATE: Level = Level::ModeratelySensitive;

fn write(workspace: &Path, path: &str) {
    let path = workspace.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
    fs::write(path, "x").expect("a file");
}

fn collect_in(workspace: &Path, patterns: &[(&str, Level)]) -> Collected {
    collect(
        File::open(workspace).expect("the workspace"),
        patterns,
        1_000_000,
    )
}

fn paths(collected: &Collected) -> Vec<&str> {
    collected
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect()
}

fn reasons(collected: &Collected) -> Vec<String> {
    collected
        .unmatched
        .iter()
        .flat_map(|unmatched| &unmatched.reasons)
        .map(ToString::to_string)
        .collect()
}

#[test]
fn nothing_but_regular_files_counts_and_nothing_blocks() {
    let workspace = tempfile::tempdir().expect("a directory");
    let at = |name: &str| workspace.path().join(name);
    symlink("/etc/passwd", at("passwd.csv")).expect("a link");
    symlink("missing.csv", at("dangling.csv")).expect("a link");
    symlink("loop.csv", at("loop.csv")).expect("a link");
    rustix::fs::mkfifoat(CWD, at("pipe.csv"), Mode::RUSR | Mode::WUSR).expect("a FIFO");
    let _socket = UnixListener::bind(at("socket.csv")).expect("a socket");
    fs::create_dir(at("folder.csv")).expect("a directory");

    for (name, words) in [
        (
            "passwd.csv",
            "passwd.csv is a symbolic link, which is never followed",
        ),
        ("dangling.csv", "is a symbolic link"),
        ("loop.csv", "is a symbolic link"),
        ("pipe.csv", "is a FIFO"),
        ("socket.csv", "is a socket"),
        ("folder.csv", "is a directory"),
        ("folder.csv/a.csv", ""),
        ("pipe.csv/a.csv", ""),
        ("passwd.csv/a.csv", "is a symbolic link"),
    ] {
        let collected = collect_in(workspace.path(), &[(name, HIGH)]);
        assert!(collected.files.is_empty(), "{name}");
        assert_eq!(collected.unmatched.len(), 1, "{name}");
        assert!(
            reasons(&collected).concat().contains(words),
            "{name}: {collected:?}"
        );
    }
    let all = collect_in(workspace.path(), &[("*.csv", HIGH), ("*/*", HIGH)]);
    assert!(all.files.is_empty());
    assert_eq!(
        all.refused.len(),
        5,
        "all but the directory: {:?}",
        all.refused
    );
}

#[test]
fn a_linked_directory_is_not_entered() {
    let outside = tempfile::tempdir().expect("a directory");
    write(outside.path(), "secret/a.csv");
    let workspace = outside.path().join("workspace");
    write(&workspace, "real/a.csv");
    symlink("../secret", workspace.join("link")).expect("a link");
    symlink("real", workspace.join("inner")).expect("a link");

    let patterns = [
        ("*/a.csv", HIGH),
        ("link/a.csv", HIGH),
        ("inner/*", HIGH),
        ("../secret/a.csv", HIGH),
    ];
    let collected = collect_in(&workspace, &patterns);
    assert_eq!(paths(&collected), ["real/a.csv"]);
    let unmatched: Vec<&str> = collected
        .unmatched
        .iter()
        .map(|unmatched| unmatched.pattern.as_str())
        .collect();
    assert_eq!(unmatched, ["link/a.csv", "inner/*", "../secret/a.csv"]);
    assert!(reasons(&collected)[0].starts_with("link is a symbolic link"));
    assert!(reasons(&collected)[2].contains("has a part . or .."));
}

#[test]
fn the_most_sensitive_level_wins_whatever_the_order() {
    let workspace = tempfile::tempdir().expect("a directory");
    write(workspace.path(), "output/a.csv");
    write(workspace.path(), "output/b.csv");
    let mut patterns = vec![
        ("output/*.csv", Level::MinimallySensitive),
        ("output/a.csv", HIGH),
        ("output/*.csv", MODERATE),
        ("*/a.csv", MODERATE),
    ];
    for _ in 0..patterns.len() {
        patterns.rotate_left(1);
        let collected = collect_in(workspace.path(), &patterns);
        let levels: Vec<Level> = collected.files.iter().map(|file| file.level).collect();
        assert_eq!(levels, [HIGH, MODERATE], "{patterns:?}");
        assert!(collected.unmatched.is_empty());
    }
}

#[test]
fn files_that_would_fill_the_disk_are_refused() {
    let workspace = tempfile::tempdir().expect("a directory");
    let sparse = File::create(workspace.path().join("sparse.csv")).expect("a file");
    sparse.set_len(1 << 40).expect("a length");
    fs::write(workspace.path().join("big.csv"), vec![1; 1_000_001]).expect("a file");
    fs::write(workspace.path().join("fits.csv"), vec![1; 1_000_000]).expect("a file");

    let collected = collect_in(workspace.path(), &[("*.csv", HIGH)]);
    assert_eq!(paths(&collected), ["fits.csv"]);
    assert!(collected.unmatched.is_empty());
    let refusals: Vec<&Refusal> = collected
        .refused
        .iter()
        .map(|refused| &refused.refusal)
        .collect();
    assert!(
        matches!(
            refusals[..],
            [Refusal::TooBig { .. }, Refusal::Sparse { .. }]
        ),
        "{refusals:?}"
    );
}

#[test]
fn holes_are_counted_where_they_are() {
    use std::os::unix::fs::FileExt as _;
    const MIB: u64 = 1 << 20;
    let workspace = tempfile::tempdir().expect("a directory");
    let with_pieces = |name: &str, pieces: &[u64], length: u64| {
        let file = File::create(workspace.path().join(name)).expect("a file");
        file.set_len(length).expect("a length");
        for at in pieces {
            file.write_all_at(&[1; 4096], *at).expect("a piece");
        }
    };
    with_pieces("few.csv", &[0, 30 * MIB], 60 * MIB);
    with_pieces("middle.csv", &[0, 80 * MIB], 81 * MIB);
    with_pieces("ends.csv", &[40 * MIB], 90 * MIB);
    let collected = collect(
        File::open(workspace.path()).expect("it opens"),
        &[("*.csv", HIGH)],
        1 << 30,
    );
    assert_eq!(paths(&collected), ["few.csv"]);
    assert_eq!(collected.refused.len(), 2, "{:?}", collected.refused);
}

#[test]
fn odd_names_are_names_if_they_are_text() {
    let workspace = tempfile::tempdir().expect("a directory");
    for name in [
        "a\nb.csv",
        "-rf.csv",
        "a*b.csv",
        "*.csv",
        "日本.csv",
        "a]{}.csv",
    ] {
        write(workspace.path(), name);
    }
    let bytes = workspace.path().join(OsStr::from_bytes(b"a\xff.csv"));
    fs::write(&bytes, "x").expect("a file");

    let collected = collect_in(workspace.path(), &[("*.csv", HIGH)]);
    assert_eq!(
        paths(&collected),
        [
            "*.csv",
            "-rf.csv",
            "a\nb.csv",
            "a*b.csv",
            "a]{}.csv",
            "日本.csv"
        ]
    );
    assert_eq!(collected.refused.len(), 1);
    assert_eq!(collected.refused[0].refusal, Refusal::NameNotUtf8);

    symlink("x", workspace.path().join("evil\n.txt")).expect("a link");
    let told = reasons(&collect_in(workspace.path(), &[("*.txt", HIGH)])).concat();
    assert!(
        told.starts_with("evil\\n.txt is a symbolic link"),
        "one line: {told:?}"
    );
}

#[test]
fn the_names_that_stores_need_are_no_outputs() {
    let workspace = tempfile::tempdir().expect("a directory");
    for path in [
        "manifest.json",
        "metadata/a.log",
        ".incoming/0.csv",
        "output/manifest.json",
    ] {
        write(workspace.path(), path);
    }
    let patterns = [
        ("*.json", HIGH),
        ("*/*.log", HIGH),
        ("*/*.csv", HIGH),
        ("*/*.json", HIGH),
    ];
    let collected = collect_in(workspace.path(), &patterns);
    assert_eq!(paths(&collected), ["output/manifest.json"]);
    assert_eq!(collected.unmatched.len(), 3);
}

#[test]
fn hints_name_what_was_written_instead() {
    let workspace = tempfile::tempdir().expect("a directory");
    let started = SystemTime::now();
    for path in [
        "output/tabel.csv",
        "output/known.csv",
        ".git/index",
        "analysis/old.py",
    ] {
        write(workspace.path(), path);
    }
    let old = File::options()
        .write(true)
        .open(workspace.path().join("analysis/old.py"));
    let earlier = started - Duration::from_mins(1);
    old.and_then(|file| file.set_modified(earlier))
        .expect("a time");
    symlink("/etc", workspace.path().join("etc")).expect("a link");

    let handle = File::open(workspace.path()).expect("the workspace");
    // File systems may round times down.
    let since = started - Duration::from_secs(1);
    let found = candidates(&handle, Some(since), |path| path == "output/known.csv");
    assert_eq!(found, ["output/tabel.csv"]);
    assert_eq!(
        did_you_mean("output/table.csv", &found),
        ["output/tabel.csv"]
    );
    assert_eq!(candidates(&handle, None, |_| false).len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_collected_is_always_a_file_within(
        files in proptest::collection::vec("[ab]{1,2}(/[ab]{1,2}){0,2}", 0..6),
        links in proptest::collection::vec(("[ab]{1,2}", "(\\.\\./){0,3}[ab]{0,2}"), 0..4),
        patterns in proptest::collection::vec("(\\.\\./)?[ab*]{1,3}(/[ab*]{1,3}){0,2}", 0..5),
    ) {
        let outside = tempfile::tempdir().expect("a directory");
        let workspace = outside.path().join("a");
        fs::create_dir(&workspace).expect("a directory");
        write(outside.path(), "b");
        for path in &files {
            let path = workspace.join(path);
            let _ = fs::create_dir_all(path.parent().expect("a parent"));
            let _ = fs::write(path, "x");
        }
        for (link, target) in &links {
            let _ = symlink(target, workspace.join(link));
        }
        let patterns: Vec<(&str, Level)> =
            patterns.iter().map(|pattern| (pattern.as_str(), HIGH)).collect();
        let root = workspace.canonicalize().expect("a path");
        let collected = collect_in(&workspace, &patterns);
        for file in &collected.files {
            let path = workspace.join(&file.path);
            prop_assert!(fs::symlink_metadata(&path).expect("facts").is_file());
            prop_assert_eq!(path.canonicalize().expect("a path"), root.join(&file.path));
        }
    }
}
