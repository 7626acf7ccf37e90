"""The arguments of every `patients` function, in the order in which they may be given.

A name that ends in `!` must be given. Only names live here: what an argument means, which values it
takes and what a function returns is decided by the trusted side that reads the document.
"""

_PERIOD = "on_or_before on_or_after between"
_MATCH = "find_first_match_in_period find_last_match_in_period"
_OLD_FORMAT = "include_month include_day"
_OLD_RETURNING = (
    "return_binary_flag return_number_of_matches_in_period"
    " return_first_date_in_period return_last_date_in_period"
)
_DEATH = f"{_PERIOD} returning date_format {_OLD_FORMAT} return_expectations"

_TEXTS = {
    "all": "",
    "random_sample": "percent! return_expectations",
    "sex": "return_expectations",
    "age_as_of": "reference_date! return_expectations",
    "date_of_birth": "date_format return_expectations",
    "registered_as_of": "reference_date! return_expectations",
    "registered_with_one_practice_between": "start_date! end_date! return_expectations",
    "with_complete_history_between": "start_date! end_date! return_expectations",
    "with_complete_gp_consultation_history_between": "start_date! end_date! return_expectations",
    "most_recent_bmi": f"{_PERIOD} minimum_age_at_measurement return_expectations"
    f" include_measurement_date date_format {_OLD_FORMAT}",
    "mean_recorded_value": "codelist! on_most_recent_day_of_measurement return_expectations"
    f" {_PERIOD} include_measurement_date date_format {_OLD_FORMAT}",
    "min_recorded_value": "codelist! on_most_recent_day_of_measurement return_expectations"
    f" {_PERIOD} include_measurement_date date_format",
    "max_recorded_value": "codelist! on_most_recent_day_of_measurement return_expectations"
    f" {_PERIOD} include_measurement_date date_format",
    "with_these_medications": f"codelist! return_expectations {_PERIOD} {_MATCH} returning"
    " include_date_of_match date_format ignore_days_where_these_clinical_codes_occur"
    f" episode_defined_as {_OLD_RETURNING} {_OLD_FORMAT}",
    "with_these_clinical_events": f"codelist! return_expectations {_PERIOD} {_MATCH} returning"
    " include_date_of_match date_format ignore_missing_values ignore_days_where_these_codes_occur"
    f" episode_defined_as {_OLD_RETURNING} {_OLD_FORMAT}",
    "comparator_from": "source! return_expectations",
    "reference_range_lower_bound_from": "source! return_expectations",
    "reference_range_upper_bound_from": "source! return_expectations",
    "date_of": f"source! date_format {_OLD_FORMAT} return_expectations",
    "categorised_as": "category_definitions! return_expectations **",
    "satisfying": "expression! return_expectations **",
    "minimum_of": "* **",
    "maximum_of": "* **",
    "fixed_value": "value!",
    "registered_practice_as_of": "date! returning return_expectations",
    "address_as_of": "date! returning round_to_nearest return_expectations",
    "care_home_status_as_of": "date! categorised_as return_expectations",
    "household_as_of": "reference_date! returning return_expectations",
    "date_deregistered_from_all_supported_practices": f"{_PERIOD} date_format return_expectations",
    "with_gp_consultations": f"{_PERIOD} {_MATCH} returning date_format return_expectations",
    "with_vaccination_record": f"tpp! emis! {_PERIOD} returning date_format {_MATCH}"
    " return_expectations",
    "with_tpp_vaccination_record": f"target_disease_matches product_name_matches {_PERIOD}"
    f" returning date_format {_MATCH} return_expectations",
    "admitted_to_icu": f"on_or_after on_or_before between {_MATCH} returning date_format"
    f" return_expectations {_OLD_FORMAT}",
    "with_these_codes_on_death_certificate": f"codelist! {_PERIOD} match_only_underlying_cause"
    f" returning date_format {_OLD_FORMAT} return_expectations",
    "died_from_any_cause": _DEATH,
    "with_death_recorded_in_cpns": _DEATH,
    "with_death_recorded_in_primary_care": f"{_PERIOD} returning date_format return_expectations",
    "with_test_result_in_sgss": f"pathogen test_result {_PERIOD} {_MATCH}"
    " restrict_to_earliest_specimen_date returning date_format return_expectations",
    "attended_emergency_care": f"{_PERIOD} returning {_MATCH} date_format with_these_diagnoses"
    " discharged_to return_expectations",
    "admitted_to_hospital": f"{_PERIOD} returning {_MATCH} date_format with_these_diagnoses"
    " with_these_primary_diagnoses with_these_procedures with_admission_method"
    " with_source_of_admission with_discharge_destination with_patient_classification"
    " with_admission_treatment_function_code with_administrative_category"
    " with_at_least_one_day_in_critical_care return_expectations",
    "outpatient_appointment_date": "returning attended is_first_attendance"
    " with_these_treatment_function_codes with_these_procedures on_or_after between date_format"
    " find_first_match_in_period return_expectations",
    "with_high_cost_drugs": f"drug_name_matches {_PERIOD} returning date_format {_MATCH}"
    " return_expectations",
    "with_ethnicity_from_sus": "returning use_most_frequent_code return_expectations",
    "with_these_decision_support_values": f"algorithm! {_PERIOD} {_MATCH} returning"
    " include_date_of_match date_format ignore_missing_values return_expectations",
    "with_healthcare_worker_flag_on_covid_vaccine_record": "returning return_expectations",
    "with_covid_therapeutics": "with_these_statuses with_these_therapeutics with_these_indications"
    f" {_PERIOD} returning date_format {_MATCH} include_date_of_match episode_defined_as"
    " return_expectations",
    "with_an_isaric_record": "returning! between date_filter_column date_format"
    " return_expectations",
    "with_record_in_ukrr": f"from_dataset returning {_PERIOD} date_format return_expectations",
    "with_value_from_file": "f_path! returning! returning_type! date_format",
    "which_exist_in_file": "f_path!",
}


class Signature:
    """Names of one function's arguments."""

    __slots__ = ("names", "required", "positional_names", "hidden_columns")

    def __init__(self, text):
        words = text.split()
        #: The function takes names of other variables as positional arguments.
        self.positional_names = "*" in words
        #: Every other keyword argument is a hidden column.
        self.hidden_columns = "**" in words
        words = [word for word in words if not word.startswith("*")]
        self.names = [word.rstrip("!") for word in words]
        self.required = [word[:-1] for word in words if word.endswith("!")]


SIGNATURES = {name: Signature(text) for name, text in _TEXTS.items()}
