"""Small cohorts on disk, and the program that matches them."""

import contextlib
import csv
import io
import os
import shutil
import tempfile
import unittest

HEADER = "patient_id,sex,age,indexdate"
CASES = ["1,F,40,2020-02-02", "2,M,50,2020-02-01"]
CONTROLS = ["10,F,41,2020-01-01", "11,F,39,2020-01-01", "12,F,42,2020-01-01", "14,M,50,2020-01-01"]
SETTINGS = {
    "matches_per_case": 2,
    "match_variables": {"sex": "category", "age": 1},
    "index_date_variable": "indexdate",
}
PAIRS = [("10", "1"), ("11", "1"), ("14", "2")]


class CohortTest(unittest.TestCase):
    """A test in a folder of its own, with the program at hand."""

    @classmethod
    def setUpClass(cls):
        # A test that could not find the program must not look like one that passed.
        cls.program = shutil.which(os.environ.get("GLOVEBOX_BIN") or "glovebox")
        if cls.program is None:
            raise RuntimeError("set GLOVEBOX_BIN to a built glovebox to run these tests")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        before = os.environ.get("GLOVEBOX_BIN")
        os.environ["GLOVEBOX_BIN"] = os.path.abspath(self.program)
        self.addCleanup(set_variable, "GLOVEBOX_BIN", before)
        os.chdir(folder.name)

    def write(self, path, rows, header=HEADER):
        """Write a cohort and answer its path."""
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join([header] + rows) + "\n")
        return path

    def said(self, function, *args, **kwargs):
        """What a call prints."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            function(*args, **kwargs)
        return output.getvalue()

    def rows(self, path):
        """The rows of a CSV file as dicts."""
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def pairs(self, path="output/matched_matches.csv"):
        """Each control's id with its case's."""
        return [(row["patient_id"], row["set_id"]) for row in self.rows(path)]


def set_variable(name, value):
    """Set an environment variable, or remove it if there is no value."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
