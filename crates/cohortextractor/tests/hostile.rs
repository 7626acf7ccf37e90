//! Documents that something else than the package printed, to harm the machine that reads them.

mod composing;

use composing::{document, problems};
use serde_json::json;

#[test]
fn no_name_of_a_study_becomes_a_path_elsewhere() {
    let cases = [
        (
            json!(["study_definition/../../../../tmp/x"]),
            "all",
            "cannot be named",
        ),
        (json!(["study_definition_/etc/x"]), "all", "cannot be named"),
        (json!(["/etc/passwd"]), "all", "cannot be named"),
        (json!([".."]), "all", "cannot be named"),
        (json!(["input"]), "all", "cannot be named"),
        (json!(["study_definition_a.csv"]), "all", "cannot be named"),
        (json!([""]), "all", "cannot be named"),
        (
            json!(["study_definition_a", "study_definition_a"]),
            "all",
            "two study definitions are named study_definition_a",
        ),
        (
            json!(["study_definition_b"]),
            "study_definition_a",
            "study_definition_b was evaluated, but --study-definition asks for \"study_definition_a\"",
        ),
        (json!(["study_definition_a"]), "study_definition_a", ""),
        (json!(["study_definition", "study_definition_a"]), "all", ""),
    ];
    for (names, asked, expected) in cases {
        let mut document = document(&[]);
        let entry = document["studies"][0].clone();
        let studies = names.as_array().into_iter().flatten().map(|name| {
            let mut entry = entry.clone();
            entry["name"] = name.clone();
            entry
        });
        document["studies"] = studies.collect();
        document["request"]["study_definition"] = json!(asked);
        let problems = problems(&document);
        assert!(
            problems.contains(expected) && expected.is_empty() == problems.is_empty(),
            "{names}: {problems}"
        );
    }
}
