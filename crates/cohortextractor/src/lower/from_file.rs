//! Columns whose values stand in a file of the study.
//!
//! The first file that a study reads says who the patients are: as many rows, with its ids. Values of
//! another file are found by the patient's id, as they are in extraction from patient records.

use std::collections::HashMap;

use glovebox_dummy::{Cells, Day, Precision};

use crate::dates::iso_date;
use crate::files::{FileTables, Table, Wanted};
use crate::functions::ValueType;
use crate::study::{Rule, Variable};

/// The columns that these variables want of each file.
pub(super) fn wanted_columns<'a>(variables: &[&'a Variable]) -> Wanted<'a> {
    let mut wanted = Wanted::new();
    for variable in variables {
        if let Rule::File { path, column } = &variable.rule {
            let columns = wanted.entry(path.as_str()).or_default();
            columns.extend(column.as_deref());
        }
    }
    wanted
}

/// The ids of the patients that a file says there are.
pub(super) fn ids(files: &FileTables, path: &str) -> Option<Cells> {
    files
        .table(path)
        .map(|table| Cells::Texts(table.ids.clone()))
}

/// The cells of a variable for the patients of the file `first`; both files have been read.
///
/// # Errors
/// A sentence that names the file and the row, and no value.
pub(super) fn cells(
    variable: &Variable,
    path: &str,
    column: Option<&str>,
    first: &str,
    files: &FileTables,
    precision: Precision,
) -> Result<Cells, String> {
    let unread = || format!("the file {path} was not read");
    let table = files.table(path).ok_or_else(unread)?;
    let patients = files.table(first).ok_or_else(unread)?;
    let rows = rows_of(table, patients, path == first);
    let Some(column) = column else {
        return Ok(Cells::Flags(rows.iter().map(Option::is_some).collect()));
    };
    let column = table.column(column).ok_or_else(unread)?;
    let texts = rows
        .iter()
        .map(|row| row.map_or("", |row| column[row].as_str()));
    if variable.value_type == ValueType::Date {
        let mut days = Vec::with_capacity(rows.len());
        for (number, text) in texts.enumerate() {
            days.push(day(text).ok_or_else(|| {
                // The header is the first row that a reader counts.
                let row = rows[number].unwrap_or(0) + 2;
                format!("row {row} of the file {path} has no date of the form YYYY-MM-DD")
            })?);
        }
        return Ok(Cells::Dates { days, precision });
    }
    // Other values stand as they are in the file; but only numbers can be compared.
    if variable.value_type == ValueType::Int
        && let Some(numbers) = texts.clone().map(whole_number).collect()
    {
        return Ok(Cells::Ints(numbers));
    }
    Ok(Cells::Texts(texts.map(str::to_owned).collect()))
}

/// Where each patient stands in a table.
fn rows_of(table: &Table, patients: &Table, is_same: bool) -> Vec<Option<usize>> {
    if is_same {
        return (0..table.ids.len()).map(Some).collect();
    }
    let by_id: HashMap<&str, usize> = table
        .ids
        .iter()
        .enumerate()
        .map(|(row, id)| (id.as_str(), row))
        .collect();
    let find = |id: &String| by_id.get(id.as_str()).copied();
    patients.ids.iter().map(find).collect()
}

/// A whole number written as this program would write it.
fn whole_number(text: &str) -> Option<i64> {
    text.parse()
        .ok()
        .filter(|number: &i64| number.to_string() == text)
}

/// A date, of which the day, or the day and the month, or what follows the day may be missing; blank
/// is no date. `None` if it is none of these.
#[expect(clippy::option_option, reason = "a blank is a cell too")]
fn day(text: &str) -> Option<Option<Day>> {
    if text.is_empty() {
        return Some(None);
    }
    let full = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => {
            let (date, time) = text.split_at_checked(10)?;
            if !(time.is_empty() || time.starts_with(['T', ' '])) {
                return None;
            }
            date.to_owned()
        }
    };
    iso_date(&full).map(|date| Some(Day::from_date(date)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_read_as_actions_write_them() {
        let on = |year, month, day| Some(Some(Day::from_date(date(year, month, day))));
        for (text, expected) in [
            ("2020-02-29", on(2020, 2, 29)),
            ("2020-02-29 00:00:00", on(2020, 2, 29)),
            ("2020-02-29T12:30:00Z", on(2020, 2, 29)),
            ("2020-02", on(2020, 2, 1)),
            ("2020", on(2020, 1, 1)),
            ("", Some(None)),
            ("2021-02-29", None),
            ("29/02/2020", None),
            ("2020-02-291", None),
            ("soon", None),
            ("ééééé", None),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
    }
}
