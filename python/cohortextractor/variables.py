"""A declared variable: which function was called, where, and with which arguments."""

from .problems import StudyError, did_you_mean, study_place

#: The argument that holds the positional names of minimum_of and maximum_of.
COLUMN_NAMES = "column_names"


class Variable:
    """The result of calling a `patients` function.

    Problems are kept, not raised: only the study definition knows the variable's name, and it can
    then report the problems of all variables at once.
    """

    __slots__ = ("function", "arguments", "hidden_columns", "place", "problems")

    def __init__(self, function, place):
        self.function = function
        self.arguments = {}
        self.hidden_columns = {}
        self.place = place
        self.problems = []

    def complain(self, message):
        self.problems.append(StudyError(message, kind="argument", place=self.place))


def declaring_function(name, signature):
    """A function that records its arguments after checking their names against `signature`."""

    def declare(*positional, **keywords):
        variable = Variable(name, study_place())
        if signature.positional_names:
            variable.arguments[COLUMN_NAMES] = list(positional)
        elif len(positional) > len(signature.names):
            variable.complain(
                f"patients.{name} takes at most {len(signature.names)} positional arguments,"
                f" {len(positional)} were given"
            )
        else:
            variable.arguments.update(zip(signature.names, positional))
        for key, value in keywords.items():
            if key in variable.arguments and key in signature.names:
                variable.complain(f"patients.{name} got the argument '{key}' twice")
            elif key in signature.names:
                variable.arguments[key] = value
            elif signature.hidden_columns and isinstance(value, Variable):
                variable.hidden_columns[key] = value
            else:
                _unknown(variable, name, signature, key)
        if signature.positional_names:
            # Extra columns are declared in order to be compared too.
            variable.arguments[COLUMN_NAMES].extend(variable.hidden_columns)
            if not variable.arguments[COLUMN_NAMES] and not variable.problems:
                variable.complain(
                    f"patients.{name} has nothing to compare:"
                    " give it the names of variables in quotes, or extra columns as keywords"
                )
        for key in signature.required:
            if key not in variable.arguments:
                variable.complain(f"patients.{name} needs the argument '{key}'")
        return variable

    declare.__name__ = declare.__qualname__ = name
    declare.__doc__ = f"Declare a variable: {name}({', '.join(signature.names)})."
    return declare


def _unknown(variable, name, signature, key):
    hint = did_you_mean(key, signature.names)
    if signature.hidden_columns and not hint:
        hint = "; an extra column must be the result of a patients function"
    variable.complain(f"patients.{name} has no argument '{key}'{hint}")
