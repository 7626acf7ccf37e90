//! Output files that appear whole, all together, or not at all.

use std::{
    fs::{self, File, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use tempfile::{NamedTempFile, TempPath};

use crate::{MatchError, OutputFormat};

/// The folder that the output files go to, and those that are finished but do not have their
/// names yet. Dropped before [`Folder::publish`], nothing of them remains.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    finished: Vec<(TempPath, PathBuf)>,
}

impl Folder {
    /// Makes the folder if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, MatchError> {
        fs::create_dir_all(path).map_err(|error| write_error(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            finished: Vec::new(),
        })
    }

    /// Begins the file that will be called `name`.
    pub(super) fn begin(&self, name: &str, format: OutputFormat) -> Result<DataFile, MatchError> {
        let (path, file, temporary) = self.temporary(name)?;
        let file = BufWriter::with_capacity(1 << 18, file);
        let output = match format {
            OutputFormat::Csv => Output::Plain(file),
            OutputFormat::CsvGz => Output::Compressed(GzEncoder::new(file, Compression::fast())),
        };
        Ok(DataFile {
            path,
            temporary,
            writer: csv::Writer::from_writer(output),
        })
    }

    /// Finishes a file that was begun.
    pub(super) fn finish(&mut self, file: DataFile) -> Result<(), MatchError> {
        let DataFile {
            path,
            temporary,
            writer,
        } = file;
        writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
            .and_then(Output::finish)
            .map_err(|error| write_error(&path, error))?;
        self.finished.push((temporary, path));
        Ok(())
    }

    /// Writes a text file whole.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<(), MatchError> {
        let (path, mut file, temporary) = self.temporary(name)?;
        file.write_all(text.as_bytes())
            .map_err(|error| write_error(&path, error))?;
        self.finished.push((temporary, path));
        Ok(())
    }

    /// Gives every finished file its name, in place of any that had it.
    pub(super) fn publish(self) -> Result<Vec<PathBuf>, MatchError> {
        let mut paths = Vec::new();
        for (temporary, path) in self.finished {
            temporary
                .persist(&path)
                .map_err(|error| write_error(&path, error.error))?;
            paths.push(path);
        }
        Ok(paths)
    }

    fn temporary(&self, name: &str) -> Result<(PathBuf, File, TempPath), MatchError> {
        let path = self.path.join(name);
        let (file, temporary) = tempfile::Builder::new()
            .prefix(".matching-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(&self.path)
            .map(NamedTempFile::into_parts)
            .map_err(|error| write_error(&path, error))?;
        Ok((path, file, temporary))
    }
}

fn write_error(path: &Path, source: io::Error) -> MatchError {
    MatchError::Write {
        path: path.to_owned(),
        source,
    }
}

/// A data file that is being written.
pub(super) struct DataFile {
    path: PathBuf,
    temporary: TempPath,
    writer: csv::Writer<Output>,
}

impl DataFile {
    /// Writes a row.
    pub(super) fn row(&mut self, row: &csv::ByteRecord) -> Result<(), MatchError> {
        self.writer
            .write_byte_record(row)
            .map_err(|error| write_error(&self.path, error.into()))
    }
}

enum Output {
    Plain(BufWriter<File>),
    Compressed(GzEncoder<BufWriter<File>>),
}

impl Output {
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Compressed(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Compressed(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Compressed(encoder) => encoder.flush(),
        }
    }
}
