//! Filing outputs, and what can be read back.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use glovebox_levels::{
    Collected, Fault, FilingReport, Level, Limits, Provenance, Store, StoreError, collect,
};

const HIGH: Level = Level::HighlySensitive;
const MODERATE: Level = Level::ModeratelySensitive;
const TABLE: &str = "age,count\n70,12\n";
const COHORT: &str = "patient_id,age\n4711,70\n";

/// A workspace that jobs write to and the stores beside it.
struct World {
    directory: tempfile::TempDir,
    store: Store,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("workspace")).expect("a directory");
        let store = Store::open(directory.path().join("stores")).expect("stores");
        Self { directory, store }
    }

    fn workspace(&self) -> PathBuf {
        self.directory.path().join("workspace")
    }

    fn write(&self, path: &str, content: &str) -> &Self {
        let path = self.workspace().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        fs::write(path, content).expect("a file");
        self
    }

    fn collect(&self, patterns: &[(&str, Level)]) -> Collected {
        collect(
            File::open(self.workspace()).expect("the workspace"),
            patterns,
            u64::MAX,
        )
    }

    fn file_collected(
        &self,
        action: &str,
        collected: &Collected,
    ) -> Result<FilingReport, StoreError> {
        let workspace = File::open(self.workspace()).expect("the workspace");
        self.store.file_outputs(
            workspace,
            collected,
            &provenance(action),
            &Limits::default(),
        )
    }

    fn file(&self, action: &str, patterns: &[(&str, Level)]) -> FilingReport {
        self.file_collected(action, &self.collect(patterns))
            .expect("filed")
    }

    fn high(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.store.high_path().join(path)).ok()
    }

    fn moderate(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.store.moderate_path().join(path)).ok()
    }
}

fn provenance(action: &str) -> Provenance {
    Provenance {
        action: action.to_owned(),
        job_id: "job1".to_owned(),
        commit: None,
        user: "researcher".to_owned(),
        repo: "study".to_owned(),
        timestamp: jiff::Timestamp::UNIX_EPOCH,
    }
}

/// Files below a directory, relative to it.
fn tree(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(root).expect("within");
                found.insert(relative.to_str().expect("text").to_owned());
            }
        }
    }
    found
}

#[test]
fn each_output_goes_where_its_level_says() {
    let world = World::new();
    world
        .write("output/a.csv", TABLE)
        .write("output/b.rds", "x")
        .write("output/c.md", "x");
    let report = world.file(
        "make",
        &[
            ("output/a.csv", MODERATE),
            ("output/b.rds", HIGH),
            ("output/c.md", Level::MinimallySensitive),
        ],
    );
    assert_eq!(report.filed.len(), 3);
    assert!(report.withheld.is_empty());
    let high = tree(world.store.high_path());
    assert_eq!(
        high.iter().collect::<Vec<_>>(),
        [
            "manifest.json",
            "output/a.csv",
            "output/b.rds",
            "output/c.md"
        ]
    );
    let moderate = tree(world.store.moderate_path());
    assert_eq!(
        moderate.iter().collect::<Vec<_>>(),
        ["manifest.json", "output/a.csv"]
    );
    assert!(
        tree(&world.workspace()).is_empty(),
        "what is ours alone is moved"
    );
    assert_eq!(world.store.verify().expect("verified"), []);

    let private = |path: &Path| fs::metadata(path).expect("facts").permissions().mode() & 0o777;
    assert_eq!(private(world.store.high_path()), 0o700);
    for store in [world.store.high_path(), world.store.moderate_path()] {
        assert_eq!(private(&store.join("output")), 0o700);
        assert_eq!(private(&store.join("output/a.csv")), 0o600);
        assert_eq!(private(&store.join("manifest.json")), 0o600);
    }
}

#[test]
fn the_moderate_manifest_says_nothing_about_the_other_store() {
    let world = World::new();
    world
        .write("smith_1951.csv", COHORT)
        .write("table.csv", TABLE)
        .write("rows.csv", COHORT);
    world.file(
        "make",
        &[
            ("smith_1951.csv", HIGH),
            ("table.csv", MODERATE),
            ("rows.csv", MODERATE),
        ],
    );
    assert_eq!(
        world.moderate("manifest.json").expect("a manifest"),
        r#"{
  "version": 1,
  "outputs": {
    "rows.csv": {
      "level": "moderately_sensitive",
      "action": "make",
      "job_id": "job1",
      "commit": null,
      "user": "researcher",
      "repo": "study",
      "size": 23,
      "timestamp": "1970-01-01T00:00:00Z",
      "content_hash": null,
      "excluded": true,
      "message": "column 1 is named patient_id, so the rows are about single patients: aggregate them, or declare the output highly_sensitive",
      "row_count": 1,
      "col_count": 2,
      "out_of_date_action": false,
      "out_of_date_output": false
    },
    "table.csv": {
      "level": "moderately_sensitive",
      "action": "make",
      "job_id": "job1",
      "commit": null,
      "user": "researcher",
      "repo": "study",
      "size": 16,
      "timestamp": "1970-01-01T00:00:00Z",
      "content_hash": "d37a65bfcc4c5f822608caff9ff19fffc1c32920aff00c4481b21725a45d28c1",
      "excluded": false,
      "message": null,
      "row_count": 1,
      "col_count": 2,
      "out_of_date_action": false,
      "out_of_date_output": false
    }
  }
}
"#
    );
}

#[test]
fn a_withheld_file_leaves_the_moderate_store_and_a_note_says_why() {
    let world = World::new();
    world
        .write("output/a.csv", TABLE)
        .file("make", &[("output/a.csv", MODERATE)]);
    assert!(world.moderate("output/a.csv").is_some());

    world.write("output/a.csv", COHORT);
    let report = world.file("make", &[("output/a.csv", MODERATE)]);
    assert_eq!(report.withheld.len(), 1);
    assert_eq!(world.high("output/a.csv").as_deref(), Some(COHORT));
    assert_eq!(world.moderate("output/a.csv"), None);
    let note = world.moderate("output/a.csv.txt").expect("a note");
    assert!(note.contains("column 1 is named patient_id"), "{note}");
    assert!(!note.contains("4711"), "{note}");
    assert_eq!(world.store.verify().expect("verified"), []);

    world
        .write("output/a.csv", TABLE)
        .file("make", &[("output/a.csv", MODERATE)]);
    assert_eq!(world.moderate("output/a.csv").as_deref(), Some(TABLE));
    assert_eq!(world.moderate("output/a.csv.txt"), None, "the note is gone");
}

#[test]
fn a_note_never_takes_the_place_of_an_output() {
    let world = World::new();
    let patterns = [("a.csv", MODERATE), ("a.csv.txt", MODERATE)];
    world
        .write("a.csv", COHORT)
        .write("a.csv.txt", "mine")
        .file("make", &patterns);
    assert_eq!(world.moderate("a.csv.txt").as_deref(), Some("mine"));
    // Nor is it taken for one when it is cleared away, whoever made it.
    world.write("a.csv", TABLE).file("make", &patterns[..1]);
    assert_eq!(world.moderate("a.csv.txt").as_deref(), Some("mine"));

    let name = "n".repeat(250) + ".csv";
    world.write(&name, COHORT);
    let report = world.file("long", &[(&name, MODERATE)]);
    assert_eq!(
        report.withheld.len(),
        1,
        "a name too long for a note is withheld all the same"
    );
}

#[test]
fn an_output_that_becomes_highly_sensitive_leaves_the_moderate_store() {
    let world = World::new();
    world
        .write("a.csv", TABLE)
        .file("make", &[("a.csv", MODERATE)]);
    world.write("a.csv", TABLE).file("make", &[("a.csv", HIGH)]);
    assert_eq!(world.moderate("a.csv"), None);
    assert!(
        world
            .store
            .moderate_manifest()
            .expect("a manifest")
            .outputs
            .is_empty()
    );
    assert_eq!(world.high("a.csv").as_deref(), Some(TABLE));
}

#[test]
fn what_is_not_made_again_is_marked_and_kept() {
    let world = World::new();
    world
        .write("a.csv", TABLE)
        .write("b.csv", TABLE)
        .file("make", &[("*.csv", MODERATE)]);
    world.write("b.csv", TABLE);
    let report = world.file("make", &[("*.csv", MODERATE)]);
    assert_eq!(report.out_of_date, ["a.csv"]);
    assert_eq!(world.moderate("a.csv").as_deref(), Some(TABLE));
    for manifest in [world.store.high_manifest(), world.store.moderate_manifest()] {
        let manifest = manifest.expect("a manifest");
        assert!(manifest.outputs["a.csv"].out_of_date_output);
        assert!(!manifest.outputs["b.csv"].out_of_date_output);
    }
    let paths = |outputs: Vec<glovebox_levels::StoredOutput>| {
        outputs
            .into_iter()
            .map(|output| output.path)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths(world.store.outputs_of("make").expect("outputs")),
        ["b.csv"]
    );
    assert_eq!(
        world.store.retire_outputs("make").expect("marked"),
        ["b.csv"]
    );
    assert!(world.store.outputs_of("make").expect("outputs").is_empty());

    let gone = |world: &World| {
        world.store.high_manifest().expect("a manifest").outputs["a.csv"].out_of_date_action
    };
    world
        .store
        .mark_actions(&BTreeSet::from(["other"]))
        .expect("marked");
    assert!(gone(&world));
    world
        .store
        .mark_actions(&BTreeSet::from(["make"]))
        .expect("marked");
    assert!(!gone(&world), "the action returned");
}

#[test]
fn a_file_with_another_name_is_copied_so_that_the_other_name_cannot_change_it() {
    let world = World::new();
    let outside = world.directory.path().join("outside.csv");
    fs::write(&outside, TABLE).expect("a file");
    fs::hard_link(&outside, world.workspace().join("a.csv")).expect("a hard link");
    world.file("make", &[("a.csv", HIGH)]);

    fs::write(&outside, COHORT).expect("a change");
    assert_eq!(world.high("a.csv").as_deref(), Some(TABLE));
    let filed = fs::metadata(world.store.high_path().join("a.csv")).expect("facts");
    assert_eq!(filed.nlink(), 1);
    assert!(world.workspace().join("a.csv").exists());
}

#[test]
fn an_error_leaves_workspace_and_stores_as_they_were() {
    let world = World::new();
    world
        .write("a.csv", TABLE)
        .write("b.csv", TABLE)
        .file("make", &[("*.csv", MODERATE)]);
    let before = (tree(world.store.high_path()), world.high("manifest.json"));

    world
        .write("a.csv", "new\n1\n")
        .write("b.csv", "new\n1\n")
        .write("c.csv", "new\n1\n");
    let collected = world.collect(&[("*.csv", MODERATE)]);
    for swap in ["longer than it was", ""] {
        world.write("c.csv", swap);
        let error = world
            .file_collected("make", &collected)
            .expect_err("c.csv changed");
        assert!(matches!(error, StoreError::Changed { .. }), "{error}");
    }
    fs::remove_file(world.workspace().join("c.csv")).expect("removed");
    symlink("a.csv", world.workspace().join("c.csv")).expect("a link");
    let error = world
        .file_collected("make", &collected)
        .expect_err("c.csv is a link now");
    assert!(matches!(error, StoreError::Changed { .. }), "{error}");

    assert_eq!(
        (tree(world.store.high_path()), world.high("manifest.json")),
        before
    );
    assert!(
        tree(world.store.moderate_path())
            .iter()
            .all(|path| !path.contains(".incoming"))
    );
    assert_eq!(world.high("a.csv").as_deref(), Some(TABLE));
    assert_eq!(world.moderate("a.csv").as_deref(), Some(TABLE));
    let left: Vec<String> = tree(&world.workspace()).into_iter().collect();
    assert_eq!(
        left,
        ["a.csv", "b.csv", "c.csv"],
        "moved files were put back"
    );
}

#[test]
fn an_output_does_not_replace_a_directory_or_pass_through_a_file() {
    let world = World::new();
    world.write("a.csv", TABLE).write("d.csv/x.csv", TABLE);
    world.file("make", &[("a.csv", HIGH), ("d.csv/x.csv", HIGH)]);
    fs::remove_dir_all(world.workspace()).expect("removed");
    world.write("a.csv/b.csv", TABLE).write("d.csv", TABLE);
    for pattern in ["a.csv/b.csv", "d.csv"] {
        let collected = world.collect(&[(pattern, HIGH)]);
        let error = world
            .file_collected("other", &collected)
            .expect_err("in the way");
        assert!(matches!(error, StoreError::InTheWay { .. }), "{error}");
        assert!(world.workspace().join(pattern).exists());
    }
}

#[test]
fn paths_that_nobody_collected_are_refused() {
    let world = World::new();
    fs::write(world.directory.path().join("secret.csv"), COHORT).expect("a file");
    for path in ["../secret.csv", "/etc/passwd", "manifest.json", "a//b", ""] {
        let mut collected = world.write("x.csv", TABLE).collect(&[("x.csv", HIGH)]);
        collected.files[0].path = path.to_owned();
        let error = world
            .file_collected("make", &collected)
            .expect_err("refused");
        assert!(matches!(error, StoreError::Path { .. }), "{path}: {error}");
    }
}

#[test]
fn swapping_a_file_for_a_link_while_it_is_filed_gains_nothing() {
    let world = World::new();
    let secret = world.directory.path().join("secret.csv");
    // As long as the real one, so that the size gives nothing away.
    fs::write(&secret, "S".repeat(TABLE.len())).expect("a file");
    let target = world.workspace().join("a.csv");
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let [real, link] = ["real", "link"].map(|name| world.directory.path().join(name));
            while !is_done.load(Ordering::Relaxed) {
                let _ = fs::write(&real, TABLE).and_then(|()| fs::rename(&real, &target));
                let _ = symlink(&secret, &link);
                let _ = fs::rename(&link, &target);
            }
        });
        for _ in 0..30 {
            let collected = world.collect(&[("a.csv", MODERATE)]);
            let _ = world.file_collected("make", &collected);
            assert!(world.high("a.csv").is_none_or(|filed| filed == TABLE));
            assert!(world.moderate("a.csv").is_none_or(|filed| filed == TABLE));
        }
        is_done.store(true, Ordering::Relaxed);
    });
    assert!(
        fs::read_to_string(&secret)
            .expect("the secret")
            .starts_with('S')
    );
}

#[test]
fn inputs_are_staged_whole_and_only_as_they_were_filed() {
    let world = World::new();
    world
        .write("output/a.csv", TABLE)
        .write("b.csv", TABLE)
        .file("make", &[("output/a.csv", MODERATE), ("b.csv", HIGH)]);
    let next = tempfile::tempdir().expect("a directory");
    let handle = File::open(next.path()).expect("the directory");
    let outputs = world.store.outputs_of("make").expect("outputs");
    assert_eq!(outputs.len(), 2);
    for output in &outputs {
        world.store.stage(output, &handle).expect("staged");
        world.store.stage(output, &handle).expect("staged again");
    }
    assert_eq!(
        tree(next.path()).into_iter().collect::<Vec<_>>(),
        ["b.csv", "output/a.csv"]
    );

    // A job's change to its input is not a change to what was filed.
    fs::write(next.path().join("b.csv"), "changed").expect("a change");
    assert_eq!(world.store.verify().expect("verified"), []);

    fs::write(world.store.high_path().join("b.csv"), "tampered 16 byte").expect("a change");
    fs::remove_file(world.store.moderate_path().join("output/a.csv")).expect("removed");
    let error = world
        .store
        .stage(&outputs[0], &handle)
        .expect_err("tampered with");
    assert!(matches!(error, StoreError::Corrupted { .. }), "{error}");
    assert_eq!(
        fs::read_to_string(next.path().join("b.csv")).expect("a file"),
        "changed"
    );
    let faults: Vec<Fault> = world
        .store
        .verify()
        .expect("verified")
        .into_iter()
        .map(|found| found.fault)
        .collect();
    assert_eq!(faults, [Fault::Changed, Fault::Missing]);

    // A link in the place of a directory is not followed out of the next workspace.
    let elsewhere = tempfile::tempdir().expect("a directory");
    fs::remove_dir_all(next.path().join("output")).expect("removed");
    symlink(elsewhere.path(), next.path().join("output")).expect("a link");
    world.store.stage(&outputs[1], &handle).expect_err("a link");
    assert!(tree(elsewhere.path()).is_empty());
}

#[test]
fn a_damaged_manifest_stops_filing_and_names_itself() {
    let world = World::new();
    let path = world.store.high_path().join("manifest.json");
    for text in [
        "",
        "{",
        "[]",
        r#"{"version": 2, "outputs": {}}"#,
        r#"{"version": 1}"#,
        r#"{"version": 1, "outputs": {}, "more": 1}"#,
        r#"{"version": 1, "outputs": {"../a.csv": {"level": "highly_sensitive", "action": "", "job_id": "", "commit": null, "user": "", "repo": "", "size": 1, "timestamp": "1970-01-01T00:00:00Z", "content_hash": null, "excluded": true, "message": null, "row_count": null, "col_count": null, "out_of_date_action": false, "out_of_date_output": false}}}"#,
    ] {
        fs::write(&path, text).expect("a manifest");
        world.write("a.csv", TABLE);
        let collected = world.collect(&[("a.csv", HIGH)]);
        let error = world
            .file_collected("make", &collected)
            .expect_err("damaged");
        assert!(
            matches!(error, StoreError::Manifest { .. }),
            "{text:?}: {error}"
        );
        assert!(error.to_string().contains("manifest.json"), "{error}");
        assert!(world.workspace().join("a.csv").exists());
    }
}

#[test]
fn what_an_interrupted_filing_left_is_cleared() {
    let world = World::new();
    fs::write(world.store.high_path().join(".incoming/0"), "half").expect("a file");
    world.write("a.csv", TABLE).file("make", &[("a.csv", HIGH)]);
    assert_eq!(world.high("a.csv").as_deref(), Some(TABLE));
    assert_eq!(world.high(".incoming/0"), None);
}
