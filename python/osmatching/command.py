"""Calling the ``glovebox`` program."""

import json
import os
import subprocess
import tempfile


class MatchingError(ValueError):
    """The settings or the data are wrong, or the files could not be read or written.

    ``problems`` holds one sentence for each thing that is wrong.
    """

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class GloveboxNotFound(RuntimeError):
    """There is no ``glovebox`` program to call."""


def run_match(cases, controls, settings):
    """Match the files ``cases`` and ``controls``; the program's summary is printed.

    ``settings`` is a dict with the names of the program's settings.
    """
    try:
        text = json.dumps(settings, default=_plain)
    except (TypeError, ValueError) as error:
        raise MatchingError(["the settings cannot be written as JSON: {}".format(error)]) from None
    # In a file, because an argument may not be as long as settings may be.
    with tempfile.TemporaryDirectory(prefix="osmatching-") as folder:
        config = os.path.join(folder, "settings.json")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
        arguments = ["--cases", cases, "--controls", controls, "--config-file", config]
        finished = _run(arguments, stderr=subprocess.PIPE)
    said = finished.stderr.decode("utf-8", "replace")
    if finished.returncode != 0:
        raise MatchingError(_problems(said) or [_silent_end(finished.returncode)])
    print(said, end="")


def call(arguments):
    """Run ``glovebox match`` on this process's own output; answers its exit code."""
    code = _run(arguments).returncode
    # A shell's way of telling which signal ended a program.
    return 128 - code if code < 0 else code


def _run(arguments, **options):
    program = os.environ.get("GLOVEBOX_BIN") or "glovebox"
    command = [program, "match"] + [os.fspath(argument) for argument in arguments]
    try:
        return subprocess.run(command, check=False, **options)
    except OSError as error:
        raise GloveboxNotFound(
            "the glovebox program cannot be run as {!r} ({}); "
            "set GLOVEBOX_BIN to where it is".format(program, error.strerror)
        ) from None


def _problems(said):
    prefix = "error: "
    lines = [line for line in said.splitlines() if line.strip()]
    return [line[len(prefix) :] if line.startswith(prefix) else line for line in lines]


def _silent_end(code):
    if code < 0:
        return "matching was ended by signal {}; was there enough memory?".format(-code)
    return "matching failed with exit code {}".format(code)


def _plain(value):
    """What JSON has no form for: numbers of NumPy, paths, tuples in disguise."""
    if hasattr(value, "item"):
        return value.item()
    return os.fspath(value)
