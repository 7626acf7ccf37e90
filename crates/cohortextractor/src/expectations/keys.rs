//! The keys of merged expectations.

use serde_json::{Map, Value};

use crate::problem::{Reporter, listed};

/// All keys there are.
const KEYS: [&str; 7] = [
    "date",
    "rate",
    "incidence",
    "int",
    "float",
    "category",
    "bool",
];
/// All rates there are.
const RATES: [&str; 3] = ["uniform", "exponential_increase", "universal"];

/// Merged expectations whose keys are known and whose plain values have the right types.
pub(crate) struct Expectations<'a> {
    pub(super) map: &'a Map<String, Value>,
    /// Every row has a value.
    pub(crate) universal: bool,
    /// Dates are spread evenly rather than crowded towards the latest.
    pub(crate) uniform: bool,
    /// The share of rows with a value.
    pub(super) incidence: Option<f64>,
    /// Texts of the earliest and the latest date.
    pub(crate) earliest: &'a str,
    pub(crate) latest: &'a str,
}

impl<'a> Expectations<'a> {
    /// Reads merged expectations. `None` if problems were reported.
    pub(crate) fn read(map: &'a Map<String, Value>, reporter: &mut Reporter) -> Option<Self> {
        let mut report = |message: String| reporter.report("expectations", message);
        let mut complete = true;
        let unknown: Vec<&str> = map
            .keys()
            .map(String::as_str)
            .filter(|key| !KEYS.contains(key))
            .collect();
        if !unknown.is_empty() {
            complete = false;
            report(format!(
                "return_expectations: Encountered unexpected arguments: {} (there are: {})",
                listed(unknown),
                listed(KEYS)
            ));
        }
        let rate = map
            .get("rate")
            .map_or(Some("exponential_increase"), Value::as_str);
        let rate = rate.filter(|rate| RATES.contains(rate)).unwrap_or_else(|| {
            complete = false;
            report(format!(
                "return_expectations: 'rate' must be one of: {}",
                listed(RATES)
            ));
            ""
        });
        let universal = rate == "universal";
        let incidence = map.get("incidence").filter(|value| !value.is_null());
        let share = incidence.and_then(Value::as_f64);
        match (incidence, share) {
            (Some(_), Some(share)) if share > 0.0 && share <= 1.0 => {}
            (Some(value), _) if !universal => {
                complete = false;
                report(format!(
                    "return_expectations: 'incidence' must lie above 0 and at most at 1, not at {value}"
                ));
            }
            (None, _) if !universal => {
                complete = false;
                report(
                    "return_expectations: You must specify an incidence, or a `universal` rate"
                        .to_owned(),
                );
            }
            _ => {}
        }
        let mut date = |key: &str| {
            let dates = match map.get("date") {
                None => Err("must define a date expectation".to_owned()),
                Some(Value::Object(dates)) => Ok(dates),
                Some(_) => Err("'date' must be a dictionary with earliest and latest".to_owned()),
            };
            let text = dates.and_then(|dates| match dates.get(key) {
                Some(Value::String(text)) => Ok(text.as_str()),
                Some(_) => Err(format!("date[{key}] must be a date in quotes")),
                None => Err(format!("must define a date[{key}] expectation")),
            });
            text.map_err(|message| report(format!("return_expectations: {message}")))
                .ok()
        };
        let (earliest, latest) = (date("earliest"), date("latest"));
        let (earliest, latest) = (earliest?, latest?);
        complete.then_some(Self {
            map,
            universal,
            uniform: rate != "exponential_increase",
            incidence: share,
            earliest,
            latest,
        })
    }

    /// Whether a key was given.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(|value| !value.is_null())
    }
}
