"""From evaluated study definitions to the one JSON document that the trusted side reads."""

import datetime
import math

from .codelists import Codelist
from .problems import StudyError, StudyErrors
from .study import Measure
from .variables import Variable

FORMAT = "cohortextractor-study/1"

#: Arguments whose keys keep their types: JSON would turn the category 1 into "1".
_CATEGORY_MAPS = ("category_definitions", "categorised_as")
_MAX_DEPTH = 32
#: Larger whole numbers would not be read as such, and huge ones cannot even be printed.
_MAX_BITS = 63


class Document:
    """Collects studies; equal codelists are stored once and referred to by position."""

    def __init__(self, request):
        self._request = request
        self._codelists = []
        self._positions = {}
        self._studies = []

    def add(self, name, study, measures):
        """Adds the study definition of one file."""
        problems = []
        index_date = self._of_study("index_date", study.index_date, study.place, problems)
        default_expectations = self._of_study(
            "default_expectations", study.default_expectations, study.place, problems
        )
        printed_measures = [
            self._of_study(f"measure {position}", measure, measure.place, problems)
            for position, measure in enumerate(measures, start=1)
        ]
        variables = []
        for variable_name, variable, parent in study.variables:
            try:
                variables.append(self._variable(variable_name, variable, parent))
            except StudyError as problem:
                problem.variable = variable_name
                problem.file, problem.line = variable.place
                problems.append(problem)
        if problems:
            raise StudyErrors(problems)
        self._studies.append(
            {
                "name": name,
                "file": study.place[0],
                "line": study.place[1],
                "index_date": index_date,
                "default_expectations": default_expectations,
                "variables": variables,
                "measures": printed_measures,
            }
        )

    def as_json(self):
        return {
            "format": FORMAT,
            "request": self._request,
            "codelists": self._codelists,
            "studies": self._studies,
        }

    def _of_study(self, key, value, place, problems):
        """What belongs to the study as a whole; its problems name the key, for want of a variable."""
        try:
            return self._measure(value, key) if isinstance(value, Measure) else self._plain(value, key)
        except StudyError as problem:
            problem.file, problem.line = place
            problems.append(problem)
            return None

    def _variable(self, name, variable, parent):
        _check_text(name, "its name")
        arguments = {}
        for key, value in variable.arguments.items():
            if key in _CATEGORY_MAPS and isinstance(value, dict):
                pairs = [[self._plain(k, key), self._plain(v, key)] for k, v in value.items()]
                arguments[key] = {"$pairs": pairs}
            else:
                arguments[key] = self._plain(value, key)
        return {
            "name": name,
            "function": variable.function,
            "arguments": arguments,
            "hidden_in": parent,
            "file": variable.place[0],
            "line": variable.place[1],
        }

    def _measure(self, measure, where):
        parts = {
            name: self._plain(getattr(measure, name), f"{where}: {name}")
            for name in ("id", "denominator", "numerator", "group_by")
        }
        return {
            **parts,
            "small_number_suppression": bool(measure.small_number_suppression),
            "file": measure.place[0],
            "line": measure.place[1],
        }

    def _codelist(self, codes, where):
        items = [[str(part) for part in item] if isinstance(item, tuple) else str(item) for item in codes]
        for item in items:
            for text in [item] if isinstance(item, str) else item:
                _check_text(text, where)
        key = (codes.system, tuple(codes))
        position = self._positions.get(key)
        if position is None:
            position = self._positions[key] = len(self._codelists)
            self._codelists.append(
                {"system": str(codes.system), "source": codes.source, "codes": items}
            )
        return {"$codelist": position}

    def _plain(self, value, where, depth=0):
        """A value as plain JSON; numbers and dates of other libraries are unwrapped.

        `where` is the way to the value through arguments and keys, for problems.
        """
        if depth > _MAX_DEPTH:
            raise StudyError(f"{where}: a value is nested too deeply")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _check_text(value, where)
        if isinstance(value, int):
            if value.bit_length() > _MAX_BITS:
                raise StudyError(f"{where}: a whole number is too large")
            return int(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise StudyError(f"{where}: {value} is not a finite number")
            return float(value)
        if isinstance(value, Codelist):
            return self._codelist(value, where)
        if isinstance(value, Variable):
            raise StudyError(
                f"{where}: a variable was given where its name in quotes is wanted"
            )
        if isinstance(value, dict):
            plain = {}
            for key, item in value.items():
                key = _check_text(_key(key), where)
                plain[key] = self._plain(item, f"{where}: {key}", depth + 1)
            return plain
        if isinstance(value, (list, tuple)):
            return [self._plain(item, where, depth + 1) for item in value]
        if isinstance(value, datetime.datetime):
            return value.date().isoformat()
        if isinstance(value, datetime.date):
            return value.isoformat()
        for method in ("item", "tolist", "to_dict", "isoformat"):
            unwrap = getattr(value, method, None)
            if unwrap is not None:
                try:
                    return self._plain(unwrap(), where, depth + 1)
                except (TypeError, ValueError):
                    continue
        raise StudyError(f"{where}: a {type(value).__name__} is no value that a study definition may hold")


def _check_text(text, where):
    """A text, if it is one that can be written as UTF-8: half of a surrogate pair cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise StudyError(f"{where}: the text {ascii(text[:60])} is not Unicode") from None
    return text


def _key(key):
    if isinstance(key, bool) or key is None:
        return str(key)
    if isinstance(key, float) and key.is_integer():
        return str(int(key))
    return str(key)
