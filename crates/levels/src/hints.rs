//! Helping a person whose output pattern matched nothing: what did the job write instead?

use std::{
    os::fd::AsFd,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::fs::{Dir, FileType, Stat};

use crate::beneath;

/// The most files that are named.
const MAX_CANDIDATES: usize = 200;
/// The most directory entries that are looked at.
const MAX_ENTRIES: usize = 100_000;
/// The deepest directory that is looked into.
const MAX_DEPTH: usize = 32;
/// The most files suggested for one pattern.
const MAX_SUGGESTIONS: usize = 5;
/// Comparing takes the product of two lengths, so longer paths are compared by their ends.
const MAX_COMPARED: usize = 256;

/// Regular files below `workspace` changed after `newer_than` (all of them without it) for which
/// `exclude` (given the relative path) says no, in order of path; at most 200.
///
/// Only a hint: what cannot be read is left out. Links are not followed; `.git` is not searched.
pub fn candidates(
    workspace: impl AsFd,
    newer_than: Option<SystemTime>,
    exclude: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut entries_left = MAX_ENTRIES;
    let mut directories = vec![(String::new(), 0)];
    while let Some((prefix, depth)) = directories.pop() {
        let Ok(directory) = beneath::open_directory(&workspace, &prefix) else {
            continue;
        };
        let Ok(entries) = Dir::read_from(&directory) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if matches!(name, "." | ".." | ".git") {
                continue;
            }
            if entries_left == 0 || found.len() >= MAX_CANDIDATES {
                found.sort();
                return found;
            }
            entries_left -= 1;
            let Ok(stat) = beneath::stat(&directory, name) else {
                continue;
            };
            let path = if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}/{name}")
            };
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory if depth < MAX_DEPTH => directories.push((path, depth + 1)),
                FileType::RegularFile
                    if newer_than.is_none_or(|time| modified(&stat) > time) && !exclude(&path) =>
                {
                    found.push(path);
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn modified(stat: &Stat) -> SystemTime {
    let seconds = u64::try_from(stat.st_mtime).unwrap_or(0);
    let nanoseconds = u32::try_from(stat.st_mtime_nsec).unwrap_or(0);
    UNIX_EPOCH + Duration::new(seconds, nanoseconds.min(999_999_999))
}

/// The candidates most like a pattern, the likest first; at most 5, none that has little in common
/// with it. A file of the right name in the wrong directory counts as very like.
pub fn did_you_mean<'a>(pattern: &str, candidates: &'a [String]) -> Vec<&'a str> {
    let whole = ending(pattern);
    let name = file_name(&whole);
    let mut ranked: Vec<(usize, &str)> = candidates
        .iter()
        .filter_map(|candidate| {
            let path = ending(candidate);
            let here = near(&whole, &path);
            let moved = near(name, file_name(&path)).map(|distance| distance + 2);
            let distance = here.into_iter().chain(moved).min()?;
            Some((distance, candidate.as_str()))
        })
        .collect();
    ranked.sort_unstable();
    ranked
        .into_iter()
        .take(MAX_SUGGESTIONS)
        .map(|(_, path)| path)
        .collect()
}

fn ending(path: &str) -> Vec<char> {
    let mut characters: Vec<char> = path.chars().rev().take(MAX_COMPARED).collect();
    characters.reverse();
    characters
}

fn file_name(path: &[char]) -> &[char] {
    path.rsplit(|character| *character == '/')
        .next()
        .unwrap_or(path)
}

/// The distance, if no more than a third of what the pattern spells out would have to change.
fn near(pattern: &[char], path: &[char]) -> Option<usize> {
    let spelled = pattern
        .iter()
        .filter(|character| **character != '*')
        .count();
    Some(distance(pattern, path)).filter(|distance| *distance <= spelled.div_ceil(3))
}

/// How many characters to add, drop or change; what a `*` of the pattern stands for is free.
fn distance(pattern: &[char], path: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=path.len()).collect();
    for wanted in pattern {
        let is_wild = *wanted == '*';
        let mut diagonal = row[0];
        row[0] += usize::from(!is_wild);
        for (column, actual) in path.iter().enumerate() {
            let above = row[column + 1];
            let best = if is_wild {
                above.min(row[column] + usize::from(*actual == '/'))
            } else {
                (above + 1)
                    .min(row[column] + 1)
                    .min(diagonal + usize::from(wanted != actual))
            };
            diagonal = above;
            row[column + 1] = best;
        }
    }
    row.last().copied().unwrap_or(pattern.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_file_comes_first() {
        let files: Vec<String> = ["output/tables/b.csv", "output/table.csv", "results/x.png"]
            .map(String::from)
            .to_vec();
        assert_eq!(
            did_you_mean("output/tables.csv", &files)[0],
            "output/table.csv"
        );
        assert_eq!(did_you_mean("table.csv", &files)[0], "output/table.csv");
        assert_eq!(did_you_mean("result/*.png", &files), ["results/x.png"]);
        assert!(did_you_mean("output/model.txt", &files[2..]).is_empty());
    }

    #[test]
    fn a_star_is_free_but_not_across_directories() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("a*.csv"), &chars("abcdef.csv")), 0);
        assert_eq!(distance(&chars("a*.csv"), &chars("ab/ef.csv")), 1);
        assert_eq!(distance(&chars(""), &chars("abc")), 3);
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
    }
}
