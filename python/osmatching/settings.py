"""The settings object of opensafely-matching 1.x."""


class MatchConfig:
    """Settings by name, as ``load_config`` makes them.

    Every name is kept, known or not: ``glovebox`` checks them all and reports all problems at
    once. A setting can be read and changed as an attribute; one that was not given reads as its
    default.
    """

    closest_match_variables = ()
    date_exclusion_variables = {}
    min_matches_per_case = 0
    generate_match_index_date = ""
    indicator_variable_name = "case"
    drop_cases_from_matches = False
    output_path = "output"
    output_suffix = ""
    output_format = "csv"

    def __init__(self, **settings):
        self.__dict__.update(settings)

    @classmethod
    def from_dict(cls, settings):
        """Settings from a dict."""
        return cls(**settings)

    def as_dict(self):
        """The settings as a dict of their own."""
        return dict(self.__dict__)

    def __repr__(self):
        given = ("{}={!r}".format(name, value) for name, value in self.__dict__.items())
        return "MatchConfig({})".format(", ".join(given))

    def __eq__(self, other):
        return isinstance(other, MatchConfig) and self.__dict__ == other.__dict__

    __hash__ = None


def load_config(match_config):
    """Make settings from a dict.

    Answers ``(settings, errors)`` as opensafely-matching 1.x does. ``errors`` is always an empty
    dict: settings are checked, together with the data, by ``match``.
    """
    return MatchConfig(**as_dict(match_config)), {}


def as_dict(match_config):
    """The settings in any form in which ``match`` takes them, as a dict of their own."""
    if isinstance(match_config, tuple) and match_config:
        # What load_config answers, passed on whole.
        match_config = match_config[0]
    if isinstance(match_config, MatchConfig):
        return match_config.as_dict()
    if isinstance(match_config, dict):
        return dict(match_config)
    raise TypeError(
        "match_config must be a dict or what load_config answers, not {}".format(
            type(match_config).__name__
        )
    )
