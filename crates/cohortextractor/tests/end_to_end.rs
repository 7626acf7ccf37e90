//! From study definitions in Python to the cells of their files.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod evaluating;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use evaluating::{evaluate, folder, plan};
use glovebox_cohortextractor::DummyCohort;
use glovebox_dummy::{Compression, Watch, write_csv};

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/long-study");

/// A header, and the cells by column.
type Table = (Vec<String>, BTreeMap<String, Vec<String>>);

/// A cohort's header and cells.
fn generate(cohort: &DummyCohort) -> Table {
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

#[test]
fn a_study_becomes_a_file() {
    let evaluation = evaluate(
        Path::new(STUDY),
        &[
            "generate_cohort",
            "--study-definition",
            "study_definition_flu",
            "--output-dir=output/cohorts",
        ],
    );
    assert_eq!(evaluation.code, Some(0), "{}", evaluation.log);
    assert_eq!(evaluation.log, "a study may print what it likes\n");
    let cohorts = plan(Path::new(STUDY), &evaluation.document).unwrap();
    assert_eq!(cohorts.len(), 1);
    assert_eq!(cohorts[0].path, "output/cohorts/input_flu.csv");

    let (header, cells) = generate(&cohorts[0]);
    let expected = "admitted asthma bmi_date_measured age sex bmi imd smoker visits flag_1 flag_2 \
                    end season first_event patient_id";
    assert_eq!(header.join(" "), expected);
    let count = |name: &str, text: &str| cells[name].iter().filter(|cell| *cell == text).count();
    assert_eq!(count("asthma", ""), 300);
    assert_eq!(count("bmi_date_measured", ""), 400);
    assert_eq!(count("bmi", "0.0"), 400);
    assert_eq!(count("flag_1", "0"), 300);
    assert_eq!(count("season", "winter"), 1_000);
    // Admissions before the period are blanked, beyond the tenth that never happened.
    assert!(count("admitted", "") > 700);
    assert!(
        cells["admitted"]
            .iter()
            .all(|cell| cell.is_empty() || cell.as_str() >= "2015-01-01")
    );
    assert!(
        cells["asthma"]
            .iter()
            .all(|cell| cell.is_empty() || cell.len() == 7)
    );
    // The constant stands in where no event is earlier.
    let bounded = |cell: &String| cell.len() == 10 && cell.as_str() <= "2019-06-30";
    assert!(cells["first_event"].iter().all(bounded));
}

#[test]
fn index_dates_and_parameters_come_from_the_command_line() {
    let evaluation = evaluate(
        Path::new(STUDY),
        &[
            "generate_cohort",
            "--index-date-range",
            "2020-01-01 to 2020-01-20 by week",
            "--param",
            "season",
            "=",
            "summer",
            "--output-file",
            "output/abc.csv.gz",
            "--expectations-population=12",
        ],
    );
    let cohorts = plan(Path::new(STUDY), &evaluation.document).unwrap();
    let paths: Vec<&str> = cohorts.iter().map(|cohort| cohort.path.as_str()).collect();
    let expected = ["15", "08", "01"].map(|day| format!("output/abc_2020-01-{day}.csv.gz"));
    assert_eq!(paths, expected);
    let (_, cells) = generate(&cohorts[2]);
    assert_eq!(cells["season"], vec!["summer"; 12]);
    assert!(
        cells["asthma"]
            .iter()
            .all(|cell| cell.as_str() <= "2020-01")
    );
}

/// The cells of the only file of a study with these variables.
fn cells(variables: &str, arguments: &[&str]) -> BTreeMap<String, Vec<String>> {
    let code = format!(
        "expecting = {{'date': {{'earliest': '2000-01-01', 'latest': '2020-12-31'}}, 'rate': 'uniform'}}\n\
         flag = lambda n: patients.random_sample(percent=1, return_expectations={{'incidence': n}})\n\
         day = lambda n: patients.with_gp_consultations(returning='date', \
         date_format='YYYY-MM-DD', return_expectations={{'incidence': n}})\n\
         study = StudyDefinition(population=patients.all(), index_date='2020-02-01', \
         default_expectations=expecting, {variables})"
    );
    let folder = folder(&code);
    let evaluation = evaluate(folder.path(), &[&["generate_cohort"], arguments].concat());
    assert_eq!(evaluation.code, Some(0), "{}", evaluation.log);
    let cohorts = plan(folder.path(), &evaluation.document).unwrap();
    generate(&cohorts[0]).1
}

#[test]
fn numbers_arrive_as_the_study_computed_them() {
    let variables = "a=flag(1-0.07), b=flag(0.16+0.8), c=flag(0.9), d=patients.fixed_value(1-0.58)";
    let cells = cells(variables, &["--expectations-population=10000"]);
    let empty = |name: &str| cells[name].iter().filter(|cell| *cell == "0").count();
    assert_eq!(
        [empty("a"), empty("b"), empty("c")],
        [700, 399, 999],
        "trunc((1 - incidence) * rows), each in doubles"
    );
    assert!(cells["d"].iter().all(|cell| cell == "0.42000000000000004"));
}

#[test]
fn extra_columns_are_compared_too() {
    let variables = "a=day(0.5), extra=patients.minimum_of('a', '2030-01-01', b=day(0.5)), \
                     alone=patients.maximum_of(c=day(0.5), d=day(0.5)), \
                     e=patients.maximum_of('b'), f=patients.maximum_of('c'), g=patients.maximum_of('d')";
    let cells = cells(variables, &[]);
    assert!(!cells.contains_key("b") && !cells.contains_key("c"));
    for (row, least) in cells["extra"].iter().enumerate() {
        let cell = |name: &str| cells[name][row].as_str();
        let extra = ["a", "e"]
            .map(cell)
            .into_iter()
            .filter(|cell| !cell.is_empty());
        assert_eq!(least, extra.min().unwrap_or("2030-01-01"));
        assert_eq!(cell("alone"), cell("f").max(cell("g")));
    }
    assert!(cells["extra"].iter().any(|cell| cell == "2030-01-01"));
    assert!(cells["alone"].iter().any(String::is_empty));
}

#[test]
fn categories_that_are_dates_are_compared_as_dates() {
    let variables = "a=flag(0.5), wave=patients.categorised_as(\
                     {'2020-03-01': 'a', '2020-09-01': 'DEFAULT'}, return_expectations={'incidence': 0.8, \
                     'category': {'ratios': {'2020-03-01': 0.5, '2020-09-01': 0.5}}}), \
                     first=patients.minimum_of('wave', '2020-06-01')";
    let cells = cells(variables, &[]);
    let count = |text: &str| cells["wave"].iter().filter(|cell| *cell == text).count();
    assert_eq!(count(""), 199);
    assert!(count("2020-03-01") > 300 && count("2020-09-01") > 300);
    for (wave, first) in cells["wave"].iter().zip(&cells["first"]) {
        let expected = if wave == "2020-03-01" {
            wave
        } else {
            "2020-06-01"
        };
        assert_eq!(first, expected, "{wave}");
    }
}

#[test]
fn what_the_reference_allows_is_allowed() {
    let variables = "home=patients.household_as_of('index_date', returning='is_prison', \
                     return_expectations={'incidence': 0.5}), \
                     both=patients.satisfying('home # AND nonsense\\n AND two', \
                     two=patients.with_these_clinical_events(\
                     codelist([('a', '1'), ('a', '2')], 'ctv3', False)), \
                     return_expectations={'incidence': 0.5})";
    let cells = cells(variables, &[]);
    assert_eq!(cells.len(), 3);
}

/// Header and cells of a study with these variables, whose folder has the file `output/a.csv` or
/// `output/a.csv.gz`, and another.
fn from_files(variables: &str, file: &str, text: &[u8]) -> Result<Table, String> {
    let code = format!(
        "A, B = 'output/{file}', 'output/b.csv'\n\
         value = patients.with_value_from_file\n\
         study = StudyDefinition(population=patients.which_exist_in_file('output/none.csv'), \
         default_expectations={{'date': {{'earliest': '2000-01-01', 'latest': 'today'}}, \
         'incidence': 0.5}}, {variables})"
    );
    let folder = folder(&code);
    std::fs::create_dir(folder.path().join("output")).unwrap();
    std::fs::write(folder.path().join("output").join(file), text).unwrap();
    std::fs::write(
        folder.path().join("output/b.csv"),
        "x,patient_id\n1.5,9\nNA,7\n",
    )
    .unwrap();
    let evaluation = evaluate(folder.path(), &["generate_cohort"]);
    assert_eq!(evaluation.code, Some(0), "{}", evaluation.log);
    match plan(folder.path(), &evaluation.document) {
        Ok(cohorts) => Ok(generate(&cohorts[0])),
        Err(problems) => Err(problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")),
    }
}

const MATCHES: &str = "patient_id,case_date,set,region\n\
                       7,2020-03-01,5,\"a, b\"\n\
                       0008,NA,NA,\n\
                       9,2021-12-31 00:00:00,-2,NULL\n";

#[test]
fn files_say_who_the_patients_are() {
    let variables = "flag=patients.sex(return_expectations={'category': {'ratios': {'M': 1}}}), \
                     fixed=patients.fixed_value(1), \
                     seen=patients.with_gp_consultations(returning='date', date_format='YYYY-MM'), \
                     there=patients.which_exist_in_file(A), \
                     day=value(A, returning='case_date', returning_type='date'), \
                     month=value(A, returning='case_date', returning_type='date', date_format='YYYY-MM'), \
                     set=value(A, returning='set', returning_type='int'), \
                     region=value(A, returning='region', returning_type='str'), \
                     other=value(B, returning='x', returning_type='float'), \
                     in_other=patients.which_exist_in_file(B), \
                     first=patients.minimum_of('day', '2020-12-31')";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(MATCHES.as_bytes()).unwrap();
    for (file, bytes) in [
        ("a.csv", MATCHES.as_bytes()),
        ("a.csv", format!("\u{feff}{MATCHES}").as_bytes()),
        ("a.csv", MATCHES.replace('\n', "\r\n").as_bytes()),
        ("a.csv.gz", &packed.finish().unwrap()),
    ] {
        let (header, cells) = from_files(variables, file, bytes).unwrap();
        assert_eq!(
            header.join(" "),
            "patient_id there day month set region other in_other seen flag fixed first"
        );
        for (name, expected) in [
            ("patient_id", ["7", "0008", "9"]),
            ("there", ["1", "1", "1"]),
            ("day", ["2020-03-01", "", "2021-12-31"]),
            ("month", ["2020-03", "", "2021-12"]),
            ("set", ["5", "", "-2"]),
            ("region", ["a, b", "", ""]),
            ("other", ["", "", "1.5"]),
            ("in_other", ["1", "0", "1"]),
            ("first", ["2020-03-01", "2020-12-31", "2020-12-31"]),
        ] {
            assert_eq!(cells[name], expected, "{name}");
        }
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let value = "x=value(A, returning='set', returning_type='int')";
    let cases: [(&str, &[u8], &str); 8] = [
        (
            value,
            b"",
            "x: the file output/a.csv has no column 'patient_id'",
        ),
        (
            value,
            b"patient_id\n1\n",
            "x: the file output/a.csv has no column 'set'",
        ),
        (
            value,
            b"patient_id,set\n1,\xff\n",
            "x: the file output/a.csv is not UTF-8 text",
        ),
        (
            "x=value(A, returning='set', returning_type='date')",
            b"patient_id,set\n1,\n2,01/02/2020\n",
            "x: row 3 of the file output/a.csv has no date of the form YYYY-MM-DD",
        ),
        (
            "x=patients.which_exist_in_file('output/none.csv')",
            b"",
            "x: there is no file output/none.csv: if an action writes it, that action must be among",
        ),
        (
            "x=patients.which_exist_in_file('../output/a.csv')",
            b"",
            "x: the path of the file '../output/a.csv' must stay inside the study's folder",
        ),
        (
            "x=patients.which_exist_in_file('output/a.feather')",
            b"",
            "x: the file output/a.feather must be a .csv or a .csv.gz file",
        ),
        (
            "x=patients.which_exist_in_file('output/b.csv.gz')",
            b"",
            "x: there is no file output/b.csv.gz",
        ),
    ];
    for (variables, text, expected) in cases {
        let problems = from_files(variables, "a.csv", text).unwrap_err();
        assert!(problems.contains(expected), "{variables}: {problems}");
    }
}
