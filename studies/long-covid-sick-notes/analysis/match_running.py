"""Match everybody who had COVID-19 to five people of a comparison cohort.

    match_running.py COHORT SUFFIX INDEX_DATE

COHORT is the name of the comparison cohort's file. Its people have no index date of their own, so
all are given INDEX_DATE. SUFFIX ends the names of the files that this makes.
"""

import sys

import pandas as pd
from osmatching import match

FOLDER = "output/cohorts"

cohort, suffix, index_date = sys.argv[1:4]
dated_cohort = f"{cohort}_with_index_date"

people = pd.read_csv(f"{FOLDER}/{cohort}.csv", dtype=str, keep_default_na=False)
people["patient_index_date"] = index_date
people.to_csv(f"{FOLDER}/{dated_cohort}.csv", index=False)

match(
    case_csv="input_covid_2020",
    match_csv=dated_cohort,
    matches_per_case=5,
    match_variables={"sex": "category", "age": 1, "stp": "category"},
    index_date_variable="patient_index_date",
    output_suffix=suffix,
    output_path=FOLDER,
)
