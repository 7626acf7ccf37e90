//! The first word of a command: which image, in which version.

use crate::{kind::Kind, problem::Problems, source::Span, yaml::shorten};

/// An image and its version, such as `python:v2`.
///
/// Whether an image of that name exists is not known here: a name may also be that of a reusable
/// action, or a path in a registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    /// `python`, `ehrql`, `ghcr.io/someone/something` ….
    pub name: String,
    /// `v2`, `v1.2`, `v3-pre`, `dev`, or (before version 5 of the format) `latest`.
    pub version: String,
}

pub(super) fn read(word: &str, span: Span, problems: &mut Problems<'_>) -> Option<Image> {
    let (name, version) = word.split_once(':').unwrap_or((word, ""));
    if !is_version(version) {
        let shown = shorten(name);
        let message = if version.is_empty() {
            format!(
                "the image `{shown}` has no version: write `{shown}:v2`, say, with the version you mean"
            )
        } else {
            format!(
                "`{}` is no version of an image: write `v` and a number, such as `{shown}:v2`",
                shorten(version)
            )
        };
        problems.error(Kind::RunBadImageVersion, span, message);
        return None;
    }
    if !is_name(name) {
        problems.stricter(
            Kind::RunBadImage,
            span,
            "the name of the image is empty or holds characters that no image has: write one such as `python:v2`",
        );
        return None;
    }
    Some(Image {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// `v1`, `v1.2.3`, either with `-pre`; `dev`; `latest`. The reference also takes `v.`, `v1..2` and
/// other scripts' digits, which name no image that could exist.
fn is_version(version: &str) -> bool {
    if matches!(version, "dev" | "latest") {
        return true;
    }
    let Some(numbers) = version.strip_prefix('v') else {
        return false;
    };
    let numbers = numbers.strip_suffix("-pre").unwrap_or(numbers);
    numbers
        .split('.')
        .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name becomes an argument of a container engine and part of an address, so it must not look
/// like an option, climb folders, or hide characters.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['-', '/', '.'])
        && !name.contains("..")
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let good = [
            "v1", "v1.2", "v0.0.46", "v1-pre", "v1.2-pre", "dev", "latest", "v007",
        ];
        let bad = [
            "",
            "v",
            "V1",
            "1",
            "v.",
            "v1.",
            "v.1",
            "v1..2",
            "v1-rc",
            "v1-pre-pre",
            "v-pre",
            "v1\n",
            "v١",
            "Latest",
            "v1:v2",
            "dev-pre",
            "v1.-pre",
        ];
        for version in good {
            assert!(is_version(version), "{version:?}");
        }
        for version in bad {
            assert!(!is_version(version), "{version:?}");
        }
    }

    #[test]
    fn names() {
        let good = [
            "python",
            "stata-mp",
            "cohort-joiner",
            "ghcr.io/opensafely-core/python",
            "A_b",
        ];
        let bad = [
            "",
            "-v",
            "--privileged",
            "/x",
            "../x",
            "a b",
            "a\tb",
            "a\u{7}",
            "a/../b",
            "a@b",
        ];
        for name in good {
            assert!(is_name(name), "{name:?}");
        }
        for name in bad {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
