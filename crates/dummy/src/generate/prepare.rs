//! What is decided once for a column, before its blocks.

use rayon::prelude::*;

use super::empty::{EmptyRows, empty_count};
use crate::day::{Day, Precision};
use crate::distribution::{Discrete, Permutation, Stream, population_ages};
use crate::study::{
    Categories, Cells, Column, DateValues, Days, Distribution, Kind, Operation, Presence, Source,
    Study, Values,
};
use crate::text::quoted;

/// Ids are drawn from this many times as many numbers as there are rows.
const IDS_PER_ROW: u64 = 10;

/// A column, ready to generate any of its blocks.
pub(crate) struct Prepared<'a> {
    pub(crate) visible: bool,
    pub(crate) stream: Stream,
    pub(crate) generator: Generator<'a>,
    /// Labels as they stand in the file.
    pub(crate) labels: Vec<Vec<u8>>,
    /// Rows without a value.
    pub(crate) empty: Option<EmptyRows>,
    /// The column in whose dateless rows this one is empty too.
    pub(crate) follows: Option<usize>,
}

/// How cells come about.
pub(crate) enum Generator<'a> {
    Date(&'a DateValues),
    NormalInt {
        mean: f64,
        stddev: f64,
    },
    DiscreteInt(Discrete),
    Float {
        mean: f64,
        stddev: f64,
    },
    Category(Discrete),
    Day(Discrete, &'a [Day]),
    Flag,
    Given(&'a Cells),
    Fixed(&'a Cells),
    Aggregate {
        operation: Operation,
        sources: &'a [Source],
        precision: Precision,
    },
    PatientId(Permutation),
}

/// Prepares all columns of a checked study, in parallel.
pub(crate) fn prepare(study: &Study) -> Vec<Prepared<'_>> {
    study
        .columns
        .par_iter()
        .map(|column| prepare_column(column, study))
        .collect()
}

fn prepare_column<'a>(column: &'a Column, study: &Study) -> Prepared<'a> {
    let stream = Stream::of_column(study.seed, &study.name, &column.name);
    let mut labels = Vec::new();
    let mut empty = None;
    let mut follows = None;
    let generator = match &column.kind {
        Kind::Random { values, presence } => {
            match *presence {
                Presence::Always => {}
                Presence::Incidence(incidence) => {
                    let count = empty_count(incidence, study.rows);
                    empty = Some(EmptyRows::choose(study.rows, count, &mut stream.whole()));
                }
                Presence::WithDateOf(position) => follows = Some(position),
            }
            random(values, &mut labels)
        }
        Kind::Given(cells) => {
            labels = texts(cells);
            Generator::Given(cells)
        }
        Kind::Fixed(cells) => {
            labels = texts(cells);
            Generator::Fixed(cells)
        }
        Kind::Aggregate {
            operation,
            sources,
            precision,
        } => Generator::Aggregate {
            operation: *operation,
            sources,
            precision: *precision,
        },
        Kind::PatientId => {
            let ids = study.rows.saturating_mul(IDS_PER_ROW);
            Generator::PatientId(Permutation::new(ids, &mut stream.whole()))
        }
    };
    Prepared {
        visible: column.visible,
        stream,
        generator,
        labels,
        empty,
        follows,
    }
}

fn random<'a>(values: &'a Values, labels: &mut Vec<Vec<u8>>) -> Generator<'a> {
    match values {
        Values::Date(dates) => Generator::Date(dates),
        Values::Int(Distribution::Normal { mean, stddev }) => Generator::NormalInt {
            mean: *mean,
            stddev: *stddev,
        },
        Values::Int(Distribution::Poisson { mean }) => {
            Generator::DiscreteInt(Discrete::poisson(*mean))
        }
        Values::Int(Distribution::PopulationAges) => Generator::DiscreteInt(population_ages()),
        Values::Float { mean, stddev } => Generator::Float {
            mean: *mean,
            stddev: *stddev,
        },
        Values::Category(Categories {
            labels: texts,
            ratios,
        }) => {
            *labels = texts.iter().map(|text| quoted(text)).collect();
            Generator::Category(Discrete::new(0, ratios))
        }
        Values::Day(Days { days, ratios }) => Generator::Day(Discrete::new(0, ratios), days),
        Values::Flag => Generator::Flag,
    }
}

fn texts(cells: &Cells) -> Vec<Vec<u8>> {
    match cells {
        Cells::Texts(texts) => texts.iter().map(|text| quoted(text)).collect(),
        _ => Vec::new(),
    }
}
