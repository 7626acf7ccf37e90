//! Finding the outputs that an action declared, below a workspace that the action wrote.
//!
//! Everything there is untrusted: no link is followed, nothing but regular files counts, only
//! directories that some pattern reaches are looked into, and the work is bounded.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs::File,
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
};

use rustix::{
    fs::{Dir, FileType, Stat},
    io::Errno,
};

use crate::{
    beneath,
    level::Level,
    pattern::{Pattern, Segment},
    refusal::{Refusal, Refused},
    reserved,
};

/// The most bytes of a file that may be holes: more is a trap for whoever copies it.
const MAX_HOLES: u64 = 64 * 1024 * 1024;
/// The most directory entries that one search looks at.
const MAX_ENTRIES: usize = 1_000_000;
/// The most refusals kept, in all and for one pattern.
const MAX_REFUSALS: usize = 100;

/// A declared output that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Path relative to the workspace.
    pub path: String,
    /// The most sensitive of the levels whose patterns match it.
    pub level: Level,
    /// Size in bytes.
    pub size: u64,
}

/// A pattern that no file matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The pattern as it was declared.
    pub pattern: String,
    /// What it reached that is no output; empty when it reached nothing.
    pub reasons: Vec<Refused>,
}

/// The outcome of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collected {
    /// What was searched for: patterns that can match, each at the most sensitive level declared.
    pub declared: Vec<(Pattern, Level)>,
    /// Declared outputs, by path.
    pub files: Vec<FoundFile>,
    /// Patterns without a file, in the order of declaration; each once.
    pub unmatched: Vec<Unmatched>,
    /// What some pattern reached and was refused although it was no directory, by path, even if
    /// the pattern matched other files: an output that is missing should not go unnoticed.
    pub refused: Vec<Refused>,
}

/// Finds the files below `workspace` (an open directory) that match the declared patterns.
///
/// A pattern that is no valid [`Pattern`] matches nothing, with its error as the reason. Files
/// larger than `max_size` bytes are refused, as are links, directories, FIFOs, sockets, devices,
/// files with more than 64 MiB of holes and names that are not UTF-8.
pub fn collect<P: AsRef<str>>(
    workspace: impl AsFd,
    patterns: &[(P, Level)],
    max_size: u64,
) -> Collected {
    collect_beside(workspace, patterns, &BTreeSet::new(), max_size)
}

/// Finds outputs as [`collect`] does, in a workspace into which other actions' outputs were staged.
///
/// `inputs` are the paths of those. A pattern that reaches one does not take it over: it stays the
/// output of the action that made it, at the level that action declared. It is among the refused,
/// as [`Refusal::Input`].
pub fn collect_beside<P: AsRef<str>>(
    workspace: impl AsFd,
    patterns: &[(P, Level)],
    inputs: &BTreeSet<String>,
    max_size: u64,
) -> Collected {
    let mut search = Search::new(inputs, max_size);
    // The same pattern at two levels is one pattern at the most sensitive of them.
    let mut declared: Vec<(&str, Level)> = Vec::new();
    for (text, level) in patterns {
        match declared
            .iter_mut()
            .find(|(known, _)| *known == text.as_ref())
        {
            Some((_, known_level)) => *known_level = (*known_level).min(*level),
            None => declared.push((text.as_ref(), *level)),
        }
    }
    for (text, level) in declared {
        let wanted = Wanted {
            text,
            level,
            matched: false,
            reasons: Vec::new(),
        };
        match Pattern::new(text) {
            Ok(pattern) => {
                search.patterns.push(pattern.segments().to_vec());
                search.declared.push((pattern, level));
            }
            Err(error) => {
                search.patterns.push(Vec::new());
                search.wanted.push(wanted);
                let index = search.wanted.len() - 1;
                search.refuse(&[index], text, &Refusal::Pattern(error));
                continue;
            }
        }
        search.wanted.push(wanted);
    }

    let active: Vec<usize> = (0..search.wanted.len())
        .filter(|index| !search.patterns[*index].is_empty())
        .collect();
    match beneath::open_directory(&workspace, "") {
        Ok(root) => search.visit(&root, "", 0, &active),
        Err(error) => search.refuse(&active, ".", &unreadable(error)),
    }
    search.finish()
}

struct Wanted<'a> {
    text: &'a str,
    level: Level,
    matched: bool,
    reasons: Vec<Refused>,
}

struct Search<'a> {
    patterns: Vec<Vec<Segment>>,
    declared: Vec<(Pattern, Level)>,
    wanted: Vec<Wanted<'a>>,
    files: BTreeMap<String, (Level, u64)>,
    refused: BTreeMap<String, Refusal>,
    /// How many of the refused are no inputs.
    lost: usize,
    entries_left: usize,
    inputs: &'a BTreeSet<String>,
    max_size: u64,
}

impl<'a> Search<'a> {
    fn new(inputs: &'a BTreeSet<String>, max_size: u64) -> Self {
        Self {
            inputs,
            lost: 0,
            patterns: Vec::new(),
            declared: Vec::new(),
            wanted: Vec::new(),
            files: BTreeMap::new(),
            refused: BTreeMap::new(),
            entries_left: MAX_ENTRIES,
            max_size,
        }
    }

    /// Looks into one directory for the patterns whose first `depth` segments led here. The depth
    /// is bounded by that of the patterns.
    fn visit(&mut self, directory: &OwnedFd, prefix: &str, depth: usize, active: &[usize]) {
        let mut names: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        let mut wild = Vec::new();
        for &index in active {
            match self.patterns[index][depth].literal() {
                Some(name) => names
                    .entry(name.as_bytes().to_vec())
                    .or_default()
                    .push(index),
                None => wild.push(index),
            }
        }
        if !wild.is_empty() {
            self.list(directory, prefix, depth, &wild, &mut names);
        }
        for (name, indexes) in names {
            self.meet(directory, prefix, depth, &name, &indexes);
        }
    }

    /// Adds the names in a directory that patterns with a `*` match.
    fn list(
        &mut self,
        directory: &OwnedFd,
        prefix: &str,
        depth: usize,
        wild: &[usize],
        names: &mut BTreeMap<Vec<u8>, Vec<usize>>,
    ) {
        let place = if prefix.is_empty() { "." } else { prefix };
        let entries = match Dir::read_from(directory) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(wild, place, &unreadable(error)),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.refuse(wild, place, &unreadable(error)),
            };
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let Some(left) = self.entries_left.checked_sub(1) else {
                return self.refuse(wild, place, &Refusal::TooMany { limit: MAX_ENTRIES });
            };
            self.entries_left = left;
            let text = String::from_utf8_lossy(name);
            let matching: Vec<usize> = wild
                .iter()
                .copied()
                .filter(|index| self.patterns[*index][depth].matches(&text))
                .collect();
            if !matching.is_empty() {
                names.entry(name.to_vec()).or_default().extend(matching);
            }
        }
    }

    /// Decides about one name that patterns reach.
    fn meet(
        &mut self,
        directory: &OwnedFd,
        prefix: &str,
        depth: usize,
        name: &[u8],
        indexes: &[usize],
    ) {
        let lossy = String::from_utf8_lossy(name);
        let path = if prefix.is_empty() {
            lossy.to_string()
        } else {
            format!("{prefix}/{lossy}")
        };
        let stat = match beneath::stat(directory, OsStr::from_bytes(name)) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return,
            Err(error) => return self.refuse(indexes, &path, &unreadable(error)),
        };
        if std::str::from_utf8(name).is_err() {
            return self.refuse(indexes, &path, &Refusal::NameNotUtf8);
        }
        let (here, deeper): (Vec<usize>, Vec<usize>) = indexes
            .iter()
            .partition(|index| self.patterns[**index].len() == depth + 1);
        if !here.is_empty() {
            self.meet_file(directory, (&path, &lossy), &stat, &here);
        }
        if deeper.is_empty() {
            return;
        }
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => match beneath::open_directory(directory, lossy.as_ref()) {
                Ok(child) => self.visit(&child, &path, depth + 1, &deeper),
                Err(Errno::LOOP) => self.refuse(&deeper, &path, &Refusal::SymbolicLink),
                Err(error) => self.refuse(&deeper, &path, &unreadable(error)),
            },
            FileType::Symlink => self.refuse(&deeper, &path, &Refusal::SymbolicLink),
            _ => {}
        }
    }

    fn meet_file(
        &mut self,
        directory: &OwnedFd,
        (path, name): (&str, &str),
        stat: &Stat,
        indexes: &[usize],
    ) {
        if self.inputs.contains(path) {
            return self.refuse(indexes, path, &Refusal::Input);
        }
        let holes = || match beneath::open_file(directory, name) {
            Ok((file, stat)) => refuse_holes(&file, &stat),
            // It is refused where it is filed, with the reason.
            Err(_) => None,
        };
        let size = beneath::size(stat);
        let too_big = || {
            let limit = self.max_size;
            (size > limit).then_some(Refusal::TooBig { size, limit })
        };
        if let Some(refusal) = refuse_kind(path, stat).or_else(holes).or_else(too_big) {
            return self.refuse(indexes, path, &refusal);
        }
        for &index in indexes {
            let wanted = &mut self.wanted[index];
            wanted.matched = true;
            let level = wanted.level;
            self.files
                .entry(path.to_owned())
                .and_modify(|(known, _)| *known = (*known).min(level))
                .or_insert((level, size));
        }
    }

    fn refuse(&mut self, indexes: &[usize], path: &str, refusal: &Refusal) {
        let refused = Refused {
            path: path.to_owned(),
            refusal: refusal.clone(),
        };
        for &index in indexes {
            let reasons = &mut self.wanted[index].reasons;
            if reasons.len() < MAX_REFUSALS && !reasons.contains(&refused) {
                reasons.push(refused.clone());
            }
        }
        // Inputs are as few as there are, and must not push out what matters.
        let is_kept = match refusal {
            Refusal::Directory => false,
            Refusal::Input => true,
            _ => self.lost < MAX_REFUSALS,
        };
        if is_kept {
            self.lost += usize::from(!matches!(refusal, Refusal::Input));
            self.refused.insert(refused.path, refused.refusal);
        }
    }

    fn finish(self) -> Collected {
        Collected {
            declared: self.declared,
            files: self
                .files
                .into_iter()
                .map(|(path, (level, size))| FoundFile { path, level, size })
                .collect(),
            unmatched: self
                .wanted
                .into_iter()
                .filter(|wanted| !wanted.matched)
                .map(|wanted| Unmatched {
                    pattern: wanted.text.to_owned(),
                    reasons: wanted.reasons,
                })
                .collect(),
            refused: self
                .refused
                .into_iter()
                .map(|(path, refusal)| Refused { path, refusal })
                .collect(),
        }
    }
}

/// Why what is at a path cannot be an output for its kind or name, if so.
pub(crate) fn refuse_kind(path: &str, stat: &Stat) -> Option<Refusal> {
    if !beneath::is_regular(stat) {
        Some(Refusal::of_type(FileType::from_raw_mode(stat.st_mode)))
    } else if reserved::is_reserved(path) {
        Some(Refusal::Reserved)
    } else {
        None
    }
}

/// Why a file cannot be an output for what is not in it, if so.
pub(crate) fn refuse_holes(file: &File, stat: &Stat) -> Option<Refusal> {
    let holes = beneath::holes(file, stat, MAX_HOLES);
    (holes > MAX_HOLES).then_some(Refusal::Sparse { holes })
}

fn unreadable(error: Errno) -> Refusal {
    Refusal::Unreadable(std::io::Error::from(error).to_string())
}

impl Collected {
    /// The level that is declared now for a path, if some pattern matches it.
    pub(crate) fn level_of(&self, path: &str) -> Option<Level> {
        let matching = self
            .declared
            .iter()
            .filter(|(pattern, _)| pattern.matches(path));
        matching.map(|(_, level)| *level).min()
    }

    /// The paths of the declared outputs that are there.
    pub fn paths(&self) -> BTreeSet<&str> {
        self.files.iter().map(|file| file.path.as_str()).collect()
    }
}
