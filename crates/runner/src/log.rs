//! A job's log: everything it printed, each line with its time, bounded in size.
//!
//! Lines that Glovebox has to say begin with `|` where those of the job are indented, so that no job can
//! print one; and nothing in a log acts on the terminal that shows it.
//!
//! A job may print without end. The beginning is kept as it comes, then only the last part: the
//! two places where the cause of a failure is found.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// How much of a log is kept, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct LogLimits {
    /// Kept from the beginning.
    pub head: u64,
    /// Kept from the end, once the beginning is full.
    pub tail: usize,
    /// A longer line is cut.
    pub line: usize,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self {
            head: 16 << 20,
            tail: 1 << 20,
            line: 64 << 10,
        }
    }
}

/// How a line that the job printed begins.
const OF_JOB: &str = "  ";

/// A log that several readers write to; cheap to clone.
#[derive(Clone)]
pub struct JobLog {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    file: BufWriter<File>,
    limits: LogLimits,
    written: u64,
    tail: VecDeque<Vec<u8>>,
    tail_bytes: usize,
    dropped_lines: u64,
}

impl JobLog {
    /// Creates the log file, readable by its owner only.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path, limits: LogLimits) -> io::Result<Self> {
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let inner = Inner {
            file: BufWriter::new(file),
            limits,
            written: 0,
            tail: VecDeque::new(),
            tail_bytes: 0,
            dropped_lines: 0,
        };
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
        })
    }

    /// Writes one line that Glovebox itself has to say.
    pub fn note(&self, text: &str) {
        for line in text.lines() {
            // A log that cannot be written must not fail the job whose outputs are sound.
            let _ = self.lock().line("| ", line.as_bytes());
        }
    }

    /// A writer for one stream of the job: splits it into lines.
    pub fn stream(&self) -> LogStream {
        LogStream {
            log: self.clone(),
            partial: Vec::new(),
        }
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(&self) -> io::Result<()> {
        self.lock().finish()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn line(&mut self, begin: &str, text: &[u8]) -> io::Result<()> {
        let cut = &text[..text.len().min(self.limits.line)];
        let mut line = format!("{:.3} {begin}", Timestamp::now()).into_bytes();
        pictured(cut, &mut line);
        if cut.len() < text.len() {
            line.extend_from_slice(
                format!(" … ({} more bytes)", text.len() - cut.len()).as_bytes(),
            );
        }
        line.push(b'\n');
        if self.written < self.limits.head {
            self.written += line.len() as u64;
            return self.file.write_all(&line);
        }
        self.tail_bytes += line.len();
        self.tail.push_back(line);
        while self.tail_bytes > self.limits.tail {
            let Some(oldest) = self.tail.pop_front() else {
                break;
            };
            self.tail_bytes -= oldest.len();
            self.dropped_lines += 1;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.dropped_lines > 0 {
            writeln!(self.file, "| … {} lines left out …", self.dropped_lines)?;
            self.dropped_lines = 0;
        }
        for line in self.tail.drain(..) {
            self.file.write_all(&line)?;
        }
        self.tail_bytes = 0;
        self.file.flush()
    }
}

/// Copies a line with pictures in place of the characters that act: `␛` for an escape.
fn pictured(text: &[u8], into: &mut Vec<u8>) {
    let mut previous = 0;
    for &byte in text {
        match byte {
            b'\t' => into.push(byte),
            // U+2400 and on, in the order of the characters that they picture.
            0..0x20 => into.extend([0xE2, 0x90, 0x80 + byte]),
            0x7F => into.extend([0xE2, 0x90, 0xA1]),
            // U+0080 to U+009F act as an escape and a letter do.
            0x80..=0x9F if previous == 0xC2 => {
                into.pop();
                into.extend([0xEF, 0xBF, 0xBD]);
            }
            _ => into.push(byte),
        }
        previous = byte;
    }
}

/// One stream of a job, written to its log line by line.
pub struct LogStream {
    log: JobLog,
    partial: Vec<u8>,
}

impl Write for LogStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.log.lock();
        let limit = log.limits.line;
        for (index, piece) in bytes.split(|&byte| byte == b'\n').enumerate() {
            if index > 0 {
                log.line(OF_JOB, &self.partial)?;
                self.partial.clear();
            }
            // A line without end is cut, not held.
            let room = (limit + 1).saturating_sub(self.partial.len());
            self.partial
                .extend_from_slice(&piece[..piece.len().min(room)]);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogStream {
    fn drop(&mut self) {
        if !self.partial.is_empty() {
            let _ = self.log.lock().line(OF_JOB, &self.partial);
        }
    }
}

/// The last lines of a log file, without their times: what a person sees first after a failure.
pub(crate) fn last_lines(path: &Path, count: usize) -> Vec<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    const WINDOW: u64 = 64 << 10;
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(WINDOW)))?;
        let mut bytes = Vec::new();
        file.take(WINDOW).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(' ').map(|(_, rest)| rest))
        .filter_map(|line| line.strip_prefix(OF_JOB))
        .collect();
    lines[lines.len().saturating_sub(count)..]
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(limits: LogLimits, chunks: &[&[u8]]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.txt");
        let log = JobLog::create(&path, limits).unwrap();
        let mut stream = log.stream();
        for chunk in chunks {
            stream.write_all(chunk).unwrap();
        }
        drop(stream);
        log.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        text.lines()
            .map(|line| line.split_once(' ').unwrap_or(("", line)).1)
            .map(|line| line.strip_prefix(OF_JOB).unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn lines_are_kept_whole_across_chunks() {
        let text = written(LogLimits::default(), &[b"one\ntw", b"o\n", b"three"]);
        assert_eq!(text, "one\ntwo\nthree");
    }

    #[test]
    fn a_job_can_neither_speak_as_glovebox_nor_act_on_a_terminal() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.txt");
        let log = JobLog::create(&path, LogLimits::default()).unwrap();
        log.note("output   a\u{1b}[2Jb");
        log.stream()
            .write_all("| failed\n\u{1b}]0;x\u{7}\u{9b}2Jé\tz\r\n".as_bytes())
            .unwrap();
        log.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.split_once(' ').unwrap().1)
            .collect();
        assert_eq!(
            lines,
            ["| output   a␛[2Jb", "  | failed", "  ␛]0;x␇\u{fffd}2Jé\tz␍"]
        );
        assert_eq!(last_lines(&path, 9), ["| failed", "␛]0;x␇\u{fffd}2Jé\tz␍"]);
    }

    #[test]
    fn a_flood_keeps_its_beginning_and_its_end() {
        let limits = LogLimits {
            head: 200,
            tail: 200,
            line: 100,
        };
        let flood: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        let flood = flood.concat();
        let text = written(limits, &[flood.as_bytes()]);
        assert!(text.starts_with("line 0\n"), "{text}");
        assert!(text.contains("lines left out"), "{text}");
        assert!(text.ends_with("line 999"), "{text}");
        assert!(text.len() < 600, "{text}");
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let limits = LogLimits {
            head: 1 << 20,
            tail: 100,
            line: 10,
        };
        let text = written(limits, &[&[b'x'; 5000], &[b'x'; 5000], b"\nend\n"]);
        assert!(text.starts_with("xxxxxxxxxx … "), "{text}");
        assert!(text.ends_with("end"), "{text}");
    }
}
