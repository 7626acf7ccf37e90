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
