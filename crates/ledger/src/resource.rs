//! What a log publishes, by its path: <https://c2sp.org/tlog-tiles>.

use std::fmt;

use crate::bundle::LONGEST_ENTRY;
use crate::hash::Hash;

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Levels of the tree that one tile spans.
const TILE_HEIGHT: u32 = 8;

/// No tree of our sizes has tiles above this level.
const HIGHEST_LEVEL: u8 = 63;

/// Every index of a tile is below; a tree of 2^60 entries has fewer.
const INDEX_END: u64 = 1 << 56;

/// The largest checkpoint that is read, in bytes: room for many witnesses' signatures.
const LARGEST_CHECKPOINT: u64 = 256 << 10;

/// One file of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The signed checkpoint: the only file that changes.
    Checkpoint,
    /// A row of hashes of the tree.
    Tile {
        /// 0 for the hashes of entries; each hash above is that of a full tile below.
        level: u8,
        /// Which tile of its level.
        index: u64,
        /// How many hashes: [`TILE_WIDTH`] if it is full, fewer at the right edge.
        width: u16,
    },
    /// Entries, in the order of the log.
    Entries {
        /// Which bundle.
        index: u64,
        /// How many entries: [`TILE_WIDTH`] if it is full, fewer at the right edge.
        width: u16,
    },
}

impl Resource {
    /// Reads a path, such as `tile/0/x001/234.p/7`. Every file has one spelling; nothing else is read.
    pub fn parse(path: &str) -> Option<Self> {
        let found = Self::read(path)?;
        (found.to_string() == path).then_some(found)
    }

    fn read(path: &str) -> Option<Self> {
        // The longest: tile/entries/, seven parts of an index, .p/255.
        if path.len() > 64 {
            return None;
        }
        if path == "checkpoint" {
            return Some(Self::Checkpoint);
        }
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, number(width, u64::from(TILE_WIDTH) - 1)?),
            None => (rest, u64::from(TILE_WIDTH)),
        };
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        let index = index.split('/').try_fold(0u64, |sum, part| {
            let digits = part.strip_prefix('x').unwrap_or(part);
            let part = number(digits, 999).filter(|_| digits.len() == 3)?;
            Some(sum.checked_mul(1000)?.checked_add(part)?).filter(|sum| *sum < INDEX_END)
        })?;
        if kind == "entries" {
            return Some(Self::Entries { index, width });
        }
        let level = u8::try_from(number(kind, HIGHEST_LEVEL.into())?).ok()?;
        Some(Self::Tile {
            level,
            index,
            width,
        })
    }

    /// The most bytes that it can have.
    pub fn largest(self) -> u64 {
        match self {
            Self::Checkpoint => LARGEST_CHECKPOINT,
            Self::Tile { width, .. } => u64::from(width) * Hash::LENGTH as u64,
            Self::Entries { width, .. } => u64::from(width) * (LONGEST_ENTRY as u64 + 2),
        }
    }

    /// Whether a tree of this size has it.
    pub fn is_of(self, size: u64) -> bool {
        let (level, index, width) = match self {
            Self::Checkpoint => return true,
            Self::Tile {
                level,
                index,
                width,
            } => (level, index, width),
            Self::Entries { index, width } => (0, index, width),
        };
        index < INDEX_END && (index * u64::from(TILE_WIDTH) + u64::from(width)) <= row(size, level)
    }

    /// The tile that holds a hash of a level, in a tree of this size, as wide as it is there.
    pub(crate) fn tile(level: u8, index: u64, size: u64) -> Self {
        Self::Tile {
            level,
            index,
            width: width(size, level, index),
        }
    }

    /// A bundle, in a tree of this size.
    pub(crate) fn entries(index: u64, size: u64) -> Self {
        Self::Entries {
            index,
            width: width(size, 0, index),
        }
    }

    /// The same place filled up, if it is not: what a partial tile or bundle becomes.
    pub fn full(self) -> Option<Self> {
        match self {
            Self::Tile {
                level,
                index,
                width,
            } if width < TILE_WIDTH => Some(Self::Tile {
                level,
                index,
                width: TILE_WIDTH,
            }),
            Self::Entries { index, width } if width < TILE_WIDTH => Some(Self::Entries {
                index,
                width: TILE_WIDTH,
            }),
            _ => None,
        }
    }

    /// The same place with another width.
    pub(crate) fn with_width(self, wide: u16) -> Self {
        match self {
            Self::Checkpoint => self,
            Self::Tile { level, index, .. } => Self::Tile {
                level,
                index,
                width: wide,
            },
            Self::Entries { index, .. } => Self::Entries { index, width: wide },
        }
    }
}

/// How many hashes of a level a tree of this size has in full: complete subtrees of 256^level entries.
pub(crate) fn row(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(level) * TILE_HEIGHT)
        .unwrap_or(0)
}

/// How many levels of tiles a tree of this size has.
pub(crate) fn levels(size: u64) -> u8 {
    (0..=HIGHEST_LEVEL)
        .find(|level| row(size, *level) == 0)
        .unwrap_or(HIGHEST_LEVEL)
}

/// How wide the partial tile at the right edge of a level is; 0 if there is none.
pub(crate) fn edge_width(size: u64, level: u8) -> u16 {
    u16::try_from(row(size, level) % u64::from(TILE_WIDTH)).unwrap_or(0)
}

fn width(size: u64, level: u8, index: u64) -> u16 {
    let before = index.saturating_mul(u64::from(TILE_WIDTH));
    let left = row(size, level).saturating_sub(before);
    u16::try_from(left).unwrap_or(TILE_WIDTH).min(TILE_WIDTH)
}

/// A decimal number of digits alone, up to a bound.
fn number(text: &str, most: u64) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| *number <= most)
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Checkpoint => return f.write_str("checkpoint"),
            Self::Tile {
                level,
                index,
                width,
            } => {
                write!(f, "tile/{level}/")?;
                (*index, *width)
            }
            Self::Entries { index, width } => {
                f.write_str("tile/entries/")?;
                (*index, *width)
            }
        };
        let mut parts = vec![format!("{:03}", index % 1000)];
        let mut above = index / 1000;
        while above > 0 {
            parts.push(format!("x{:03}", above % 1000));
            above /= 1000;
        }
        parts.reverse();
        f.write_str(&parts.join("/"))?;
        if width < TILE_WIDTH {
            write!(f, ".p/{width}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_path_and_nothing_else_is_one() {
        let full = TILE_WIDTH;
        let tile = |level, index, width| Resource::Tile {
            level,
            index,
            width,
        };
        for (path, resource) in [
            ("checkpoint", Resource::Checkpoint),
            ("tile/0/000", tile(0, 0, full)),
            ("tile/0/001.p/1", tile(0, 1, 1)),
            ("tile/63/x001/x234/067", tile(63, 1_234_067, full)),
            ("tile/1/x001/000.p/255", tile(1, 1000, 255)),
            (
                "tile/entries/x001/x234/067.p/8",
                Resource::Entries {
                    index: 1_234_067,
                    width: 8,
                },
            ),
        ] {
            assert_eq!(Resource::parse(path), Some(resource), "{path}");
            assert_eq!(resource.to_string(), path);
        }
        let long = format!("tile/0/{}000", "x001/".repeat(30));
        for path in [
            "",
            "/checkpoint",
            "checkpoint/",
            "lock",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/00a",
            "tile/0/+01",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/-1",
            "tile/0/000.p/1/..",
            "tile/0/x000/001",
            "tile/0/001/001",
            "tile/0/x001/x001",
            "tile/0/x001",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/0/../0/000",
            "tile/0/%2e%2e",
            "tile/0/./000",
            "tile//000",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "../tile/0/000",
            "tile/entries/../../key",
            "tile/0/000\0",
            "tile/0/٠٠٠",
            long.as_str(),
        ] {
            assert_eq!(Resource::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn the_tiles_of_seventy_thousand_entries_are_those_of_the_specification() {
        let size = 70_000;
        assert_eq!(row(size, 0) / 256, 273);
        assert_eq!(
            [0, 1, 2, 3].map(|level| edge_width(size, level)),
            [112, 17, 1, 0]
        );
        assert_eq!(levels(size), 3);
        for (path, is_of) in [
            ("tile/0/272", true),
            ("tile/0/273", false),
            ("tile/0/273.p/112", true),
            ("tile/0/273.p/113", false),
            ("tile/1/000", true),
            ("tile/1/001.p/17", true),
            ("tile/2/000.p/1", true),
            ("tile/2/000.p/2", false),
            ("tile/63/000.p/1", false),
            ("tile/entries/273.p/112", true),
            ("tile/entries/274.p/1", false),
        ] {
            assert_eq!(Resource::parse(path).unwrap().is_of(size), is_of, "{path}");
        }
    }
}
