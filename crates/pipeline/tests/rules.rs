//! Each rule, with the place it points at.
//!
//! A row is a file and what is said of it: `kind@line:column`, warnings with a `~` before them.

mod said;

use glovebox_pipeline::{check, check_bytes};
use said::{action, assert_said, said};

const RUN: &str = "    run: python:v2 x";
const OUTPUTS: &str = "    outputs: {highly_sensitive: {d: d.csv}}";

#[test]
fn the_file() {
    for (text, expected) in [
        ("", &["yaml:empty@1:1"][..]),
        ("# only a comment\n", &["yaml:empty@1:1"]),
        ("---\n", &["yaml:empty@2:1"]),
        ("just words", &["project:not-a-map@1:1"]),
        ("- version: 5", &["project:not-a-map@1:1"]),
        ("version: 5\nactions: {}\n", &[]),
        (
            "version: 5\nactions: {}\nnmae: x\n",
            &["project:unknown-key@3:1"],
        ),
        (
            "version: 5\nactions: {}\n1: x\n",
            &["project:key-not-a-string@3:1"],
        ),
        ("actions: {}\n", &["version:missing@1:1"]),
        ("actions: {}\nversion:\n", &["version:missing@1:1"]),
        ("Version: 5\nactions: {}\n", &["project:unknown-key@1:1"]),
        ("version: 5\nactons: {}\n", &["project:unknown-key@2:1"]),
        ("version: 5\nactions: [a]\n", &["actions:not-a-map@2:1"]),
        ("version: 5\nactions:\n", &["actions:not-a-map@2:1"]),
        ("version: 5\nactions: x\n", &["actions:not-a-map@2:10"]),
        (
            "version: x\nactions: x\n",
            &["version:not-a-number@1:10", "actions:not-a-map@2:10"],
        ),
        ("version: 5.5\nactions: {}\n", &["version:too-new@1:10"]),
        (
            "version: .nan\nactions: {}\n",
            &["version:not-a-number@1:10"],
        ),
        ("version: no\nactions: {}\n", &["version:not-a-number@1:10"]),
        ("version: -1\nactions: {}\n", &["~version:old@1:10"]),
        ("version: 0x4\nactions: {}\n", &["~version:old@1:10"]),
        ("version: '0_4'\nactions: {}\n", &["~version:old@1:10"]),
        (
            "version: 99999999999999999999999999999999999999999\nactions: {}\n",
            &["version:too-new@1:10"],
        ),
    ] {
        assert_said(text, expected);
    }
}

#[test]
fn yaml() {
    for (text, expected) in [
        (
            "version: 5\nversion: 5\nactions: {}\n",
            &["yaml:duplicate-key@2:1"][..],
        ),
        (
            "version: 5\nactions: {}\n---\nx: y\n",
            &["yaml:multiple-documents@3:1"],
        ),
        ("version: 5\nactions: {}\n...\n", &[]),
        ("version: 5\nactions: {a: [\n", &["yaml:syntax@3:1"]),
        ("version: 5\nactions:\n\ta: {}\n", &["yaml:syntax@3:2"]),
        ("version: 5\nactions: {} # \u{7}\n", &["yaml:syntax@2:15"]),
        ("version: 5\0\nactions: {}\n", &["yaml:syntax@1:11"]),
        ("version: 5\nactions: *x\n", &["yaml:syntax@2:10"]),
        (
            "version: 5\nactions: &x {a: *x}\n",
            &["yaml:recursive-alias@2:17"],
        ),
        ("version: 5\nactions: {<<: 3}\n", &["yaml:syntax@2:11"]),
        (
            "version: 5\nactions: {<<: {}, <<: {}}\n",
            &["yaml:duplicate-key@2:19"],
        ),
        (
            "\u{feff}version: 5\r\nactions: {}\r\nnom: é\r\n",
            &["project:unknown-key@3:1"],
        ),
        (
            "version: 5\ractions: {}\rname: x\r",
            &["project:unknown-key@3:1"],
        ),
        (
            "version: 5 # é€😀\nactions: {} \n'😀': x\n",
            &["project:unknown-key@3:1"],
        ),
    ] {
        assert_said(text, expected);
    }
    let not_text = check_bytes(b"version: 5\nactions: \xff{}\n");
    assert_eq!(said(&not_text), ["yaml:not-utf-8@2:10"]);
}

#[test]
fn merge_keys_and_aliases_are_written_out() {
    let text = "
version: 5
actions:
  a: &a
    run: &run python:v2 x
    config: {k: 1}
    outputs: {highly_sensitive: {d: d.csv}}
  b:
    <<: [{run: python:v2 y}, *a]
    outputs: {highly_sensitive: {d: e.csv}}
";
    let project = check(text).outcome.unwrap();
    let b = project.action("b").unwrap();
    assert_eq!(
        b.command_line(),
        ["python:v2", "y", "--config", r#"{"k": 1}"#]
    );
    assert_eq!(b.outputs[0].pattern.as_str(), "e.csv");
}

#[test]
fn layouts_that_other_parsers_put_up_with() {
    let text = "version:\t5
actions:
  a:
    run: \"python:v2
x\"
    needs: [b,
b]
    outputs: {
      highly_sensitive: {d: d.csv}
  }
  b:
    run:\t\tpython:v2 y
    outputs: {highly_sensitive: {d: d.txt}, bad: {}}
";
    assert_said(
        text,
        &["outputs:unknown-level@13:45", "~needs:duplicate@7:1"],
    );
    let report = check(&text.replace(", bad: {}", ""));
    let project = report.outcome.unwrap();
    assert_eq!(project.action("a").unwrap().run.parts, ["python:v2", "x"]);
}

#[test]
fn actions() {
    for (lines, expected) in [
        ("", &["action:not-a-map@3:3"][..]),
        (OUTPUTS, &["action:no-run@3:3"]),
        (RUN, &["action:no-outputs@3:3"]),
        (
            "    x: y",
            &[
                "action:no-run@3:3",
                "action:no-outputs@3:3",
                "action:unknown-key@4:5",
            ],
        ),
        (
            "    Run: x\n    output: y",
            &["action:no-run@3:3", "action:no-outputs@3:3"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    timeout: 5\n    2: x"),
            &["action:key-not-a-string@7:5", "action:unknown-key@6:5"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    needs: b"),
            &["needs:not-a-list@6:12"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    needs: [1, 'a b', ghost]"),
            &[
                "needs:item-not-a-string@6:13",
                "needs:item-has-space@6:16",
                "needs:unknown-action@6:23",
            ],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    needs: [a]"),
            &["needs:cycle@6:13"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    config: [x]"),
            &["config:not-a-map@6:5"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    config: {{x: .inf}}"),
            &["config:not-json@6:17"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    config: {{[x]: 1}}"),
            &["config:not-json@6:14"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    dummy_data_file: 5"),
            &["dummy-data-file:not-a-string@6:22"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    dummy_data_file: a/../../b"),
            &["dummy-data-file:escapes-workspace@6:22"],
        ),
        (
            &format!("{RUN}\n{OUTPUTS}\n    needs:\n    config:\n    dummy_data_file:"),
            &[],
        ),
    ] {
        assert_said(&action(lines), expected);
    }
}

#[test]
fn names_of_actions() {
    let named = |version: &str, name: &str| {
        format!("version: {version}\nactions:\n  {name}:\n{RUN}\n{OUTPUTS}\n")
    };
    for (version, name, expected) in [
        ("5", "run_all", &["action:run-all-reserved@3:3"][..]),
        (
            "4",
            "run_all",
            &["~version:old@1:10", "~action:run-all-ignored@3:3"],
        ),
        ("5", "''", &["action:bad-name@3:3"]),
        ("5", "~", &["action:bad-name@3:3"]),
        ("5", "? [x]\n  ", &["action:bad-name@3:5"]),
        ("5", "__error__", &["action:bad-name@3:3"]),
        ("5", "2020", &["~action:name-not-a-string@3:3"]),
        ("5", "'2020'", &[]),
        ("5", "../evil", &[]),
    ] {
        assert_said(&named(version, name), expected);
    }
    let twice = format!(
        "version: 5\nactions:\n  1:\n{RUN}\n{OUTPUTS}\n  '1':\n    run: r:v2 x\n    outputs: {{highly_sensitive: {{d: e.csv}}}}\n"
    );
    assert_said(
        &twice,
        &["action:duplicate-name@6:3", "~action:name-not-a-string@3:3"],
    );
}

#[test]
fn runs() {
    for (run, expected) in [
        ("[x]", Some("run:not-a-string@4:5")),
        ("5", Some("run:not-a-string@4:10")),
        ("2020-01-01", Some("run:not-a-string@4:10")),
        ("!x python:v2 y", Some("run:not-a-string@4:10")),
        ("''", Some("run:empty@4:10")),
        ("'  '", Some("run:empty@4:10")),
        ("python:v2 \"x", Some("run:unbalanced-quote@4:10")),
        ("python:v2 x\\", Some("run:trailing-backslash@4:10")),
        ("python x", Some("run:bad-image-version@4:10")),
        ("'\"python:v2\n\n\" x'", Some("run:bad-image-version@4:10")),
        ("'--privileged:v1 x'", Some("run:bad-image@4:10")),
        ("python:latest x", Some("run:latest-removed@4:10")),
        (
            "cohortextractor:v1 measures",
            Some("cohortextractor:removed@4:10"),
        ),
        ("ghcr.io/opensafely-core/python:v2 x", None),
        ("python:v1.2-pre", None),
        ("|\n      python:v2\n      x", None),
    ] {
        let text = action(&format!("    run: {run}\n{OUTPUTS}"));
        assert_said(&text, expected.as_slice());
    }
}

#[test]
fn outputs() {
    for (outputs, expected) in [
        ("x", &["outputs:not-a-map@5:14"][..]),
        ("", &["outputs:not-a-map@5:5"]),
        ("{}", &["outputs:none-given@5:5"]),
        ("{highly_sensitive: }", &["outputs:none-given@5:5"]),
        (
            "{highly_sensitve: {d: d.csv}}",
            &["outputs:none-given@5:15"],
        ),
        (
            "{highly_sensitive: {}, other: {}}",
            &["outputs:unknown-level@5:37"],
        ),
        (
            "{highly_sensitive: {}, 1: {}}",
            &["outputs:key-not-a-string@5:37"],
        ),
        (
            "{highly_sensitive: d.csv}",
            &["outputs:level-not-a-map@5:33"],
        ),
        (
            "{highly_sensitive: {d: 5, e: '', f: ../f.csv}}",
            &[
                "outputs:path-not-a-string@5:37",
                "path:no-extension@5:43",
                "path:escapes-workspace@5:50",
            ],
        ),
        (
            "{moderately_sensitive: {d: d.rds}}",
            &["path:type-not-allowed-at-moderate@5:41"],
        ),
        (
            "{highly_sensitive: {d: x.csv, e: x.csv}}",
            &["outputs:duplicate-path@5:47"],
        ),
        ("{minimally_sensitive: {d: d.rds}}", &[]),
    ] {
        assert_said(&action(&format!("{RUN}\n    outputs: {outputs}")), expected);
    }
}

#[test]
fn actions_seen_together() {
    let text = "
version: 4
actions:
  a:
    run: python:latest x
    needs: [c, c]
    outputs: {highly_sensitive: {d: out/*.csv}}
  b:
    run: python:latest x
    needs: [a, alfa]
    outputs: {highly_sensitive: {d: out/d.csv}}
  c:
    run: python:v2 y
    needs: [b]
    outputs: {highly_sensitive: {d: out/*.csv}}
  d:
    run: broken
    needs: [a]
    outputs: {highly_sensitive: {d: d}}
  e:
    run: python:v2 z
    needs: [d, e]
    outputs: {highly_sensitive: {d: e.csv}}
";
    assert_said(
        text,
        &[
            "path:no-extension@19:37",
            "run:bad-image-version@17:10",
            "run:duplicate-command@9:10",
            "outputs:duplicate-path@15:37",
            "needs:unknown-action@10:16",
            "needs:cycle@6:13",
            "needs:cycle@22:16",
            "~version:old@2:10",
            "~run:latest@5:10",
            "~needs:duplicate@6:16",
            "~outputs:overlap@7:37",
            "~outputs:overlap@15:37",
        ],
    );
}

#[test]
fn a_cycle_is_named_and_a_slip_is_recognised() {
    let text = "
version: 5
actions:
  one: {run: r:v1 a, needs: [two], outputs: {highly_sensitive: {d: a.csv}}}
  two: {run: r:v1 b, needs: [three], outputs: {highly_sensitive: {d: b.csv}}}
  three: {run: r:v1 c, needs: [one, tow], outputs: {highly_sensitive: {d: c.csv}}}
";
    let errors = check(text).outcome.unwrap_err().errors;
    assert_eq!(errors[0].help.as_deref(), Some("did you mean `two`?"));
    assert!(
        errors[1].message.contains("one → two → three → one"),
        "{}",
        errors[1]
    );
    assert_eq!(&text[errors[0].location.span.clone()], "tow");
}

#[test]
fn expectations() {
    let text = |version: &str, lines: &str| format!("version: {version}\n{lines}\nactions: {{}}\n");
    for (lines, expected) in [
        ("", &["expectations:missing@1:1"][..]),
        ("expectations: 5", &["expectations:not-a-map@2:15"]),
        ("expectations: {}", &["expectations:no-population-size@2:1"]),
        (
            "expectations: {population-size: 5}",
            &["expectations:no-population-size@2:1"],
        ),
        (
            "expectations: {x: 5}",
            &[
                "expectations:no-population-size@2:1",
                "expectations:unknown-key@2:16",
            ],
        ),
        (
            "expectations: {population_size: '10.5'}",
            &["expectations:not-a-number@2:33"],
        ),
        (
            "expectations: {population_size: .inf}",
            &["expectations:not-a-number@2:33"],
        ),
        (
            "expectations: {population_size: }",
            &["expectations:not-a-number@2:16"],
        ),
    ] {
        let mut all = expected.to_vec();
        all.push("~version:old@1:10");
        assert_said(&text("3", lines), &all);
    }
    for (version, lines, size) in [
        ("3", "expectations: {population_size: ' 500 '}", Some(500)),
        ("3", "expectations: {population_size: 10.7}", Some(10)),
        ("3", "expectations: {population_size: true}", Some(1)),
        ("3", "expectations: {population_size: -5}", Some(-5)),
        ("1", "expectations: [whatever]", Some(1000)),
        ("3.5", "", Some(1000)),
        ("4", "expectations:", None),
        ("5", "", None),
    ] {
        let project = check(&text(version, lines)).outcome.unwrap();
        assert_eq!(project.population_size(), size, "{version} {lines}");
    }
    assert_said(
        &text("5", "expectations: {}"),
        &["expectations:forbidden@2:1"],
    );
}
