"""What a study definition imports.

This package only *declares*. Evaluating a study definition collects its variables, codelists and
measures, and `python -m cohortextractor` prints them as one JSON document. Nothing here reads
patient data, generates rows or decides where a file is written: a trusted program does so, from the
document, after it has checked the whole of it again. Study definitions are general Python and run
in a sandbox, so keep imports few: each one is paid at every start.
"""

from . import patients
from .codelists import (
    codelist,
    codelist_from_csv,
    combine_codelists,
    filter_codes_by_category,
)
from .parameters import params
from .study import Measure, StudyDefinition

__version__ = "v1.93.3+glovebox"

__all__ = [
    "Measure",
    "StudyDefinition",
    "codelist",
    "codelist_from_csv",
    "combine_codelists",
    "filter_codes_by_category",
    "params",
    "patients",
]
