//! Study definitions of the cohortextractor language: the document that the Python package prints, validated and lowered.
