//! Generates the dummy data of a study document, for measuring: `generate DOCUMENT FOLDER ROWS`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use glovebox_cohortextractor::{DummyOptions, OutputFormat, parse_document, plan_dummy};
use glovebox_dummy::{Compression, Watch, write_csv};

#[expect(clippy::print_stderr, reason = "a program for a terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [document, folder, rows] = arguments.as_slice() else {
        return Err("usage: generate DOCUMENT FOLDER ROWS".into());
    };
    let begin = Instant::now();
    let document = parse_document(&fs::read(document)?)?;
    let today = jiff::civil::date(2026, 1, 1);
    let options = DummyOptions {
        population: rows.parse()?,
        seed: 1,
        today,
    };
    let cohorts = plan_dummy(&document, options, &|path| {
        Ok(Box::new(fs::File::open(path)?))
    })
    .map_err(|problems| {
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    eprintln!("planned after {:?}", begin.elapsed());
    for cohort in cohorts {
        let path = Path::new(folder).join(&cohort.path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let compression = match cohort.format {
            OutputFormat::Csv => Compression::None,
            OutputFormat::CsvGz => Compression::Gzip,
        };
        let mut file = fs::File::create(&path)?;
        write_csv(&cohort.spec, compression, &mut file, Watch::NONE)?;
        eprintln!("{} after {:?}", cohort.path, begin.elapsed());
    }
    Ok(())
}
