//! What the watches over a sandbox have in common: how they are stopped, how they report, and
//! how often they look.
//!
//! Each watch measures on a thread of its own, because what it measures belongs to a hostile
//! command, which can make any measurement slow. The supervisor never waits for one.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::Ending;

/// Measuring takes this part of a watch's time at most, one in …, until the pauses get too long.
const SHARE: u32 = 10;

/// That a command has to be stopped, and why.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) ending: Ending,
    pub(crate) manner: Manner,
}

/// How a command is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It is killed: it may be doing harm.
    AtOnce,
    /// It is asked to end, and killed a little later.
    Gently,
}

impl Verdict {
    pub(crate) fn at_once(ending: Ending) -> Self {
        let manner = Manner::AtOnce;
        Self { ending, manner }
    }

    pub(crate) fn gently(ending: Ending) -> Self {
        let manner = Manner::Gently;
        Self { ending, manner }
    }
}

/// The line between one watch and the supervisor.
pub(crate) struct Line {
    /// Closed when the sandbox has ended.
    pub(crate) stopped: Receiver<()>,
    pub(crate) verdicts: Sender<Verdict>,
}

impl Line {
    /// Waits. Says whether there is still something to watch.
    pub(crate) fn pause(&self, pause: Duration) -> bool {
        self.stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout)
    }

    pub(crate) fn report(&self, verdict: Verdict) {
        // Nobody listens any more when the command has ended meanwhile.
        let _ = self.verdicts.send(verdict);
    }
}

/// How long to wait after a measurement that took `took`: at least `rhythm`, longer the longer it
/// took, so that watching does not slow the command down. But never longer than `longest`: a
/// command that makes itself slow to measure must not be left alone for that.
pub(crate) fn pause_after(took: Duration, rhythm: Duration, longest: Duration) -> Duration {
    took.saturating_mul(SHARE).min(longest).max(rhythm)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn pauses_grow_with_what_measuring_takes_but_not_for_ever() {
        for (took, rhythm, longest, expected) in [
            (0, 50, 250, 50),
            (5, 50, 250, 50),
            (10, 50, 250, 100),
            (25, 50, 250, 250),
            (26, 50, 250, 250),
            (1_000_000, 50, 250, 250),
            (u64::MAX, 250, 1000, 1000),
            // Whoever asks for a rhythm gets it.
            (0, 500, 250, 500),
        ] {
            let ms = Duration::from_millis;
            let pause = pause_after(ms(took), ms(rhythm), ms(longest));
            assert_eq!(pause, ms(expected), "{took} {rhythm} {longest}");
        }
    }

    #[test]
    fn a_watch_stops_when_the_supervisor_lets_go() {
        let (stop, stopped) = mpsc::channel();
        let (verdicts, heard) = mpsc::channel();
        let line = Line { stopped, verdicts };
        assert!(line.pause(Duration::ZERO));
        line.report(Verdict::gently(Ending::Cancelled));
        assert_eq!(heard.recv().unwrap().ending, Ending::Cancelled);
        drop((stop, heard));
        assert!(!line.pause(Duration::from_hours(1)));
        line.report(Verdict::at_once(Ending::Cancelled));
    }
}
