"""Lists of clinical codes, with or without categories."""

import csv

from .problems import StudyError, did_you_mean


class Codelist(list):
    """Codes (strings) or (code, category) pairs of one coding system, in the order given."""

    def __init__(self, codes, system, source=None):
        super().__init__(codes)
        self.system = system
        self.source = source
        self.has_categories = bool(self) and isinstance(self[0], tuple)


def codelist(codes, system, check_categories=True):
    """A codelist written out in the study definition.

    `check_categories=False` lets a code have several categories.
    """
    return _checked(list(codes), system, None, check_categories)


def codelist_from_csv(filename, system, column="code", category_column=None):
    """A codelist read from a column of a CSV file; blank codes are skipped."""
    try:
        with open(filename, encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            header = rows.fieldnames or []
            for wanted in (column, category_column):
                if wanted is not None and wanted not in header:
                    raise StudyError(
                        f"{filename} has no column '{wanted}' (it has: {', '.join(header)})"
                        + did_you_mean(wanted, header),
                        kind="codelist",
                    )
            codes = []
            for row in rows:
                code = (row[column] or "").strip()
                if not code:
                    continue
                if category_column is None:
                    codes.append(code)
                else:
                    codes.append((code, (row[category_column] or "").strip()))
    except OSError as error:
        raise StudyError(
            f"cannot read the codelist {filename}: {error.strerror}", kind="codelist"
        ) from None
    except UnicodeDecodeError:
        raise StudyError(f"the codelist {filename} is not UTF-8 text", kind="codelist") from None
    return _checked(codes, system, str(filename))


def combine_codelists(first_codelist, *other_codelists):
    """All codes of several codelists of one system; each code once, in first-seen order."""
    combined = {}
    for codes in (first_codelist, *other_codelists):
        if codes.system != first_codelist.system:
            raise StudyError(
                "cannot combine codelists of different systems: "
                f"'{first_codelist.system}' and '{codes.system}'",
                kind="codelist",
            )
        if codes.has_categories != first_codelist.has_categories:
            raise StudyError(
                "cannot combine a codelist that has categories with one that has none",
                kind="codelist",
            )
        for item in codes:
            code = item[0] if codes.has_categories else item
            if combined.setdefault(code, item) != item:
                raise StudyError(
                    f"code {code} has two categories: '{combined[code][1]}' and '{item[1]}'",
                    kind="codelist",
                )
    return Codelist(combined.values(), first_codelist.system)


def filter_codes_by_category(codes, include):
    """The (code, category) pairs whose category is one of `include`."""
    if not codes.has_categories:
        raise StudyError(
            "this codelist has no categories to filter by; give category_column when reading it",
            kind="codelist",
        )
    kept = [pair for pair in codes if pair[1] in include]
    if not kept:
        raise StudyError(f"no code of the codelist has a category in {include}", kind="codelist")
    return Codelist(kept, codes.system, codes.source)


def _checked(codes, system, source, check_categories=True):
    if not codes:
        raise StudyError(f"the codelist {source or ''} is empty".replace("  ", " "), kind="codelist")
    categories = {}
    with_category = isinstance(codes[0], tuple)
    for item in codes:
        if isinstance(item, tuple) != with_category or (with_category and len(item) != 2):
            raise StudyError(
                "a codelist holds either codes or (code, category) pairs, not both",
                kind="codelist",
            )
        if not (with_category and check_categories):
            continue
        if categories.setdefault(item[0], item[1]) != item[1]:
            raise StudyError(
                f"code {item[0]} has two categories: '{categories[item[0]]}' and '{item[1]}'",
                kind="codelist",
            )
    return Codelist(codes, system, source)
