"""The style of opensafely-matching 0.2: names of CSV files in the output folder."""

import os
import unittest

from osmatching import MatchingError, match

from .cohorts import CASES, CONTROLS, HEADER, PAIRS, CohortTest

STUDY = {
    "matches_per_case": 5,
    "match_variables": {"sex": "category", "age": 1, "stp": "category"},
    "index_date_variable": "patient_index_date",
    "output_path": "output/cohorts",
}
OLD_HEADER = "patient_id,sex,age,patient_index_date,stp"


class NamesTest(CohortTest):
    def study(self):
        """The cohorts of a study that matches people with covid to the general population."""
        add = [row + ",STP1" for row in CASES], [row + ",STP1" for row in CONTROLS]
        self.write("output/cohorts/input_covid_2020.csv", add[0], OLD_HEADER)
        self.write("output/cohorts/input_general_2020.csv", add[1], OLD_HEADER)

    def test_a_study_of_2021_runs_as_it_was_written(self):
        self.study()
        said = self.said(
            match,
            case_csv="input_covid_2020",
            match_csv="input_general_2020",
            matches_per_case=5,
            match_variables={"sex": "category", "age": 1, "stp": "category"},
            index_date_variable="patient_index_date",
            closest_match_variables=None,
            output_suffix="_2020",
            output_path="output/cohorts",
        )
        self.assertIn("Wrote output/cohorts/matched_matches_2020.csv", said)
        self.assertEqual(self.pairs("output/cohorts/matched_matches_2020.csv"), PAIRS)
        made = sorted(name for name in os.listdir("output/cohorts") if "input" not in name)
        self.assertEqual(
            made,
            [
                "matched_cases_2020.csv",
                "matched_combined_2020.csv",
                "matched_matches_2020.csv",
                "matching_report_2020.txt",
            ],
        )
        with open("output/cohorts/matched_cases_2020.csv", encoding="utf-8") as file:
            header = OLD_HEADER + ",set_id,case,match_counts"
            self.assertEqual(file.read().splitlines()[0], header)

    def test_names_may_have_their_extension_and_arguments_their_places(self):
        self.study()
        arguments = ["input_covid_2020.csv", "input_general_2020.csv"]
        self.said(match, *arguments, 5, {"sex": "category", "age": 1}, "patient_index_date", **{
            "output_path": "output/cohorts",
        })
        self.assertEqual(self.pairs("output/cohorts/matched_matches.csv"), PAIRS)

    def test_every_option_has_its_effect(self):
        died = ["1,F,40,2020-02-02,", "2,M,50,2020-02-01,", "3,M,50,2020-03-01,2020-01-01"]
        self.write("output/cases.csv", died, HEADER + ",died")
        rows = ["1,M,50,2020-01-01,", "10,F,40,2020-01-01,", "11,F,41,2020-01-01,2020-01-31"]
        self.write("output/controls.csv", rows, HEADER + ",died")
        self.said(
            match,
            "cases",
            "controls",
            1,
            {"sex": "category", "age": 1},
            "indexdate",
            closest_match_variables=["age"],
            date_exclusion_variables={"died": "before"},
            min_matches_per_case=1,
            replace_match_index_date_with_case="1_day_earlier",
            indicator_variable_name="exposed",
            drop_cases_from_matches=True,
        )
        cells = [(r["patient_id"], r["indexdate"], r["exposed"]) for r in self.rows("output/matched_combined.csv")]
        self.assertEqual(cells, [("1", "2020-02-02", "1"), ("10", "2020-02-01", "0")])

    def test_what_is_wrong_is_said_as_an_exception(self):
        self.study()
        with self.assertRaises(MatchingError) as caught:
            match("input_covid_2020", "input_general_2020", **dict(STUDY, min_matches_per_case=9))
        self.assertIsInstance(caught.exception, ValueError)
        self.assertEqual(
            caught.exception.problems,
            ["min_matches_per_case: 9 is more than matches_per_case, which is 5; lower it"],
        )
        with self.assertRaisesRegex(MatchingError, "output/cohorts/nobody.csv: there is no such file"):
            match("nobody", "input_general_2020", **STUDY)

    def test_an_argument_that_does_not_exist_is_refused(self):
        with self.assertRaises(TypeError):
            match("a", "b", 1, {}, "d", outputpath="output")
        with self.assertRaises(TypeError):
            match("a", "b")


if __name__ == "__main__":
    unittest.main()
