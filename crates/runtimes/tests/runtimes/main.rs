//! Runtimes through their public interface. No test reaches a network: Python is a script that
//! plays its part, or the machine's own with a package index made of local files.

mod cache;
mod fake;
mod install;
mod r;
mod table;
mod wheel;
