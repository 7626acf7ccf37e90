//! Case-control matching.
