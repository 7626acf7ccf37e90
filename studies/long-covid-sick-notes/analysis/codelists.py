"""The codes that define each condition, measurement and event of the study."""

from cohortextractor import codelist, codelist_from_csv, combine_codelists


def from_file(name, system="ctv3", column="code", **kwargs):
    return codelist_from_csv(f"codelists/{name}.csv", system=system, column=column, **kwargs)


covid_hospital = from_file("covid-hospital", system="icd10", column="icd10_code")
covid_primary_care = from_file("covid-primary-care")
pneumonia = from_file("pneumonia", system="icd10", column="icd10_code")

fit_notes = from_file("fit-notes")
fit_note_durations = {
    "days": codelist(["Y1712"], system="ctv3"),
    "weeks": codelist(["Y08c1"], system="ctv3"),
    "months": codelist(["Y08c2"], system="ctv3"),
}

ethnicity = from_file("ethnicity", category_column="group")
smoking = from_file("smoking", category_column="category")

asthma = from_file("asthma")
chronic_respiratory = from_file("chronic-respiratory")
prednisolone = from_file("prednisolone", system="snomed", column="id")
hypertension = from_file("hypertension")
diabetes = from_file("diabetes")
heart_disease = from_file("heart-disease")
cancer = from_file("cancer")
dementia = from_file("dementia")
hiv = from_file("hiv", category_column="code")
immunosuppression = from_file("immunosuppression")
any_lung_disease = combine_codelists(asthma, chronic_respiratory)

systolic_blood_pressure = codelist(["2469."], system="ctv3")
hba1c_mmol_per_mol = codelist(["XaPbt"], system="ctv3")
