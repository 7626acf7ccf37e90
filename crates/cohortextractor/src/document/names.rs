//! The names of study definitions, which become parts of paths on the trusted side.

use std::collections::HashSet;

use super::model::{Request, StudyEntry};

/// What every study definition's name begins with.
pub(crate) const STUDY_DEFINITION: &str = "study_definition";
/// What `--study-definition` says to mean every one.
const ALL: &str = "all";
/// The longest name. A file system's own limit is hardly higher.
const MAX_BYTES: usize = 200;

/// Checks that the studies are named as their files may be, each by its own name, and that they are
/// those asked for.
///
/// The Python package finds files by this pattern; but what printed the document may not be it.
///
/// # Errors
/// A sentence.
pub(super) fn check_names(request: &Request, studies: &[StudyEntry]) -> Result<(), String> {
    let mut seen = HashSet::new();
    for study in studies {
        let name = study.name.as_str();
        if !is_study_definition(name) {
            return Err(format!(
                "a study definition cannot be named {}: a name is study_definition, or \
                 study_definition_ and letters, digits and underscores",
                shown(name)
            ));
        }
        if !seen.insert(name) {
            return Err(format!("two study definitions are named {name}"));
        }
        if request.study_definition != ALL && request.study_definition != name {
            return Err(format!(
                "the study definition {name} was evaluated, but --study-definition asks for {}",
                shown(&request.study_definition)
            ));
        }
    }
    Ok(())
}

/// Whether a name is `study_definition` or `study_definition_` and a word: nothing that a path
/// could take for more than a part of a file's name.
fn is_study_definition(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    name.len() <= MAX_BYTES
        && name
            .strip_prefix(STUDY_DEFINITION)
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('_').is_some_and(is_word))
}

/// The beginning of a name that may hold anything.
fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(60).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_files_that_are_found() {
        let long = format!("study_definition_{}", "a".repeat(200));
        for (name, expected) in [
            ("study_definition", true),
            ("study_definition_covid_2020", true),
            ("study_definition__A", true),
            ("study_definition_", false),
            ("study_definitionx", false),
            ("study_definition_../../../etc/cron.d/x", false),
            ("study_definition_/x", false),
            ("study_definition_a.b", false),
            ("study_definition_a\0", false),
            ("study_definition_a\n", false),
            ("/etc/passwd", false),
            ("", false),
            (&long, false),
        ] {
            assert_eq!(is_study_definition(name), expected, "{name:?}");
        }
    }
}
