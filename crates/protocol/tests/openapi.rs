//! The document of the API is kept beside the crate, so that nobody changes the API without seeing it.

use std::{collections::BTreeSet, env, fs};

use glovebox_protocol::openapi;
use serde_json::Value;

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

/// Set, the file is written anew instead of being compared.
const WRITE: &str = "GLOVEBOX_WRITE_OPENAPI";

const HOW: &str = "if that is meant, write it anew: \
    GLOVEBOX_WRITE_OPENAPI=1 cargo test -p glovebox-protocol --test openapi";

#[test]
fn the_document_is_the_one_that_is_kept() {
    let made = openapi();
    if env::var_os(WRITE).is_some() {
        fs::write(KEPT, &made).unwrap();
        return;
    }
    let kept = fs::read_to_string(KEPT).unwrap_or_default();
    let differs = made
        .lines()
        .zip(kept.lines())
        .position(|(made, kept)| made != kept)
        .unwrap_or_else(|| made.lines().count().min(kept.lines().count()));
    let line = |text: &str| text.lines().nth(differs).unwrap_or("nothing").to_owned();
    assert!(
        made == kept,
        "the API differs from openapi.json at line {}:\n  kept: {}\n  made: {}\n{HOW}",
        differs + 1,
        line(&kept),
        line(&made),
    );
}

#[test]
fn everything_that_is_named_is_there_and_every_operation_says_what_it_is() {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let mut named = Vec::new();
    references(&document, &mut named);
    assert!(named.len() > 20, "{named:?}");
    for reference in named {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} is not there"
        );
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            for text in ["summary", "tags"] {
                assert!(!operation[text].is_null(), "{method} {path} has no {text}");
            }
            let responses = operation["responses"].as_object().unwrap();
            let shows_token = !operation["security"].is_null();
            assert_eq!(
                responses.contains_key("401"),
                shows_token,
                "{method} {path}"
            );
            let has_body = !operation["requestBody"].is_null();
            assert_eq!(responses.contains_key("415"), has_body, "{method} {path}");
            assert_eq!(has_body, method == "post", "{method} {path}");
        }
    }
}

/// What agents send has room for nothing but states and measures, and the document says so.
#[test]
fn what_is_sent_is_closed() {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    for name in ["Ask", "Report", "Metrics", "CreateRequest", "CancelRequest"] {
        assert_eq!(schemas[name]["additionalProperties"], false, "{name}");
    }
    for name in ["Happened", "Ended"] {
        let variants = schemas[name]["oneOf"].as_array().unwrap();
        for variant in variants {
            let is_word = variant["type"] == "string";
            assert!(
                is_word || variant["additionalProperties"] == false,
                "{variant}"
            );
        }
    }
    let succeeded = schemas["Ended"]["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|variant| variant["properties"].get("succeeded"))
        .unwrap_or_else(|| panic!("no success in {}", schemas["Ended"]));
    assert_eq!(succeeded["additionalProperties"], false, "{succeeded}");
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference.clone());
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}
