"""Case-control matching, as studies import it: ``from osmatching import match``.

The work is done by the ``glovebox`` program, found through the environment variable
``GLOVEBOX_BIN`` or on the ``PATH``. This package hands it the settings and the files, and turns
its errors into exceptions. Nothing beyond Python's standard library is imported unless data
frames are passed in.
"""

from .command import GloveboxNotFound, MatchingError
from .frames import load_dataframe
from .matching import match
from .settings import MatchConfig, load_config

__all__ = [
    "GloveboxNotFound",
    "MatchConfig",
    "MatchingError",
    "load_config",
    "load_dataframe",
    "match",
]
