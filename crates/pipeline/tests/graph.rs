//! What a runner asks of a valid project.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "test files are put together for reading, not for speed"
)]

use glovebox_levels::Level;
use glovebox_pipeline::{Action, Project, check};

/// A project whose actions need each other as given: `c < a b` says that c needs a and b.
fn project(graph: &str) -> Project {
    let mut text = "version: 4\nactions:\n".to_owned();
    for line in graph.split(';') {
        let (name, needs) = line.split_once('<').unwrap_or((line, ""));
        let (name, needs) = (
            name.trim(),
            needs.split_whitespace().collect::<Vec<_>>().join(", "),
        );
        text += &format!(
            "  {name}: {{run: 'r:v1 {name}', needs: [{needs}], outputs: {{highly_sensitive: {{d: {name}.csv}}}}}}\n"
        );
    }
    check(&text).outcome.unwrap()
}

fn names(actions: &[&Action]) -> String {
    actions
        .iter()
        .map(|action| action.name.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn closures_are_in_an_order_that_can_be_run() {
    // (graph, requested, order)
    for (graph, requested, order) in [
        ("a; b < a; c < b", &["c"][..], "a b c"),
        ("c < b; b < a; a", &["c"], "a b c"),
        ("a; b; c", &["c", "a"], "a c"),
        ("a; b; c", &["run_all"], "a b c"),
        ("a; b; c", &["b", "b"], "b"),
        ("d < b c; b < a; c < a; a", &["d"], "a b c d"),
        ("a; run_all < a; b", &["run_all"], "a b"),
        ("b < run_all; run_all", &["run_all"], "run_all b"),
        ("a", &[], ""),
    ] {
        let project = project(graph);
        let closure = project.closure(requested.iter().copied()).unwrap();
        assert_eq!(names(&closure), order, "{graph}: {requested:?}");
    }
    let error = project("a").closure(["a", "ghost"]).unwrap_err();
    assert_eq!(error.name, "ghost");
}

#[test]
fn dependants_are_all_that_would_be_stale() {
    let project = project("d < c; c < a; b < a; a; e");
    for (name, dependants) in [
        ("a", "c d b"),
        ("c", "d"),
        ("d", ""),
        ("e", ""),
        ("ghost", ""),
    ] {
        assert_eq!(names(&project.dependants(name)), dependants, "{name}");
    }
}

#[test]
fn an_action_has_all_that_is_written() {
    let text = "
version: 4
actions:
  my/action:
    run: 'ehrql:v1 generate-dataset  \"a b.py\" --output output/d.csv'
    config: {name: \"it's é😀\", list: [1, 2.5, ~, true, 2020-01-01, 0x10], 3: {}, big: 1e30}
    dummy_data_file: test/d.csv
    outputs:
      highly_sensitive: {data: output/d.csv, log: output/d.log}
";
    let project = check(text).outcome.unwrap();
    let action = project.action("my/action").unwrap();
    assert_eq!((project.version(), project.population_size()), (4.0, None));
    assert_eq!(action.slug, "my%2Faction");
    assert_eq!(
        (
            action.run.image.name.as_str(),
            action.run.image.version.as_str()
        ),
        ("ehrql", "v1")
    );
    assert!(action.is_database_action);
    assert_eq!(action.dummy_data_file.as_deref(), Some("test/d.csv"));
    assert_eq!((action.location.line, action.location.column), (4, 3));
    assert_eq!(action.outputs_at(Level::HighlySensitive).len(), 2);
    assert!(action.outputs_at(Level::ModeratelySensitive).is_empty());
    assert_eq!(
        action.command_line(),
        [
            "ehrql:v1",
            "generate-dataset",
            "a b.py",
            "--output",
            "output/d.csv",
            "--config",
            r#"{"name": "it\u0027s \u00e9\ud83d\ude00", "list": [1, 2.5, null, true, "2020-01-01", 16], "3": {}, "big": 1e+30}"#,
        ]
    );
}
