//! How much a mirror holds, while git brings something into it.
//!
//! Git bounds what is pushed to it (`receive.maxInputSize`) and not what it fetches, so this looks.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often a mirror is looked at.
const TICK: Duration = Duration::from_millis(200);

/// Ready once a mirror holds more than a number of bytes.
pub(super) async fn passes(mirror: &Path, limit: u64) {
    while !is_above(mirror, limit).await {
        tokio::time::sleep(TICK).await;
    }
}

/// Whether a mirror holds more than a number of bytes.
pub(super) async fn is_above(mirror: &Path, limit: u64) -> bool {
    let mirror = mirror.to_owned();
    let measured = tokio::task::spawn_blocking(move || bytes_below(mirror) > limit);
    measured.await.unwrap_or(false)
}

/// The lengths of all files below a folder. What goes while it is read counts as nothing.
fn bytes_below(folder: PathBuf) -> u64 {
    let mut bytes: u64 = 0;
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            // That of the entry itself: links are not followed.
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) => bytes = bytes.saturating_add(found.len()),
                Err(_) => {}
            }
        }
    }
    bytes
}

/// Removes a mirror of which a git that was just killed may still hold something.
pub(super) async fn remove(mirror: &Path) {
    for _ in 0..50 {
        let removed = tokio::fs::remove_dir_all(mirror).await;
        if removed.is_ok() || !tokio::fs::try_exists(mirror).await.unwrap_or(true) {
            return;
        }
        tokio::time::sleep(TICK / 4).await;
    }
    tracing::error!("a mirror that is too large cannot be removed");
}
