//! The first pass over an input file: its keys, and everything that is wrong with it.

use std::collections::HashSet;

use super::{
    Column, Dictionaries, Ids, Kind, MISSING_CODE, NO_ROW, Row, Source, Table, Wanted, cell,
};
use crate::{MatchError, Problem, Progress, Stage, dates::Day, progress::INTERVAL};

/// Reads the columns `wanted` of a file. What is wrong with it is added to `problems`; the table
/// is whole only if nothing was.
pub(crate) fn scan(
    source: &Source,
    wanted: Vec<Wanted>,
    dictionaries: &mut Dictionaries,
    problems: &mut Vec<Problem>,
    (stage, progress): (Stage, &dyn Progress),
) -> Result<Table, MatchError> {
    let subject = source.path().display().to_string();
    let mut report = |message: String| problems.push(Problem::new(subject.clone(), message));

    let before = check_header(source, &wanted, &mut report);
    let mut table = Table {
        ids: Ids::default(),
        columns: Vec::new(),
    };
    let Some((id_position, positions)) = before else {
        return Ok(table);
    };
    let mut keys: Vec<Key> = wanted
        .into_iter()
        .zip(positions)
        .map(|(wanted, at)| Key::new(wanted, at))
        .collect();

    let mut uneven = Flaw::default();
    let mut nameless = Flaw::default();
    let mut reader = source.records().map_err(|error| source.read_error(error))?;
    let mut record = csv::ByteRecord::new();
    let mut rows = 0_u64;
    while reader
        .read_byte_record(&mut record)
        .map_err(|error| source.read_error(error))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        if rows.is_multiple_of(INTERVAL) {
            if progress.cancelled() {
                return Err(MatchError::Cancelled);
            }
            progress.advanced(stage, rows, None);
        }
        rows += 1;
        if rows >= u64::from(NO_ROW) - 1 {
            report(format!(
                "it has more than {rows} rows, the most that can be matched"
            ));
            return Ok(table);
        }
        if record.len() != source.header().len() {
            uneven.at(line);
            continue;
        }
        let id = &record[id_position];
        if cell::is_missing(id) {
            nameless.at(line);
        }
        table.ids.push(id);
        for key in &mut keys {
            key.push(&record[key.position], dictionaries, line);
        }
    }
    progress.advanced(stage, rows, Some(rows));

    uneven.report(&mut report, |count| {
        format!(
            "{count} with another number of cells than the header's {}",
            source.header().len()
        )
    });
    nameless.report(&mut report, |count| format!("{count} without a patient_id"));
    for key in keys {
        key.flaw.report(&mut report, |count| key.complaint(count));
        table.columns.push((key.wanted, key.column));
    }
    Ok(table)
}

/// Where `patient_id` and the wanted columns stand, if all are there and no name is used twice.
fn check_header(
    source: &Source,
    wanted: &[Wanted],
    report: &mut impl FnMut(String),
) -> Option<(usize, Vec<usize>)> {
    let mut names = HashSet::new();
    let mut sound = true;
    for name in source.header() {
        if !names.insert(name) {
            let name = String::from_utf8_lossy(name);
            report(format!("two columns are called `{name}`; rename one"));
            sound = false;
        }
    }
    let id = source.position("patient_id");
    if id.is_none() {
        report("it has no column `patient_id`; every person needs one".to_owned());
    }
    let positions: Vec<usize> = wanted
        .iter()
        .filter_map(|Wanted { name, setting, .. }| {
            let position = source.position(name);
            if position.is_none() {
                report(format!("it has no column `{name}`, which {setting} names"));
            }
            position
        })
        .collect();
    (sound && positions.len() == wanted.len()).then_some((id?, positions))
}

/// One key column while it is being read.
struct Key {
    wanted: Wanted,
    position: usize,
    column: Column,
    flaw: Flaw,
}

impl Key {
    fn new(wanted: Wanted, position: usize) -> Self {
        let column = match wanted.kind {
            Kind::Category(_) | Kind::Month => Column::Codes(Vec::new()),
            Kind::Number => Column::Numbers(Vec::new()),
            Kind::Day => Column::Days(Vec::new()),
        };
        Self {
            wanted,
            position,
            column,
            flaw: Flaw::default(),
        }
    }

    fn push(&mut self, cell: &[u8], dictionaries: &mut Dictionaries, line: u64) {
        let missing = cell::is_missing(cell);
        let flaw = &mut self.flaw;
        match (&mut self.column, self.wanted.kind) {
            (Column::Codes(codes), Kind::Category(dictionary)) => codes.push(if missing {
                MISSING_CODE
            } else {
                dictionaries.code(dictionary, cell::category(cell))
            }),
            (Column::Codes(codes), _) => {
                // A bare year has no month.
                let month = if cell.len() > 4 {
                    Day::parse(cell).and_then(Day::month)
                } else {
                    None
                };
                if !missing && month.is_none() {
                    flaw.at(line);
                }
                codes.push(month.unwrap_or(MISSING_CODE));
            }
            (Column::Numbers(numbers), _) => {
                let number = if missing { None } else { cell::number(cell) };
                if !missing && number.is_none() {
                    flaw.at(line);
                }
                numbers.push(number.unwrap_or(f64::NAN));
            }
            (Column::Days(days), _) => {
                let day = if missing { None } else { Day::parse(cell) };
                if !missing && day.is_none() {
                    flaw.at(line);
                }
                days.push(day.unwrap_or(Day::MISSING));
            }
        }
    }

    fn complaint(&self, count: &str) -> String {
        let Wanted {
            name,
            kind,
            setting,
        } = &self.wanted;
        let expected = match kind {
            Kind::Number => "a number",
            Kind::Day => "a date as YYYY-MM-DD",
            Kind::Month | Kind::Category(_) => "a date as YYYY-MM-DD or YYYY-MM",
        };
        format!("{count} with something in `{name}` that is not {expected}, as {setting} needs")
    }
}

/// A kind of mistake: how often, and where first.
#[derive(Default)]
struct Flaw {
    count: u64,
    first_line: u64,
}

impl Flaw {
    fn at(&mut self, line: u64) {
        if self.count == 0 {
            self.first_line = line;
        }
        self.count += 1;
    }

    fn report(&self, report: &mut impl FnMut(String), message: impl Fn(&str) -> String) {
        if self.count > 0 {
            let count = if self.count == 1 {
                "1 row".into()
            } else {
                format!("{} rows", self.count)
            };
            report(format!(
                "{}; the first is on line {}",
                message(&count),
                self.first_line
            ));
        }
    }
}

/// Adds a problem if ids occur more than once; answers the rows in id order.
pub(crate) fn sorted_by_id(
    source: &Source,
    table: &Table,
    problems: &mut Vec<Problem>,
) -> Vec<Row> {
    let sorted = table.ids.sorted();
    let repeats = table.ids.repeats(&sorted);
    if repeats > 0 {
        problems.push(Problem::new(
            source.path().display().to_string(),
            format!(
                "duplicate patient_id: rows that repeat an earlier one's: {repeats}; \
                 keep one row for each person"
            ),
        ));
    }
    sorted
}
