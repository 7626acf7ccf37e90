//! Small files that stand for much: what they would cost is counted before it is spent.
//!
//! A row is a file and the kind of its first error.

use std::time::{Duration, Instant};

use glovebox_pipeline::{Report, check};

/// Generous, since tests run unoptimised on busy machines: what is caught is the quadratic.
const SOON: Duration = Duration::from_secs(20);

#[track_caller]
fn checked_soon(text: &str) -> Report {
    let start = Instant::now();
    let report = check(text);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    report
}

#[track_caller]
fn assert_first(what: &str, text: &str, kind: &str) {
    let first = match checked_soon(text).outcome {
        Ok(_) => "accepted".to_owned(),
        Err(rejected) => rejected.errors[0].kind.to_string(),
    };
    assert_eq!(first, kind, "{what}");
}

/// A list of aliases to one value.
fn aliases(count: usize) -> String {
    vec!["*k"; count].join(", ")
}

/// A project of one action with further lines.
fn action(lines: &str) -> String {
    format!(
        "version: 5\nactions:\n  a:\n    run: r:v1 x\n    outputs: {{highly_sensitive: {{d: d.csv}}}}\n{lines}\n"
    )
}

#[test]
fn aliases_are_charged_with_the_text_they_repeat() {
    let text = "x".repeat(100_000);
    let digits = "1".repeat(400_000);
    let config = |count| {
        action(&format!(
            "    config: {{k: &k '{text}', l: [{}]}}",
            aliases(count)
        ))
    };
    let many = |line: &dyn Fn(usize) -> String| (0..400).map(line).collect::<String>();
    let first = format!("version: 5\nactions:\n  f: &k\n    run: &r 'r:v1 {text}'\n");
    let cases = [
        ("a few in config", config(300), "accepted"),
        ("many in config", config(400), "yaml:too-large"),
        (
            "numbers in needs",
            action(&format!("    needs: [&k {digits}, {}]", aliases(200_000))),
            "yaml:too-large",
        ),
        (
            "keys",
            action(&format!(
                "    config: {{k: &k {digits}, l: [{}]}}",
                vec!["{*k : 1}"; 50_000].join(", ")
            )),
            "yaml:too-large",
        ),
        (
            "commands",
            first.clone() + &many(&|n| format!("  a{n}: {{run: *r}}\n")),
            "yaml:too-large",
        ),
        (
            "merged maps",
            first.clone() + &many(&|n| format!("  a{n}: {{<<: *k, dummy_data_file: x}}\n")),
            "yaml:too-large",
        ),
        (
            "labels",
            format!(
                "version: 5\nactions:\n  l: &k '{text}'\n{}",
                many(&|n| format!("  a{n}: {{outputs: {{highly_sensitive: {{*k : d.csv}}}}}}\n"))
            ),
            "yaml:too-large",
        ),
        (
            "aliases of aliases",
            action(&format!(
                "    config: {{k: &j ['{text}', '{text}'], l: &k [*j, *j, *j, *j], m: [{}]}}",
                aliases(50)
            )),
            "yaml:too-large",
        ),
    ];
    for (what, text, kind) in cases {
        assert_first(what, &text, kind);
    }
}

#[test]
fn text_without_aliases_may_be_as_long_as_a_file() {
    let escapes = "\\L".repeat((glovebox_pipeline::MAX_BYTES - 1_000) / 2);
    let text = action(&format!("    config: {{k: \"{escapes}\"}}"));
    assert_first("escapes", &text, "accepted");
}

#[test]
fn tag_prefixes_are_short() {
    let file = |prefix: usize, uses: usize| {
        format!(
            "%TAG !e! tag:{}\n---\n{}",
            "x".repeat(prefix),
            action(&format!("    needs: [{}]", vec!["!e!a b"; uses].join(", ")))
        )
    };
    assert_first("short", &file(900, 100_000), "needs:item-not-a-string");
    assert_first("long", &file(1 << 20, 100_000), "yaml:too-large");
}

#[test]
fn paths_are_as_long_as_files_can_be_named() {
    let outputs = |pairs: &[(String, String)]| {
        let actions = pairs.iter().enumerate().map(|(n, (a, b))| {
            format!("  a{n}: {{run: r:v1 a{n}, outputs: {{highly_sensitive: {{x: '{a}'}}}}}}\n  b{n}: {{run: r:v1 b{n}, outputs: {{highly_sensitive: {{x: '{b}'}}}}}}\n")
        });
        format!("version: 5\nactions:\n{}", actions.collect::<String>())
    };
    let name = |length: usize| "a".repeat(length);
    let one = |pattern: String, path: String| outputs(&[(pattern, path)]);
    assert_first(
        "a long pattern and a long path",
        &one(
            format!("*{}b.csv", name(200_000)),
            format!("{}.csv", name(400_000)),
        ),
        "path:too-long",
    );
    assert_first(
        "as long as may be",
        &one(
            format!("*{}b.csv", name(4_090)),
            format!("{}.csv", name(4_092)),
        ),
        "accepted",
    );
    let many: Vec<(String, String)> = (0..1_000)
        .map(|n| {
            (
                format!("*{}b{n:04}.csv", name(2_000)),
                format!("{}{n:04}.csv", name(4_000)),
            )
        })
        .collect();
    assert_first("many of them", &outputs(&many), "accepted");
}

#[test]
fn a_pattern_in_a_command_is_not_tried_at_length() {
    let stars = "*".repeat(1 << 22);
    let outputs: Vec<String> = (0..50_000).map(|n| format!("d{n}: x/a{n}.csv")).collect();
    let outputs = outputs.join(", ");
    for (argument, kind) in [
        (format!("{stars}/:csv"), "accepted"),
        (
            format!("{}:csv", "a".repeat(1 << 20)),
            "ehrql:output-mismatch",
        ),
        (format!("a{stars}:csv"), "ehrql:output-mismatch"),
    ] {
        let text = format!(
            "version: 5\nactions:\n  a:\n    run: ehrql:v1 generate-dataset x --output {argument}\n    outputs: {{highly_sensitive: {{{outputs}}}}}\n"
        );
        assert_first(&argument[..10], &text, kind);
    }
}

#[test]
fn commands_of_many_words_are_refused_before_they_are_split() {
    let words = |count: usize| " x".repeat(count);
    let project = |runs: &[String]| {
        let actions = runs.iter().enumerate().map(|(n, run)| {
            format!("  a{n}: {{run: {run}, outputs: {{highly_sensitive: {{d: d{n}.csv}}}}}}\n")
        });
        format!("version: 5\nactions:\n{}", actions.collect::<String>())
    };
    let one = |count| project(&[format!("r:v1{}", words(count))]);
    assert_first("many", &one(900_000), "accepted");
    assert_first("too many", &one(8_000_000), "run:too-many-words");
    let aliases: Vec<String> = (0..300).map(|_| "*r".to_owned()).collect();
    let first = format!("&r 'r:v1{}'", words(50_000));
    let errors = checked_soon(&project(&[vec![first], aliases].concat()))
        .outcome
        .unwrap_err()
        .errors;
    let count = |kind: &str| errors.iter().filter(|e| e.kind.as_str() == kind).count();
    assert_eq!(count("run:duplicate-command"), 18);
    assert_eq!(count("run:too-many-words"), 282);
}

#[test]
fn layout_is_mended_only_while_it_stays_small() {
    // Each short line would be moved behind the bracket.
    let deep = |lines: usize| {
        format!(
            "version: 5\nactions: {{}}\nx{}: [\n{}]\n",
            "x".repeat(380),
            "y,\n".repeat(lines)
        )
    };
    assert_first("by hand", &deep(100), "project:unknown-key");
    assert_first("by a program", &deep(100_000), "yaml:syntax");
}
