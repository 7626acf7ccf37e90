//! Being asked to stop: Ctrl-C, SIGTERM and a closed terminal.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::Exit;

/// A flag that such a signal raises. A second signal ends the program at once, wherever it waits.
pub(super) fn flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the first signal finds the flag down, the second finds it up.
        signal_hook::flag::register_conditional_shutdown(
            signal,
            Exit::Interrupted.code().into(),
            Arc::clone(&stop),
        )?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Ends the program at once when such a signal comes, with the code for it: for what leaves nothing half-done.
pub(super) fn at_once() -> io::Result<()> {
    let stop = Arc::new(AtomicBool::new(true));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let code = Exit::Interrupted.code().into();
        signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&stop))?;
    }
    Ok(())
}

/// Counts such signals, for services: the first asks them to finish what they have, the second to end.
pub(super) fn count() -> io::Result<Arc<AtomicUsize>> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    // It lives as long as the program.
    thread::spawn(move || {
        for _ in signals.forever() {
            counted.fetch_add(1, Ordering::AcqRel);
        }
    });
    Ok(count)
}
