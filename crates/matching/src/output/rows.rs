//! Rows of text, kept close together.

use std::io;

/// Rows with the same number of cells: all their text in one piece, four bytes for each cell.
#[derive(Debug)]
pub(super) struct Rows {
    width: usize,
    text: Vec<u8>,
    /// Where each row begins in `text`.
    starts: Vec<usize>,
    /// Where each cell ends, seen from the beginning of its row.
    ends: Vec<u32>,
}

impl Rows {
    /// No rows yet, each to have `width` cells.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            text: Vec::new(),
            starts: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Adds a row of the right width.
    pub(super) fn push(&mut self, row: &csv::ByteRecord) -> io::Result<()> {
        let start = self.text.len();
        self.starts.push(start);
        for cell in row {
            self.text.extend_from_slice(cell);
            let end = u32::try_from(self.text.len() - start)
                .map_err(|_| io::Error::other("a row is longer than 4 GiB"))?;
            self.ends.push(end);
        }
        Ok(())
    }

    /// The text of a cell that is there.
    pub(super) fn cell(&self, row: usize, position: usize) -> &[u8] {
        let ends = &self.ends[row * self.width..][..self.width];
        let begin = if position == 0 { 0 } else { ends[position - 1] };
        &self.text[self.starts[row]..][begin as usize..ends[position] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_kept() {
        let table = [["a", "", "b,\"c\""], ["", "", ""], ["long text", "é", ""]];
        let mut rows = Rows::new(3);
        for row in table {
            rows.push(&csv::ByteRecord::from(&row[..])).unwrap();
        }
        for (at, row) in table.iter().enumerate() {
            for (position, cell) in row.iter().enumerate() {
                assert_eq!(rows.cell(at, position), cell.as_bytes());
            }
        }
    }
}
