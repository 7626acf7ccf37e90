//! What goes over the socket: plans down, reports up.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use rustix::io::Errno;
use rustix::stdio;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::MemoryBy;
use crate::rootfs::MadeFile;

/// Longer plans are refused: the system would not take such arguments either.
const LONGEST: usize = 64 << 20;

/// For the stage on the host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OuterPlan {
    /// The supervisor's process id.
    pub(crate) parent: i32,
    pub(crate) bwrap: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) made_files: Vec<MadeFile>,
    /// What holds memory to its limit: the filters depend on it.
    pub(crate) memory: MemoryBy,
    /// `cgroup.procs` files to write our own process id to.
    pub(crate) cgroup_procs: Vec<PathBuf>,
    /// The CPUs to run on, where no control group shares them out.
    pub(crate) cpus: Option<Vec<usize>>,
}

/// For the stage inside.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InnerPlan {
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) open_files: u64,
    pub(crate) file_size: u64,
    pub(crate) cpu_time: Duration,
    /// Processes and threads, where `RLIMIT_NPROC` is exact.
    pub(crate) processes: Option<u64>,
}

/// From the stage inside, one JSON object a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// The command is being started: all of the set-up is done.
    Started,
    /// There is no such program, or it cannot be executed.
    CouldNotStart { reason: String },
    /// The command ended, by itself or by a signal.
    Ended {
        code: Option<i32>,
        signal: Option<i32>,
        cpu_user: Duration,
        cpu_system: Duration,
        /// Of the largest process, in bytes.
        peak_memory: u64,
    },
}

/// A plan as it goes over the socket: its length in bytes, then JSON.
pub(crate) fn frame(plan: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(plan)?;
    let length = u64::try_from(body.len()).map_err(io::Error::other)?;
    let mut framed = length.to_le_bytes().to_vec();
    framed.extend(body);
    Ok(framed)
}

/// Reads one plan from standard input, and not a byte more: what follows is for the next stage,
/// which is why the standard library's buffered input cannot be used.
pub(super) fn receive<T: DeserializeOwned>() -> io::Result<T> {
    let mut length = [0; 8];
    read_exact(&mut length)?;
    let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"));
    }
    let mut body = vec![0; length];
    read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}

fn read_exact(mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match rustix::io::read(stdio::stdin(), &mut *buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => buffer = buffer.split_at_mut(read).1,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Sends one report up the socket, which is open for reading and writing.
pub(super) fn send(report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    let mut rest = line.as_slice();
    while !rest.is_empty() {
        match rustix::net::send(stdio::stdin(), rest, rustix::net::SendFlags::NOSIGNAL) {
            Ok(sent) => rest = rest.split_at(sent).1,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Puts reports together from the pieces in which they arrive.
#[derive(Debug, Default)]
pub(crate) struct ReportReader {
    pending: Vec<u8>,
}

impl ReportReader {
    /// More than the reports of one command ever take.
    const MOST: usize = 64 << 10;

    /// Takes `bytes`, gives the reports now complete. What is not a report is dropped.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Report> {
        let room = Self::MOST.saturating_sub(self.pending.len());
        // Writing to memory does not fail.
        let _ = self.pending.write_all(&bytes[..bytes.len().min(room)]);
        let Some(last) = self.pending.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let rest = self.pending.split_off(last + 1);
        let whole = std::mem::replace(&mut self.pending, rest);
        whole
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reports_survive_any_cutting(cuts in proptest::collection::vec(1usize..40, 0..30)) {
            let reports = vec![
                Report::Started,
                Report::CouldNotStart { reason: "a\nb".into() },
                Report::Ended { code: Some(3), signal: None, cpu_user: Duration::from_micros(7), cpu_system: Duration::ZERO, peak_memory: 9 },
            ];
            let mut bytes = Vec::new();
            for report in &reports {
                bytes.extend(serde_json::to_vec(report).unwrap());
                bytes.push(b'\n');
            }
            let mut reader = ReportReader::default();
            let mut got = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                got.extend(reader.push(piece));
                rest = after;
            }
            got.extend(reader.push(rest));
            prop_assert_eq!(got, reports);
        }

        #[test]
        fn a_flood_of_rubbish_takes_no_memory(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut reader = ReportReader::default();
            for _ in 0..100 {
                reader.push(&bytes);
            }
            prop_assert!(reader.pending.len() <= ReportReader::MOST);
        }
    }
}
