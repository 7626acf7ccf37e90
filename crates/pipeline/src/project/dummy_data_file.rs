//! `dummy_data_file`: a file of the study that stands in for patients' data outside the secure zone.

use super::fields::{Field, place};
use crate::{kind::Kind, problem::Problems, yaml::Document};

pub(super) fn read(
    document: &Document<'_>,
    field: Field,
    problems: &mut Problems<'_>,
) -> Option<String> {
    let at = place(document, field);
    let Some(path) = document.string(field.value) else {
        problems.error(
            Kind::DummyDataFileNotAString,
            at,
            format!(
                "`dummy_data_file` is {}: make it a path such as `test-data/dummy.csv`",
                document.describe(field.value)
            ),
        );
        return None;
    };
    if escapes(path) {
        problems.stricter(
            Kind::DummyDataFileEscapesWorkspace,
            at,
            "this file lies outside the study: give a path inside it, such as `test-data/dummy.csv`",
        );
        return None;
    }
    Some(path.to_owned())
}

/// Whether a path is absolute, on any system, or climbs above the folder it starts in.
fn escapes(path: &str) -> bool {
    let path = path.replace('\\', "/");
    if path.starts_with('/') || path.chars().nth(1) == Some(':') {
        return true;
    }
    let mut depth = 0_usize;
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return true,
            },
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_inside_the_study_pass() {
        for inside in [
            "a.csv",
            "a/b.csv",
            "./a.csv",
            "a/../b.csv",
            "a/./../b",
            "..a/b",
            "...",
        ] {
            assert!(!escapes(inside), "{inside}");
        }
        for outside in [
            "/a",
            "../a",
            "a/../../b",
            "..",
            "..\\a",
            "C:\\a",
            "c:a",
            "\\\\host\\a",
        ] {
            assert!(escapes(outside), "{outside}");
        }
    }
}
