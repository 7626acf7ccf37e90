//! Running the Python package as the runner does, but without its sandbox.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use glovebox_cohortextractor::{DummyCohort, DummyOptions, Problem, parse_document, plan_dummy};
use glovebox_dummy::{Compression, Watch, write_csv};

/// What one evaluation printed.
pub(crate) struct Evaluation {
    pub(crate) code: Option<i32>,
    pub(crate) document: Vec<u8>,
    pub(crate) log: String,
}

/// Evaluates a study folder with these arguments.
pub(crate) fn evaluate(folder: &Path, arguments: &[&str]) -> Evaluation {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python");
    let output = Command::new("python3")
        .args(["-m", "cohortextractor"])
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONPATH", package)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 is needed for this test");
    Evaluation {
        code: output.status.code(),
        document: output.stdout,
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Plans dummy data of 1 000 rows, with today in 2024.
pub(crate) fn plan(document: &[u8]) -> Result<Vec<DummyCohort>, Vec<Problem>> {
    let options = DummyOptions {
        population: 1_000,
        seed: 7,
        today: jiff::civil::date(2024, 5, 17),
    };
    plan_dummy(
        &parse_document(document).expect("the document is sound"),
        options,
    )
}

/// A cohort's header, and its cells by column.
pub(crate) fn generate(cohort: &DummyCohort) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    let mut bytes = Vec::new();
    write_csv(&cohort.spec, Compression::None, &mut bytes, Watch::NONE).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let mut cells: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in reader.records() {
        for (name, cell) in header.iter().zip(record.unwrap().iter()) {
            cells.entry(name.clone()).or_default().push(cell.to_owned());
        }
    }
    (header, cells)
}
