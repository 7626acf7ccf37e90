"""`python -m cohortextractor generate_cohort …` prints the study document."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
