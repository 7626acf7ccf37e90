"""The functions that declare a study's variables: `patients.sex(…)` and so on."""

from .problems import did_you_mean
from .signatures import SIGNATURES
from .variables import declaring_function

globals().update({name: declaring_function(name, each) for name, each in SIGNATURES.items()})

__all__ = list(SIGNATURES)


def __getattr__(name):
    raise AttributeError(f"there is no function patients.{name}{did_you_mean(name, SIGNATURES)}")
