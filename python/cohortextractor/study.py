"""Study definitions and measures, as study code writes them."""

from .problems import StudyError, StudyErrors, study_place
from .variables import Variable


class StudyDefinition:
    """A population and the variables wanted of it, in the order in which they were written."""

    def __init__(self, population=None, default_expectations=None, index_date=None, **variables):
        self.default_expectations = default_expectations
        self.index_date = index_date
        self.place = study_place()
        #: (name, Variable, name of the variable it is hidden in or None), parents after children.
        self.variables = []
        problems = []
        seen = set()
        if population is None:
            problems.append(StudyError("the study has no population", variable="population"))
        else:
            # The population may use every variable, so it comes last.
            variables["population"] = population
        for name, variable in variables.items():
            self._add(name, variable, None, seen, problems)
        if problems:
            raise StudyErrors(problems)

    def _add(self, name, variable, parent, seen, problems):
        if not isinstance(variable, Variable):
            problems.append(
                StudyError(
                    "is not a variable: use a patients function, or check the keyword's spelling",
                    variable=name,
                )
            )
            return
        for child_name, child in variable.hidden_columns.items():
            self._add(child_name, child, name, seen, problems)
        for problem in variable.problems:
            problem.variable = name
            problems.append(problem)
        if name in seen:
            problems.append(
                StudyError(
                    "two variables have this name (names of extra columns count too)",
                    variable=name,
                    place=variable.place,
                )
            )
        if name == "patient_id":
            problems.append(
                StudyError("this name is reserved", variable=name, place=variable.place)
            )
        seen.add(name)
        self.variables.append((name, variable, parent))


class Measure:
    """A ratio of two columns, by groups."""

    def __init__(
        self, id, denominator, numerator, group_by=None, small_number_suppression=False
    ):
        self.id = id
        self.denominator = denominator
        self.numerator = numerator
        if group_by is None:
            self.group_by = []
        elif isinstance(group_by, (list, tuple)):
            self.group_by = list(group_by)
        else:
            self.group_by = [group_by]
        self.small_number_suppression = small_number_suppression
        self.place = study_place()
