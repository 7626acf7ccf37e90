//! Whether a study can be generated: every reason why not, before the first row.

use std::collections::HashSet;

use crate::error::Problem;
use crate::study::{
    Categories, Cells, Column, DateRate, DateValues, Distribution, Kind, Presence, Source, Study,
    Values,
};

/// How far ratios may add up to something else than 1: the tolerance of `numpy.allclose`, which the
/// reference applies.
const RATIO_TOLERANCE: f64 = 1e-5 + 1e-8;
/// Row counts are exact in doubles up to here, with room for ids ten times as large.
const MAX_ROWS: u64 = 1 << 48;

/// What kind of value a column holds, as far as aggregates care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Date,
    Number,
    Text,
}

/// All problems of a study.
pub(crate) fn check(study: &Study) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    let mut types = Vec::new();
    for column in &study.columns {
        let mut report = |message: String| {
            problems.push(Problem {
                column: column.name.clone(),
                message,
            });
        };
        if !names.insert(column.name.as_str()) {
            report("two columns have this name".to_owned());
        }
        check_kind(&column.kind, &types, &mut report);
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
        types.push(kind_type(&column.kind, &types));
    }
    problems
}

/// Problems of one more column after `earlier` ones, which are taken to be sound: for callers that
/// know more than this crate of where a column comes from, and want to say so.
pub fn check_column(earlier: &[Column], name: &str, kind: &Kind) -> Vec<Problem> {
    let mut types = Vec::with_capacity(earlier.len());
    for column in earlier {
        types.push(kind_type(&column.kind, &types));
    }
    let mut problems = Vec::new();
    check_kind(kind, &types, &mut |message| {
        problems.push(Problem {
            column: name.to_owned(),
            message,
        });
    });
    problems
}

fn check_kind(kind: &Kind, earlier: &[Type], report: &mut impl FnMut(String)) {
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
        Values::Category(categories) => check_categories(categories, report),
        Values::Date(dates) => check_dates(dates, report),
        Values::Int(Distribution::PopulationAges) | Values::Flag => {}
    }
}

fn check_categories(categories: &Categories, report: &mut impl FnMut(String)) {
    if categories.labels.len() != categories.ratios.len() || categories.labels.is_empty() {
        report("there must be one ratio for each category, and at least one category".to_owned());
        return;
    }
    let sum: f64 = categories.ratios.iter().sum();
    if categories
        .ratios
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

fn check_presence(presence: Presence, earlier: &[Type], report: &mut impl FnMut(String)) {
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
            if earlier.get(position) != Some(&Type::Date) {
                report("the column whose dates it follows is not an earlier date".to_owned());
            }
        }
    }
}

fn check_sources(sources: &[Source], earlier: &[Type], report: &mut impl FnMut(String)) {
    let types: Option<Vec<Type>> = sources
        .iter()
        .map(|source| match source {
            Source::Day(_) => Some(Type::Date),
            Source::Column(position) => earlier.get(*position).copied(),
        })
        .collect();
    match types.as_deref() {
        None => report("it compares a column that is not an earlier one".to_owned()),
        Some([]) => report("it compares nothing".to_owned()),
        Some([first, rest @ ..]) => {
            if rest.iter().any(|other| other != first) {
                report("it compares columns of different types".to_owned());
            } else if *first == Type::Text {
                report("only numbers and dates have a least and a greatest".to_owned());
            }
        }
    }
}

fn kind_type(kind: &Kind, earlier: &[Type]) -> Type {
    match kind {
        Kind::Random {
            values: Values::Date(_),
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
            Some(Source::Column(position)) => {
                earlier.get(*position).copied().unwrap_or(Type::Number)
            }
            None => Type::Number,
        },
        Kind::Random { .. } | Kind::Given(_) | Kind::Fixed(_) | Kind::PatientId => Type::Number,
    }
}
