//! The columns that a study wants of a CSV file.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::path::inside;

/// Opens a file of the study by its path relative to the study's folder, which has no `..` in it.
/// Whoever opens it must follow no links: study code may have made some.
pub type OpenFile<'a> = &'a dyn Fn(&str) -> io::Result<Box<dyn Read>>;

/// The column that identifies a patient.
const PATIENT_ID: &str = "patient_id";
/// The most bytes of one file, once unpacked.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// The most bytes of all columns kept of all files of a study.
const MAX_KEPT_BYTES: usize = 512 << 20;
/// Texts that stand for a missing value where the reference reads a file (pandas' `read_csv`; R writes
/// `NA`).
const MISSING: [&str; 17] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null",
];

/// The columns wanted of each file, by its path as the study writes it.
pub(crate) type Wanted<'a> = HashMap<&'a str, BTreeSet<&'a str>>;

/// The files of one study, each read once.
pub(crate) struct FileTables<'a> {
    open: OpenFile<'a>,
    /// What is wrong with a file is kept too: it is not read again for every index date.
    tables: HashMap<String, Result<Table, String>>,
    left: usize,
}

/// Some columns of a file; a missing value is blank.
#[derive(Debug)]
pub(crate) struct Table {
    /// One id a row, in the file's order.
    pub(crate) ids: Vec<String>,
    columns: HashMap<String, Vec<String>>,
}

impl<'a> FileTables<'a> {
    pub(crate) fn new(open: OpenFile<'a>) -> Self {
        Self {
            open,
            tables: HashMap::new(),
            left: MAX_KEPT_BYTES,
        }
    }

    /// Reads a file, unless it has been read.
    ///
    /// # Errors
    /// A sentence that names the file, and no value in it.
    pub(crate) fn read(&mut self, path: &str, wanted: &BTreeSet<&str>) -> Result<(), String> {
        if !self.tables.contains_key(path) {
            let table = self.read_now(path, wanted);
            self.tables.insert(path.to_owned(), table);
        }
        match self.tables.get(path) {
            Some(Err(message)) => Err(message.clone()),
            _ => Ok(()),
        }
    }

    fn read_now(&mut self, path: &str, wanted: &BTreeSet<&str>) -> Result<Table, String> {
        let relative = inside("path of the file", path)?;
        let (unpacked, is_packed) = match relative.strip_suffix(".gz") {
            Some(unpacked) => (unpacked, true),
            None => (relative.as_str(), false),
        };
        if Path::new(unpacked).extension() != Some(OsStr::new("csv")) {
            return Err(format!(
                "the file {relative} must be a .csv or a .csv.gz file"
            ));
        }
        let failed = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => format!(
                "there is no file {relative}: if an action writes it, that action must be among those \
                 that this one needs"
            ),
            _ => format!("the file {relative} cannot be read: {error}"),
        };
        let file = (self.open)(&relative).map_err(|error| failed(&error))?;
        let file: Box<dyn Read> = if is_packed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            file
        };
        let (table, kept) = read_table(file, &relative, wanted, self.left)?;
        self.left -= kept;
        Ok(table)
    }

    /// A file that has been read.
    pub(crate) fn table(&self, path: &str) -> Option<&Table> {
        self.tables.get(path)?.as_ref().ok()
    }
}

impl Table {
    /// The cells of a column that was wanted.
    pub(crate) fn column(&self, name: &str) -> Option<&[String]> {
        if name == PATIENT_ID {
            return Some(&self.ids);
        }
        self.columns.get(name).map(Vec::as_slice)
    }
}

fn read_table(
    file: Box<dyn Read>,
    path: &str,
    wanted: &BTreeSet<&str>,
    mut left: usize,
) -> Result<(Table, usize), String> {
    let before = left;
    let wrong = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Utf8 { .. } => format!("the file {path} is not UTF-8 text"),
        _ => format!("the file {path} cannot be read as CSV"),
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(file.take(MAX_FILE_BYTES + 1));
    let header = reader.headers().map_err(wrong)?.clone();
    let position = |name: &str| {
        header
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| format!("the file {path} has no column '{name}'"))
    };
    let id = position(PATIENT_ID)?;
    let mut columns: Vec<(usize, &str, Vec<String>)> = Vec::new();
    for name in wanted.iter().filter(|name| **name != PATIENT_ID) {
        columns.push((position(name)?, name, Vec::new()));
    }
    let mut ids = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(wrong)? {
        let mut cell = |position: usize| {
            let text = record.get(position).unwrap_or_default();
            let text = if MISSING.contains(&text) { "" } else { text };
            left = left
                .checked_sub(size_of::<String>() + text.len())
                .ok_or_else(|| format!("the file {path} is too large to be kept"))?;
            Ok::<String, String>(text.to_owned())
        };
        ids.push(cell(id)?);
        for (position, _, cells) in &mut columns {
            cells.push(cell(*position)?);
        }
    }
    if reader.position().byte() > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES >> 20;
        return Err(format!("the file {path} has more than {limit} MiB"));
    }
    let columns = columns
        .into_iter()
        .map(|(_, name, cells)| (name.to_owned(), cells))
        .collect();
    Ok((Table { ids, columns }, before - left))
}
