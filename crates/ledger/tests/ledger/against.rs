//! A log beside what somebody kept of it.

use std::fs;

use glovebox_ledger::{Fault, Kept, ReadError, verify, verify_against};

use crate::place::{Place, copy_folder, entries, entry};

fn fault(place: &Place, kept: Kept<'_>) -> Fault {
    match verify_against(&place.ledger(), &place.key(), kept) {
        Err(ReadError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// A log of `size` entries, signed with the same key as another, in which one entry is another.
fn rewrite(place: &Place, size: u64, index: u64) {
    fs::remove_dir_all(place.ledger()).unwrap();
    let mut entries = entries(0, size);
    entries[usize::try_from(index).unwrap()] = entry(4711);
    place.open().append(&entries).unwrap();
}

#[test]
fn a_log_that_only_grew_continues_every_copy() {
    let place = Place::new();
    let mut kept = Vec::new();
    for (number, batch) in [0, 1, 254, 1, 1, 255, 488].into_iter().enumerate() {
        place.fill(&[batch]);
        kept.push(place.copy(&format!("copy-{number}")));
    }
    for copy in kept {
        let size = verify(&copy, &place.key()).unwrap().checkpoint.size;
        let checkpoint = fs::read(copy.join("checkpoint")).unwrap();
        for kept in [Kept::Copy(&copy), Kept::Checkpoint(&checkpoint)] {
            let report = verify_against(&place.ledger(), &place.key(), kept).unwrap();
            assert_eq!((report.kept, report.checkpoint.size), (Some(size), 1000));
        }
    }
}

#[test]
fn a_rewritten_history_is_found_and_its_first_entry_named() {
    for (kept, size, index) in [
        (600, 900, 0),
        (600, 900, 300),
        (600, 900, 599),
        (600, 600, 13),
        (600, 601, 256),
        (600, 300, 255),
    ] {
        let place = Place::filled(&[kept]);
        let copy = place.copy("copy");
        rewrite(&place, size, index);
        verify(&place.ledger(), &place.key()).unwrap();
        let expected = Fault::Rewritten {
            kept,
            first: Some(index),
        };
        assert_eq!(fault(&place, Kept::Copy(&copy)), expected);

        let checkpoint = fs::read(copy.join("checkpoint")).unwrap();
        let found = fault(&place, Kept::Checkpoint(&checkpoint));
        let expected = if kept <= size {
            Fault::Rewritten { kept, first: None }
        } else {
            Fault::RolledBack { kept, size }
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn what_changed_after_the_copy_was_kept_is_not_its_business() {
    let place = Place::filled(&[600]);
    let copy = place.copy("copy");
    rewrite(&place, 900, 600);
    verify_against(&place.ledger(), &place.key(), Kept::Copy(&copy)).unwrap();
}

#[test]
fn a_log_that_was_rolled_back_is_found() {
    for (kept, size) in [(250, 100), (600, 512), (600, 100), (1, 0)] {
        let place = Place::filled(&[size]);
        let old = place.copy("old");
        place.fill(&[kept - size]);
        let copy = place.copy("copy");
        fs::remove_dir_all(place.ledger()).unwrap();
        copy_folder(&old, &place.ledger());
        verify(&place.ledger(), &place.key()).unwrap();
        let checkpoint = fs::read(copy.join("checkpoint")).unwrap();
        for seen in [Kept::Copy(&copy), Kept::Checkpoint(&checkpoint)] {
            assert_eq!(fault(&place, seen), Fault::RolledBack { kept, size });
        }
    }
}

#[test]
fn a_copy_that_is_itself_wrong_is_not_compared_with() {
    let place = Place::filled(&[300]);
    let copy = place.copy("copy");
    fs::write(copy.join("tile/entries/000"), "").unwrap();
    let found = fault(&place, Kept::Copy(&copy));
    assert_eq!((found.code(), found.entry()), ("kept-copy", None));
    let forged = fs::read_to_string(copy.join("checkpoint")).unwrap();
    let forged = forged.replace("\n300\n", "\n200\n");
    let found = fault(&place, Kept::Checkpoint(forged.as_bytes()));
    assert!(found.to_string().contains("signature is false"), "{found}");
    let nothing = verify_against(
        &place.ledger(),
        &place.key(),
        Kept::Copy(&place.beside("none")),
    );
    assert!(matches!(nothing, Err(ReadError::None(_))));
}
