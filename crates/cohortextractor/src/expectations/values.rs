//! From expectations to distributions.

use std::collections::HashSet;

use glovebox_dummy::{
    Categories, DateRate, DateValues, Day, Distribution, Precision, Presence, Values,
};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::keys::Expectations;
use crate::dates::{DateExpression, parse_date_expression};
use crate::problem::{Reporter, listed};

/// Which rows have a value.
pub(crate) fn presence(expectations: &Expectations) -> Presence {
    match expectations.incidence {
        // `universal` wins over an incidence.
        Some(incidence) if !expectations.universal => Presence::Incidence(incidence),
        _ => Presence::Always,
    }
}

/// The distribution of a date column, without bounds.
///
/// A universal rate says nothing of how dates spread (the reference fails): here they spread evenly.
pub(crate) fn date_values(
    expectations: &Expectations,
    precision: Precision,
    index_date: Option<Date>,
    today: Date,
    reporter: &mut Reporter,
) -> Option<DateValues> {
    let mut day = |key: &str, text: &str| match parse_date_expression(text, index_date, today) {
        Ok(DateExpression::Static(date)) => Some(Day::from_date(date)),
        Ok(DateExpression::OfVariable { variable, .. }) => {
            reporter.report(
                "expectations",
                format!(
                    "return_expectations: date[{key}] cannot depend on the variable '{variable}'"
                ),
            );
            None
        }
        Err(error) => {
            reporter.report(
                "expectations",
                format!("return_expectations: date[{key}]: {error} in: {text}"),
            );
            None
        }
    };
    let (earliest, latest) = (
        day("earliest", expectations.earliest),
        day("latest", expectations.latest),
    );
    Some(DateValues {
        earliest: earliest?,
        latest: latest?,
        rate: if expectations.uniform {
            DateRate::Uniform
        } else {
            DateRate::ExponentialIncrease
        },
        not_before: None,
        not_after: None,
        precision,
    })
}

/// The distribution of whole numbers; `None` if there is none or it is wrong.
pub(crate) fn int_values(expectations: &Expectations, reporter: &mut Reporter) -> Option<Values> {
    let (settings, name) = distribution(expectations, "int", reporter)?;
    let mut number = |key: &str| number(settings, "int", key, reporter);
    match name {
        "normal" => {
            let (mean, stddev) = (number("mean"), number("stddev"));
            Some(Values::Int(Distribution::Normal {
                mean: mean?,
                stddev: stddev?,
            }))
        }
        "poisson" => Some(Values::Int(Distribution::Poisson {
            mean: number("mean")?,
        })),
        "population_ages" => Some(Values::Int(Distribution::PopulationAges)),
        _ => {
            reporter.report(
                "expectations",
                "return_expectations: Only `normal`, `poisson`, and `population_ages` distributions \
                 are supported for ints",
            );
            None
        }
    }
}

/// The distribution of floating-point numbers; `None` if there is none or it is wrong.
pub(crate) fn float_values(expectations: &Expectations, reporter: &mut Reporter) -> Option<Values> {
    let (settings, name) = distribution(expectations, "float", reporter)?;
    if name != "normal" {
        reporter.report(
            "expectations",
            "return_expectations: Only `normal` distributions are supported for floats",
        );
        return None;
    }
    let mut number = |key: &str| number(settings, "float", key, reporter);
    let (mean, stddev) = (number("mean"), number("stddev"));
    Some(Values::Float {
        mean: mean?,
        stddev: stddev?,
    })
}

/// The distribution of categories, all of which must be `available` if any are listed.
pub(crate) fn category_values(
    expectations: &Expectations,
    available: Option<&HashSet<&str>>,
    reporter: &mut Reporter,
) -> Option<Values> {
    let mut report = |message: String| reporter.report("expectations", message);
    let ratios = expectations
        .map
        .get("category")?
        .get("ratios")
        .and_then(Value::as_object);
    let Some(ratios) = ratios.filter(|ratios| !ratios.is_empty()) else {
        report("return_expectations: category[ratios] must be a dictionary".to_owned());
        return None;
    };
    if let Some(available) = available {
        let unknown: Vec<&str> = ratios
            .keys()
            .map(String::as_str)
            .filter(|key| !available.contains(key))
            .collect();
        if !unknown.is_empty() {
            let mut known: Vec<&str> = available.iter().copied().collect();
            known.sort_unstable();
            report(format!(
                "return_expectations: the categories {} are not among the available ones: {}",
                listed(unknown),
                listed(known)
            ));
            return None;
        }
    }
    let numbers: Option<Vec<f64>> = ratios.values().map(Value::as_f64).collect();
    let Some(numbers) = numbers else {
        report("return_expectations: every ratio of category[ratios] must be a number".to_owned());
        return None;
    };
    let labels = ratios.keys().cloned().collect();
    Some(Values::Category(Categories {
        labels,
        ratios: numbers,
    }))
}

fn distribution<'a>(
    expectations: &Expectations<'a>,
    key: &str,
    reporter: &mut Reporter,
) -> Option<(&'a Map<String, Value>, &'a str)> {
    let value = expectations.map.get(key)?;
    let settings = value.as_object();
    let name = settings.and_then(|settings| settings.get("distribution")?.as_str());
    let (Some(settings), Some(name)) = (settings, name) else {
        reporter.report(
            "expectations",
            format!("return_expectations: '{key}' must be a dictionary with a 'distribution'"),
        );
        return None;
    };
    Some((settings, name))
}

fn number(
    settings: &Map<String, Value>,
    of: &str,
    key: &str,
    reporter: &mut Reporter,
) -> Option<f64> {
    let number = settings.get(key).and_then(Value::as_f64);
    if number.is_none() {
        reporter.report(
            "expectations",
            format!("return_expectations: {of}[{key}] must be given, as a number"),
        );
    }
    number
}
