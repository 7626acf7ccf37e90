//! The paths of outputs: where a file may be, and what a `*` matches.

use glovebox_levels::Level;

use super::path_fault::PathFault;

/// A path of an output, relative to the workspace, in which `*` stands for any characters of one
/// component.
///
/// It is in normal form, has a file extension, stays in the workspace and out of the folders that
/// tools keep for themselves. A `*` in its first component may still *match* such a folder:
/// whoever looks for files must leave those out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutputPattern(String);

impl OutputPattern {
    /// Checks a path. What is wrong with it is told in the order of the OpenSAFELY library, then
    /// what only Glovebox refuses; never nothing.
    pub fn parse(path: &str, level: Level) -> Result<Self, Vec<PathFault>> {
        let faults = PathFault::all(path, level);
        if faults.is_empty() {
            Ok(Self(path.to_owned()))
        } else {
            Err(faults)
        }
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it contains a `*`, and so may match any number of files.
    pub fn has_wildcard(&self) -> bool {
        self.0.contains('*')
    }

    /// Everything before the last `/`; empty for the workspace itself.
    pub fn directory(&self) -> &str {
        self.0
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory)
    }

    /// Whether it matches a path relative to the workspace. `*` matches any characters, a leading
    /// dot included, but never `/`; case counts.
    pub fn matches(&self, path: &str) -> bool {
        let mut components = path.split('/');
        self.0.split('/').all(|pattern| {
            components
                .next()
                .is_some_and(|name| matches_name(pattern, name))
        }) && components.next().is_none()
    }
}

impl std::fmt::Display for OutputPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Matches with `*`, going back only to the last star: time is at most the product of the lengths.
pub(crate) fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star_p, star_n)) = star {
            star = Some((star_p, star_n + 1));
            p = star_p + 1;
            n = star_n + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_folder() {
        let cases = [
            ("output/*.csv", "output/a.csv", true),
            ("output/*.csv", "output/.csv", true),
            ("output/*.csv", "output/a/b.csv", false),
            ("output/*.csv", "output/a.CSV", false),
            ("*/a.csv", "x/a.csv", true),
            ("*/a.csv", "a.csv", false),
            ("a*b*c.csv", "abbbc.csv", true),
            ("a*b*c.csv", "acb.csv", false),
            ("a*b*c.csv", "abc.csv", true),
            ("ab*ba.csv", "aba.csv", false),
            ("*.csv", "x.csv.csv", true),
            ("*a*.csv", "bab.csv", true),
            ("*é*.csv", "à.csv", false),
            ("x*x.csv", "x.csv", false),
        ];
        for (pattern, path, expected) in cases {
            let matches = OutputPattern::parse(pattern, Level::HighlySensitive)
                .is_ok_and(|pattern| pattern.matches(path));
            assert_eq!(matches, expected, "{pattern} {path}");
        }
    }
}
