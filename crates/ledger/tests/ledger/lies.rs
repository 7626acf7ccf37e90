//! Checkpoints that are not the log's, and what is said of them.

use std::fs;

use glovebox_ledger::{CheckpointFault, Fault, NoteFault, ReadError, VerifierKey, verify};

use crate::faults::fault_of;
use crate::place::Place;

const SIZE: u64 = 600;

/// What is made of a checkpoint's text.
type Forgery = fn(&str) -> String;

#[test]
fn a_checkpoint_that_nobody_signed_is_not_believed() {
    let note = |fault| Fault::Checkpoint(CheckpointFault::Note(fault));
    let cases: Vec<(Forgery, Fault)> = vec![
        (
            |text| text.replace("\n600\n", "\n599\n"),
            note(NoteFault::False),
        ),
        (
            |text| text.replace("example.org/ledger\n", "example.org/other\n"),
            note(NoteFault::False),
        ),
        (
            |text| text.replace("\u{2014} example.org/ledger", "\u{2014} example.org/other"),
            note(NoteFault::Unknown),
        ),
        (
            |text| text.replace("\n\n\u{2014}", "\n\u{2014}"),
            note(NoteFault::Unsigned),
        ),
        (|text| format!("{text}\u{1b}[2J\n"), note(NoteFault::Text)),
        (|_| String::new(), note(NoteFault::Text)),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let place = Place::filled(&[SIZE]);
        let text = fs::read_to_string(place.file("checkpoint")).unwrap();
        fs::write(place.file("checkpoint"), change(&text)).unwrap();
        assert_eq!(fault_of(&place), expected, "case {number}");
    }
    let place = Place::filled(&[SIZE]);
    fs::write(place.file("checkpoint"), vec![b'a'; 300 << 10]).unwrap();
    assert!(matches!(fault_of(&place), Fault::Length { .. }));
}

#[test]
fn another_logs_key_verifies_nothing() {
    let (place, other) = (Place::filled(&[3]), Place::new());
    let key: VerifierKey = other.key();
    let found = verify(&place.ledger(), &key).unwrap_err();
    assert!(
        found.to_string().contains("the key did not sign it"),
        "{found}"
    );
}

#[test]
fn whoever_has_the_key_cannot_lie_about_the_size() {
    let place = Place::filled(&[SIZE]);
    let text = fs::read_to_string(place.file("checkpoint")).unwrap();
    let text = text.split_once("\n\n").unwrap().0.to_owned() + "\n";
    for (size, word) in [
        ("700", "tile/0/002.p/188 is missing"),
        ("599", "tile/0/002.p/87 is missing"),
        ("512", "make the root"),
        ("0", "make the root"),
        ("1152921504606846976", "tile/7/000.p/16 is missing"),
        ("1152921504606846977", "larger than any log"),
        ("18446744073709551616", "larger than any log"),
        ("-1", "no number"),
    ] {
        let lie = text.replace("\n600\n", &format!("\n{size}\n"));
        fs::write(place.file("checkpoint"), place.sign(&lie)).unwrap();
        let fault = fault_of(&place);
        assert!(fault.to_string().contains(word), "{size}: {fault}");
    }
}

#[test]
fn where_no_log_is_there_is_no_fault_to_find() {
    let place = Place::new();
    let key = place.key();
    for path in [place.ledger(), place.key_file()] {
        assert!(matches!(verify(&path, &key), Err(ReadError::None(_))));
    }
    fs::create_dir(place.ledger()).unwrap();
    assert!(matches!(
        verify(&place.ledger(), &key),
        Err(ReadError::None(_))
    ));
}
