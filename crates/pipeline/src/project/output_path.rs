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

/// Matches with `*`. Time is in proportion to the lengths: what stands between stars is found
/// leftmost, which leaves the most for what follows, and is never looked for again.
pub(crate) fn matches_name(pattern: &str, name: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(prefix) else {
        return false;
    };
    let Some((middle, suffix)) = rest.rsplit_once('*') else {
        return name.ends_with(rest);
    };
    let Some(mut name) = name.strip_suffix(suffix) else {
        return false;
    };
    middle.split('*').all(|part| {
        let found = name.find(part).map(|at| &name[at + part.len()..]);
        name = found.unwrap_or_default();
        found.is_some()
    })
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

    #[test]
    fn matching_agrees_with_trying_everything() {
        fn tried(pattern: &str, name: &str) -> bool {
            match pattern.chars().next() {
                None => name.is_empty(),
                Some('*') => (0..=name.len()).any(|at| tried(&pattern[1..], &name[at..])),
                Some(c) => name.starts_with(c) && tried(&pattern[1..], &name[1..]),
            }
        }
        fn words(letters: &str, most: usize) -> Vec<String> {
            let mut words = vec![String::new()];
            let mut from = 0;
            for _ in 0..most {
                let to = words.len();
                for word in from..to {
                    words.extend(
                        letters
                            .chars()
                            .map(|c| format!("{}{c}", words[word]))
                            .collect::<Vec<_>>(),
                    );
                }
                from = to;
            }
            words
        }
        for pattern in words("ab*", 6) {
            for name in words("ab", 6) {
                let expected = tried(&pattern, &name);
                assert_eq!(matches_name(&pattern, &name), expected, "{pattern} {name}");
            }
        }
    }
}
