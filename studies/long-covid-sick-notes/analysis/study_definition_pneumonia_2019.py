"""People admitted to hospital with pneumonia in the year before the pandemic."""

from cohortextractor import StudyDefinition, patients

import codelists
import variables

study = StudyDefinition(
    default_expectations=variables.EXPECTATIONS,
    index_date="2019-02-01",
    population=variables.adults("patient_index_date", "AND pneumonia_admission_date"),
    **variables.covid(),
    pneumonia_admission_date=patients.admitted_to_hospital(
        with_these_diagnoses=codelists.pneumonia,
        on_or_after="2019-02-01",
        returning="date_admitted",
        date_format="YYYY-MM-DD",
        find_first_match_in_period=True,
        return_expectations={"incidence": 0.15, "date": {"earliest": "2019-02-01"}},
    ),
    covid_diagnosis_date=patients.minimum_of(
        "sgss_positive", "primary_care_covid", "hospital_covid"
    ),
    patient_index_date=patients.minimum_of("pneumonia_admission_date"),
    **variables.common("patient_index_date"),
)
