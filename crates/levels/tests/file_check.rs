//! What may stand at a level: the cases that slip through careless checks.

use std::{fmt::Write as _, io};

use glovebox_levels::{FileCheck, Level, Limits, Reason, check_bytes};
use proptest::prelude::*;

fn check_at(level: Level, name: &str, content: &[u8]) -> FileCheck {
    check_bytes(
        name,
        content,
        content.len() as u64,
        level,
        &Limits::default(),
    )
    .expect("readable")
}

fn check(name: &str, content: impl AsRef<[u8]>) -> FileCheck {
    check_at(Level::ModeratelySensitive, name, content.as_ref())
}

fn codes(check: &FileCheck) -> Vec<&'static str> {
    check.reasons.iter().map(Reason::code).collect()
}

/// Counts that Python 3.11's `csv.DictReader` gives for the same bytes: rows, and the length of
/// the first row's dictionary.
#[test]
fn counts_agree_with_the_reference() {
    for (text, rows, columns) in [
        ("", 0, 0),
        ("\n", 0, 0),
        ("\n\n\n", 0, 0),
        ("x", 0, 0),
        ("x,y\n", 0, 0),
        ("x,y\n\n\n", 0, 0),
        ("x,y\n1,2", 1, 2),
        ("x,y\n1,2\n\n\n", 1, 2),
        ("x,y\r1,2\r3,4\r", 2, 2),
        ("x,y\r\n1,2\r\n\r\n3,4", 2, 2),
        // A row longer than the header adds one entry; a shorter one is filled up.
        ("x,y\n1,2,3,4\n", 1, 3),
        ("x,y\n1\n1,2,3\n", 2, 2),
        // Columns of the same name are one entry.
        ("x,x,y\n1,2,3\n", 1, 2),
        (",,\n1,2,3\n", 1, 1),
        // An empty first line is an empty header.
        ("\nx,y\n1,2\n", 2, 1),
        (" \n1\n", 1, 1),
        ("x,y\n , \n", 1, 2),
        ("x,y\n\"\"\n", 1, 2),
        ("x,y\n,\n", 1, 2),
        ("x,y\n1,\"a\nb\n\nc\"\n", 1, 2),
        ("x,y\n1,\"a\r\nb\"\n", 1, 2),
        ("x,y\n1,\"a\"\"b\"\n", 1, 2),
        // A quotation mark means nothing inside a cell, and text may follow a closing one.
        ("x,y\n1,a\"b\n2,\"a\"b\n", 2, 2),
        ("x,y\n1, \"a\n", 1, 2),
        ("\"a,b\",c\n1,2\n", 1, 2),
        ("x\0,y\n\0,2\n", 1, 2),
        ("\u{feff}x,y\n1,2\n", 1, 2),
    ] {
        let check = check("a.csv", text);
        assert_eq!(
            (check.ok, check.row_count, check.col_count),
            (true, Some(rows), Some(columns)),
            "{text:?}: {:?}",
            check.reasons
        );
    }
}

#[test]
fn a_patient_id_is_found_in_any_dress() {
    for (text, row, column) in [
        ("patient_id\n", 1, 1),
        ("Patient_ID,y\n", 1, 1),
        ("x, patient_id \n1,2\n", 1, 2),
        ("\u{feff}patient_id,y\n", 1, 1),
        ("\u{feff}\"patient_id\",y\n", 1, 1),
        ("x,\"patient\"_id\n", 1, 2),
        ("x;patient_id\n1;2\n", 1, 2),
        ("\"x\";\"patient_id\"\n", 1, 2),
        ("x|patient_id\n", 1, 2),
        ("x\tpatient_id", 1, 2),
        // Written with a space between, as R's write.table does, or with something odder.
        ("\"patient_id\" \"x\"\n1 2\n", 1, 1),
        ("x patient_id\n1 2\n", 1, 2),
        ("x\u{1}patient_id\n", 1, 2),
        ("x:patient_id\n", 1, 2),
        // Below a title, an empty line, or another table.
        ("Cohort of 2020\npatient_id,y\n1,2\n", 2, 1),
        ("\npatient_id,y\n1,2\n", 2, 1),
        ("x,y\n1,2\npatient_id,y\n4711,2\n", 3, 1),
        ("Cohort\nx;patient_id\n", 2, 2),
        // A stray quotation mark makes commas read the header as text, but not semicolons.
        ("x;\"y\nz;patient_id\n", 2, 2),
        // UTF-16 without a byte order mark is UTF-8 with NUL between.
        ("p\0a\0t\0i\0e\0n\0t\0_\0i\0d\0,\0y\0\n\0", 1, 1),
    ] {
        let check = check("a.csv", text);
        assert!(!check.ok, "{text:?}");
        assert_eq!(
            check.reasons.first(),
            Some(&Reason::PatientIdColumn { row, column }),
            "{text:?}"
        );
    }
}

#[test]
fn names_that_only_resemble_it_pass() {
    for text in [
        "patient_id_hash,y\n1,2\n",
        "n_patient_id,y\n1,2\n",
        "patient,id\n1,2\n",
        "patient_ids\n1\n",
        "\"x,patient_id\",y\n1,2\n",
        "note,n\n\"count of patient_id, by sex\",2\n",
        "x,y\nby patient_id here,2\n",
    ] {
        let check = check("a.csv", text);
        assert!(check.ok, "{text:?}: {:?}", check.reasons);
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let long = |length: usize| format!("x,y\n{},2\n", "z".repeat(length)).into_bytes();
    for (content, ok) in [
        (b"x,y\n1,\xff\n".to_vec(), false),
        (b"x,y\n1,\xc3".to_vec(), false),
        (b"\xff\xfep\0a\0".to_vec(), false),
        (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), false),
        (b"x,y\n\"abc,1\n3,4\n".to_vec(), false),
        (b"x,y\n1,2\n\"".to_vec(), false),
        (long(131_072), true),
        (long(131_073), false),
        // Counted in characters, not bytes.
        (format!("x\n{}\n", "é".repeat(131_072)).into_bytes(), true),
        (vec![b','; 200_000], false),
    ] {
        let check = check("a.csv", &content);
        let expected: &[&str] = if ok { &[] } else { &["csv-unreadable"] };
        assert_eq!(
            codes(&check),
            expected,
            "{:?}",
            &content[..content.len().min(20)]
        );
    }
}

#[test]
fn a_character_split_between_two_reads_is_one_character() {
    /// Yields one byte at a time.
    struct Trickle<'a>(&'a [u8]);

    impl io::Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    let text = "naïve,日本\r\n1,🦀\r\n";
    let limits = Limits::default();
    let size = text.len() as u64;
    let level = Level::ModeratelySensitive;
    let check = check_bytes("a.csv", Trickle(text.as_bytes()), size, level, &limits);
    assert_eq!(
        check.ok().map(|check| (check.ok, check.row_count)),
        Some((true, Some(1)))
    );
}

#[test]
fn limits_are_inclusive_and_reasons_come_in_order() {
    let rows = |count: u32| {
        (0..count).fold("x\n".to_owned(), |mut text, row| {
            let _ = writeln!(text, "{row}");
            text
        })
    };
    assert!(check("a.csv", rows(5000)).ok);
    let check_one_more = check("a.csv", rows(5001));
    assert_eq!(
        check_one_more.reasons,
        [Reason::TooManyRows {
            rows: 5001,
            limit: 5000
        }]
    );
    assert_eq!(check_one_more.row_count, Some(5001));
    let both = check("a.csv", rows(5001).replacen('x', "patient_id", 1));
    assert_eq!(codes(&both), ["patient-id-column", "too-many-rows"]);

    let limits = Limits {
        max_size: 4,
        max_rows: 9,
    };
    let check = |name: &str, content: &[u8]| {
        let size = content.len() as u64;
        check_bytes(name, content, size, Level::ModeratelySensitive, &limits).expect("readable")
    };
    assert!(check("a.txt", b"1234").ok);
    assert_eq!(codes(&check("a.txt", b"12345")), ["too-big"]);
    assert_eq!(codes(&check("a.rds", b"12345")), ["too-big"]);
    assert_eq!(check("a.csv", b"patient_id").row_count, None);
}

#[test]
fn a_reader_that_yields_more_than_it_should_is_too_big() {
    let limits = Limits {
        max_size: 8,
        max_rows: 5000,
    };
    let check = check_bytes(
        "a.csv",
        io::repeat(b'1'),
        3,
        Level::ModeratelySensitive,
        &limits,
    );
    assert_eq!(check.ok().map(|check| codes(&check)), Some(vec!["too-big"]));
}

#[test]
fn the_type_is_what_follows_the_last_dot_in_its_own_case() {
    for name in [
        "a.csv",
        "b/a.log",
        "a.tar.csv",
        " .csv",
        "..csv",
        "a.b/c.md",
    ] {
        assert!(check(name, "x").ok, "{name}");
    }
    for name in [
        "a.CSV", "a.csv.gz", "a", "a.", ".csv", "", "b.csv/a", "a.csv ", "a.csv\n", "a.xlsx", "..",
    ] {
        assert_eq!(codes(&check(name, "x")), ["type-not-allowed"], "{name:?}");
    }
}

#[test]
fn each_level_has_its_own_rules() {
    let cohort = b"patient_id\n1\n";
    assert!(check_at(Level::HighlySensitive, "a.csv", cohort).ok);
    assert!(check_at(Level::HighlySensitive, "a.rds", b"x").ok);
    assert!(!check_at(Level::MinimallySensitive, "a.csv", cohort).ok);
    assert!(check_at(Level::MinimallySensitive, "a.rds", b"x").ok);
}

#[test]
fn reasons_never_repeat_a_value() {
    let secret = "SmithJohn1951";
    let text = format!("patient_id,{secret}\n{secret},{secret}\n{secret},\"{secret}");
    let limits = Limits {
        max_size: 1000,
        max_rows: 0,
    };
    let size = text.len() as u64;
    let check = check_bytes(
        "a.csv",
        text.as_bytes(),
        size,
        Level::ModeratelySensitive,
        &limits,
    )
    .expect("readable");
    assert_eq!(
        codes(&check),
        ["patient-id-column", "too-many-rows", "csv-unreadable"]
    );
    assert!(
        check
            .reasons
            .iter()
            .all(|reason| !reason.to_string().contains(secret))
    );
}

prop_compose! {
    /// The name as somebody might write it.
    fn dressed_name()(
        upper in proptest::collection::vec(any::<bool>(), 10),
        around in "[ \u{a0}]{0,3}",
        is_quoted in any::<bool>(),
    ) -> String {
        let name: String = "patient_id"
            .chars()
            .zip(upper)
            .map(|(letter, upper)| if upper { letter.to_ascii_uppercase() } else { letter })
            .collect();
        if is_quoted { format!("\"{around}{name}{around}\"") } else { format!("{around}{name}{around}") }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        let check = check("a.csv", &content);
        prop_assert_eq!(check.ok, check.reasons.is_empty());
    }

    #[test]
    fn no_text_of_csv_makings_makes_it_fail(text in "[a\", ;\t\r\n\u{feff}\0é]{0,80}") {
        let check = check("a.csv", &text);
        prop_assert_eq!(check.ok, check.reasons.is_empty());
    }

    #[test]
    fn a_header_with_a_patient_id_never_passes(
        name in dressed_name(),
        before in proptest::collection::vec("[a-z]{1,4}", 0..4),
        after in proptest::collection::vec("[a-z]{1,4}", 0..4),
        separator in prop::sample::select(vec![",", ";", "\t", "|"]),
        mark in prop::sample::select(vec!["", "\u{feff}"]),
        title in prop::sample::select(vec!["", "\n", "A title\n", "A, title\r\n"]),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r", ""]),
    ) {
        let header: Vec<String> =
            before.into_iter().chain([name]).chain(after).collect();
        let text = format!("{mark}{title}{}{ending}", header.join(separator));
        prop_assert!(!check("a.csv", &text).ok, "{:?}", text);
    }

    #[test]
    fn well_made_tables_are_counted(
        rows in proptest::collection::vec(proptest::collection::vec("[a-z\",;\n]{1,5}", 3), 0..20),
    ) {
        let mut text = "x,y,z\n".to_owned();
        for row in &rows {
            let cells: Vec<String> =
                row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text += &(cells.join(",") + "\n");
        }
        let check = check("a.csv", &text);
        prop_assert!(check.ok, "{:?}", check.reasons);
        prop_assert_eq!(check.row_count, Some(rows.len() as u64));
        prop_assert_eq!(check.col_count, Some(if rows.is_empty() { 0 } else { 3 }));
    }
}
