"""The values of `--param name=value`, as study definitions see them."""

from .problems import StudyError


class Parameters(dict):
    """A dict of strings whose missing keys say which option to give."""

    def __missing__(self, name):
        raise StudyError(
            f"Missing --param error: {name}; give it as --param {name}=VALUE",
            kind="missing_param",
        )


params = Parameters()
