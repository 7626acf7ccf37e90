//! Primary care: events, medications, measurements, consultations, vaccinations.

use super::argument::ArgumentKind::{
    Codelist, Codes, Count, Episode, Flag as YesNo, OneOf, OptionalFlag, Texts, Vaccine,
};
use super::argument::Group::{
    DateOfMatch, DateOfMeasurement, Expectations, Format, Matches, OldFormat, OldReturning, Period,
};
use super::argument::{Argument, optional, required};
use super::returns::Returns::{Always, Choice};
use super::returns::ValueType::{Date, Flag, Float, Int, Text};
use super::table::Function;

/// The systems of primary care events.
const CLINICAL: &[&str] = &["ctv3", "snomed"];

const FLAG_OR_DATE: super::Returns = Choice {
    default: Some("binary_flag"),
    choices: &[("binary_flag", Flag), ("date", Date)],
};

const RECORDED_VALUE: &[Argument] = &[
    required("codelist", Codelist(CLINICAL)),
    optional("on_most_recent_day_of_measurement", OptionalFlag),
];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "with_these_clinical_events",
        arguments: &[
            required("codelist", Codelist(CLINICAL)),
            optional("ignore_missing_values", YesNo),
            optional("ignore_days_where_these_codes_occur", Codelist(CLINICAL)),
            optional("episode_defined_as", Episode),
        ],
        groups: &[
            Period,
            Matches,
            Format,
            OldFormat,
            OldReturning,
            DateOfMatch,
            Expectations,
        ],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date", Date),
                ("number_of_matches_in_period", Int),
                ("number_of_episodes", Int),
                ("numeric_value", Float),
                ("code", Text),
                ("category", Text),
            ],
        },
    },
    Function {
        name: "with_these_medications",
        arguments: &[
            required("codelist", Codelist(&["snomed"])),
            optional(
                "ignore_days_where_these_clinical_codes_occur",
                Codelist(CLINICAL),
            ),
            optional("episode_defined_as", Episode),
        ],
        groups: &[
            Period,
            Matches,
            Format,
            OldFormat,
            OldReturning,
            DateOfMatch,
            Expectations,
        ],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date", Date),
                ("number_of_matches_in_period", Int),
                ("number_of_episodes", Int),
                ("code", Text),
                ("category", Text),
            ],
        },
    },
    Function {
        name: "most_recent_bmi",
        arguments: &[optional("minimum_age_at_measurement", Count)],
        groups: &[Period, Format, OldFormat, DateOfMeasurement, Expectations],
        returns: Always(Float),
    },
    Function {
        name: "mean_recorded_value",
        arguments: RECORDED_VALUE,
        groups: &[Period, Format, OldFormat, DateOfMeasurement, Expectations],
        returns: Always(Float),
    },
    Function {
        name: "min_recorded_value",
        arguments: RECORDED_VALUE,
        groups: &[Period, Format, DateOfMeasurement, Expectations],
        returns: Always(Float),
    },
    Function {
        name: "max_recorded_value",
        arguments: RECORDED_VALUE,
        groups: &[Period, Format, DateOfMeasurement, Expectations],
        returns: Always(Float),
    },
    Function {
        name: "with_these_decision_support_values",
        arguments: &[
            required("algorithm", OneOf(&["electronic_frailty_index"])),
            optional("ignore_missing_values", YesNo),
        ],
        groups: &[Period, Matches, Format, DateOfMatch, Expectations],
        returns: Choice {
            default: Some("numeric_value"),
            choices: &[
                ("numeric_value", Float),
                ("binary_flag", Flag),
                ("date", Date),
                ("number_of_matches_in_period", Int),
            ],
        },
    },
    Function {
        name: "with_gp_consultations",
        arguments: &[],
        groups: &[Period, Matches, Format, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date", Date),
                ("number_of_matches_in_period", Int),
            ],
        },
    },
    Function {
        name: "with_vaccination_record",
        arguments: &[required("tpp", Vaccine), required("emis", Vaccine)],
        groups: &[Period, Matches, Format, Expectations],
        returns: FLAG_OR_DATE,
    },
    Function {
        name: "with_tpp_vaccination_record",
        arguments: &[
            optional("target_disease_matches", Texts),
            optional("product_name_matches", Texts),
        ],
        groups: &[Period, Matches, Format, Expectations],
        returns: FLAG_OR_DATE,
    },
    Function {
        name: "with_high_cost_drugs",
        arguments: &[optional("drug_name_matches", Codes)],
        groups: &[
            Period,
            Matches,
            super::Group::FormatWithoutDay,
            Expectations,
        ],
        returns: FLAG_OR_DATE,
    },
    Function {
        name: "with_covid_therapeutics",
        arguments: &[
            optional("with_these_statuses", Texts),
            optional("with_these_therapeutics", Codes),
            optional("with_these_indications", Texts),
            optional("episode_defined_as", Episode),
        ],
        groups: &[Period, Matches, Format, DateOfMatch, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date", Date),
                ("therapeutic", Text),
                ("risk_group", Text),
                ("region", Text),
                ("number_of_matches_in_period", Int),
                ("number_of_episodes", Int),
            ],
        },
    },
];
