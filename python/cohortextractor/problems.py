"""What is wrong with a study definition, and where."""

import os
import sys

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


class StudyError(Exception):
    """One problem: a sentence, its kind, and the place in the study's own files."""

    def __init__(self, message, kind="study", variable=None, place=None):
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.variable = variable
        self.file, self.line = place if place is not None else study_place()

    def as_json(self):
        return {
            "kind": self.kind,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "variable": self.variable,
        }

    def as_line(self):
        where = f"{self.file}:{self.line}: " if self.file else ""
        who = f"{self.variable}: " if self.variable else ""
        return f"{where}{who}{self.message}"


class StudyErrors(Exception):
    """All problems of one study definition, so that one run shows them all."""

    def __init__(self, problems):
        super().__init__("\n".join(problem.as_line() for problem in problems))
        self.problems = problems


def in_package(path):
    """Whether a file is part of this package rather than of the study."""
    return os.path.dirname(os.path.abspath(path)) == _PACKAGE


def shown_path(path):
    """A path as its author knows it: relative to the study's folder where it lies inside."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def study_place():
    """File and line of the innermost caller outside this package."""
    frame = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if not in_package(path) and not path.startswith("<"):
            return shown_path(path), frame.f_lineno
        frame = frame.f_back
    return None, None


def did_you_mean(word, known):
    """The end of a sentence that proposes the closest known words, or nothing."""
    import difflib  # Only errors need it, and it costs milliseconds to load.

    close = difflib.get_close_matches(str(word), list(known), n=3)
    return f"; did you mean {' or '.join(close)}?" if close else ""
