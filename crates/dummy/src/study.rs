//! What is to be generated.

use crate::day::{Day, Precision};

/// One file of dummy data.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Names the study's random streams, with the seed and the column: two studies of one seed share
    /// no values, not even in columns of one name.
    pub name: String,
    /// Columns in file order. A column may refer to earlier ones only.
    pub columns: Vec<Column>,
    /// Rows of the file, without the header.
    pub rows: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The header, and the key of the column's random stream: unique in a study, and of 200 bytes at
    /// most.
    pub name: String,
    /// Whether the file has the column; other columns may use it either way.
    pub visible: bool,
    /// Where its values come from.
    pub kind: Kind,
}

/// Where a column's values come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Drawn at random.
    Random {
        /// The distribution of the values.
        values: Values,
        /// Which rows have one.
        presence: Presence,
    },
    /// Given for every row, as many as the study has rows.
    Given(Cells),
    /// The same in every row: exactly one cell.
    Fixed(Cells),
    /// The least or greatest of other columns, row by row.
    Aggregate {
        /// Least or greatest.
        operation: Operation,
        /// Columns and constants, all numbers or all dates.
        sources: Vec<Source>,
        /// How a date is printed; numbers ignore it.
        precision: Precision,
    },
    /// Distinct whole numbers from 0 to ten times the rows, in no order.
    PatientId,
}

/// The distribution of a random column's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Dates.
    Date(DateValues),
    /// Whole numbers. An empty row has 0.
    Int(Distribution),
    /// Floating-point numbers, normally distributed. An empty row has 0.0.
    Float {
        /// Mean.
        mean: f64,
        /// Standard deviation, 0 or more.
        stddev: f64,
    },
    /// Categories. An empty row has no text.
    Category(Categories),
    /// One of a few days, printed in full. An empty row is blank.
    Day(Days),
    /// 1 where the row is present, else 0.
    Flag,
}

/// Dates counted back from the latest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateValues {
    /// The earliest day. With [`DateRate::Uniform`] it is itself never drawn.
    pub earliest: Day,
    /// The latest day.
    pub latest: Day,
    /// How days are spread between the two.
    pub rate: DateRate,
    /// Dates before this day are blanked afterwards.
    pub not_before: Option<Day>,
    /// Dates after this day are blanked afterwards.
    pub not_after: Option<Day>,
    /// How much of the date is printed.
    pub precision: Precision,
}

/// How dates are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateRate {
    /// Days back are trunc(U · range) for U uniform in [0, 1).
    Uniform,
    /// Days back are trunc(E · range) for E exponential of mean 0.1, redrawn while over the range.
    ExponentialIncrease,
}

/// The distribution of whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Normal, cut toward zero.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, 0 or more.
        stddev: f64,
    },
    /// Poisson.
    Poisson {
        /// Mean, from 0 to [`Distribution::MAX_POISSON_MEAN`].
        mean: f64,
    },
    /// Ages 0 to 109 as in the population of the United Kingdom in 2018.
    PopulationAges,
}

impl Distribution {
    /// The largest mean a Poisson distribution may have here. Its table of probabilities grows with
    /// the root of the mean: at this one it takes 54 kB, so that a study of thousands of such columns
    /// still fits into memory.
    pub const MAX_POISSON_MEAN: f64 = 1e5;
}

/// Labels and their probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Categories {
    /// One label a category, of 1000 bytes at most.
    pub labels: Vec<String>,
    /// The probability of each, in the same order: 0 or more, adding up to 1.
    pub ratios: Vec<f64>,
}

/// Days and their probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Days {
    /// The days.
    pub days: Vec<Day>,
    /// The probability of each, in the same order: 0 or more, adding up to 1.
    pub ratios: Vec<f64>,
}

/// Which rows of a random column have a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Presence {
    /// All.
    Always,
    /// All but exactly `trunc((1 - incidence) · rows)`, chosen at random; above 0, at most 1.
    Incidence(f64),
    /// Those in which this earlier column has a date: a value and its date come and go together.
    WithDateOf(usize),
}

/// Least or greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Least.
    Minimum,
    /// Greatest.
    Maximum,
}

/// What an aggregate compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// An earlier column, by position.
    Column(usize),
    /// A fixed day.
    Day(Day),
}

/// Typed cells of consecutive rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Dates; `None` is blank.
    Dates {
        /// One a row.
        days: Vec<Option<Day>>,
        /// How much of a date is printed.
        precision: Precision,
    },
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Floating-point numbers.
    Floats(Vec<f64>),
    /// Text; may be blank.
    Texts(Vec<String>),
    /// Printed as 1 and 0.
    Flags(Vec<bool>),
}

impl Cells {
    /// How many rows these are.
    pub fn len(&self) -> usize {
        match self {
            Self::Dates { days, .. } => days.len(),
            Self::Ints(cells) => cells.len(),
            Self::Floats(cells) => cells.len(),
            Self::Texts(cells) => cells.len(),
            Self::Flags(cells) => cells.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
