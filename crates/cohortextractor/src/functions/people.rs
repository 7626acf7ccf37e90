//! People, practices, addresses and households.

use super::argument::ArgumentKind::{Categories, Count, Date, OneOf, Percent};
use super::argument::Group::{Expectations, Format, FormatWithoutDay, Period};
use super::argument::{optional, required};
use super::returns::Returns::{self, Always, Choice};
use super::returns::ValueType::{self, Flag, Int, Text};
use super::table::Function;

const PRACTICE: Returns = Choice {
    default: None,
    choices: &[
        ("stp_code", Text),
        ("msoa", Text),
        ("msoa_code", Text),
        ("nuts1_region_name", Text),
        ("pseudo_id", Int),
    ],
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "all",
        arguments: &[],
        groups: &[],
        returns: Always(Flag),
    },
    Function {
        name: "random_sample",
        arguments: &[required("percent", Percent)],
        groups: &[Expectations],
        returns: Always(Flag),
    },
    Function {
        name: "sex",
        arguments: &[],
        groups: &[Expectations],
        returns: Always(Text),
    },
    Function {
        name: "age_as_of",
        arguments: &[required("reference_date", Date)],
        groups: &[Expectations],
        returns: Always(Int),
    },
    Function {
        name: "date_of_birth",
        arguments: &[],
        groups: &[FormatWithoutDay, Expectations],
        returns: Always(ValueType::Date),
    },
    Function {
        name: "registered_as_of",
        arguments: &[required("reference_date", Date)],
        groups: &[Expectations],
        returns: Always(Flag),
    },
    Function {
        name: "registered_with_one_practice_between",
        arguments: &[required("start_date", Date), required("end_date", Date)],
        groups: &[Expectations],
        returns: Always(Flag),
    },
    Function {
        name: "with_complete_gp_consultation_history_between",
        arguments: &[required("start_date", Date), required("end_date", Date)],
        groups: &[Expectations],
        returns: Always(Flag),
    },
    Function {
        name: "registered_practice_as_of",
        arguments: &[required("date", Date)],
        groups: &[Expectations],
        returns: PRACTICE,
    },
    Function {
        name: "address_as_of",
        arguments: &[required("date", Date), optional("round_to_nearest", Count)],
        groups: &[Expectations],
        returns: Choice {
            default: None,
            choices: &[
                ("index_of_multiple_deprivation", Int),
                ("rural_urban_classification", Int),
                ("msoa", Text),
            ],
        },
    },
    Function {
        name: "care_home_status_as_of",
        arguments: &[
            required("date", Date),
            optional("categorised_as", Categories),
        ],
        groups: &[Expectations],
        returns: Returns::Categories,
    },
    Function {
        name: "household_as_of",
        arguments: &[required("reference_date", Date)],
        groups: &[Expectations],
        returns: Choice {
            default: None,
            choices: &[
                ("pseudo_id", Int),
                ("household_size", Int),
                ("is_prison", Flag),
                ("has_members_in_other_ehr_systems", Flag),
                ("percentage_of_members_with_data_in_this_backend", Int),
                ("msoa", Text),
            ],
        },
    },
    Function {
        name: "date_deregistered_from_all_supported_practices",
        arguments: &[],
        groups: &[Period, Format, Expectations],
        returns: Always(ValueType::Date),
    },
    Function {
        name: "with_healthcare_worker_flag_on_covid_vaccine_record",
        arguments: &[],
        groups: &[Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[("binary_flag", Flag)],
        },
    },
    Function {
        name: "with_ethnicity_from_sus",
        arguments: &[optional(
            "use_most_frequent_code",
            super::ArgumentKind::Flag,
        )],
        groups: &[Expectations],
        returns: Choice {
            default: None,
            choices: &[("code", Text), ("group_6", Text), ("group_16", Text)],
        },
    },
    Function {
        name: "with_record_in_ukrr",
        arguments: &[required(
            "from_dataset",
            OneOf(&[
                "2019_prevalence",
                "2020_prevalence",
                "2021_prevalence",
                "2020_incidence",
                "2020_ckd",
            ]),
        )],
        groups: &[Period, Format, Expectations],
        returns: Choice {
            default: None,
            choices: &[
                ("binary_flag", Flag),
                ("renal_centre", Text),
                ("treatment_modality_start", Text),
                ("treatment_modality_prevalence", Text),
                ("latest_creatinine", Int),
                ("latest_egfr", ValueType::Float),
                ("rrt_start_date", ValueType::Date),
            ],
        },
    },
];
