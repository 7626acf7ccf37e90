//! Embeds the Python packages that study code imports: every file below `python/<package>` in the
//! workspace except tests and caches, as a sorted table of paths and contents.
//!
//! `include_bytes!` is tracked by Cargo and the folders are watched, so an edited or added file
//! rebuilds this crate.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const PACKAGES: [&str; 2] = ["cohortextractor", "osmatching"];

fn main() -> io::Result<()> {
    let variable = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .ok_or_else(|| io::Error::other(name.to_owned()))
    };
    let sources = variable("CARGO_MANIFEST_DIR")?
        .join("../../python")
        .canonicalize()?;
    let mut table = String::from("&[\n");
    for package in PACKAGES {
        let folder = sources.join(package);
        println!("cargo::rerun-if-changed={}", folder.display());
        if !folder.join("__init__.py").is_file() {
            let message = format!("{} is not a Python package", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        embed(&folder, Path::new(package), &mut table)?;
    }
    table.push_str("]\n");
    fs::write(variable("OUT_DIR")?.join("packages.rs"), table)
}

/// Adds the files below `folder`, called `name` in the table, in the order of their names.
fn embed(folder: &Path, name: &Path, table: &mut String) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file_name = entry.file_name();
        let text = file_name.to_string_lossy();
        if text.starts_with('.')
            || text == "__pycache__"
            || text == "tests"
            || text.ends_with(".pyc")
        {
            continue;
        }
        let (path, name) = (entry.path(), name.join(&file_name));
        if entry.file_type()?.is_dir() {
            embed(&path, &name, table)?;
        } else {
            let (name, path) = (name.to_string_lossy(), path.to_string_lossy());
            writeln!(table, "    ({name:?}, include_bytes!({path:?})),")
                .map_err(io::Error::other)?;
        }
    }
    Ok(())
}
