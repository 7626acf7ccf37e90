//! The variables that are known so far.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::model::{DateFormat, Variable};
use crate::dates::{DateExpression, parse_date_expression};
use crate::expressions::Condition;
use crate::functions::ValueType;
use crate::problem::Reporter;

/// What can be looked up while a variable is checked: everything before it.
pub(super) struct Known {
    pub(super) index_date: Option<Date>,
    pub(super) today: Date,
    variables: HashMap<String, Summary>,
}

/// What later variables need to know of one.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    pub(super) value_type: ValueType,
    pub(super) format: DateFormat,
    pub(super) function: &'static str,
    pub(super) returning: Option<String>,
}

impl Known {
    pub(super) fn new(index_date: Option<Date>, today: Date) -> Self {
        Self {
            index_date,
            today,
            variables: HashMap::new(),
        }
    }

    /// Adds a variable; false if its name is taken.
    pub(super) fn add(&mut self, variable: &Variable) -> bool {
        let summary = Summary {
            value_type: variable.value_type,
            format: variable.format,
            function: variable.function.name,
            returning: variable.returning.clone(),
        };
        self.variables
            .insert(variable.name.clone(), summary)
            .is_none()
    }

    /// An earlier variable; reports if there is none.
    pub(super) fn variable(&self, name: &str, reporter: &mut Reporter) -> Option<&Summary> {
        let found = self.variables.get(name);
        if found.is_none() {
            reporter.report(
                "reference",
                format!("there is no variable '{name}' before this one (a variable may only use those above it)"),
            );
        }
        found
    }

    /// Parses a date expression and checks the variable that it names.
    pub(super) fn date(
        &self,
        argument: &str,
        text: &str,
        reporter: &mut Reporter,
    ) -> Option<DateExpression> {
        let parsed = match parse_date_expression(text, self.index_date, self.today) {
            Ok(parsed) => parsed,
            Err(error) => {
                reporter.report("date", format!("{argument}: {error} in: {text}"));
                return None;
            }
        };
        if let DateExpression::OfVariable { variable, .. } = &parsed {
            let summary = self.variable(variable, reporter)?;
            if summary.value_type != ValueType::Date {
                reporter.report(
                    "date",
                    format!(
                        "{argument}: '{variable}' is not a date but a {}",
                        summary.value_type
                    ),
                );
            } else if summary.format == DateFormat::Year {
                reporter.report(
                    "date",
                    format!(
                        "{argument}: '{variable}' has years only and so cannot be used as a date; \
                         give it date_format=\"YYYY-MM-DD\""
                    ),
                );
            }
        }
        Some(parsed)
    }

    /// Reports the names of a condition that are no earlier variables, `also` being known besides.
    pub(super) fn check_names(
        &self,
        condition: &Condition,
        also: &[&str],
        reporter: &mut Reporter,
    ) {
        let mut missing = Vec::new();
        let mut seen = HashSet::new();
        condition.for_each_name(&mut |name| {
            if !also.contains(&name) && !self.variables.contains_key(name) && seen.insert(name) {
                missing.push(name);
            }
        });
        for name in missing {
            self.variable(name, reporter);
        }
    }
}
