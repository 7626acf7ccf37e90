//! Tags on maps and lists.

mod said;

use said::{action, assert_said};

#[test]
fn a_tag_that_makes_something_else_of_a_map_or_list() {
    let file = |actions: &str, a: &str, outputs: &str, section: &str, needs: &str, config: &str| {
        action(&format!(
            "    run: r:v1 x\n    outputs: {outputs} {{highly_sensitive: {section} {{d: d.csv}}}}\n    needs: {needs} []\n    config: {config}"
        ))
        .replace("actions:", &format!("actions: {actions}"))
        .replace("  a:", &format!("  a: {a}"))
    };
    assert_said(
        &file(
            "!!map",
            "!!map",
            "!!map",
            "!!map",
            "!!seq",
            "!!map {l: !!seq [! [x]]}",
        ),
        &[],
    );
    for tag in ["!foo", "!!str", "!!seq", "!!set", "!!omap", "!<tag:x>"] {
        assert_said(&file(tag, "", "", "", "", "{}"), &["actions:not-a-map@2:1"]);
        assert_said(&file("", tag, "", "", "", "{}"), &["action:not-a-map@3:3"]);
        assert_said(&file("", "", tag, "", "", "{}"), &["outputs:not-a-map@5:5"]);
        assert_said(
            &file("", "", "", tag, "", "{}"),
            &["outputs:level-not-a-map@5:16"],
        );
        let config = format!("{tag} {{k: v}}");
        assert_said(
            &file("", "", "", "", "", &config),
            &["config:not-a-map@7:5"],
        );
        let config = format!("{{k: {tag} {{k: v}}}}");
        assert_said(
            &file("", "", "", "", "", &config),
            &["config:not-json@7:17"],
        );
        let merged = format!("{{<<: {tag} {{k: v}}}}");
        assert_said(&file("", "", "", "", "", &merged), &["yaml:syntax@7:14"]);
        let root = format!("--- {tag}\nversion: 5\nactions: {{}}\n");
        assert_said(&root, &["project:not-a-map@1:5"]);
    }
    for tag in ["!foo", "!!str", "!!map", "!!pairs"] {
        assert_said(&file("", "", "", "", tag, "{}"), &["needs:not-a-list@6:5"]);
        let config = format!("{{k: {tag} [v]}}");
        assert_said(
            &file("", "", "", "", "", &config),
            &["config:not-json@7:17"],
        );
    }
}
