//! Tasks that this agent does not allow, whatever the server says.

use glovebox_protocol::{Ended, Happened, Reason, Task};

use crate::agents::Home;
use crate::played::Server;
use crate::study::Study;

fn failed(reason: Reason) -> Happened {
    Happened::Ended(Ended::Failed(reason))
}

#[test]
fn what_is_not_on_the_agents_lists_is_not_run() {
    type Change = fn(&mut Task);
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::new(&server, &study, "slots = 1\n");
    let _agent = home.start();
    let changes: &[(&str, Change)] = &[
        ("other", |task| task.repo = "file:///srv/other".to_owned()),
        ("longer", |task| task.repo.push_str("-evil")),
        ("upwards", |task| task.repo.push_str("/../other")),
        ("option", |task| {
            task.repo = "--upload-pack=touch x".to_owned();
        }),
        ("helper", |task| {
            task.repo = "ext::sh -c touch% x".to_owned();
        }),
        ("branch", |task| task.commit = "main".to_owned()),
        ("dashes", |task| task.commit = "--all".to_owned()),
        ("above", |task| task.workspace = "../x".to_owned()),
        ("nameless", |task| task.workspace = String::new()),
        ("database", |task| {
            task.action = "extract".to_owned();
            task.requires_db = true;
        }),
        ("../../name", |_| ()),
    ];
    for (name, change) in changes {
        let mut task = study.task(name, "make", &commit);
        change(&mut task);
        server.offer(task);
        assert_eq!(server.end_of(name), failed(Reason::NotAllowed), "{name}");
    }
    assert!(!home.workspace("").exists());
    assert!(home.tasks().is_empty());
}

#[test]
fn a_runtime_that_is_not_on_the_list_is_not_run() {
    let (server, study) = (Server::start(), Study::new());
    study.write(
        "project.yaml",
        "version: 3\nexpectations: {population_size: 10}\nactions:\n\
         \x20 older: {run: 'python:v1 python a.py', outputs: {highly_sensitive: {a: a.csv}}}\n\
         \x20 other: {run: 'r:v2 a.R', outputs: {highly_sensitive: {a: b.csv}}}\n",
    );
    let commit = study.commit();
    let home = Home::new(&server, &study, "");
    let _agent = home.start();
    for action in ["older", "other"] {
        server.offer(study.task(action, action, &commit));
        assert_eq!(
            server.end_of(action),
            failed(Reason::NotAllowed),
            "{action}"
        );
    }
}

#[test]
fn a_folder_is_no_repository_unless_the_settings_say_so() {
    let (server, (study, commit)) = (Server::start(), Study::whole());
    let home = Home::allowing(&server, "https://github.com/opensafely", "");
    let text = std::fs::read_to_string(home.settings()).unwrap();
    let text = text.replace("file_repositories = true", "file_repositories = false");
    std::fs::write(home.settings(), text).unwrap();
    let _agent = home.start();
    server.offer(study.task("t", "make", &commit));
    assert_eq!(server.end_of("t"), failed(Reason::NotAllowed));
}
