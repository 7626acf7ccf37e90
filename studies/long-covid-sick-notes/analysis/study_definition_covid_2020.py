"""People with COVID-19 in 2020, followed from its first sign."""

from cohortextractor import StudyDefinition, patients

import variables

study = StudyDefinition(
    default_expectations=variables.EXPECTATIONS,
    index_date="2020-02-01",
    population=variables.adults("patient_index_date", 'AND NOT covid_classification = "0"'),
    **variables.covid(),
    patient_index_date=patients.minimum_of(
        "sgss_positive", "primary_care_covid", "hospital_covid"
    ),
    covid_classification=patients.categorised_as(
        {
            "critical care": "hospital_covid AND icu_admission",
            "hospitalised": "hospital_covid",
            "positive test": "sgss_positive",
            "primary care only": "primary_care_covid",
            "0": "DEFAULT",
        },
        return_expectations={
            "rate": "universal",
            "category": {
                "ratios": {
                    "critical care": 0.1,
                    "hospitalised": 0.2,
                    "positive test": 0.6,
                    "primary care only": 0.1,
                }
            },
        },
    ),
    **variables.common("patient_index_date"),
)
