//! The code of a task: commits that are not there, files that are traps.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use glovebox_protocol::{Ended, Happened, Reason};

use crate::agents::Home;
use crate::played::{Server, is_success};
use crate::study::Study;

const NO_CODE: Happened = Happened::Ended(Ended::Failed(Reason::Code));

#[test]
fn only_a_commit_that_a_branch_holds_is_code() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    // What a forge keeps of somebody's proposal, or of a copy: it can be fetched, and no branch has it.
    study.git(&["checkout", "--quiet", "--detach"]);
    study.write("analysis/make.py", "print('proposed')");
    let proposed = study.commit();
    study.git(&["update-ref", "refs/pull/1/head", &proposed]);
    study.git(&["checkout", "--quiet", "main"]);
    study.git(&["tag", "v1", &proposed]);
    let home = Home::new(&server, &study, "slots = 1\n");
    let _agent = home.start();
    let unknown = "0123456789".repeat(4);
    for (name, commit) in [
        ("unknown", unknown.as_str()),
        ("proposed", proposed.as_str()),
    ] {
        server.offer(study.task(name, "make", commit));
        assert_eq!(server.end_of(name), NO_CODE, "{name}");
    }
    server.offer(study.task("good", "make", &commit));
    assert!(is_success(server.end_of("good")));
    // Merged, it is code; the mirror that is there already learns of it.
    study.git(&["merge", "--quiet", "--ff-only", &proposed]);
    server.offer(study.task("merged", "nothing", &proposed));
    let end = server.end_of("merged");
    assert_eq!(end, Happened::Ended(Ended::Failed(Reason::MissingOutputs)));
    // And what was fetched once runs while the forge is away.
    fs::rename(study.path().join(".git"), study.path().join("away")).unwrap();
    server.offer(study.task("offline", "make", &commit));
    assert!(is_success(server.end_of("offline")));
    let unseen = "9876543210".repeat(4);
    server.offer(study.task("away", "make", &unseen));
    assert_eq!(server.end_of("away"), Happened::Ended(Ended::MayPass));
    fs::rename(study.path().join("away"), study.path().join(".git")).unwrap();
}

#[test]
fn a_project_file_that_cannot_be_used_is_no_code() {
    let (server, study) = (Server::start(), Study::new());
    let home = Home::new(&server, &study, "slots = 1\n");
    study.write("README.md", "nothing else");
    let missing = study.commit();
    study.write(
        "project.yaml",
        "version: 3\nactions: {SECRETNAME: SECRETLINE}\n",
    );
    let rejected = study.commit();
    study.link("project.yaml", Path::new("/etc/passwd"));
    let outside = study.commit();
    study.write("real.yaml", "version: 3\n");
    study.link("project.yaml", Path::new("real.yaml"));
    let inside = study.commit();
    let _agent = home.start();
    for (name, commit) in [
        ("missing", missing),
        ("rejected", rejected),
        ("outside", outside),
        ("inside", inside),
    ] {
        server.offer(study.task(name, "make", &commit));
        assert_eq!(server.end_of(name), NO_CODE, "{name}");
    }
    let (whole, commit) = Study::whole();
    let mut unknown = whole.task("unknown", "no_such_action", &commit);
    unknown.repo = study.url();
    server.offer(unknown);
    assert_eq!(server.end_of("unknown"), NO_CODE);
}

#[test]
fn what_a_repository_brings_along_is_not_run_and_leads_nowhere() {
    let (server, (study, _)) = (Server::start(), Study::whole());
    let ran = study.path().join("ran");
    let touch = format!("touch {}", ran.display());
    study.write(".gitattributes", "*.csv filter=trap diff=trap merge=trap\n");
    study.write(
        ".gitconfig",
        &format!("[filter \"trap\"]\n\tsmudge = {touch}\n"),
    );
    study.write(
        ".gitmodules",
        &format!("[submodule \"x\"]\n\tpath = x\n\turl = {}\n", study.url()),
    );
    study.write("hooks/post-checkout", &format!("#!/bin/sh\n{touch}\n"));
    study.write("data.csv", "a\n");
    let secret = study.path().join(".git/secret");
    fs::write(&secret, "SECRETLINE of the host").unwrap();
    study.link("analysis/outside", &secret);
    study.link("output", Path::new("/tmp"));
    study.write(
        "analysis/make.py",
        "import os
os.remove('output')
os.makedirs('output')
read = os.path.exists('analysis/outside')
open('output/SECRETNAME_rows.csv', 'w').write(f'read\\n{read}\\n')
open('output/SECRETNAME_table.csv', 'w').write('a,b\\n')
",
    );
    study.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        "160000,0123456789012345678901234567890123456789,x",
    ]);
    study.git(&["add", "--all", ":!x"]);
    study.git(&["commit", "--quiet", "--message", "traps"]);
    let commit = study.git(&["rev-parse", "HEAD"]);
    let home = Home::new(&server, &study, "");
    let _agent = home.start();
    server.offer(study.task("traps", "make", &commit));
    let end = server.end_of("traps");
    assert!(is_success(end), "{end:?}");
    assert!(!ran.exists());
    let rows = home.workspace("outputs/highly_sensitive/output/SECRETNAME_rows.csv");
    assert_eq!(fs::read_to_string(rows).unwrap(), "read\nFalse\n");
}

#[test]
fn a_repository_that_is_too_large_is_no_code_and_leaves_nothing() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "slots = 1\nrepository_mib = 2\n");
    let _agent = home.start();
    server.offer(study.task("small", "make", &commit));
    assert!(is_success(server.end_of("small")));

    let mut state: u64 = 7;
    let mut noise = String::new();
    while noise.len() < 8 << 20 {
        // Xorshift: no compression makes it small.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(noise, "{state:016x}").unwrap();
    }
    study.write("rows", &noise);
    let large = study.commit();
    server.offer(study.task("large", "make", &large));
    assert_eq!(server.end_of("large"), NO_CODE);
    let mirrors = fs::read_dir(home.path().join("agent/mirrors")).unwrap();
    let left: Vec<_> = mirrors.map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");

    // Once it is gone from the branch, the study runs again.
    study.git(&["reset", "--quiet", "--hard", &commit]);
    server.offer(study.task("again", "make", &commit));
    assert!(is_success(server.end_of("again")));
}
