"""``python -m osmatching``: the arguments of ``glovebox match``, and its exit code."""

import sys

from .command import GloveboxNotFound, call


def main():
    """Run ``glovebox match`` with this command's arguments."""
    try:
        return call(sys.argv[1:])
    except GloveboxNotFound as error:
        sys.stderr.write("error: {}\n".format(error))
        return 3


if __name__ == "__main__":
    sys.exit(main())
