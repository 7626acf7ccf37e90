//! What can be done to a copy of a log, and what is said of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use glovebox_ledger::{Change, Fault, Hash, ReadError, Resource, leaf_hash, root_of, verify};

use crate::place::{Place, copy_folder, entry};

/// Two full bundles and a partial one.
const SIZE: u64 = 600;

fn resource(path: &str) -> Resource {
    Resource::parse(path).unwrap()
}

pub(crate) fn fault_of(place: &Place) -> Fault {
    match verify(&place.ledger(), &place.key()) {
        Err(ReadError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

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
