//! Run one command isolated and limited.
