//! Hospitals, emergency and intensive care, outpatients, laboratory tests.

use super::argument::ArgumentKind::{Codelist, Codes, Flag as YesNo, OneOf, OptionalFlag, Texts};
use super::argument::Group::{Expectations, Format, Matches, OldFormat, Period};
use super::argument::{optional, required};
use super::returns::Returns::Choice;
use super::returns::ValueType::{Date, Flag, Int, Text};
use super::table::Function;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "admitted_to_hospital",
        arguments: &[
            optional("with_these_diagnoses", Codelist(&["icd10"])),
            optional("with_these_primary_diagnoses", Codelist(&["icd10"])),
            optional("with_these_procedures", Codelist(&["opcs4"])),
            optional("with_admission_method", Texts),
            optional("with_source_of_admission", Texts),
            optional("with_discharge_destination", Texts),
            optional("with_patient_classification", Texts),
            optional("with_admission_treatment_function_code", Texts),
            optional("with_administrative_category", Texts),
            optional("with_at_least_one_day_in_critical_care", YesNo),
        ],
        groups: &[Period, Matches, Format, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date_admitted", Date),
                ("date_discharged", Date),
                ("number_of_matches_in_period", Int),
                ("primary_diagnosis", Text),
                ("total_bed_days_in_period", Int),
                ("total_critical_care_days_in_period", Int),
                ("days_in_critical_care", Text),
                ("duration_of_elective_wait", Text),
                ("admission_method", Text),
                ("source_of_admission", Text),
                ("discharge_destination", Text),
                ("patient_classification", Text),
                ("admission_treatment_function_code", Text),
                ("administrative_category", Text),
            ],
        },
    },
    Function {
        name: "attended_emergency_care",
        arguments: &[
            optional("with_these_diagnoses", Codes),
            optional("discharged_to", Codes),
        ],
        groups: &[Period, Matches, Format, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date_arrived", Date),
                ("number_of_matches_in_period", Int),
                ("discharge_destination", Text),
            ],
        },
    },
    Function {
        name: "admitted_to_icu",
        arguments: &[],
        groups: &[Period, Matches, Format, OldFormat, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date_admitted", Date),
                ("had_respiratory_support", Flag),
                ("had_basic_respiratory_support", Flag),
                ("had_advanced_respiratory_support", Flag),
            ],
        },
    },
    Function {
        name: "outpatient_appointment_date",
        arguments: &[
            optional("attended", OptionalFlag),
            optional("is_first_attendance", OptionalFlag),
            optional("with_these_treatment_function_codes", Codes),
            optional("with_these_procedures", Codelist(&["opcs4"])),
        ],
        groups: &[Period, Matches, Format, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date", Date),
                ("number_of_matches_in_period", Int),
                ("consultation_medium_used", Text),
            ],
        },
    },
    Function {
        name: "with_test_result_in_sgss",
        arguments: &[
            required("pathogen", OneOf(&["SARS-CoV-2"])),
            optional("test_result", OneOf(&["any", "positive", "negative"])),
            optional("restrict_to_earliest_specimen_date", YesNo),
        ],
        groups: &[Period, Matches, Format, Expectations],
        returns: Choice {
            default: Some("binary_flag"),
            choices: &[
                ("binary_flag", Flag),
                ("date", Date),
                ("s_gene_target_failure", Text),
                ("case_category", Text),
                ("variant", Text),
                ("variant_detection_method", Text),
                ("symptomatic", Text),
                ("number_of_matches_in_period", Int),
            ],
        },
    },
];
