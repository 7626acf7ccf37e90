"""Finding study definitions and evaluating them."""

import importlib
import os
import re
import sys
import traceback

from .problems import StudyError, StudyErrors, did_you_mean, in_package, shown_path
from .study import Measure, StudyDefinition

_FILE_NAME = re.compile(r"(study_definition(?:_\w+)?)\.py", re.ASCII)


def find_studies():
    """Names of the study definitions in `analysis`, sorted."""
    # Not codelists: a study may have none, and a folder without files does not survive git.
    if not os.path.isdir("analysis"):
        raise StudyError(
            "this folder has no analysis folder: run the command from the root of a study",
            kind="folder",
            place=(None, None),
        )
    matches = [_FILE_NAME.fullmatch(name) for name in os.listdir("analysis")]
    return sorted(match.group(1) for match in matches if match)


def load(name):
    """Evaluates one study definition: (StudyDefinition, list of measures)."""
    for folder in (os.getcwd(), os.path.join(os.getcwd(), "analysis")):
        if folder not in sys.path:
            sys.path.append(folder)
    path = os.path.join("analysis", f"{name}.py")
    try:
        module = importlib.import_module(name)
    except (StudyError, StudyErrors):
        raise
    except (Exception, SystemExit) as error:
        raise _raised(error, path) from None
    study = getattr(module, "study", None)
    if not isinstance(study, StudyDefinition):
        raise StudyError(
            f"{path} defines no 'study': write study = StudyDefinition(…)", place=(path, None)
        )
    measures = getattr(module, "measures", None)
    if measures is None:
        measures = []
    if not isinstance(measures, (list, tuple)) or not all(
        isinstance(measure, Measure) for measure in measures
    ):
        raise StudyError(
            f"'measures' in {path} must be a list of Measure(…)", place=(path, None)
        )
    return study, list(measures)


def _raised(error, path):
    """The study's own frames on stderr, then one problem at the innermost of them."""
    if isinstance(error, SyntaxError):
        place = (shown_path(error.filename) if error.filename else path, error.lineno)
        return StudyError(f"SyntaxError: {error.msg}", kind="exception", place=place)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and not in_package(frame.filename)
    ]
    own = [frame for frame in frames if not shown_path(frame.filename).startswith(os.sep)]
    for frame in own[-8:]:
        print(f"  {shown_path(frame.filename)}:{frame.lineno}: {frame.line}", file=sys.stderr)
    place = (shown_path(own[-1].filename), own[-1].lineno) if own else (path, None)
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        message += did_you_mean(error.name, ["cohortextractor", *find_studies()])
    return StudyError(message, kind="exception", place=place)
