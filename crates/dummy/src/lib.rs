//! Dummy columns from expectations.
