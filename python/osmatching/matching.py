"""``match``, in the two styles in which studies call it."""

import os
import tempfile

from .command import run_match
from .frames import is_path, load_dataframe, write_csv
from .settings import MatchConfig, as_dict


def match(*args, **kwargs):
    """Match controls to cases and write the result to the output folder.

    In the style of opensafely-matching 1.x, with frames (pandas, Arrow, Polars) or paths::

        match(case_df, match_df, match_config)

    where ``match_config`` is a dict or what ``load_config`` answers. If frames were passed, the
    matched cases and the matched controls are answered as pandas frames; if paths, nothing is.

    In the style of opensafely-matching 0.2, with the names of CSV files in ``output_path``, with
    or without their extension::

        match(case_csv, match_csv, matches_per_case, match_variables, index_date_variable,
              closest_match_variables=None, date_exclusion_variables=None,
              min_matches_per_case=0, replace_match_index_date_with_case=None,
              indicator_variable_name="case", output_suffix="", output_path="output",
              drop_cases_from_matches=False)

    Raises ``MatchingError``, a ``ValueError``, that names everything that is wrong.
    """
    new_names = {"case_df", "match_df", "match_config"}
    is_new = not new_names.isdisjoint(kwargs) or (
        len(args) > 2 and isinstance(args[2], (dict, tuple, MatchConfig))
    )
    return _match_frames(*args, **kwargs) if is_new else _match_names(*args, **kwargs)


def _match_frames(case_df, match_df, match_config):
    settings = as_dict(match_config)
    with tempfile.TemporaryDirectory(prefix="osmatching-") as folder:
        cases = _as_file(case_df, os.path.join(folder, "cases.csv"))
        controls = _as_file(match_df, os.path.join(folder, "controls.csv"))
        run_match(cases, controls, settings)
    if is_path(case_df) and is_path(match_df):
        return None
    return _output(settings, "matched_cases"), _output(settings, "matched_matches")


def _match_names(
    case_csv,
    match_csv,
    matches_per_case,
    match_variables,
    index_date_variable,
    closest_match_variables=None,
    date_exclusion_variables=None,
    min_matches_per_case=0,
    replace_match_index_date_with_case=None,
    indicator_variable_name="case",
    output_suffix="",
    output_path="output",
    drop_cases_from_matches=False,
):
    folder = os.fspath(output_path)
    settings = {
        "matches_per_case": matches_per_case,
        "match_variables": match_variables,
        "index_date_variable": index_date_variable,
        "closest_match_variables": closest_match_variables,
        "date_exclusion_variables": date_exclusion_variables,
        "min_matches_per_case": min_matches_per_case,
        "generate_match_index_date": replace_match_index_date_with_case,
        "indicator_variable_name": indicator_variable_name,
        "drop_cases_from_matches": drop_cases_from_matches,
        "output_path": folder,
        "output_suffix": output_suffix,
        "output_format": "csv",
    }
    run_match(_named(case_csv, folder), _named(match_csv, folder), settings)


def _named(name, folder):
    """The file in ``folder`` that ``name`` stands for."""
    name = os.fspath(name)
    extension = "" if name.endswith((".csv", ".csv.gz")) else ".csv"
    return os.path.join(folder, name + extension)


def _as_file(data, path):
    if is_path(data):
        return os.fspath(data)
    write_csv(data, path)
    return path


def _output(settings, name):
    folder = os.fspath(settings.get("output_path") or "output")
    suffix = settings.get("output_suffix") or ""
    extension = settings.get("output_format") or "csv"
    return load_dataframe(os.path.join(folder, "{}{}.{}".format(name, suffix, extension)))
