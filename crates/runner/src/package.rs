//! Naming the package that a command looked for in vain: what to do about it, where that is known.

/// What to do about a package that is not there, from the last lines that a command printed.
///
/// `is_r` tells whether the runtime is R, whose packages are Debian's; Python's are locked.
pub(crate) fn missing_package(last_lines: &[String], is_r: bool) -> Option<String> {
    let name = last_lines.iter().rev().find_map(|line| {
        if is_r {
            named(line, "there is no package called ", &['‘', '\'', '"', '’'])
        } else {
            named(line, "ModuleNotFoundError: No module named ", &['\'', '"'])
        }
    })?;
    Some(if is_r {
        format!(
            "the R package {name} is not installed here: apt-get install r-cran-{}",
            name.to_lowercase()
        )
    } else {
        format!(
            "the Python package {name} is not among the locked ones, and the study has no file of that name"
        )
    })
}

/// The name in quotes after some words; only one that could be a package's.
fn named<'l>(line: &'l str, words: &str, quotes: &[char]) -> Option<&'l str> {
    const LONGEST: usize = 80;
    let (_, rest) = line.split_once(words)?;
    let name = rest.trim().strip_prefix(quotes)?;
    let end = name.find(quotes)?;
    let name = &name[..end];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (!name.is_empty() && name.len() <= LONGEST && name.chars().all(is_plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_with_what_to_do() {
        let cases = [
            (
                true,
                "Error in library(tidyverse) : there is no package called ‘tidyverse’",
                Some("r-cran-tidyverse"),
            ),
            (
                true,
                "there is no package called 'data.table'",
                Some("r-cran-data.table"),
            ),
            (true, "there is no package called ‘x; rm -rf /’", None),
            (true, "there is no package called ‘", None),
            (
                false,
                "ModuleNotFoundError: No module named 'lifelines'",
                Some("lifelines"),
            ),
            (false, "there is no package called ‘tidyverse’", None),
        ];
        for (is_r, line, expected) in cases {
            let lines = [
                "first".to_owned(),
                line.to_owned(),
                "Execution halted".to_owned(),
            ];
            let said = missing_package(&lines, is_r);
            assert_eq!(said.is_some(), expected.is_some(), "{line}");
            if let (Some(said), Some(expected)) = (said, expected) {
                assert!(said.contains(expected), "{said}");
            }
        }
    }
}
