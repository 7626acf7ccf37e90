//! Whether a study can be generated: every reason why not, before the first row.

use std::collections::HashSet;

use crate::error::Problem;
use crate::study::{
    Categories, Cells, DateRate, DateValues, Days, Distribution, Kind, Presence, Source, Study,
    Values,
};

/// How far ratios may add up to something else than 1: the tolerance of `numpy.allclose`, which the
/// reference applies.
const RATIO_TOLERANCE: f64 = 1e-5 + 1e-8;
/// Row counts are exact in doubles up to here, with room for ids ten times as large.
const MAX_ROWS: u64 = 1 << 48;

/// The longest name of a column, in bytes. Databases and statistics programs allow far less.
const MAX_NAME_BYTES: usize = 200;
/// The longest text of a cell, in bytes: a cell's text is written once for each row.
const MAX_TEXT_BYTES: usize = 1000;

/// What kind of value a column holds, as far as aggregates care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Date,
    Number,
    Text,
}

/// The columns of a study so far, as far as the check of one more needs them: for callers that know
/// more than this crate of where a column comes from, and want to say so.
#[derive(Default)]
pub struct ColumnCheck {
    columns: Vec<(String, Type)>,
}

impl ColumnCheck {
    /// Problems of one more column.
    pub fn problems(&self, name: &str, kind: &Kind) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |message: String| {
            problems.push(Problem {
                column: shown(name),
                message,
            });
        };
        if name.len() > MAX_NAME_BYTES {
            report(format!(
                "a name of {} bytes is too long: {MAX_NAME_BYTES} are allowed",
                name.len()
            ));
        }
        check_texts(kind, &mut report);
        check_kind(kind, &self.columns, &mut report);
        problems
    }

    /// Adds a column, which is taken to be sound.
    pub fn push(&mut self, name: &str, kind: &Kind) {
        let kind = kind_type(kind, &self.columns);
        self.columns.push((name.to_owned(), kind));
    }
}

/// All problems of a study.
pub(crate) fn check(study: &Study) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    let mut columns = ColumnCheck::default();
    for column in &study.columns {
        problems.extend(columns.problems(&column.name, &column.kind));
        let mut report = |message: String| {
            problems.push(Problem {
                column: shown(&column.name),
                message,
            });
        };
        if !names.insert(column.name.as_str()) {
            report("two columns have this name".to_owned());
        }
        match &column.kind {
            Kind::Given(cells) if cells.len() as u64 != study.rows => report(format!(
                "{} values are given for {} rows",
                cells.len(),
                study.rows
            )),
            Kind::PatientId if study.rows > MAX_ROWS => {
                report(format!("{} rows are more than {MAX_ROWS}", study.rows));
            }
            _ => {}
        }
        columns.push(&column.name, &column.kind);
    }
    problems
}

/// A name that may be longer than anyone wants to read.
fn shown(name: &str) -> String {
    name.chars().take(MAX_NAME_BYTES).collect()
}

fn check_texts(kind: &Kind, report: &mut impl FnMut(String)) {
    let texts = match kind {
        Kind::Fixed(Cells::Texts(texts)) | Kind::Given(Cells::Texts(texts)) => texts,
        Kind::Random {
            values: Values::Category(categories),
            ..
        } => &categories.labels,
        _ => return,
    };
    if let Some(longest) = texts.iter().map(String::len).max()
        && longest > MAX_TEXT_BYTES
    {
        report(format!(
            "a text of {longest} bytes is too long for a cell: {MAX_TEXT_BYTES} are allowed"
        ));
    }
}

fn check_kind(kind: &Kind, earlier: &[(String, Type)], report: &mut impl FnMut(String)) {
    match kind {
        Kind::Random { values, presence } => {
            check_values(values, report);
            check_presence(*presence, earlier, report);
        }
        Kind::Fixed(cells) if cells.len() != 1 => {
            report(format!("a fixed column has one value, not {}", cells.len()));
        }
        Kind::Aggregate { sources, .. } => check_sources(sources, earlier, report),
        Kind::Fixed(_) | Kind::Given(_) | Kind::PatientId => {}
    }
}

fn check_values(values: &Values, report: &mut impl FnMut(String)) {
    let mut normal = |mean: f64, stddev: f64| {
        if !mean.is_finite() || !stddev.is_finite() || stddev < 0.0 {
            report(format!(
                "a normal distribution needs a finite mean and a stddev of 0 or more, not mean \
                 {mean} and stddev {stddev}"
            ));
        }
    };
    match values {
        Values::Float { mean, stddev } | Values::Int(Distribution::Normal { mean, stddev }) => {
            normal(*mean, *stddev);
        }
        Values::Int(Distribution::Poisson { mean }) => {
            if !(0.0..=Distribution::MAX_POISSON_MEAN).contains(mean) {
                report(format!(
                    "the mean of a poisson distribution lies between 0 and {}, not {mean}",
                    Distribution::MAX_POISSON_MEAN
                ));
            }
        }
        Values::Category(Categories { labels, ratios }) => {
            check_ratios(labels.len(), ratios, report);
        }
        Values::Day(Days { days, ratios }) => check_ratios(days.len(), ratios, report),
        Values::Date(dates) => check_dates(dates, report),
        Values::Int(Distribution::PopulationAges) | Values::Flag => {}
    }
}

fn check_ratios(categories: usize, ratios: &[f64], report: &mut impl FnMut(String)) {
    if categories != ratios.len() || categories == 0 {
        report("there must be one ratio for each category, and at least one category".to_owned());
        return;
    }
    let sum: f64 = ratios.iter().sum();
    if ratios
        .iter()
        .any(|ratio| !ratio.is_finite() || *ratio < 0.0)
    {
        report("every category's ratio must be 0 or more".to_owned());
    } else if (sum - 1.0).abs() > RATIO_TOLERANCE {
        report(format!(
            "the ratios of the categories must add up to 1, not {sum}"
        ));
    }
}

fn check_dates(dates: &DateValues, report: &mut impl FnMut(String)) {
    // With a uniform rate the reference draws between the two the other way round; an exponential
    // one has nothing to draw.
    if dates.rate == DateRate::ExponentialIncrease && dates.latest < dates.earliest {
        report("the earliest date lies after the latest".to_owned());
    }
}

fn check_presence(presence: Presence, earlier: &[(String, Type)], report: &mut impl FnMut(String)) {
    match presence {
        Presence::Always => {}
        Presence::Incidence(incidence) => {
            if !(incidence > 0.0 && incidence <= 1.0) {
                report(format!(
                    "an incidence lies above 0 and at most at 1, not at {incidence}"
                ));
            }
        }
        Presence::WithDateOf(position) => {
            if !matches!(earlier.get(position), Some((_, Type::Date))) {
                report("the column whose dates it follows is not an earlier date".to_owned());
            }
        }
    }
}

fn check_sources(sources: &[Source], earlier: &[(String, Type)], report: &mut impl FnMut(String)) {
    let mut first = None;
    for source in sources {
        let (name, kind) = match source {
            Source::Day(_) => (None, Type::Date),
            Source::Column(position) => {
                let Some((name, kind)) = earlier.get(*position) else {
                    report("it compares a column that is not an earlier one".to_owned());
                    return;
                };
                (Some(name.as_str()), *kind)
            }
        };
        if let (Type::Text, Some(name)) = (kind, name) {
            report(format!(
                "the values of '{name}' are texts, and only numbers and dates have a least and a \
                 greatest"
            ));
            return;
        }
        if *first.get_or_insert(kind) != kind {
            report("it compares numbers with dates".to_owned());
            return;
        }
    }
    if first.is_none() {
        report("it compares nothing".to_owned());
    }
}

fn kind_type(kind: &Kind, earlier: &[(String, Type)]) -> Type {
    match kind {
        Kind::Random {
            values: Values::Date(_) | Values::Day(_),
            ..
        }
        | Kind::Given(Cells::Dates { .. })
        | Kind::Fixed(Cells::Dates { .. }) => Type::Date,
        Kind::Random {
            values: Values::Category(_),
            ..
        }
        | Kind::Given(Cells::Texts(_))
        | Kind::Fixed(Cells::Texts(_)) => Type::Text,
        Kind::Aggregate { sources, .. } => match sources.first() {
            Some(Source::Day(_)) => Type::Date,
            Some(Source::Column(position)) => earlier
                .get(*position)
                .map_or(Type::Number, |(_, kind)| *kind),
            None => Type::Number,
        },
        Kind::Random { .. } | Kind::Given(_) | Kind::Fixed(_) | Kind::PatientId => Type::Number,
    }
}
