//! Deaths.

use super::argument::ArgumentKind::{Codelist, Flag as YesNo};
use super::argument::Group::{Expectations, Format, OldFormat, Period};
use super::argument::{optional, required};
use super::returns::Returns::{self, Choice};
use super::returns::ValueType::{Date, Flag, Text};
use super::table::Function;

const CERTIFICATE: Returns = Choice {
    default: Some("binary_flag"),
    choices: &[
        ("binary_flag", Flag),
        ("date_of_death", Date),
        ("underlying_cause_of_death", Text),
        ("place_of_death", Text),
    ],
};

const FLAG_OR_DATE: Returns = Choice {
    default: Some("binary_flag"),
    choices: &[("binary_flag", Flag), ("date_of_death", Date)],
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "with_these_codes_on_death_certificate",
        arguments: &[
            required("codelist", Codelist(&["icd10"])),
            optional("match_only_underlying_cause", YesNo),
        ],
        groups: &[Period, Format, OldFormat, Expectations],
        returns: CERTIFICATE,
    },
    Function {
        name: "died_from_any_cause",
        arguments: &[],
        groups: &[Period, Format, OldFormat, Expectations],
        returns: CERTIFICATE,
    },
    Function {
        name: "with_death_recorded_in_cpns",
        arguments: &[],
        groups: &[Period, Format, OldFormat, Expectations],
        returns: FLAG_OR_DATE,
    },
    Function {
        name: "with_death_recorded_in_primary_care",
        arguments: &[],
        groups: &[Period, Format, Expectations],
        returns: FLAG_OR_DATE,
    },
];
