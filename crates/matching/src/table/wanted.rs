//! Which columns a matching reads, and as what.

use crate::{MatchRule, Settings};

/// What a key column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text compared for equality, with the number of its dictionary.
    Category(usize),
    /// A number.
    Number,
    /// A date.
    Day,
    /// The month of a date.
    Month,
}

/// One column to read, and what as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The setting that asks for it.
    pub(crate) setting: &'static str,
}

impl Wanted {
    /// The key columns of the cases, each kind of each column once.
    pub(crate) fn in_cases(settings: &Settings) -> Vec<Self> {
        let mut wanted = Self::in_both(settings);
        Self::add(
            &mut wanted,
            &settings.index_date_variable,
            Kind::Day,
            "index_date_variable",
        );
        wanted
    }

    /// The key columns of the controls. Their index date is not read where it is generated.
    pub(crate) fn in_controls(settings: &Settings) -> Vec<Self> {
        if settings.generate_match_index_date.is_some() {
            Self::in_both(settings)
        } else {
            Self::in_cases(settings)
        }
    }

    /// How many dictionaries the category variables need.
    pub(crate) fn dictionaries(settings: &Settings) -> usize {
        settings
            .match_variables
            .iter()
            .filter(|(_, rule)| *rule == MatchRule::Category)
            .count()
    }

    fn in_both(settings: &Settings) -> Vec<Self> {
        let mut wanted = Vec::new();
        let mut dictionary = 0;
        for (name, rule) in &settings.match_variables {
            let kind = match rule {
                MatchRule::Category => {
                    dictionary += 1;
                    Kind::Category(dictionary - 1)
                }
                MatchRule::Within(_) => Kind::Number,
                MatchRule::MonthOnly => Kind::Month,
            };
            Self::add(&mut wanted, name, kind, "match_variables");
        }
        for name in &settings.closest_match_variables {
            Self::add(&mut wanted, name, Kind::Number, "closest_match_variables");
        }
        for (name, _) in &settings.date_exclusion_variables {
            Self::add(&mut wanted, name, Kind::Day, "date_exclusion_variables");
        }
        wanted
    }

    fn add(wanted: &mut Vec<Self>, name: &str, kind: Kind, setting: &'static str) {
        if !wanted
            .iter()
            .any(|known| known.name == name && known.kind == kind)
        {
            wanted.push(Self {
                name: name.to_owned(),
                kind,
                setting,
            });
        }
    }
}
