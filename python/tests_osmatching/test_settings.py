"""The style of opensafely-matching 1.x: settings, with frames or paths; and the command."""

import os
import subprocess
import sys
import unittest
from importlib.util import find_spec

import osmatching
from osmatching import GloveboxNotFound, MatchConfig, MatchingError, load_config, match

from .cohorts import CASES, CONTROLS, HEADER, PAIRS, SETTINGS, CohortTest, set_variable

PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(osmatching.__file__)))


class SettingsTest(CohortTest):
    def setUp(self):
        super().setUp()
        self.cases = self.write("cases.csv", CASES)
        self.controls = self.write("controls.csv", CONTROLS)

    def test_settings_come_in_several_forms(self):
        config, errors = load_config(SETTINGS)
        self.assertEqual(errors, {})
        self.assertEqual(config.matches_per_case, 2)
        self.assertEqual((config.output_path, config.output_suffix), ("output", ""))
        self.assertNotIn("output_path", config.as_dict())
        forms = [SETTINGS, config, (config, errors), load_config(config), MatchConfig(**SETTINGS)]
        for form in forms:
            self.said(match, case_df=self.cases, match_df=self.controls, match_config=form)
            self.assertEqual(self.pairs(), PAIRS)
            os.remove("output/matched_matches.csv")
        self.said(match, self.cases, self.controls, SETTINGS)
        self.assertEqual(self.pairs(), PAIRS)

    def test_everything_that_is_wrong_is_named(self):
        wrong = {"matches_per_case": "two", "match_variable": {}, "index_date_variable": "indexdate"}
        with self.assertRaises(MatchingError) as caught:
            match(self.cases, "nobody.csv", load_config(wrong))
        self.assertEqual(
            caught.exception.problems,
            [
                "match_variables: this setting is required; add it",
                'matches_per_case: "two" is not a whole number from 0 up',
                "match_variable: there is no such setting; did you mean match_variables?",
                "nobody.csv: there is no such file; check the path",
            ],
        )
        with self.assertRaisesRegex(MatchingError, "cannot be written as JSON"):
            match(self.cases, self.controls, dict(SETTINGS, seed=object()))
        with self.assertRaises(TypeError):
            match(self.cases, self.controls, match_config="settings.json")

    def test_a_program_that_is_not_there_is_named(self):
        set_variable("GLOVEBOX_BIN", "nowhere/glovebox")
        with self.assertRaisesRegex(GloveboxNotFound, "nowhere/glovebox.*set GLOVEBOX_BIN"):
            match(self.cases, self.controls, SETTINGS)

    def test_importing_the_package_imports_no_others(self):
        code = "import osmatching, sys; print([m for m in ('pandas', 'numpy', 'pyarrow') if m in sys.modules])"
        self.assertEqual(self.python("-c", code).stdout.strip(), "[]")

    def test_the_command_takes_the_reference_arguments(self):
        self.write("matching.json", [], '{"matches_per_case": 2, "match_variables": {"sex": "category", "age": 1}, "index_date_variable": "indexdate"}')
        files = ["--cases", self.cases, "--controls", self.controls]
        done = self.python("-m", "osmatching", *files, "--config-file", "matching.json", "--output-format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.pairs(), PAIRS)
        done = self.python("-m", "osmatching", *files, "--config", "{}")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stderr.splitlines()), 3, done.stderr)
        set_variable("GLOVEBOX_BIN", "nowhere/glovebox")
        done = self.python("-m", "osmatching", *files, "--config", "{}")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (3, 1), done.stderr)

    def python(self, *arguments):
        environment = dict(os.environ, PYTHONPATH=PACKAGES)
        return subprocess.run(
            [sys.executable] + list(arguments),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            check=False,
        )


@unittest.skipUnless(find_spec("pandas"), "pandas is not installed")
class FramesTest(CohortTest):
    def test_frames_keep_every_column(self):
        import pandas

        cases = self.write("cases.csv", [row + ',"a, b"' for row in CASES], HEADER + ",note")
        cases = pandas.read_csv(cases, parse_dates=["indexdate"]).set_index("patient_id")
        cases["sex"] = cases["sex"].astype("category")
        controls = pandas.read_csv(self.write("controls.csv", CONTROLS))
        controls["age"] = controls["age"].astype(float)
        for settings in [SETTINGS, dict(SETTINGS, output_format="csv.gz", output_suffix="_x")]:
            answers = []
            self.said(lambda: answers.extend(match(cases, controls, settings)))
            matched_cases, matched_matches = answers
            self.assertEqual(matched_cases.index.name, "patient_id")
            self.assertEqual(list(matched_cases["note"]), ["a, b", "a, b"])
            self.assertEqual(list(matched_cases["match_counts"]), [1.0, 2.0])
            sets = [(str(person), str(case)) for person, case in matched_matches["set_id"].items()]
            self.assertEqual(sets, PAIRS)
        self.assertEqual(self.pairs(), PAIRS)

    def test_numbers_of_numpy_are_numbers(self):
        import numpy

        files = self.write("cases.csv", CASES), self.write("controls.csv", CONTROLS)
        self.said(match, *files, dict(SETTINGS, matches_per_case=numpy.int64(2)))
        self.assertEqual(self.pairs(), PAIRS)

    def test_anything_else_is_refused(self):
        with self.assertRaisesRegex(TypeError, "paths or data frames, not list"):
            match([], [], SETTINGS)

    def test_tables_that_become_frames_are_frames_too(self):
        class ArrowTable:
            """What is used of an Arrow table; pyarrow itself is in no runtime."""

            def __init__(self, path):
                self.path = path

            def to_pandas(self):
                import pandas

                return pandas.read_csv(self.path)

        tables = [ArrowTable(self.write(*c)) for c in [("a.csv", CASES), ("b.csv", CONTROLS)]]
        self.said(match, *tables, SETTINGS)
        self.assertEqual(self.pairs(), PAIRS)


if __name__ == "__main__":
    unittest.main()
