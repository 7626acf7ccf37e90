//! One pass over a CSV file: how many rows and columns, whether it can be read, and whether some
//! row names a column `patient_id`.
//!
//! Counts agree with Python's `csv.DictReader`, whose rules the reference counts by: a quotation
//! mark matters only at the start of a cell, text after a closing one belongs to the cell, every
//! line ending is one, empty lines are no rows (but an empty first line is an empty header).
//!
//! The name is looked for in *every* row: a title line above the header is common, and a second
//! table below the first is possible. A cell that merely lists the name (a data dictionary) is
//! refused too; that is the cheaper mistake. Three readings of the text are tried, since the file
//! may not be separated by commas:
//!
//! 1. by commas, as Python reads it;
//! 2. by tabs, semicolons and bars, whatever is quoted;
//! 3. if the first line has no separator of those, by anything in it that is no part of a name.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hasher},
    io::{self, Read},
};

use super::patient_id::NameMatcher;

/// The longest cell that is read, in characters: Python's own limit.
const MAX_CELL: u64 = 131_072;
/// The most columns that are told apart. Far beyond what any spreadsheet opens.
const MAX_COLUMNS: u64 = 100_000;

/// Why a CSV file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvFault {
    /// The text is not UTF-8.
    #[error("it is not UTF-8 text: write it with encoding=\"utf-8\" and without compression")]
    NotUtf8,
    /// One cell is too long.
    #[error(
        "row {row} has a cell of more than 131072 characters: look for a quotation mark that is \
         never closed"
    )]
    CellTooLong {
        /// The row, counted from 1; 1 is the header.
        row: u64,
    },
    /// A quoted cell never ends.
    #[error("a quotation mark opened in row {row} is never closed: close it, or double it")]
    UnclosedQuote {
        /// The row, counted from 1; 1 is the header.
        row: u64,
    },
    /// The header names too many columns.
    #[error("it has more than 100000 columns: write one row per observation instead")]
    TooManyColumns,
}

/// Where a name was found, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) row: u64,
    pub(super) column: u64,
}

/// What one pass found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) row_count: Option<u64>,
    pub(super) col_count: Option<u64>,
    pub(super) patient_id: Option<Place>,
    pub(super) fault: Option<CsvFault>,
}

/// Reads to the end, or to the first fault after which nothing more can be told.
pub(super) fn scan(reader: &mut impl Read) -> io::Result<Found> {
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut kept = 0; // bytes at the start of the buffer that begin an unfinished character
    let mut scanner = Scanner::default();
    loop {
        let read = match reader.read(&mut buffer[kept..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let filled = kept + read;
        let valid = match std::str::from_utf8(&buffer[..filled]) {
            Ok(text) => text,
            Err(error) => {
                let unfinished = error.error_len().is_none() && read > 0;
                let text = std::str::from_utf8(&buffer[..error.valid_up_to()]).unwrap_or_default();
                if !unfinished {
                    scanner.fault.get_or_insert(CsvFault::NotUtf8);
                }
                text
            }
        };
        let taken = valid.len();
        scanner.push_text(valid);
        if scanner.is_stopped() || read == 0 {
            return Ok(scanner.finish());
        }
        buffer.copy_within(taken..filled, 0);
        kept = filled - taken;
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    RecordStart,
    CellStart,
    InCell,
    InQuotes,
    /// After a quotation mark inside quotes: the end of the quotes, or half of a doubled mark.
    QuoteInQuotes,
}

#[derive(Default)]
struct Scanner {
    state: State,
    after_carriage_return: bool,
    fault: Option<CsvFault>,
    patient_id: Option<Place>,

    /// Records begun, the header included; 0 before the first.
    records: u64,
    /// Of those, empty ones after the header: they are no rows.
    blanks: u64,
    cells: u64,
    cell_length: u64,
    cell_hash: DefaultHasher,
    cell_name: NameMatcher,

    header_cells: u64,
    header_names: HashSet<u64>,
    first_row_cells: Option<u64>,

    other: OtherSeparators,
}

impl Scanner {
    fn push_text(&mut self, text: &str) {
        for character in text.chars() {
            let character = match character {
                '\n' if self.after_carriage_return => {
                    self.after_carriage_return = false;
                    continue;
                }
                '\r' => {
                    self.after_carriage_return = true;
                    '\n'
                }
                other => {
                    self.after_carriage_return = false;
                    other
                }
            };
            if let Some(column) = self.other.push(character) {
                self.found_name(column);
            }
            self.push(character);
            if self.is_stopped() {
                return;
            }
        }
    }

    fn push(&mut self, character: char) {
        match (self.state, character) {
            (State::RecordStart, '\n') => self.end_record(),
            (State::RecordStart | State::CellStart, '"') => self.state = State::InQuotes,
            (State::CellStart | State::InCell | State::QuoteInQuotes, '\n') => {
                self.end_cell();
                self.end_record();
            }
            (State::RecordStart | State::CellStart | State::InCell | State::QuoteInQuotes, ',') => {
                self.end_cell();
                self.state = State::CellStart;
            }
            (State::InQuotes, '"') => self.state = State::QuoteInQuotes,
            (State::InQuotes, _) => self.add(character),
            (State::QuoteInQuotes, '"') => {
                self.add(character);
                self.state = State::InQuotes;
            }
            (State::RecordStart | State::CellStart | State::InCell | State::QuoteInQuotes, _) => {
                self.add(character);
                self.state = State::InCell;
            }
        }
    }

    fn add(&mut self, character: char) {
        self.cell_length += 1;
        if self.cell_length > MAX_CELL {
            self.fault.get_or_insert(CsvFault::CellTooLong {
                row: self.records + 1,
            });
        }
        self.cell_name.push(character);
        if self.records == 0 {
            self.cell_hash.write_u32(u32::from(character));
        }
    }

    fn end_cell(&mut self) {
        self.cells += 1;
        self.cell_length = 0;
        if self.cell_name.end() {
            self.found_name(self.cells);
        }
        if self.records == 0 {
            let name = std::mem::take(&mut self.cell_hash).finish();
            self.header_names.insert(name);
            if self.cells > MAX_COLUMNS {
                self.fault.get_or_insert(CsvFault::TooManyColumns);
            }
        }
    }

    fn end_record(&mut self) {
        if self.records == 0 {
            self.header_cells = self.cells;
        } else if self.cells == 0 {
            self.blanks += 1;
        } else {
            self.first_row_cells.get_or_insert(self.cells);
        }
        self.records += 1;
        self.cells = 0;
        self.state = State::RecordStart;
    }

    fn found_name(&mut self, column: u64) {
        self.patient_id.get_or_insert(Place {
            row: self.records + 1,
            column,
        });
    }

    /// Whether counts can no longer be told, so that reading on is of no use.
    fn is_stopped(&self) -> bool {
        self.fault.is_some()
    }

    fn finish(mut self) -> Found {
        if let Some(fault) = self.fault {
            return Found {
                fault: Some(fault),
                patient_id: self.patient_id,
                ..Found::default()
            };
        }
        if let Some(column) = self.other.push('\n') {
            self.found_name(column);
        }
        if self.state == State::InQuotes {
            self.fault = Some(CsvFault::UnclosedQuote {
                row: self.records + 1,
            });
        }
        if self.state != State::RecordStart {
            self.end_cell();
            self.end_record();
        }
        let rows = self.records.saturating_sub(1) - self.blanks;
        let columns = self.first_row_cells.map_or(0, |cells| {
            self.header_names.len() as u64 + u64::from(cells > self.header_cells)
        });
        Found {
            row_count: Some(rows),
            col_count: Some(columns),
            patient_id: self.patient_id,
            fault: self.fault,
        }
    }
}

/// The readings by separators other than a comma. Quotes do not hide a separator here: the file
/// is not known to be written this way, so neither is what a quotation mark means in it.
#[derive(Default)]
struct OtherSeparators {
    cell: NameMatcher,
    column: u64,
    word: NameMatcher,
    words: u64,
    /// The first word of the first line that is the name.
    found_word: Option<u64>,
    line_has_text: bool,
    line_has_separator: bool,
    after_first_line: bool,
}

impl OtherSeparators {
    /// Takes the next character; the column of a name that ended with it.
    fn push(&mut self, character: char) -> Option<u64> {
        let mut found = None;
        if matches!(character, '\t' | ';' | '|' | '\n') {
            self.column += 1;
            if self.cell.end() {
                found = Some(self.column);
            }
        } else {
            self.cell.push(character);
        }
        if !self.after_first_line {
            found = self.push_first_line(character).or(found);
        }
        if character == '\n' {
            self.column = 0;
        }
        found
    }

    fn push_first_line(&mut self, character: char) -> Option<u64> {
        let is_part_of_name = character.is_alphanumeric()
            || matches!(character, '_' | '-' | '.' | '"' | '\'' | '\0' | '\u{feff}');
        if is_part_of_name {
            self.word.push(character);
        } else {
            self.words += 1;
            if self.word.end() {
                self.found_word.get_or_insert(self.words);
            }
        }
        self.line_has_text |= !character.is_whitespace();
        self.line_has_separator |= matches!(character, ',' | '\t' | ';' | '|');
        if character != '\n' || !self.line_has_text {
            return None;
        }
        self.after_first_line = true;
        self.found_word.filter(|_| !self.line_has_separator)
    }
}
