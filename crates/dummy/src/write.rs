//! Writing a study's file: blocks in parallel, bytes in order.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use rayon::prelude::*;

use crate::block_text::{BlockText, Pace, pace};
use crate::error::DummyError;
use crate::generate::{Prepared, check, prepare};
use crate::study::Study;
use crate::text::quoted;

/// Rows generated at a time. Part of what a seed means: changing it changes the bytes.
pub const BLOCK_ROWS: usize = 4096;

/// Whether the file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Plain text.
    None,
    /// Gzip, of several members (RFC 1952, section 2.2: readers join the members).
    Gzip,
}

/// How the caller follows a run and stops it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called with the rows written so far and all rows.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// Whether to stop now.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Watch<'_> {
    /// Watches nothing and never stops.
    pub const NONE: Watch<'static> = Watch {
        progress: &|_, _| {},
        cancelled: &|| false,
    };
}

/// Writes the header and all rows, in rayon's current thread pool.
///
/// The bytes depend on the study only, not on the number of threads.
///
/// # Errors
/// Nothing is written if the study is invalid. After any other error the output is incomplete, and
/// the caller must not let it stand for a whole file.
pub fn write_csv(
    study: &Study,
    compression: Compression,
    output: &mut (dyn Write + Send),
    watch: Watch<'_>,
) -> Result<(), DummyError> {
    let problems = check(study);
    if !problems.is_empty() {
        return Err(DummyError::Invalid(problems));
    }
    let columns = prepare(study);
    output.write_all(&pack(header(study), compression)?)?;

    let blocks = study.rows.div_ceil(BLOCK_ROWS as u64);
    match pace(&columns, rayon::current_num_threads()) {
        Pace::Blocks(wave) => write_waves(study, &columns, compression, wave, output, watch)?,
        Pace::Strips => {
            for block in 0..blocks {
                let mut text = BlockText::new(&columns, block, study.rows);
                while let Some(piece) = text.next_piece() {
                    if (watch.cancelled)() {
                        return Err(DummyError::Cancelled);
                    }
                    output.write_all(&pack(piece, compression)?)?;
                }
                (watch.progress)(rows_of(study, block + 1), study.rows);
            }
        }
    }
    output.flush()?;
    Ok(())
}

/// One wave of blocks is written while the next is generated.
fn write_waves(
    study: &Study,
    columns: &[Prepared],
    compression: Compression,
    wave: u64,
    output: &mut (dyn Write + Send),
    watch: Watch<'_>,
) -> Result<(), DummyError> {
    let blocks = study.rows.div_ceil(BLOCK_ROWS as u64);
    let mut finished: Vec<Vec<u8>> = Vec::new();
    let mut next = 0;
    while next < blocks || !finished.is_empty() {
        if (watch.cancelled)() {
            return Err(DummyError::Cancelled);
        }
        let coming = next..blocks.min(next + wave);
        let (written, generated) = rayon::join(
            || {
                finished
                    .iter()
                    .try_for_each(|bytes| output.write_all(bytes))
            },
            || {
                coming
                    .clone()
                    .into_par_iter()
                    .map(|block| {
                        pack(
                            BlockText::new(columns, block, study.rows).whole(),
                            compression,
                        )
                    })
                    .collect::<io::Result<Vec<_>>>()
            },
        );
        written?;
        (watch.progress)(rows_of(study, next), study.rows);
        finished = generated?;
        next = coming.end;
    }
    Ok(())
}

/// Rows of the first so many blocks.
fn rows_of(study: &Study, blocks: u64) -> u64 {
    study.rows.min(blocks.saturating_mul(BLOCK_ROWS as u64))
}

fn header(study: &Study) -> Vec<u8> {
    let visible = study.columns.iter().filter(|column| column.visible);
    let mut line = visible
        .map(|column| quoted(&column.name))
        .collect::<Vec<_>>()
        .join(&b","[..]);
    line.push(b'\n');
    line
}

fn pack(text: Vec<u8>, compression: Compression) -> io::Result<Vec<u8>> {
    match compression {
        Compression::None => Ok(text),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&text)?;
            encoder.finish()
        }
    }
}
