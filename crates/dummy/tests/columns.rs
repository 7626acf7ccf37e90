//! What a file holds, seen as a reader of the file sees it.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use glovebox_dummy::{
    Categories, Cells, Column, Compression, DateRate, DateValues, Day, Days, Distribution,
    DummyError, Kind, Operation, Precision, Presence, Source, Study, Values, Watch, write_csv,
};
use jiff::civil::date;
use proptest::prelude::*;

/// A file's columns as text, by name.
type Table = BTreeMap<String, Vec<String>>;

fn bytes(study: &Study) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_csv(study, Compression::None, &mut bytes, Watch::NONE).unwrap();
    bytes
}

fn table(study: &Study) -> Table {
    let bytes = bytes(study);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let names: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let mut table: Table = names
        .iter()
        .map(|name| (name.clone(), Vec::new()))
        .collect();
    for record in reader.records() {
        for (name, field) in names.iter().zip(record.unwrap().iter()) {
            table.get_mut(name).unwrap().push(field.to_owned());
        }
    }
    table
}

fn study(rows: u64, columns: Vec<(&str, Kind)>) -> Study {
    let columns = columns
        .into_iter()
        .map(|(name, kind)| Column {
            name: name.to_owned(),
            visible: !name.starts_with('_'),
            kind,
        })
        .collect();
    Study {
        name: "a study".to_owned(),
        columns,
        rows,
        seed: 1,
    }
}

fn random(values: Values, presence: Presence) -> Kind {
    Kind::Random { values, presence }
}

fn day(year: i16, month: i8, day: i8) -> Day {
    Day::from_date(date(year, month, day))
}

fn dates(rate: DateRate) -> DateValues {
    DateValues {
        earliest: day(2000, 1, 1),
        latest: day(2001, 1, 1),
        rate,
        not_before: None,
        not_after: None,
        precision: Precision::Day,
    }
}

fn categories(labels: &[(&str, f64)]) -> Values {
    Values::Category(Categories {
        labels: labels
            .iter()
            .map(|(label, _)| (*label).to_owned())
            .collect(),
        ratios: labels.iter().map(|(_, ratio)| *ratio).collect(),
    })
}

fn share(cells: &[String], wanted: impl Fn(&str) -> bool) -> f64 {
    cells.iter().filter(|cell| wanted(cell)).count() as f64 / cells.len() as f64
}

#[test]
fn each_type_has_its_own_missing_value() {
    let half = Presence::Incidence(0.5);
    let far = Distribution::Normal {
        mean: 1e6,
        stddev: 1.0,
    };
    let study = study(
        1_000,
        vec![
            ("date", random(Values::Date(dates(DateRate::Uniform)), half)),
            ("int", random(Values::Int(far), half)),
            (
                "float",
                random(
                    Values::Float {
                        mean: 1e6,
                        stddev: 1.0,
                    },
                    half,
                ),
            ),
            ("category", random(categories(&[("A", 1.0)]), half)),
            ("flag", random(Values::Flag, half)),
        ],
    );
    let table = table(&study);
    for (name, missing) in [
        ("date", ""),
        ("int", "0"),
        ("float", "0.0"),
        ("category", ""),
        ("flag", "0"),
    ] {
        let empty = table[name].iter().filter(|cell| *cell == missing).count();
        assert_eq!(empty, 500, "{name}");
    }
    assert_ne!(table["date"].iter().position(String::is_empty), None);
    let empty_rows = |name: &str, missing: &str| -> Vec<bool> {
        table[name].iter().map(|cell| cell == missing).collect()
    };
    assert_ne!(
        empty_rows("int", "0"),
        empty_rows("flag", "0"),
        "columns are independent"
    );
}

#[test]
fn uniform_dates_reach_the_latest_day_but_not_the_earliest() {
    let study = study(
        50_000,
        vec![(
            "d",
            random(Values::Date(dates(DateRate::Uniform)), Presence::Always),
        )],
    );
    let days: HashSet<String> = table(&study)["d"].iter().cloned().collect();
    assert_eq!(days.len(), 366);
    assert!(days.contains("2001-01-01") && days.contains("2000-01-02"));
    assert!(!days.contains("2000-01-01"));
}

#[test]
fn exponential_dates_crowd_towards_the_latest() {
    let mut values = dates(DateRate::ExponentialIncrease);
    (values.earliest, values.latest) = (day(2000, 1, 1), day(2020, 1, 1));
    let study = study(
        50_000,
        vec![("d", random(Values::Date(values), Presence::Always))],
    );
    let mut days = table(&study).remove("d").unwrap();
    days.sort_unstable();
    // The median of an exponential of mean 0.1 is 0.0693 of the range: 506 days.
    assert!(days[25_000].starts_with("2018-08"), "{}", days[25_000]);
    assert!(days[0].as_str() >= "2000-01-01" && days[49_999].as_str() <= "2020-01-01");
}

#[test]
fn bounds_blank_dates_and_the_values_beside_them() {
    let mut values = dates(DateRate::Uniform);
    values.not_before = Some(day(2000, 7, 1));
    values.not_after = Some(day(2000, 7, 31));
    let study = study(
        5_000,
        vec![
            (
                "date",
                random(Values::Date(values), Presence::Incidence(0.9)),
            ),
            (
                "value",
                random(
                    Values::Float {
                        mean: 50.0,
                        stddev: 1.0,
                    },
                    Presence::WithDateOf(0),
                ),
            ),
        ],
    );
    let table = table(&study);
    assert!(
        table["date"]
            .iter()
            .all(|cell| cell.is_empty() || cell.starts_with("2000-07"))
    );
    let present = share(&table["date"], |cell| !cell.is_empty());
    assert!((0.05..0.11).contains(&present), "{present}");
    for (date, value) in table["date"].iter().zip(&table["value"]) {
        assert_eq!(date.is_empty(), value == "0.0");
    }
}

#[test]
fn normal_whole_numbers_are_cut_toward_zero() {
    let normal = Distribution::Normal {
        mean: 0.0,
        stddev: 1.0,
    };
    let study = study(
        50_000,
        vec![("n", random(Values::Int(normal), Presence::Always))],
    );
    let table = table(&study);
    let zeros = share(&table["n"], |cell| cell == "0");
    assert!((zeros - 0.683).abs() < 0.01, "{zeros}");
    assert!(table["n"].iter().any(|cell| cell.starts_with('-')));
}

#[test]
fn categories_come_in_their_ratios() {
    let ratios = [("M", 0.25), ("F, or so", 0.75), ("never", 0.0)];
    let study = study(
        50_000,
        vec![("c", random(categories(&ratios), Presence::Always))],
    );
    let table = table(&study);
    for (label, ratio) in ratios {
        let found = share(&table["c"], |cell| cell == label);
        assert!((found - ratio).abs() < 0.01, "{label}: {found}");
    }
}

#[test]
fn aggregates_skip_blank_dates_but_not_zeros() {
    let days = |days: Vec<Option<Day>>| {
        Kind::Given(Cells::Dates {
            days,
            precision: Precision::Day,
        })
    };
    let (a, b) = (Some(day(2020, 5, 1)), Some(day(2021, 5, 1)));
    let aggregate = |operation, sources: &[Source]| Kind::Aggregate {
        operation,
        sources: sources.to_vec(),
        precision: Precision::Day,
    };
    let (first, second) = (Source::Column(0), Source::Column(1));
    let floor = Source::Day(day(2020, 12, 31));
    let study = study(
        4,
        vec![
            ("_a", days(vec![a, a, None, None])),
            ("_b", days(vec![b, None, b, None])),
            ("min", aggregate(Operation::Minimum, &[first, second])),
            ("max", aggregate(Operation::Maximum, &[first, second])),
            (
                "nested",
                aggregate(Operation::Maximum, &[Source::Column(2), floor]),
            ),
            ("_n", Kind::Given(Cells::Ints(vec![5, 0, -2, 7]))),
            ("_m", Kind::Given(Cells::Ints(vec![0, 3, 4, 8]))),
            (
                "least",
                aggregate(Operation::Minimum, &[Source::Column(5), Source::Column(6)]),
            ),
            ("_f", Kind::Given(Cells::Floats(vec![0.5, 0.5, 9.0, 9.0]))),
            (
                "most",
                aggregate(Operation::Maximum, &[Source::Column(5), Source::Column(8)]),
            ),
        ],
    );
    let table = table(&study);
    assert_eq!(table["min"], ["2020-05-01", "2020-05-01", "2021-05-01", ""]);
    assert_eq!(table["max"], ["2021-05-01", "2020-05-01", "2021-05-01", ""]);
    assert_eq!(
        table["nested"],
        ["2020-12-31", "2020-12-31", "2021-05-01", "2020-12-31"]
    );
    assert_eq!(table["least"], ["0", "0", "-2", "7"]);
    assert_eq!(table["most"], ["5.0", "0.5", "9.0", "9.0"]);
    assert_eq!(table.len(), 5, "hidden columns are not in the file");
}

#[test]
fn fixed_columns_repeat_and_a_study_may_have_no_rows() {
    let columns = vec![
        ("t", Kind::Fixed(Cells::Texts(vec!["a \"b\"".to_owned()]))),
        ("f", Kind::Fixed(Cells::Flags(vec![true]))),
        ("patient_id", Kind::PatientId),
    ];
    assert_eq!(
        table(&study(2, columns.clone()))["t"],
        ["a \"b\"", "a \"b\""]
    );
    assert_eq!(bytes(&study(0, columns)), b"t,f,patient_id\n");
}

fn large() -> Study {
    study(
        20_000,
        vec![
            (
                "d",
                random(
                    Values::Date(dates(DateRate::Uniform)),
                    Presence::Incidence(0.7),
                ),
            ),
            (
                "n",
                random(
                    Values::Int(Distribution::Poisson { mean: 3.0 }),
                    Presence::Always,
                ),
            ),
            (
                "f",
                random(
                    Values::Float {
                        mean: 0.0,
                        stddev: 1e-5,
                    },
                    Presence::Incidence(0.3),
                ),
            ),
            (
                "c",
                random(categories(&[("x", 0.5), ("y", 0.5)]), Presence::Always),
            ),
            ("patient_id", Kind::PatientId),
        ],
    )
}

#[test]
fn bytes_depend_on_the_study_alone() {
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| bytes(&large()))
    };
    let one = with_threads(1);
    for threads in [2, 3, 8] {
        assert!(with_threads(threads) == one, "{threads} threads");
    }
    assert!(bytes(&Study { seed: 2, ..large() }) != one);
    assert!(
        bytes(&Study {
            name: "another".to_owned(),
            ..large()
        }) != one
    );
}

#[test]
fn a_column_does_not_change_with_its_neighbours() {
    let mut fewer = large();
    fewer.columns.remove(0);
    assert_eq!(table(&large())["f"], table(&fewer)["f"]);
}

#[test]
fn compressed_files_hold_the_same_text() {
    let mut packed = Vec::new();
    write_csv(&large(), Compression::Gzip, &mut packed, Watch::NONE).unwrap();
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert!(text == bytes(&large()));
}

#[test]
fn very_wide_files_are_whole_too() {
    let label = "x".repeat(1_000);
    let names: Vec<String> = (0..80).map(|number| format!("c{number}")).collect();
    let mut columns: Vec<(&str, Kind)> = names
        .iter()
        .map(|name| {
            let kind = random(categories(&[(&label, 1.0)]), Presence::Incidence(0.1));
            (name.as_str(), kind)
        })
        .collect();
    columns.push(("patient_id", Kind::PatientId));
    let study = study(4_100, columns);
    let table = table(&study);
    for name in &names {
        let present = table[name].iter().filter(|cell| **cell == label).count();
        assert_eq!(present, 410, "{name}");
    }
    let ids: HashSet<&String> = table["patient_id"].iter().collect();
    assert_eq!(ids.len(), 4_100);
    let mut packed = Vec::new();
    write_csv(&study, Compression::Gzip, &mut packed, Watch::NONE).unwrap();
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert!(text == bytes(&study));
}

#[test]
fn days_with_ratios_are_dates() {
    let first = Values::Day(Days {
        days: vec![day(2020, 3, 1), day(2020, 9, 1)],
        ratios: vec![0.25, 0.75],
    });
    let study = study(
        8_000,
        vec![
            ("wave", random(first, Presence::Incidence(0.5))),
            ("with", random(Values::Flag, Presence::WithDateOf(0))),
            (
                "last",
                Kind::Aggregate {
                    operation: Operation::Maximum,
                    sources: vec![Source::Column(0), Source::Day(day(2020, 6, 1))],
                    precision: Precision::Day,
                },
            ),
        ],
    );
    let table = table(&study);
    let empty = table["wave"].iter().filter(|cell| cell.is_empty()).count();
    assert_eq!(empty, 4_000);
    let early = share(&table["wave"], |cell| cell == "2020-03-01");
    assert!((early - 0.125).abs() < 0.02, "{early}");
    for ((wave, with), last) in table["wave"].iter().zip(&table["with"]).zip(&table["last"]) {
        assert_eq!(wave.is_empty(), with == "0");
        let expected = if wave == "2020-09-01" {
            wave
        } else {
            "2020-06-01"
        };
        assert_eq!(last, expected);
    }
}

#[test]
fn progress_ends_at_all_rows_and_cancelling_stops() {
    let seen = AtomicU64::new(0);
    let progress = |done, rows| {
        assert_eq!(rows, 20_000);
        assert!(seen.swap(done, Ordering::Relaxed) <= done);
    };
    let watch = Watch {
        progress: &progress,
        cancelled: &|| false,
    };
    write_csv(&large(), Compression::None, &mut std::io::sink(), watch).unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 20_000);

    let watch = Watch {
        progress: &|_, _| {},
        cancelled: &|| true,
    };
    let stopped = write_csv(&large(), Compression::None, &mut std::io::sink(), watch);
    assert!(matches!(stopped, Err(DummyError::Cancelled)));
}

#[test]
fn what_cannot_be_generated_is_refused_with_every_reason() {
    let always = |values| random(values, Presence::Always);
    let mut backwards = dates(DateRate::ExponentialIncrease);
    (backwards.earliest, backwards.latest) = (backwards.latest, backwards.earliest);
    let later = Source::Column(99);
    let cases = vec![
        (always(categories(&[("a", 0.4), ("b", 0.4)])), "add up to 1"),
        (always(categories(&[("a", 1.5), ("b", -0.5)])), "0 or more"),
        (always(categories(&[])), "at least one category"),
        (always(Values::Date(backwards)), "earliest date lies after"),
        (
            always(Values::Float {
                mean: 0.0,
                stddev: -1.0,
            }),
            "stddev of 0 or more",
        ),
        (
            always(Values::Float {
                mean: f64::NAN,
                stddev: 1.0,
            }),
            "finite mean",
        ),
        (
            always(Values::Int(Distribution::Poisson { mean: -1.0 })),
            "poisson",
        ),
        (
            always(Values::Int(Distribution::Poisson { mean: 1e300 })),
            "poisson",
        ),
        (random(Values::Flag, Presence::Incidence(0.0)), "incidence"),
        (random(Values::Flag, Presence::Incidence(1.01)), "incidence"),
        (
            random(Values::Flag, Presence::Incidence(f64::NAN)),
            "incidence",
        ),
        (
            random(Values::Flag, Presence::WithDateOf(0)),
            "not an earlier date",
        ),
        (
            Kind::Given(Cells::Ints(vec![1])),
            "1 values are given for 10 rows",
        ),
        (Kind::Fixed(Cells::Ints(vec![])), "one value"),
        (
            Kind::Aggregate {
                operation: Operation::Minimum,
                sources: vec![later],
                precision: Precision::Day,
            },
            "not an earlier one",
        ),
        (
            always(categories(&[(&"x".repeat(1_001), 1.0)])),
            "a text of 1001 bytes",
        ),
        (
            Kind::Fixed(Cells::Texts(vec!["x".repeat(1_001)])),
            "a text of 1001 bytes",
        ),
        (
            Kind::Aggregate {
                operation: Operation::Minimum,
                sources: vec![Source::Column(0)],
                precision: Precision::Day,
            },
            "the values of 'c0' are texts",
        ),
    ];
    let count = cases.len();
    let names: Vec<String> = (0..count).map(|number| format!("c{number}")).collect();
    let (kinds, words): (Vec<Kind>, Vec<&str>) = cases.into_iter().unzip();
    let study = study(10, names.iter().map(String::as_str).zip(kinds).collect());
    let mut output = Vec::new();
    let Err(DummyError::Invalid(problems)) =
        write_csv(&study, Compression::None, &mut output, Watch::NONE)
    else {
        panic!("the study was accepted");
    };
    assert!(output.is_empty());
    assert_eq!(problems.len(), count);
    for ((problem, name), word) in problems.iter().zip(&names).zip(words) {
        assert_eq!(&problem.column, name);
        assert!(problem.message.contains(word), "{problem}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn counts_are_exact_and_ids_distinct(rows in 0..9_000_u64, incidence in 0.001..=1.0_f64, seed: u64) {
        let columns = vec![
            ("flag", random(Values::Flag, Presence::Incidence(incidence))),
            ("patient_id", Kind::PatientId),
        ];
        let table = table(&Study { seed, ..study(rows, columns) });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the rule itself")]
        let empty = ((1.0 - incidence) * rows as f64) as usize;
        prop_assert_eq!(table["flag"].iter().filter(|cell| *cell == "0").count(), empty);
        let ids: HashSet<u64> = table["patient_id"].iter().map(|id| id.parse().unwrap()).collect();
        prop_assert_eq!(ids.len() as u64, rows);
        prop_assert!(ids.iter().all(|id| *id < 10 * rows));
    }
}
