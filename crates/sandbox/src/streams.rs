//! The command's output, passed on while it runs.

use std::io::{self, Read, Write};

const CHUNK: usize = 64 << 10;
/// How much of the beginning is kept, for saying why a sandbox did not start.
const BEGINNING: usize = 4 << 10;

/// Passes everything from `source` to `sink` until the source ends; gives its beginning.
///
/// A sink that fails has had enough: the rest is read and dropped, so that the command neither
/// blocks nor dies of a closed pipe.
pub(crate) fn drain(mut source: impl Read, sink: &mut (dyn Write + Send)) -> Vec<u8> {
    let mut buffer = vec![0; CHUNK];
    let mut beginning = Vec::new();
    let mut open = true;
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let piece = &buffer[..read];
        let room = BEGINNING - beginning.len();
        beginning.extend_from_slice(&piece[..read.min(room)]);
        open = open && sink.write_all(piece).is_ok();
    }
    if open {
        // Nothing is left to tell a sink that cannot take its last bytes.
        let _ = sink.flush();
    }
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_sink_does_not_stop_the_source() {
        let source = io::repeat(b'y').take(10_000_000);
        assert_eq!(drain(source, &mut Full(100)), vec![b'y'; BEGINNING]);
    }

    #[test]
    fn everything_arrives_unchanged() {
        let bytes: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
        let mut got = Vec::new();
        drain(bytes.as_slice(), &mut got);
        assert_eq!(got, bytes);
    }
}
