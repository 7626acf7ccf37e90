//! A study's default expectations with a variable's own over them.

use serde_json::{Map, Value};

/// Merges `own` into `default`, dictionary by dictionary: a key of `own` wins, except that two
/// dictionaries are merged in turn. So categories of a default add to a variable's own.
pub(crate) fn merged(default: &Map<String, Value>, own: &Map<String, Value>) -> Map<String, Value> {
    // The depth is that of the document, which its parser bounds.
    let mut result = default.clone();
    for (key, value) in own {
        let value = match (result.get(key), value) {
            (Some(Value::Object(below)), Value::Object(over)) => Value::Object(merged(below, over)),
            _ => value.clone(),
        };
        result.insert(key.clone(), value);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn own_keys_win_and_dictionaries_mix() {
        let cases = [
            (
                json!({"incidence": 0.5, "rate": "uniform"}),
                json!({"incidence": 0.1}),
                json!({"incidence": 0.1, "rate": "uniform"}),
            ),
            (
                json!({"date": {"earliest": "1980-01-01", "latest": "today"}}),
                json!({"date": {"earliest": "index_date"}}),
                json!({"date": {"earliest": "index_date", "latest": "today"}}),
            ),
            (
                json!({"category": {"ratios": {"A": 1}}}),
                json!({"category": {"ratios": {"B": 1}}}),
                json!({"category": {"ratios": {"A": 1, "B": 1}}}),
            ),
            (
                json!({"date": "never"}),
                json!({"date": {"earliest": "today"}}),
                json!({"date": {"earliest": "today"}}),
            ),
            (json!({}), json!({}), json!({})),
        ];
        for (default, own, expected) in cases {
            let merged = merged(default.as_object().unwrap(), own.as_object().unwrap());
            assert_eq!(Value::Object(merged), expected);
        }
    }
}
