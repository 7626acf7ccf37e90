"""The command line: which studies to evaluate, and what was asked for.

The document leaves through the *original* standard output; while study code runs, file descriptor
1 is standard error, so that nothing a study prints can spoil the document.
"""

import json
import os
import sys

from .problems import StudyError, StudyErrors

#: Commands of the reference that this package does not evaluate yet.
_NOT_SUPPORTED = (
    "generate_measures",
    "dump_cohort_sql",
    "dump_study_yaml",
    "cohort_report",
    "maintenance",
    "update_vmp_mapping",
    "update_custom_medication_dictionary",
)
_ALL = "all"


def main(arguments):
    """Runs one command; the exit code is 0, 1 (the study is wrong) or 2 (the call is wrong)."""
    parser = _parser()
    # What a command that is not supported yet would take is nobody's mistake.
    options, unknown = parser.parse_known_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    if options.command in _NOT_SUPPORTED:
        print(
            f"cohortextractor: the command {options.command} is not supported yet;"
            " generate_cohort is",
            file=sys.stderr,
        )
        return 2
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    sys.stdout.flush()
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        # The whole document before its first byte: what cannot be written is a problem too.
        text = _as_text(_generate_cohort(options))
        code = 0
    except StudyError as problem:
        text, code = _failure([problem]), 1
    except StudyErrors as error:
        text, code = _failure(error.problems), 1
    with output:
        output.write(text)
    return code


def _as_text(document):
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8") + b"\n"
    except (ValueError, TypeError, RecursionError) as error:
        raise StudyError(
            f"the study cannot be written as a document: {error}", place=(None, None)
        ) from None


def _generate_cohort(options):
    from .document import Document
    from .loading import find_studies, load
    from .parameters import params

    given = _parameters(options.param)
    params.clear()
    params.update(given)
    names = find_studies()
    if options.study_definition != _ALL:
        if options.study_definition not in names:
            raise StudyError(
                f"there is no study definition '{options.study_definition}' in analysis"
                f" (there are: {', '.join(names) or 'none'})",
                kind="usage",
                place=(None, None),
            )
        names = [options.study_definition]
    if not names:
        raise StudyError(
            "there is no study definition: no file analysis/study_definition*.py",
            kind="usage",
            place=(None, None),
        )
    document = Document(
        {
            "command": options.command,
            "study_definition": options.study_definition,
            "output_dir": options.output_dir,
            "output_format": options.output_format,
            "output_file": options.output_file,
            "index_date_range": options.index_date_range,
            "skip_existing": options.skip_existing,
            "params": given,
            "expectations_population": options.expectations_population,
            "dummy_data_file": options.dummy_data_file,
        }
    )
    problems = []
    for name in names:
        try:
            document.add(name, *load(name))
        except StudyError as problem:
            problems.append(problem)
        except StudyErrors as error:
            problems.extend(error.problems)
    if problems:
        raise StudyErrors(problems)
    return document.as_json()


def _parameters(groups):
    """`--param k=v`, also written in pieces (`k = v`): glued, then split at the first `=`."""
    result = {}
    for pieces in groups:
        name, equals, value = "".join(pieces).partition("=")
        if not equals or not name.strip():
            raise StudyError(
                f"--param {' '.join(pieces)} is not of the form name=value",
                kind="usage",
                place=(None, None),
            )
        result[name.strip()] = value.strip()
    return result


def _failure(problems):
    from .document import FORMAT

    for problem in problems:
        print(problem.as_line(), file=sys.stderr)
    document = {"format": FORMAT, "errors": [problem.as_json() for problem in problems]}
    # A problem may quote what cannot be written.
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", errors="replace") + b"\n"


def _parser():
    import argparse

    from . import __version__

    parser = argparse.ArgumentParser(prog="cohortextractor")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="accepted, has no effect")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    cohort = commands.add_parser("generate_cohort", help="evaluate study definitions")
    cohort.add_argument("--study-definition", default=_ALL, metavar="NAME|all")
    cohort.add_argument("--output-dir", metavar="DIR")
    cohort.add_argument("--output-format", metavar="FORMAT")
    cohort.add_argument("--output-file", metavar="PATH")
    cohort.add_argument("--index-date-range", metavar="RANGE")
    cohort.add_argument("--skip-existing", action="store_true")
    cohort.add_argument("--param", action="append", nargs="+", default=[], metavar="NAME=VALUE")
    cohort.add_argument("--temp-database-name", help="accepted, has no effect")
    cohort.add_argument("--with-end-date-fix", action="store_true", help="accepted, has no effect")
    source = cohort.add_mutually_exclusive_group()
    source.add_argument("--expectations-population", type=int, metavar="N")
    source.add_argument("--dummy-data-file", metavar="PATH")
    source.add_argument("--database-url", help="accepted, has no effect: no database is reached")
    for name in _NOT_SUPPORTED:
        commands.add_parser(name, help="not supported yet")
    return parser
