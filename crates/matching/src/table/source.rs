//! An input file that can be read twice.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use crate::{MatchError, Problem};

/// An open input file in one of the formats that can be read.
///
/// It stays open from the first pass to the second, so that both see the same file even if
/// another takes its name meanwhile.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    file: File,
    compressed: bool,
    /// The column names in order.
    header: csv::ByteRecord,
}

impl Source {
    /// Opens a `.csv` or `.csv.gz` file and reads its header.
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        let problem = |message: String| Problem::new(path.display().to_string(), message);
        let compressed = is_compressed(path).map_err(problem)?;
        // Looked at before it is opened: to open a pipe is to wait for whoever writes to it.
        if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(problem("it is not a regular file; name a file".to_owned()));
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(problem("there is no such file; check the path".to_owned()));
            }
            Err(error) => return Err(problem(format!("it could not be opened: {error}"))),
        };
        let mut source = Self {
            path: path.to_owned(),
            file,
            compressed,
            header: csv::ByteRecord::new(),
        };
        source.header = source
            .records()
            .and_then(|mut reader| Ok(reader.byte_headers()?.clone()))
            .map_err(|error| problem(format!("it could not be read: {error}")))?;
        if source.header.is_empty() {
            return Err(problem(
                "it is empty; its first line must name the columns".to_owned(),
            ));
        }
        Ok(source)
    }

    /// The file's path as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The column names in order.
    pub(crate) fn header(&self) -> &csv::ByteRecord {
        &self.header
    }

    /// Where the column called `name` stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.header
            .iter()
            .position(|column| column == name.as_bytes())
    }

    /// The rows from the first on.
    pub(crate) fn records(&self) -> io::Result<csv::Reader<Box<dyn Read + '_>>> {
        let mut file = &self.file;
        file.rewind()?;
        let input: Box<dyn Read + '_> = if self.compressed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        // Rows of another length are counted and reported by the scan, not one by one here.
        Ok(csv::ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(1 << 18)
            .from_reader(input))
    }

    /// The error that reading this file ended with.
    pub(crate) fn read_error(&self, error: impl Into<io::Error>) -> MatchError {
        MatchError::Read {
            path: self.path.clone(),
            source: error.into(),
        }
    }
}

/// Only the last extension counts (and the one before `.gz`): `a.v2.csv` is a CSV file.
fn is_compressed(path: &Path) -> Result<bool, String> {
    let extension = |path: &Path| {
        path.extension()
            .and_then(OsStr::to_str)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    match extension(path).as_str() {
        "csv" => Ok(false),
        "gz" if extension(Path::new(path.file_stem().unwrap_or_default())) == "csv" => Ok(true),
        _ => {
            Err("this format cannot be read; the formats that can are .csv and .csv.gz".to_owned())
        }
    }
}
