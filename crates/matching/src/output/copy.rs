//! The second pass: the chosen rows go from the input files to the output files.

use std::{fmt::Write as _, path::PathBuf};

use super::{
    files::{DataFile, Folder},
    layout::{Cell, Layout},
    rows::Rows,
};
use crate::{
    MatchError, Progress, Settings, Stage,
    dates::Day,
    progress::INTERVAL,
    table::{Id, MISSING_CODE, NO_ROW, Row, Source, Table},
};

/// What is written of two input files.
pub(crate) struct Chosen<'a> {
    pub(crate) cases: (&'a Source, &'a Table),
    pub(crate) controls: (&'a Source, &'a Table),
    /// The cases to write, in order, each with the number of its controls.
    pub(crate) kept: &'a [(Row, u32)],
    /// For each control the case it was chosen for, or [`NO_ROW`].
    pub(crate) case_of: &'a [Row],
    /// The index date that each case's controls are given, by the case's row; empty if none.
    pub(crate) control_dates: &'a [Day],
    /// The report's text.
    pub(crate) report: &'a str,
}

/// Writes the three data files and the report; answers their paths.
pub(crate) fn write(
    settings: &Settings,
    chosen: &Chosen<'_>,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, MatchError> {
    let layout_of_cases = Layout::of_cases(settings, chosen.cases.0);
    let layout_of_controls = Layout::of_controls(settings, chosen.controls.0);
    let (combined_cases, combined_controls) =
        Layout::combined(&layout_of_cases, &layout_of_controls);

    let mut folder = Folder::open(&settings.output_path)?;
    let (suffix, format) = (&settings.output_suffix, settings.output_format);
    let begin = |name: &str, layout: &Layout| {
        let mut file = folder.begin(&format!("{name}{suffix}.{}", format.extension()), format)?;
        file.row(&layout.columns.iter().map(|(name, _)| name).collect())?;
        Ok::<DataFile, MatchError>(file)
    };
    let mut cases_file = begin("matched_cases", &layout_of_cases)?;
    let mut controls_file = begin("matched_matches", &layout_of_controls)?;
    let mut combined_file = begin("matched_combined", &combined_cases)?;

    let mut composer = Composer::new(chosen);
    let (rows, place_of) = rows_of_cases(chosen, progress)?;
    for (case, found) in chosen.kept {
        let place = place_of[*case as usize] as usize;
        let origin = Origin::Case {
            row: *case,
            found: *found,
        };
        let cell = |position| rows.cell(place, position);
        cases_file.row(composer.compose(&layout_of_cases, cell, origin))?;
        combined_file.row(composer.compose(&combined_cases, cell, origin))?;
    }
    drop((rows, place_of));
    let (source, table) = chosen.controls;
    copy_rows(source, table, chosen.case_of, progress, |row, record| {
        let origin = Origin::Control {
            row,
            case: chosen.case_of[row as usize],
        };
        let cell = |position: usize| &record[position];
        controls_file.row(composer.compose(&layout_of_controls, cell, origin))?;
        combined_file.row(composer.compose(&combined_controls, cell, origin))
    })?;

    folder.finish(cases_file)?;
    folder.finish(controls_file)?;
    folder.finish(combined_file)?;
    folder.text(&format!("matching_report{suffix}.txt"), chosen.report)?;
    if progress.cancelled() {
        return Err(MatchError::Cancelled);
    }
    folder.publish()
}

/// The input rows of the kept cases in the order of the file, which is not the order in which they
/// are written; and for each row of the file its place among them, or [`NO_ROW`].
fn rows_of_cases(
    chosen: &Chosen<'_>,
    progress: &dyn Progress,
) -> Result<(Rows, Vec<Row>), MatchError> {
    let (source, table) = chosen.cases;
    let mut place_of = vec![NO_ROW; table.rows() as usize];
    for (case, _) in chosen.kept {
        place_of[*case as usize] = 0;
    }
    let kept = place_of.iter_mut().filter(|place| **place != NO_ROW);
    for (next, place) in (0..).zip(kept) {
        *place = next;
    }
    let mut rows = Rows::new(source.header().len());
    copy_rows(source, table, &place_of, progress, |_, record| {
        rows.push(record).map_err(|error| source.read_error(error))
    })?;
    Ok((rows, place_of))
}

/// Calls `copy` with every row of a file for which `wanted` has something.
fn copy_rows(
    source: &Source,
    table: &Table,
    wanted: &[Row],
    progress: &dyn Progress,
    mut copy: impl FnMut(Row, &csv::ByteRecord) -> Result<(), MatchError>,
) -> Result<(), MatchError> {
    let Some(last) = wanted.iter().rposition(|row| *row != NO_ROW) else {
        return Ok(());
    };
    let id_position = source.position("patient_id").unwrap_or(0);
    let changed = || MatchError::Changed {
        path: source.path().to_owned(),
    };
    let mut reader = source.records().map_err(|error| source.read_error(error))?;
    let mut record = csv::ByteRecord::new();
    for (row, is_wanted) in (0..).zip(&wanted[..=last]) {
        if u64::from(row).is_multiple_of(INTERVAL) {
            if progress.cancelled() {
                return Err(MatchError::Cancelled);
            }
            progress.advanced(Stage::Writing, u64::from(row), Some(last as u64 + 1));
        }
        if !reader
            .read_byte_record(&mut record)
            .map_err(|error| source.read_error(error))?
        {
            return Err(changed());
        }
        if *is_wanted != NO_ROW {
            let same_person = record.get(id_position).map(Id::parse) == Some(table.ids.get(row));
            if record.len() != source.header().len() || !same_person {
                return Err(changed());
            }
            copy(row, &record)?;
        }
    }
    Ok(())
}

/// Whose row is being written.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Case { row: Row, found: u32 },
    Control { row: Row, case: Row },
}

/// Puts output rows together, in one record that is used again and again.
struct Composer<'a> {
    cases: &'a Table,
    controls: &'a Table,
    control_dates: &'a [Day],
    row: csv::ByteRecord,
    text: String,
}

impl<'a> Composer<'a> {
    fn new(chosen: &Chosen<'a>) -> Self {
        Self {
            cases: chosen.cases.1,
            controls: chosen.controls.1,
            control_dates: chosen.control_dates,
            row: csv::ByteRecord::new(),
            text: String::new(),
        }
    }

    fn compose<'r>(
        &mut self,
        layout: &Layout,
        input: impl Fn(usize) -> &'r [u8],
        origin: Origin,
    ) -> &csv::ByteRecord {
        self.row.clear();
        for (_, cell) in &layout.columns {
            if let Cell::Input(position) = cell {
                self.row.push_field(input(*position));
                continue;
            }
            self.text.clear();
            // Writing to a string cannot fail.
            let _ = self.derived(cell, origin);
            if let (Cell::SetId, Origin::Case { row: case, .. } | Origin::Control { case, .. }) =
                (cell, origin)
                && let Id::Text(text) = self.cases.ids.written(case)
            {
                self.row.push_field(text);
            } else {
                self.row.push_field(self.text.as_bytes());
            }
        }
        &self.row
    }

    /// Writes a cell that no input row has into `text`.
    fn derived(&mut self, cell: &Cell, origin: Origin) -> std::fmt::Result {
        let (table, row, case) = match origin {
            Origin::Case { row, .. } => (self.cases, row, row),
            Origin::Control { row, case } => (self.controls, row, case),
        };
        let text = &mut self.text;
        match (cell, origin) {
            (Cell::ControlDate, _) => match self.control_dates.get(case as usize) {
                Some(date) => write!(text, "{date}"),
                None => Ok(()),
            },
            (Cell::Month(name), _) => match table.codes(name, true).get(row as usize) {
                Some(month) if *month != MISSING_CODE => write!(text, "{month:02}"),
                _ => Ok(()),
            },
            (Cell::SetId, _) => match self.cases.ids.written(case) {
                Id::Number(id) => write!(text, "{id}"),
                Id::Text(_) => Ok(()),
            },
            (Cell::Indicator, Origin::Case { .. }) => text.write_str("1"),
            (Cell::Indicator, Origin::Control { .. }) => text.write_str("0"),
            // With a decimal, as the reference writes this column.
            (Cell::MatchCounts, Origin::Case { found, .. }) => write!(text, "{found}.0"),
            (Cell::MatchCounts, Origin::Control { .. }) | (Cell::Input(_) | Cell::Empty, _) => {
                Ok(())
            }
        }
    }
}
