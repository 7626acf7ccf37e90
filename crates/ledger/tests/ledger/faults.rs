//! What can be done to a copy of a log, and what is said of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use glovebox_ledger::{
    Change, CheckpointFault, Fault, Hash, NoteFault, ReadError, Resource, VerifierKey, leaf_hash,
    root_of, verify,
};

use crate::place::{Place, copy_folder, entry};

/// Two full bundles and a partial one.
const SIZE: u64 = 600;

fn resource(path: &str) -> Resource {
    Resource::parse(path).unwrap()
}

fn fault_of(place: &Place) -> Fault {
    match verify(&place.ledger(), &place.key()) {
        Err(ReadError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// What is made of a checkpoint's text.
type Forgery = fn(&str) -> String;

/// What is done to a log.
type Deed = fn(&Place);

#[test]
fn a_changed_removed_or_moved_entry_is_named() {
    let (first, second, last) = (
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/88",
    );
    let cases: &[(Deed, u64, &str, Change)] = &[
        (
            |place| place.change_entries("tile/entries/000", |e| e[3] = entry(4711)),
            3,
            first,
            Change::Changed,
        ),
        (
            |place| place.change_entries("tile/entries/000", |e| e[255].push(b' ')),
            255,
            first,
            Change::Changed,
        ),
        (
            |place| {
                place.change_entries("tile/entries/001", |e| {
                    e.remove(44);
                });
            },
            300,
            second,
            Change::Removed,
        ),
        (
            // The next bundle's first entry moves up, as if the log had been written without it.
            |place| {
                place.change_entries("tile/entries/001", |e| {
                    e.remove(44);
                    e.push(entry(512));
                });
            },
            300,
            second,
            Change::Removed,
        ),
        (
            |place| place.change_entries("tile/entries/001", |e| e.insert(0, entry(4711))),
            256,
            second,
            Change::Inserted,
        ),
        (
            |place| place.change_entries("tile/entries/000", |e| e.swap(20, 21)),
            20,
            first,
            Change::Moved,
        ),
        (
            |place| place.change_entries("tile/entries/000", |e| e.swap(254, 255)),
            254,
            first,
            Change::Moved,
        ),
        (
            |place| place.change_entries("tile/entries/002.p/88", |e| e.swap(0, 87)),
            512,
            last,
            Change::Moved,
        ),
        (
            |place| {
                place.change_entries("tile/entries/002.p/88", |e| {
                    e.pop();
                });
            },
            599,
            last,
            Change::CutOff,
        ),
        (
            |place| {
                place.change("tile/entries/000", |bytes| {
                    bytes.pop();
                });
            },
            255,
            first,
            Change::CutOff,
        ),
        (
            |place| place.change("tile/entries/001", Vec::clear),
            256,
            second,
            Change::CutOff,
        ),
        (
            // A length that reaches far beyond the file.
            |place| place.change("tile/entries/000", |bytes| bytes[0] = 255),
            0,
            first,
            Change::CutOff,
        ),
        (
            |place| {
                let (a, b) = (
                    place.file("tile/entries/000"),
                    place.file("tile/entries/001"),
                );
                fs::rename(&a, place.beside("aside")).unwrap();
                fs::rename(&b, &a).unwrap();
                fs::rename(place.beside("aside"), &b).unwrap();
            },
            0,
            first,
            Change::Changed,
        ),
    ];
    for (number, (deed, index, path, change)) in cases.iter().enumerate() {
        let place = Place::filled(&[SIZE]);
        deed(&place);
        let expected = Fault::Entry {
            index: *index,
            file: resource(path),
            change: *change,
        };
        assert_eq!(fault_of(&place), expected, "case {number}");
    }
}

#[test]
fn a_changed_missing_or_strange_file_is_named() {
    let tile = |path, entries, entries_stand| Fault::Tile {
        file: resource(path),
        entries,
        entries_stand,
    };
    let length = |path, found, wanted| Fault::Length {
        file: resource(path),
        found,
        wanted,
    };
    let missing = |path, entries| Fault::Missing {
        file: resource(path),
        entries,
    };
    let strange = |path| Fault::Strange {
        file: resource(path),
    };
    let cases: Vec<(Deed, Fault)> = vec![
        (
            |place| place.change("tile/0/001", |bytes| bytes[70] ^= 1),
            tile("tile/0/001", 256..512, Some(true)),
        ),
        (
            |place| {
                let (a, b) = (place.file("tile/0/000"), place.file("tile/0/001"));
                fs::rename(&a, place.beside("aside")).unwrap();
                fs::rename(&b, &a).unwrap();
                fs::rename(place.beside("aside"), &b).unwrap();
            },
            tile("tile/0/000", 0..256, Some(true)),
        ),
        (
            |place| {
                place.change("tile/0/000", |bytes| bytes[0] ^= 1);
                place.change_entries("tile/entries/000", |e| e[9] = entry(4711));
            },
            tile("tile/0/000", 0..256, Some(false)),
        ),
        (
            |place| place.change("tile/0/002.p/88", |bytes| bytes[130] ^= 1),
            tile("tile/0/002.p/88", 512..600, Some(true)),
        ),
        (
            |place| place.change("tile/1/000.p/2", |bytes| bytes[40] ^= 1),
            tile("tile/1/000.p/2", 256..512, None),
        ),
        (
            |place| place.change("tile/0/000", |bytes| bytes.truncate(8191)),
            length("tile/0/000", 8191, 8192),
        ),
        (
            |place| place.change("tile/0/002.p/88", |bytes| bytes.truncate(32)),
            length("tile/0/002.p/88", 32, 88 * 32),
        ),
        (
            |place| place.change("tile/0/001", |bytes| bytes.extend([0; 320])),
            length("tile/0/001", 8193, 8192),
        ),
        (
            |place| place.change("tile/entries/002.p/88", |bytes| bytes.extend([0, 1, 9])),
            length("tile/entries/002.p/88", 88 * 16 + 3, 88 * 16),
        ),
        (
            |place| fs::remove_file(place.file("tile/entries/001")).unwrap(),
            missing("tile/entries/001", 256..512),
        ),
        (
            |place| fs::remove_file(place.file("tile/0/000")).unwrap(),
            missing("tile/0/000", 0..256),
        ),
        (
            |place| fs::remove_file(place.file("tile/1/000.p/2")).unwrap(),
            missing("tile/1/000.p/2", 0..512),
        ),
        (
            |place| {
                let file = place.file("tile/entries/001");
                fs::rename(&file, place.beside("aside")).unwrap();
                symlink(place.beside("aside"), file).unwrap();
            },
            strange("tile/entries/001"),
        ),
        (
            |place| {
                fs::rename(place.file("tile"), place.beside("aside")).unwrap();
                symlink(place.beside("aside"), place.file("tile")).unwrap();
            },
            strange("tile/1/000.p/2"),
        ),
        (
            |place| {
                let file = place.file("tile/0/000");
                fs::remove_file(&file).unwrap();
                assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
            },
            strange("tile/0/000"),
        ),
        (
            |place| {
                let file = place.file("tile/0/000");
                fs::remove_file(&file).unwrap();
                fs::create_dir(file).unwrap();
            },
            strange("tile/0/000"),
        ),
        (
            // Whoever has no key changes an entry and the hash of it.
            |place| {
                place.change_entries("tile/entries/002.p/88", |e| e[8] = entry(4711));
                place.change("tile/0/002.p/88", |bytes| {
                    bytes[256..288].copy_from_slice(leaf_hash(&entry(4711)).as_bytes());
                });
            },
            Fault::Root {
                size: SIZE,
                found: root_with(520, 4711),
                signed: root_with(520, 520),
            },
        ),
        (
            |place| {
                place.change_entries("tile/entries/002.p/88", |e| e[8] = entry(4711));
                place.change("tile/0/002.p/88", |bytes| bytes[100] ^= 1);
            },
            Fault::Apart {
                index: 515,
                file: resource("tile/entries/002.p/88"),
                other: resource("tile/0/002.p/88"),
            },
        ),
    ];
    for (number, (deed, expected)) in cases.into_iter().enumerate() {
        let place = Place::filled(&[SIZE]);
        deed(&place);
        assert_eq!(fault_of(&place), expected, "case {number}");
    }
}

/// The root of the log in which one entry is another.
fn root_with(index: u64, other: u64) -> Hash {
    let number = |n| if n == index { other } else { n };
    let leaves: Vec<_> = (0..SIZE).map(|n| leaf_hash(&entry(number(n)))).collect();
    root_of(&leaves)
}

#[test]
fn a_log_made_anew_without_the_key_does_not_fit_the_checkpoint() {
    let (place, other) = (Place::filled(&[SIZE]), Place::new());
    let mut entries = crate::place::entries(0, SIZE + 1);
    entries.remove(77);
    other.open().append(&entries).unwrap();
    let checkpoint = fs::read(place.file("checkpoint")).unwrap();
    fs::remove_dir_all(place.ledger()).unwrap();
    copy_folder(&other.ledger(), &place.ledger());
    fs::write(place.file("checkpoint"), checkpoint).unwrap();
    assert!(matches!(fault_of(&place), Fault::Root { size: SIZE, .. }));
}

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
