"""Variables that every cohort of the study has, counted from its own index date."""

from cohortextractor import filter_codes_by_category, patients

import codelists

REGIONS = [
    "East",
    "East Midlands",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and The Humber",
]
AGE_BANDS = [(0, 18), (18, 25), (25, 35), (35, 45), (45, 55), (55, 70), (70, 80)]
DEPRIVATION_AREAS = 32844
FIT_NOTES = 5


def equal_shares(values):
    """The same share for every value; the last takes what rounding left."""
    share = round(1 / len(values), 4)
    shares = {value: share for value in values[:-1]}
    shares[values[-1]] = 1 - sum(shares.values())
    return {"category": {"ratios": shares}}


def covid():
    """The first sign of COVID-19 in each source of data."""
    expected = {"incidence": 0.1, "date": {"earliest": "index_date"}}
    return dict(
        sgss_positive=patients.with_test_result_in_sgss(
            pathogen="SARS-CoV-2",
            test_result="positive",
            returning="date",
            date_format="YYYY-MM-DD",
            find_first_match_in_period=True,
            return_expectations=expected,
        ),
        primary_care_covid=patients.with_these_clinical_events(
            codelists.covid_primary_care,
            returning="date",
            date_format="YYYY-MM-DD",
            find_first_match_in_period=True,
            return_expectations=expected,
        ),
        hospital_covid=patients.admitted_to_hospital(
            with_these_diagnoses=codelists.covid_hospital,
            returning="date_admitted",
            date_format="YYYY-MM-DD",
            find_first_match_in_period=True,
            return_expectations=expected,
        ),
        icu_admission=patients.admitted_to_icu(
            on_or_after="index_date",
            returning="date_admitted",
            date_format="YYYY-MM-DD",
            find_first_match_in_period=True,
            return_expectations={"date": {"earliest": "index_date"}},
        ),
    )


def fit_notes(index_date):
    """Five sick notes, each the first after the one before, and how long each lasts."""
    variables = {}
    since = index_date
    for number in range(1, FIT_NOTES + 1):
        date = f"sick_note_{number}_date"
        variables[date] = patients.with_these_clinical_events(
            codelists.fit_notes,
            on_or_after=since,
            find_first_match_in_period=True,
            returning="date",
            date_format="YYYY-MM-DD",
            return_expectations={"incidence": 0.9, "date": {"earliest": "index_date"}},
        )
        for unit, codes in codelists.fit_note_durations.items():
            variables[f"sick_note_{number}_duration_{unit}"] = patients.with_these_clinical_events(
                codes,
                between=[date, date],
                returning="numeric_value",
                return_expectations={
                    "incidence": 0.9,
                    "float": {"distribution": "normal", "mean": 21, "stddev": 5},
                },
            )
        since = f"{date} + 1 day"
    return variables


def age_group():
    rules = {f"{low}-{high - 1}": f"age >= {low} AND age < {high}" for low, high in AGE_BANDS}
    rules["80+"] = "age >= 80"
    expected = {"rate": "universal", **equal_shares(list(rules))}
    return patients.categorised_as({**rules, "missing": "DEFAULT"}, return_expectations=expected)


def deprivation_fifth():
    area = "index_of_multiple_deprivation"
    rules = {"0": "DEFAULT"}
    for fifth in range(1, 6):
        lowest = "1" if fifth == 1 else f"{DEPRIVATION_AREAS}*{fifth - 1}/5"
        rules[str(fifth)] = f"{area} >= {lowest} AND {area} < {DEPRIVATION_AREAS}*{fifth}/5"
    return patients.categorised_as(
        rules,
        index_of_multiple_deprivation=patients.address_as_of(
            "index_date", returning="index_of_multiple_deprivation", round_to_nearest=100
        ),
        return_expectations={"rate": "universal", **equal_shares(list(rules))},
    )


def demographics(index_date):
    practice = patients.registered_practice_as_of
    return dict(
        age=patients.age_as_of(
            index_date,
            return_expectations={
                "rate": "universal",
                "int": {"distribution": "population_ages"},
            },
        ),
        age_group=age_group(),
        sex=patients.sex(
            return_expectations={
                "rate": "universal",
                "category": {"ratios": {"M": 0.49, "F": 0.51}},
            }
        ),
        stp=practice(
            "index_date",
            returning="stp_code",
            return_expectations={
                "rate": "universal",
                **equal_shares([f"STP{number}" for number in range(1, 11)]),
            },
        ),
        practice_id=practice(
            "index_date",
            returning="pseudo_id",
            return_expectations={
                "incidence": 1,
                "int": {"distribution": "normal", "mean": 1000, "stddev": 100},
            },
        ),
        region=practice(
            "index_date",
            returning="nuts1_region_name",
            return_expectations={"rate": "universal", **equal_shares(REGIONS)},
        ),
        imd=deprivation_fifth(),
        ethnicity=patients.with_these_clinical_events(
            codelists.ethnicity,
            on_or_before=index_date,
            returning="category",
            find_last_match_in_period=True,
            return_expectations={
                "incidence": 0.75,
                "category": {"ratios": {"1": 0.8, "3": 0.1, "4": 0.1}},
            },
        ),
        previous_covid=patients.categorised_as(
            {
                "COVID hospitalised": "hospital_covid",
                "COVID positive": "sgss_positive OR primary_care_covid",
                "No COVID code": "DEFAULT",
            },
            return_expectations={
                "incidence": 1,
                "category": {
                    "ratios": {
                        "COVID hospitalised": 0.1,
                        "COVID positive": 0.2,
                        "No COVID code": 0.7,
                    }
                },
            },
        ),
    )


def ever(codes):
    """The month of the first event; the old forms of the arguments, as many studies have them."""
    return patients.with_these_clinical_events(
        codes, return_first_date_in_period=True, include_month=True
    )


def clinical(index_date):
    flag = {"incidence": 0.2}
    smoker = filter_codes_by_category(codelists.smoking, include=["S"])
    ever_smoker = filter_codes_by_category(codelists.smoking, include=["S", "E"])
    day_before = f"{index_date} - 1 day"
    return dict(
        efrailty=patients.with_these_decision_support_values(
            "electronic_frailty_index",
            on_or_before=index_date,
            find_last_match_in_period=True,
            returning="numeric_value",
            return_expectations={
                "float": {"distribution": "normal", "mean": 0.2, "stddev": 0.005}
            },
        ),
        emergency_care=patients.attended_emergency_care(
            on_or_before=f"{index_date} - 1 month",
            returning="binary_flag",
            return_expectations=flag,
        ),
        previous_sick_note=patients.with_these_clinical_events(
            codelists.fit_notes,
            on_or_before=f"{index_date} - 1 month",
            return_expectations=flag,
        ),
        bmi=patients.most_recent_bmi(
            on_or_after=f"{index_date} - 10 years",
            minimum_age_at_measurement=16,
            include_measurement_date=True,
            include_month=True,
            return_expectations={
                "incidence": 0.98,
                "float": {"distribution": "normal", "mean": 28, "stddev": 6},
            },
        ),
        smoking_status=patients.categorised_as(
            {
                "S": "latest_smoking_code = 'S' OR smoked_last_18_months",
                "E": "latest_smoking_code = 'E' OR (latest_smoking_code = 'N' AND ever_smoked)",
                "N": "latest_smoking_code = 'N' AND NOT ever_smoked",
                "M": "DEFAULT",
            },
            latest_smoking_code=patients.with_these_clinical_events(
                codelists.smoking,
                on_or_before=day_before,
                returning="category",
                find_last_match_in_period=True,
            ),
            ever_smoked=patients.with_these_clinical_events(ever_smoker, on_or_before=day_before),
            smoked_last_18_months=patients.with_these_clinical_events(
                smoker, between=[f"{index_date} - 548 days", index_date]
            ),
            return_expectations={
                "category": {"ratios": {"S": 0.2, "E": 0.3, "N": 0.4, "M": 0.1}}
            },
        ),
        asthma=patients.categorised_as(
            {
                "0": "DEFAULT",
                "1": "any_asthma AND (steroid_courses = 0 OR steroid_courses > 4)",
                "2": "any_asthma AND steroid_courses > 0 AND steroid_courses < 5",
            },
            any_asthma=patients.with_these_clinical_events(codelists.asthma),
            steroid_courses=patients.with_these_medications(
                codelists.prednisolone,
                between=["index_date - 1 year", "index_date"],
                returning="number_of_matches_in_period",
            ),
            return_expectations={"category": {"ratios": {"0": 0.8, "1": 0.1, "2": 0.1}}},
        ),
        hba1c=patients.with_these_clinical_events(
            codelists.hba1c_mmol_per_mol,
            between=[f"{index_date} - 730 days", index_date],
            find_last_match_in_period=True,
            returning="numeric_value",
            include_date_of_match=False,
            return_expectations={
                "incidence": 0.5,
                "float": {"distribution": "normal", "mean": 40, "stddev": 10},
            },
        ),
        bp_sys=patients.mean_recorded_value(
            codelists.systolic_blood_pressure,
            on_most_recent_day_of_measurement=True,
            on_or_before="2020-02-01",
            include_measurement_date=True,
            include_month=True,
            return_expectations={
                "incidence": 0.95,
                "date": {"latest": "2020-02-29"},
                "float": {"distribution": "normal", "mean": 130, "stddev": 15},
            },
        ),
        hiv=patients.with_these_clinical_events(
            codelists.hiv,
            returning="category",
            find_first_match_in_period=True,
            include_date_of_match=True,
            include_month=True,
            return_expectations={
                "incidence": 0.01,
                "category": {"ratios": {"43C3.": 0.8, "A788.": 0.2}},
            },
        ),
        hypertension=ever(codelists.hypertension),
        diabetes=ever(codelists.diabetes),
        any_lung_disease=ever(codelists.any_lung_disease),
        heart_disease=ever(codelists.heart_disease),
        cancer=ever(codelists.cancer),
        dementia=ever(codelists.dementia),
        immunosuppression=patients.with_these_clinical_events(
            codelists.immunosuppression,
            return_last_date_in_period=True,
            include_month=True,
        ),
    )


def common(index_date):
    """All of the above except `covid()`, which the index date of a cohort may rest on."""
    return {**demographics(index_date), **clinical(index_date), **fit_notes(index_date)}


EXPECTATIONS = {
    "date": {"earliest": "1980-01-01", "latest": "today"},
    "rate": "uniform",
    "incidence": 0.7,
}

ADULTS = """
    has_follow_up
    AND age >= 18 AND age <= 110
    AND (sex = "M" OR sex = "F")
    AND imd > 0
    AND NOT stp = ""
"""


def adults(index_date, also=""):
    """Adults with a year of records in one practice, and what is known of them."""
    return patients.satisfying(
        ADULTS + also,
        has_follow_up=patients.registered_with_one_practice_between(
            f"{index_date} - 1 year", index_date
        ),
    )
