"""Tests of the package ``osmatching``.

Run from the folder ``python``, with a built ``glovebox``::

    GLOVEBOX_BIN=../target/debug/glovebox python3 -m unittest discover -t . -s tests_osmatching

They need Python's standard library only; those on data frames are skipped where pandas is not
installed.
"""
