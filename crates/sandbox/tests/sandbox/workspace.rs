//! What can be written, and what is left of it.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

use glovebox_sandbox::{Cancel, Spec, WorkspaceAccess};

use crate::machine::{Bench, launcher};

#[test]
fn the_workspace_is_the_only_place_that_keeps_anything() {
    let bench = Bench::new();
    let script = "
pwd
echo kept > here
for place in / /etc /usr /usr/bin /usr/local /dev /run /run/glovebox /proc /var; do
  if echo x > $place/new 2>/dev/null; then echo written $place; fi
done
for place in /tmp /var/tmp /dev/shm; do echo x > $place/new || echo not written $place; done
rm -f /usr/bin/env /etc/passwd /run/glovebox/glovebox 2>/dev/null
ls /usr/bin/env /etc/passwd /run/glovebox/glovebox >/dev/null
";
    assert_eq!(bench.answer(script), "/workspace\n");
    assert_eq!(
        fs::read_to_string(bench.path().join("here")).unwrap(),
        "kept\n"
    );
    // Nothing of the first run is in the second's /tmp.
    assert_eq!(bench.answer("ls -A /tmp /dev/shm"), "/dev/shm:\n\n/tmp:\n");
}

#[test]
fn files_belong_to_whoever_runs_the_sandbox() {
    let bench = Bench::new();
    bench.answer("umask; echo x > made; ls -ln made");
    let made = bench.path().join("made").metadata().unwrap();
    assert_eq!(made.uid(), bench.path().metadata().unwrap().uid());
    assert_eq!(made.mode() & 0o777, 0o644);
}

#[test]
fn a_read_only_workspace_is_read_only() {
    let bench = Bench::new();
    fs::write(bench.path().join("input"), "data").unwrap();
    let mut spec = bench.shell("cat input; echo x > new || echo refused; echo x > input || echo refused; chmod 777 . || echo refused");
    spec.access = WorkspaceAccess::ReadOnly;
    assert_eq!(bench.run(&spec).stdout, "datarefused\nrefused\nrefused\n");
}

#[test]
fn any_folder_name_will_do() {
    let bench = Bench::new();
    for name in [
        b"a b".as_slice(),
        b"new\nline",
        b"--bind",
        b"\xff\xfe",
        b"$(id)'\"",
        "ü".as_bytes(),
    ] {
        let folder = bench.path().join(std::ffi::OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        let spec = Spec {
            arguments: vec!["made".into()],
            ..Spec::new("touch", &folder)
        };
        let outcome = bench
            .sandbox()
            .run(
                &spec,
                &mut std::io::sink(),
                &mut std::io::sink(),
                &Cancel::new(),
            )
            .unwrap();
        assert!(outcome.ending.is_success(), "{folder:?}");
        assert!(folder.join("made").exists(), "{folder:?}");
    }
    assert!(launcher().exists());
}

#[test]
fn links_out_of_the_workspace_lead_nowhere() {
    let bench = Bench::new();
    std::os::unix::fs::symlink("/etc/shadow", bench.path().join("link")).unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), bench.path().join("out")).unwrap();
    bench.answer("cat link 2>/dev/null; echo x > out 2>/dev/null; true");
    assert_eq!(fs::read(outside.path()).unwrap(), b"");
}

#[test]
fn a_setuid_file_gives_nothing() {
    let bench = Bench::new();
    let answer = bench.answer(
        "cp /usr/bin/id made; chmod 6755 made; ./made -u; ls -d /usr/bin/su >/dev/null; true",
    );
    assert_eq!(answer, "1000\n");
}
