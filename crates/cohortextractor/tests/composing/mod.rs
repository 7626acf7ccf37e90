//! Documents put together by hand, and what is said of them.

use glovebox_cohortextractor::{DummyOptions, parse_document, plan_dummy};
use serde_json::{Value, json};

/// A document of one study with these variables: (name, function, arguments).
pub(crate) fn document(variables: &[(&str, &str, Value)]) -> Value {
    let variable = |(name, function, arguments): &(&str, &str, Value)| {
        let (name, hidden_in) = match name.strip_prefix('_') {
            Some(hidden) => (hidden, json!("population")),
            None => (*name, Value::Null),
        };
        json!({"name": name, "function": function, "arguments": arguments,
               "hidden_in": hidden_in, "file": "analysis/study_definition.py", "line": 9})
    };
    let population = ("population", "all", json!({}));
    let variables: Vec<Value> = variables
        .iter()
        .chain([&population])
        .map(variable)
        .collect();
    json!({
        "format": "cohortextractor-study/1",
        "request": {
            "command": "generate_cohort", "study_definition": "all", "output_dir": null,
            "output_format": null, "output_file": null, "index_date_range": null,
            "skip_existing": false, "params": {}, "expectations_population": null,
            "dummy_data_file": null,
        },
        "codelists": [
            {"system": "ctv3", "source": null, "codes": ["a", "b"]},
            {"system": "icd10", "source": "x.csv", "codes": [["a", "1"], ["b", "2"]]},
            {"system": "ctv3", "source": null, "codes": [["a", "1"], ["b", "2"]]},
        ],
        "studies": [{
            "name": "study_definition", "file": "analysis/study_definition.py", "line": 1,
            "index_date": "2020-02-29",
            "default_expectations": {
                "date": {"earliest": "2000-01-01", "latest": "today"}, "incidence": 0.5,
            },
            "variables": variables, "measures": [],
        }],
    })
}

/// All problems as text; empty if there are none.
pub(crate) fn problems(document: &Value) -> String {
    let document = match parse_document(document.to_string().as_bytes()) {
        Ok(document) => document,
        Err(error) => return format!("{error}: {}", source(&error)),
    };
    let options = DummyOptions {
        population: 10,
        seed: 1,
        today: jiff::civil::date(2024, 5, 17),
    };
    let problems = plan_dummy(&document, options, &|_| {
        Err(std::io::ErrorKind::NotFound.into())
    })
    .err()
    .unwrap_or_default();
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn source(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}
