//! Installing once, whole, and again when something it depends on changes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use glovebox_runtimes::{PrepareError, Progress, State};

use crate::fake::Fake;

#[test]
fn the_second_use_starts_no_process() {
    let fake = Fake::new();
    let first = fake.prepare().expect("installed");
    let calls = fake.log();
    assert_eq!(fake.prepare().expect("found"), first);
    assert_eq!(fake.log(), calls);
    assert_eq!(fake.calls("glovebox-interpreter"), 1);
    assert_eq!(fake.calls("-m pip"), 1);
    assert_eq!(fake.steps(), []);
}

#[test]
fn what_a_sandbox_is_given() {
    let fake = Fake::new();
    let prepared = fake.prepare().expect("installed");
    let guests: Vec<_> = prepared
        .mounts
        .iter()
        .map(|mount| mount.guest.as_path())
        .collect();
    assert_eq!(
        guests,
        [
            Path::new("/opt/glovebox/python"),
            Path::new("/opt/glovebox/packages")
        ]
    );
    assert!(
        prepared
            .mounts
            .iter()
            .all(|mount| mount.host.starts_with(fake.path("cache")))
    );
    assert!(
        prepared.mounts[1]
            .host
            .join("cohortextractor/__init__.py")
            .is_file()
    );
    assert!(
        prepared.mounts[1]
            .host
            .join("osmatching/__init__.py")
            .is_file()
    );
    assert_eq!(
        prepared.path(),
        "/opt/glovebox/python/bin:/usr/local/bin:/usr/bin:/bin"
    );
    assert_eq!(prepared.description, "CPython 3.11.2 with 1 locked package");
    assert!(
        !prepared
            .env
            .iter()
            .any(|(name, _)| name == "PATH" || name.starts_with("FAKE"))
    );
}

#[test]
fn a_script_is_given_to_python_and_a_program_is_run() {
    let prepared = Fake::new().prepare();
    // The fake Python is gone by now, as it would be inside a sandbox without its mount.
    let prepared = prepared.expect("installed");
    for (words, argv) in [
        ("analysis/a.py --x", "python analysis/a.py --x"),
        ("a.py", "python a.py"),
        ("/usr/bin/env a", "/usr/bin/env a"),
        ("sh -c true", "sh -c true"),
        ("no-such-program", "python no-such-program"),
        ("./run.sh", "./run.sh"),
        ("-m json.tool", "python -m json.tool"),
        ("", "python"),
    ] {
        let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
        assert_eq!(prepared.argv(&words).join(" "), argv);
    }
    let fake = Fake::new();
    let words = ["python".to_owned(), "a.py".to_owned()];
    assert_eq!(fake.prepare().expect("installed").argv(&words), words);
}

#[test]
fn everybody_may_read_an_installation_whatever_the_umask_was() {
    let fake = Fake::new();
    let prepared = fake.prepare().expect("installed");
    let environment = &prepared.mounts[0].host;
    for name in [
        "",
        "lib/python3.11/site-packages/a/b",
        "lib/python3.11/site-packages/a/b/c.py",
    ] {
        let mode = environment
            .join(name)
            .metadata()
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o444, 0o444, "{name}");
    }
}

#[test]
fn nothing_of_the_making_stays_in_an_installation() {
    let fake = Fake::new();
    let prepared = fake.prepare().expect("installed");
    let environment = &prepared.mounts[0].host;
    let settings = fs::read_to_string(environment.join("pyvenv.cfg")).expect("there");
    assert_eq!(settings, "home = /usr/bin\n");
    for name in [
        ".scratch",
        "bin/activate.csh",
        "lib/python3.11/site-packages/bin",
    ] {
        assert!(!environment.join(name).exists(), "{name}");
    }
    assert_eq!(fake.cached("."), Vec::<std::path::PathBuf>::new());
}

/// Each is what a process leaves that is killed, or a disk that fails, at some moment.
#[test]
fn half_an_installation_is_never_used() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage); 6] = [
        ("no marker", |place| {
            fs::remove_file(place.join("environment.json")).unwrap();
        }),
        ("an empty marker", |place| {
            fs::write(place.join("environment.json"), "").unwrap();
        }),
        ("half a marker", |place| {
            fs::write(place.join("environment.json"), "{\"digest\"").unwrap();
        }),
        ("another's marker", |place| {
            let marker = fs::read_to_string(place.join("environment.json")).unwrap();
            fs::write(
                place.join("environment.json"),
                marker.replace("a.txt", "b.txt"),
            )
            .unwrap();
        }),
        ("no interpreter", |place| {
            fs::remove_file(place.join("bin/python")).unwrap();
        }),
        ("an empty folder", |place| {
            fs::remove_dir_all(place).unwrap();
            fs::create_dir(place).unwrap();
        }),
    ];
    for (name, damage) in cases {
        let fake = Fake::new();
        let whole = fake.prepare().expect("installed");
        damage(&whole.mounts[0].host);
        let runtime = fake
            .runtimes()
            .resolve("python", "latest")
            .expect("an image");
        assert_eq!(
            runtime.state(&fake.machine(), &fake.cache()),
            State::Installable,
            "{name}"
        );
        assert_eq!(fake.prepare().expect("installed again"), whole, "{name}");
        assert_eq!(fake.calls("-m pip"), 2, "{name}");
        assert!(
            whole.mounts[0].host.join("environment.json").is_file(),
            "{name}"
        );
        assert_eq!(fake.cached(".").len(), 0, "{name}");
    }
}

#[test]
fn what_a_killed_process_left_is_removed_and_not_used() {
    let fake = Fake::new();
    let whole = fake.prepare().expect("installed");
    let place = &whole.mounts[0].host;
    let name = place
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    fs::rename(place, fake.path("cache").join(format!(".{name}.abc"))).expect("renamed");
    assert_eq!(fake.prepare().expect("installed again"), whole);
    assert_eq!(fake.calls("-m pip"), 2);
    assert_eq!(fake.cached(".").len(), 0);
}

#[test]
fn a_failed_installation_leaves_nothing_and_says_why() {
    type Is = fn(&PrepareError) -> bool;
    let cases: [(&str, Is); 7] = [
        (
            "killed",
            |e| matches!(e, PrepareError::Install { status, .. } if status.contains('9')),
        ),
        (
            "ERROR: No matching distribution found for a==1.0",
            |e| matches!(e, PrepareError::Install { output, .. } if output.contains("No matching")),
        ),
        ("/usr/bin/python3: No module named pip", |e| {
            e.remedy().is_some_and(|r| r.contains("pip"))
        }),
        ("OSError: [Errno 28] No space left on device", |e| {
            matches!(e, PrepareError::DiskFull { .. })
        }),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            |e| matches!(e, PrepareError::WrongHash { .. }),
        ),
        (
            "ERROR: Could not find a version that satisfies a==1.0 (from versions: none)",
            |e| matches!(e, PrepareError::NoPackages { .. }),
        ),
        // A network that failed once is not the cause when a hash is wrong in the end.
        (
            "Read timed out. THESE PACKAGES DO NOT MATCH THE HASHES",
            |e| matches!(e, PrepareError::WrongHash { .. }),
        ),
    ];
    for (pip, is) in cases {
        let mut fake = Fake::new().with("FAKE_PIP", pip);
        let error = fake.prepare().expect_err(pip);
        assert!(is(&error), "{pip}: {error}");
        assert_eq!(
            fake.cached("python-").len() + fake.cached(".").len(),
            0,
            "{pip}"
        );
        fake.set("FAKE_PIP", "");
        fake.prepare().expect("once mended, it installs");
    }
}

#[test]
fn packages_that_do_not_import_are_not_kept() {
    let fake = Fake::new().with("FAKE_CHECK", "1");
    let error = fake.prepare().expect_err("does not import");
    insta::assert_snapshot!(error, @"
    the Python environment was installed but does not work on this machine, so it was not kept
    a does not import
    ");
    assert_eq!(fake.cached("python-").len() + fake.cached(".").len(), 0);
}

#[test]
fn of_two_at_once_one_installs_and_the_other_waits() {
    let fake = Fake::new().with("FAKE_PIP", "slow");
    let waited = Mutex::new(0);
    let both = thread::scope(|scope| {
        let prepare = || {
            let tell = |step| {
                if matches!(step, Progress::Waiting { .. }) {
                    *waited.lock().expect("no panic") += 1;
                }
            };
            fake.prepare_image("python", &tell, &AtomicBool::new(false))
                .expect("prepared")
        };
        let threads = [scope.spawn(prepare), scope.spawn(prepare)];
        threads.map(|thread| thread.join().expect("no panic"))
    });
    assert_eq!(both[0], both[1]);
    assert_eq!(fake.calls("-m pip"), 1);
    assert_eq!(waited.into_inner().expect("no panic"), 1);
}

#[test]
fn stopping_kills_what_runs_and_leaves_nothing() {
    let fake = Fake::new().with("FAKE_PIP", "hang");
    let cancel = AtomicBool::new(false);
    let started = Instant::now();
    let stop_when_fetching = |step| {
        if matches!(step, Progress::Fetching { .. }) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let error = fake
        .prepare_image("python", &stop_when_fetching, &cancel)
        .expect_err("stopped");
    assert!(matches!(error, PrepareError::Cancelled), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(fake.cached("python-").len() + fake.cached(".").len(), 0);
}

#[test]
fn one_that_waits_can_be_stopped() {
    let fake = Fake::new().with("FAKE_PIP", "hang");
    let (installing, waiting) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let (told, is_fetching) = std::sync::mpsc::channel();
        let (fake, installing) = (&fake, &installing);
        let first = scope.spawn(move || {
            let tell = |step| {
                if matches!(step, Progress::Fetching { .. }) {
                    told.send(()).expect("listened to");
                }
            };
            fake.prepare_image("python", &tell, installing)
        });
        is_fetching.recv().expect("the first installs");
        let stop = |_| waiting.store(true, Ordering::Relaxed);
        let second = fake.prepare_image("python", &stop, &waiting);
        assert!(matches!(second, Err(PrepareError::Cancelled)));
        installing.store(true, Ordering::Relaxed);
        assert!(matches!(
            first.join().expect("no panic"),
            Err(PrepareError::Cancelled)
        ));
    });
}

#[test]
fn digests_change_with_what_they_stand_for_and_with_nothing_else() {
    let mut fake = Fake::new();
    let first = fake.prepare().expect("installed");
    assert_eq!(first.digest.len(), 64);

    // A patched interpreter is another runtime in the same installation.
    fake.set("FAKE_VERSION", "3.11.3");
    fake.program("python3");
    let patched = fake.prepare().expect("found");
    assert_ne!(patched.digest, first.digest);
    assert_eq!(patched.mounts, first.mounts);
    assert_eq!(fake.calls("-m pip"), 1);

    // What is built in is another runtime in the same installation.
    let built_in = fake
        .prepare_image("cohortextractor", &|_| (), &AtomicBool::new(false))
        .expect("found");
    assert_ne!(built_in.digest, patched.digest);
    assert_eq!(built_in.mounts, patched.mounts);

    // Another lock is another installation; the first one stays for those who use it.
    fake.lock("a==1.0 --hash=sha256:01\n");
    let relocked = fake.prepare().expect("installed");
    assert_ne!(relocked.digest, patched.digest);
    assert_eq!(fake.cached("python-").len(), 2);

    // The machine's other variables and the place of the cache do not matter.
    fake.set("HOME", "/elsewhere");
    assert_eq!(fake.prepare().expect("found").digest, relocked.digest);
    let twin = Fake::new();
    twin.lock("a==1.0 --hash=sha256:01\n");
    let state = twin
        .with("FAKE_VERSION", "3.11.3")
        .prepare()
        .expect("installed");
    assert_eq!(state.digest, relocked.digest);
}

#[test]
fn a_state_is_told_without_installing_or_writing() {
    let fake = Fake::new();
    let runtime = fake
        .runtimes()
        .resolve("python", "latest")
        .expect("an image");
    assert_eq!(
        runtime.state(&fake.machine(), &fake.cache()),
        State::Installable
    );
    assert!(!fake.path("cache").exists());
    let digest = fake.prepare().expect("installed").digest;
    let ready = State::Ready { digest, note: None };
    assert_eq!(runtime.state(&fake.machine(), &fake.cache()), ready);
}

#[test]
fn python_is_the_first_on_the_path_that_serves() {
    let message = |fake: &Fake| match fake.prepare() {
        Ok(prepared) => prepared.description,
        Err(error) => error
            .to_string()
            .replace(&fake.path("").display().to_string(), "/machine/"),
    };
    let old = Fake::new().with("FAKE_VERSION", "3.9.2").alone();
    insta::assert_snapshot!(message(&old), @"no Python from 3.11 to 3.14 was found (/machine/bin/python3 is CPython 3.9.2 (x86_64)): type `apt-get install python3 python3-pip`, or set GLOVEBOX_PYTHON to one");

    let silent = Fake::new().with("FAKE_VERSION", "silent").alone();
    insta::assert_snapshot!(message(&silent), @"no Python from 3.11 to 3.14 was found (/machine/bin/python3 did not say which Python it is: it printed nothing): type `apt-get install python3 python3-pip`, or set GLOVEBOX_PYTHON to one");

    let none = Fake::new().with("PATH", "/nonexistent");
    insta::assert_snapshot!(message(&none), @"no Python from 3.11 to 3.14 was found: type `apt-get install python3 python3-pip`, or set GLOVEBOX_PYTHON to one");

    let relative = Fake::new().with("PATH", "bin:.:");
    insta::assert_snapshot!(message(&relative), @"no Python from 3.11 to 3.14 was found: type `apt-get install python3 python3-pip`, or set GLOVEBOX_PYTHON to one");

    let chosen = Fake::new().with("GLOVEBOX_PYTHON", "/nonexistent/python");
    insta::assert_snapshot!(message(&chosen), @"GLOVEBOX_PYTHON does not name a usable Python: /nonexistent/python is not a program; unset it or name a Python from 3.11 to 3.14");

    let by_name = Fake::new().with("GLOVEBOX_PYTHON", "python3.13");
    by_name.program("python3.13");
    insta::assert_snapshot!(message(&by_name), @"CPython 3.11.2 with 1 locked package");

    let wide = Fake::new()
        .with("FAKE_PREFIX", "/home")
        .with("GLOVEBOX_PYTHON", "python3");
    insta::assert_snapshot!(message(&wide), @"/machine/bin/python3 is installed in /home, which holds more than Python and is not shown to jobs: set GLOVEBOX_PYTHON to another Python, such as /usr/bin/python3");
}

#[test]
fn no_program_starts_in_the_folder_of_the_study() {
    let fake = Fake::new();
    fake.prepare().expect("installed");
    let study = std::env::current_dir().expect("a folder");
    for line in fake.log().lines() {
        let (folder, _) = line.split_once(": ").expect("a folder");
        assert_ne!(Path::new(folder), study);
        assert!(
            folder == "/" || Path::new(folder).starts_with(fake.path("cache")),
            "{line}"
        );
    }
}
