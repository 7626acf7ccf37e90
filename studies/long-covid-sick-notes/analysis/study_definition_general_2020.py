"""The general population in 2020."""

from cohortextractor import StudyDefinition

import variables

study = StudyDefinition(
    default_expectations=variables.EXPECTATIONS,
    index_date="2020-02-01",
    population=variables.adults("index_date"),
    **variables.covid(),
    **variables.common("index_date"),
)
