//! Settings out of JSON: every problem is collected, none stops the reading.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{
    ExclusionRule, MatchRule, OutputFormat, Settings, json::Unambiguous, suggest::nearest,
};
use crate::{DateOffset, Problem, random::DEFAULT_SEED};

const KNOWN: [&str; 13] = [
    "matches_per_case",
    "match_variables",
    "index_date_variable",
    "closest_match_variables",
    "date_exclusion_variables",
    "min_matches_per_case",
    "generate_match_index_date",
    "indicator_variable_name",
    "drop_cases_from_matches",
    "output_path",
    "output_suffix",
    "output_format",
    "seed",
];

/// The column names that the output files give a meaning of their own.
const RESERVED: [&str; 3] = ["patient_id", "set_id", "match_counts"];

/// Reads and checks settings; on failure, everything that is wrong with them.
pub(super) fn from_json(text: &str) -> Result<Settings, Vec<Problem>> {
    let Unambiguous(value) = serde_json::from_str(text).map_err(|error| {
        let message = if error.is_data() {
            error.to_string()
        } else {
            format!("they are not valid JSON: {error}")
        };
        vec![Problem::new("settings", message)]
    })?;
    let Value::Object(object) = value else {
        let message = "they must be one JSON object, as in {\"matches_per_case\": 5, …}";
        return Err(vec![Problem::new("settings", message)]);
    };
    let mut reader = Reader {
        object,
        problems: Vec::new(),
    };
    let settings = reader.settings();
    reader.refuse_unknown();
    check_together(&settings, &mut reader.problems);
    if reader.problems.is_empty() {
        Ok(settings)
    } else {
        Err(reader.problems)
    }
}

struct Reader {
    object: Map<String, Value>,
    problems: Vec<Problem>,
}

impl Reader {
    fn settings(&mut self) -> Settings {
        for name in ["matches_per_case", "match_variables", "index_date_variable"] {
            if self.get(name).is_none() {
                self.problem(name, "this setting is required; add it");
            }
        }
        Settings {
            matches_per_case: self.count("matches_per_case"),
            match_variables: self.pairs("match_variables", match_rule),
            index_date_variable: self.text("index_date_variable", ""),
            closest_match_variables: self.names("closest_match_variables"),
            date_exclusion_variables: self.pairs("date_exclusion_variables", exclusion_rule),
            min_matches_per_case: self.count("min_matches_per_case"),
            generate_match_index_date: self.offset("generate_match_index_date"),
            indicator_variable_name: self.text("indicator_variable_name", "case"),
            drop_cases_from_matches: self.flag("drop_cases_from_matches"),
            output_path: PathBuf::from(self.text("output_path", "output")),
            output_suffix: self.text("output_suffix", ""),
            output_format: self.format("output_format"),
            seed: self.seed("seed"),
        }
    }

    /// The setting's value; a null is as good as none, as it is for Python's `None`.
    fn get(&self, name: &str) -> Option<Value> {
        self.object
            .get(name)
            .filter(|value| !value.is_null())
            .cloned()
    }

    fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(name, message));
    }

    fn count(&mut self, name: &str) -> u32 {
        let Some(value) = self.get(name) else {
            return 0;
        };
        value
            .as_u64()
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_else(|| {
                self.problem(
                    name,
                    format!("{} is not a whole number from 0 up", shown(&value)),
                );
                0
            })
    }

    fn seed(&mut self, name: &str) -> u64 {
        let Some(value) = self.get(name) else {
            return DEFAULT_SEED;
        };
        value.as_u64().unwrap_or_else(|| {
            self.problem(
                name,
                format!("{} is not a whole number from 0 up", shown(&value)),
            );
            DEFAULT_SEED
        })
    }

    fn flag(&mut self, name: &str) -> bool {
        let Some(value) = self.get(name) else {
            return false;
        };
        value.as_bool().unwrap_or_else(|| {
            self.problem(name, format!("{} is neither true nor false", shown(&value)));
            false
        })
    }

    fn text(&mut self, name: &str, default: &str) -> String {
        match self.get(name) {
            None => default.to_owned(),
            Some(Value::String(text)) => text,
            Some(value) => {
                self.problem(name, format!("{} is not text in quotes", shown(&value)));
                default.to_owned()
            }
        }
    }

    fn names(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Value::Array(items) = value else {
            let shown = shown(&value);
            self.problem(
                name,
                format!("{shown} is not a list of column names, as in [\"age\"]"),
            );
            return Vec::new();
        };
        let mut names = Vec::new();
        for item in items {
            match item {
                Value::String(column) if names.contains(&column) => {
                    self.problem(name, format!("`{column}` is listed twice; keep one"));
                }
                Value::String(column) => names.push(column),
                other => {
                    self.problem(name, format!("{} is not a column name", shown(&other)));
                }
            }
        }
        names
    }

    fn pairs<R>(
        &mut self,
        name: &str,
        rule: impl Fn(&Value) -> Result<R, String>,
    ) -> Vec<(String, R)> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Value::Object(object) = value else {
            let shown = shown(&value);
            self.problem(
                name,
                format!("{shown} does not map column names to rules, as {{\"sex\": \"category\"}}"),
            );
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (column, value) in object {
            match rule(&value) {
                Ok(rule) => pairs.push((column, rule)),
                Err(message) => self.problem(name, format!("`{column}`: {message}")),
            }
        }
        pairs
    }

    fn offset(&mut self, name: &str) -> Option<DateOffset> {
        let text = self.text(name, "");
        if text.is_empty() {
            return None;
        }
        DateOffset::parse(&text)
            .map_err(|message| self.problem(name, message))
            .ok()
    }

    fn format(&mut self, name: &str) -> OutputFormat {
        let text = self.text(name, OutputFormat::default().extension());
        let known = OutputFormat::ALL.iter().find(|(_, word)| *word == text);
        known.map_or_else(
            || {
                let formats = OutputFormat::ALL.map(|(_, word)| word).join(" and ");
                self.problem(
                    name,
                    format!("`{text}` cannot be written; the formats that can are {formats}"),
                );
                OutputFormat::default()
            },
            |(format, _)| *format,
        )
    }

    fn refuse_unknown(&mut self) {
        let unknown: Vec<String> = self
            .object
            .keys()
            .filter(|key| !KNOWN.contains(&key.as_str()))
            .cloned()
            .collect();
        for key in unknown {
            let message = if key == "replace_match_index_date_with_case" {
                "this setting is now called generate_match_index_date".to_owned()
            } else if let Some(name) = nearest(&key, &KNOWN) {
                format!("there is no such setting; did you mean {name}?")
            } else {
                format!(
                    "there is no such setting; the settings are {}",
                    KNOWN.join(", ")
                )
            };
            self.problem(&key, message);
        }
    }
}

fn match_rule(value: &Value) -> Result<MatchRule, String> {
    let expected = "use \"category\", \"month_only\" or a whole number from 0 up";
    match value {
        Value::String(word) if word == "category" => Ok(MatchRule::Category),
        Value::String(word) if word == "month_only" => Ok(MatchRule::MonthOnly),
        Value::Number(number) => match number.as_u64().and_then(|n| u32::try_from(n).ok()) {
            Some(caliper) => Ok(MatchRule::Within(f64::from(caliper))),
            None => Err(format!("{number} is not a rule; {expected}")),
        },
        other => Err(format!("{} is not a rule; {expected}", shown(other))),
    }
}

fn exclusion_rule(value: &Value) -> Result<ExclusionRule, String> {
    match value.as_str() {
        Some("before") => Ok(ExclusionRule::Before),
        Some("after") => Ok(ExclusionRule::After),
        _ => Err(format!(
            "{} is not a rule; use \"before\" or \"after\"",
            shown(value)
        )),
    }
}

/// What no setting can say alone.
fn check_together(settings: &Settings, problems: &mut Vec<Problem>) {
    let is_known = !problems
        .iter()
        .any(|problem| problem.subject() == "matches_per_case");
    let mut add = |name: &str, message: String| problems.push(Problem::new(name, message));
    if is_known && settings.min_matches_per_case > settings.matches_per_case {
        let (least, most) = (settings.min_matches_per_case, settings.matches_per_case);
        add(
            "min_matches_per_case",
            format!("{least} is more than matches_per_case, which is {most}; lower it"),
        );
    }
    for column in &settings.closest_match_variables {
        let rule = settings
            .match_variables
            .iter()
            .find(|(name, _)| name == column);
        if let Some((_, MatchRule::MonthOnly)) = rule {
            add(
                "closest_match_variables",
                format!("`{column}` is a date matched by month; only numbers can be closest"),
            );
        }
    }
    let keys = settings
        .match_variables
        .iter()
        .map(|(name, _)| ("match_variables", name));
    let keys = keys
        .chain(
            settings
                .closest_match_variables
                .iter()
                .map(|n| ("closest_match_variables", n)),
        )
        .chain(
            settings
                .date_exclusion_variables
                .iter()
                .map(|(n, _)| ("date_exclusion_variables", n)),
        )
        .chain([("index_date_variable", &settings.index_date_variable)]);
    for (setting, column) in keys {
        let missing_already = column.is_empty() && setting == "index_date_variable";
        if column == "patient_id" {
            add(
                setting,
                "`patient_id` says who a person is; it cannot be used here".to_owned(),
            );
        }
        if column == &settings.indicator_variable_name && !missing_already {
            add(
                "indicator_variable_name",
                format!("`{column}` is also used in {setting}; give the indicator another name"),
            );
        }
    }
    let indicator = settings.indicator_variable_name.as_str();
    if indicator.is_empty() || RESERVED.contains(&indicator) {
        add(
            "indicator_variable_name",
            format!("`{indicator}` cannot name the indicator; choose another name"),
        );
    }
    let suffix = &settings.output_suffix;
    if suffix.contains(['/', '\\']) || suffix.contains(char::is_control) || suffix.len() > 100 {
        add(
            "output_suffix",
            "it must be at most 100 letters, digits and signs that can stand in a file name"
                .to_owned(),
        );
    }
    if settings.output_path.as_os_str().is_empty() {
        add(
            "output_path",
            "it is empty; name a folder, or . for this one".to_owned(),
        );
    }
}

/// A value as it stands in the settings, cut short if long.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
