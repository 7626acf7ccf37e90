//! The security levels, and which file types may stand at the moderately sensitive one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How close to patients' records an output is, and so who may see it.
///
/// **Ordering:** the most sensitive level is the *smallest*, so `min` picks the level that wins
/// when a file is claimed by several, and sorted lists begin with what needs the most care.
///
/// ```
/// use glovebox_levels::Level;
///
/// let wins = Level::ModeratelySensitive.min(Level::HighlySensitive);
/// assert_eq!(wins, Level::HighlySensitive);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Row-level data about patients: only other jobs read it, nobody views it.
    HighlySensitive,
    /// Aggregates that may still identify someone: approved people view them inside the secure
    /// zone, and nothing leaves without review.
    ModeratelySensitive,
    /// Declared as not disclosive by the study. The declaration is a claim, not a check: such a
    /// file is kept where the highly sensitive ones are until somebody has reviewed it.
    MinimallySensitive,
}

impl Level {
    /// Every level, the most sensitive first.
    pub const ALL: [Self; 3] = [
        Self::HighlySensitive,
        Self::ModeratelySensitive,
        Self::MinimallySensitive,
    ];

    /// The level in words for people, with what it means for who may see an output.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::HighlySensitive => "highly sensitive: nobody may view",
            Self::ModeratelySensitive => {
                "moderately sensitive: viewable inside, releasable after review"
            }
            Self::MinimallySensitive => "minimally sensitive: kept inside until reviewed",
        }
    }

    /// The level as `project.yaml`, manifests and the command line spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HighlySensitive => "highly_sensitive",
            Self::ModeratelySensitive => "moderately_sensitive",
            Self::MinimallySensitive => "minimally_sensitive",
        }
    }

    /// The level and what it means, for people.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::HighlySensitive => "highly sensitive: nobody may view",
            Self::ModeratelySensitive => {
                "moderately sensitive: viewable inside, releasable after review"
            }
            Self::MinimallySensitive => {
                "minimally sensitive: said to identify nobody, kept inside until reviewed"
            }
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == name)
            .ok_or_else(|| UnknownLevel {
                name: name.chars().take(64).collect(),
            })
    }
}

/// A word that is no security level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is not a security level: use highly_sensitive, moderately_sensitive or minimally_sensitive"
)]
pub struct UnknownLevel {
    /// What was given, cut after 64 characters.
    pub name: String,
}

/// The file types that may stand at the moderately sensitive level: those a person can read, and
/// an output checker can judge, with nothing more than a viewer. Compared byte for byte.
pub const MODERATE_EXTENSIONS: &[&str] = &[
    "csv", "jpg", "jpeg", "png", "svg", "svgz", "html", "txt", "log", "json", "md",
];

/// Whether a file with this extension (without its dot, case-sensitive) may stand at the
/// moderately sensitive level.
///
/// ```
/// use glovebox_levels::is_allowed_at_moderate;
///
/// assert!(is_allowed_at_moderate("csv"));
/// assert!(!is_allowed_at_moderate("CSV"));
/// assert!(!is_allowed_at_moderate("dta"));
/// ```
pub fn is_allowed_at_moderate(extension: &str) -> bool {
    MODERATE_EXTENSIONS.contains(&extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_nothing_else_is() {
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
            assert_eq!(level.to_string(), level.as_str());
            assert_eq!(
                serde_json::to_value(level).ok(),
                Some(level.as_str().into())
            );
        }
        for wrong in [
            "",
            "Highly_sensitive",
            "highly-sensitive",
            " highly_sensitive",
            "high",
        ] {
            assert!(wrong.parse::<Level>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_most_sensitive_level_is_the_smallest() {
        assert_eq!(Level::ALL.into_iter().min(), Some(Level::HighlySensitive));
        assert!(Level::ModeratelySensitive < Level::MinimallySensitive);
    }

    #[test]
    fn a_very_long_wrong_name_is_cut() {
        let error = "x".repeat(10_000).parse::<Level>().err();
        assert_eq!(error.map(|error| error.name.len()), Some(64));
    }
}
