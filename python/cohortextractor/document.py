"""From evaluated study definitions to the one JSON document that the trusted side reads."""

import datetime
import math

from .codelists import Codelist
from .problems import StudyError, StudyErrors
from .variables import Variable

FORMAT = "cohortextractor-study/1"

#: Arguments whose keys keep their types: JSON would turn the category 1 into "1".
_CATEGORY_MAPS = ("category_definitions", "categorised_as")


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
                "index_date": self._plain(study.index_date),
                "default_expectations": self._plain(study.default_expectations),
                "variables": variables,
                "measures": [self._measure(measure) for measure in measures],
            }
        )

    def as_json(self):
        return {
            "format": FORMAT,
            "request": self._request,
            "codelists": self._codelists,
            "studies": self._studies,
        }

    def _variable(self, name, variable, parent):
        arguments = {}
        for key, value in variable.arguments.items():
            if key in _CATEGORY_MAPS and isinstance(value, dict):
                pairs = [[self._plain(k), self._plain(v)] for k, v in value.items()]
                arguments[key] = {"$pairs": pairs}
            else:
                arguments[key] = self._plain(value)
        return {
            "name": name,
            "function": variable.function,
            "arguments": arguments,
            "hidden_in": parent,
            "file": variable.place[0],
            "line": variable.place[1],
        }

    def _measure(self, measure):
        return {
            "id": self._plain(measure.id),
            "denominator": self._plain(measure.denominator),
            "numerator": self._plain(measure.numerator),
            "group_by": self._plain(measure.group_by),
            "small_number_suppression": bool(measure.small_number_suppression),
            "file": measure.place[0],
            "line": measure.place[1],
        }

    def _codelist(self, codes):
        items = [[str(part) for part in item] if isinstance(item, tuple) else str(item) for item in codes]
        key = (codes.system, tuple(codes))
        position = self._positions.get(key)
        if position is None:
            position = self._positions[key] = len(self._codelists)
            self._codelists.append(
                {"system": str(codes.system), "source": codes.source, "codes": items}
            )
        return {"$codelist": position}

    def _plain(self, value, depth=0):
        """A value as plain JSON; numbers and dates of other libraries are unwrapped."""
        if depth > 32:
            raise StudyError("a value is nested too deeply")
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise StudyError(f"{value} is not a finite number")
            return float(value)
        if isinstance(value, Codelist):
            return self._codelist(value)
        if isinstance(value, Variable):
            raise StudyError(
                "a variable was given where its name in quotes is wanted"
            )
        if isinstance(value, dict):
            return {_key(k): self._plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._plain(item, depth + 1) for item in value]
        if isinstance(value, datetime.datetime):
            return value.date().isoformat()
        if isinstance(value, datetime.date):
            return value.isoformat()
        for method in ("item", "tolist", "to_dict", "isoformat"):
            unwrap = getattr(value, method, None)
            if unwrap is not None:
                try:
                    return self._plain(unwrap(), depth + 1)
                except (TypeError, ValueError):
                    continue
        raise StudyError(f"a {type(value).__name__} is no value that a study definition may hold")


def _key(key):
    if isinstance(key, bool) or key is None:
        return str(key)
    if isinstance(key, float) and key.is_integer():
        return str(int(key))
    return str(key)
