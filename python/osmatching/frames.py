"""Data frames in, data frames out, by way of CSV files.

pandas is imported only here and only when a frame is read; frames that are passed in bring their
own library with them.
"""

import os

ID = "patient_id"


def is_path(data):
    """Whether ``data`` names a file rather than being a frame."""
    return isinstance(data, (str, os.PathLike))


def write_csv(frame, path):
    """Write a pandas, Arrow or Polars table to a CSV file with every one of its columns."""
    if hasattr(frame, "to_pandas") and not hasattr(frame, "write_csv"):
        frame = frame.to_pandas()  # an Arrow table
    if hasattr(frame, "write_csv"):
        frame.write_csv(path)  # Polars
    elif hasattr(frame, "to_csv"):
        _with_index_as_columns(frame).to_csv(path, index=False)
    else:
        raise TypeError(
            "cases and controls must be paths or data frames, not {}".format(type(frame).__name__)
        )


def load_dataframe(file_path):
    """Read a .csv, .csv.gz or .arrow file as a pandas frame indexed by ``patient_id``."""
    import pandas

    path = os.fspath(file_path)
    if path.endswith((".csv", ".csv.gz")):
        frame = pandas.read_csv(path)
    elif path.endswith((".arrow", ".feather")):
        frame = pandas.read_feather(path)
    else:
        raise ValueError("{}: use a .csv, .csv.gz or .arrow file".format(path))
    return frame.set_index(ID)


def _with_index_as_columns(frame):
    """A frame whose index says something, as it does where it holds the ids, has it as columns."""
    if any(name is not None for name in frame.index.names):
        return frame.reset_index()
    return frame
