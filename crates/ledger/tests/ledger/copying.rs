//! Copies that are kept up to date, from logs that may be hostile.

use std::convert::Infallible;
use std::fs;
use std::path::PathBuf;

use glovebox_ledger::{
    Copied, CopyError, Fault, Kept, Published, Resource, update_copy, verify, verify_against,
};

use crate::place::{Place, entry, files};

/// What is made of a bundle on its way.
type Deed = fn(Vec<u8>) -> Option<Vec<u8>>;

type Answer = Result<Option<Vec<u8>>, Infallible>;

/// What a server gives of a log.
fn served(place: &Place) -> impl FnMut(Resource) -> Answer + use<> {
    let published = Published::open(&place.ledger()).unwrap();
    move |file| {
        Ok(published
            .file(&file.to_string())
            .unwrap()
            .map(|file| file.bytes))
    }
}

fn copy(place: &Place) -> PathBuf {
    place.beside("copy")
}

fn update(place: &Place) -> Result<Copied, CopyError<Infallible>> {
    update_copy(&copy(place), &place.key(), served(place))
}

fn fault(result: Result<Copied, CopyError<Infallible>>) -> Fault {
    match result {
        Err(CopyError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_copy_follows_its_log() {
    let place = Place::new();
    let mut before = 0;
    for batch in [0, 1, 254, 0, 1, 700, 68, 512, 3] {
        place.fill(&[batch]);
        let copied = update(&place).unwrap();
        assert_eq!(
            (copied.before, copied.checkpoint.size),
            (before, before + batch)
        );
        before += batch;
        let report = verify(&copy(&place), &place.key()).unwrap();
        assert_eq!(report.checkpoint, copied.checkpoint);
        verify_against(&place.ledger(), &place.key(), Kept::Copy(&copy(&place))).unwrap();
    }
    // Nothing but what its last checkpoint needs, and the partial files of earlier ones that still lead on.
    for file in files(&copy(&place))
        .iter()
        .filter(|file| file.starts_with("tile"))
    {
        assert!(Resource::parse(file).unwrap().is_of(before), "{file}");
    }
}

#[test]
fn a_partial_file_that_became_full_meanwhile_is_taken_from_the_full_one() {
    let place = Place::filled(&[200]);
    update(&place).unwrap();
    place.fill(&[55]);
    let checkpoint = fs::read(place.file("checkpoint")).unwrap();
    place.fill(&[45]);
    let mut newest = served(&place);
    let copied = update_copy(&copy(&place), &place.key(), |file| match file {
        Resource::Checkpoint => Ok(Some(checkpoint.clone())),
        file => newest(file),
    });
    assert_eq!(copied.unwrap().checkpoint.size, 255);
    verify(&copy(&place), &place.key()).unwrap();
    assert_eq!(update(&place).unwrap().before, 255);
    verify(&copy(&place), &place.key()).unwrap();
}

#[test]
fn a_log_that_was_rewritten_or_rolled_back_does_not_reach_the_copy() {
    for (other, size, expected) in [
        (
            299,
            900,
            Fault::Rewritten {
                kept: 300,
                first: Some(299),
            },
        ),
        // Before the bundle that is asked for: found by the root.
        (
            5,
            900,
            Fault::Rewritten {
                kept: 300,
                first: None,
            },
        ),
        (
            5,
            300,
            Fault::Rewritten {
                kept: 300,
                first: None,
            },
        ),
        (
            4711,
            299,
            Fault::RolledBack {
                kept: 300,
                size: 299,
            },
        ),
    ] {
        let place = Place::filled(&[300]);
        update(&place).unwrap();
        fs::remove_dir_all(place.ledger()).unwrap();
        let entries: Vec<_> = (0..size)
            .map(|n| entry(if n == other { 4711 } else { n }))
            .collect();
        place.open().append(&entries).unwrap();
        assert_eq!(fault(update(&place)), expected);

        let report = verify(&copy(&place), &place.key()).unwrap();
        assert_eq!(report.checkpoint.size, 300);
        // It goes on, once the log is put right.
        fs::remove_dir_all(place.ledger()).unwrap();
        place.fill(&[700]);
        assert_eq!(update(&place).unwrap().checkpoint.size, 700);
        verify(&copy(&place), &place.key()).unwrap();
    }
}

#[test]
fn nothing_hostile_reaches_the_copy() {
    let place = Place::filled(&[300]);
    update(&place).unwrap();
    place.fill(&[400]);
    let (key, other) = (place.key(), Place::filled(&[700]));
    let strange: Vec<(Deed, &str)> = vec![
        (|_| None, "has no tile/entries/001"),
        (|_| Some(vec![]), "entry 300 was cut off"),
        (
            |bytes| Some(bytes[..bytes.len() - 1].to_vec()),
            "was cut off",
        ),
        (|_| Some(vec![255; 1000]), "entry 300 was cut off"),
        (
            |bytes| Some([vec![0, 0], bytes].concat()),
            "first that differs is entry 256",
        ),
        (
            |mut bytes| {
                let last = bytes.len() - 2;
                bytes[last] ^= 1;
                Some(bytes)
            },
            "history was rewritten",
        ),
    ];
    for (change, word) in strange {
        let mut real = served(&place);
        let copied = update_copy(&copy(&place), &key, |file| {
            let bytes = real(file)?;
            Ok::<_, Infallible>(match file {
                Resource::Checkpoint => bytes,
                _ => bytes.and_then(change),
            })
        });
        let error = copied.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        assert_eq!(verify(&copy(&place), &key).unwrap().checkpoint.size, 300);
    }
    let foreign = update_copy(&copy(&place), &key, served(&other));
    assert!(fault(foreign).to_string().contains("did not sign"));
    let nothing = update_copy(&copy(&place), &key, |_| Ok::<_, Infallible>(None));
    assert!(matches!(
        nothing,
        Err(CopyError::Missing(Resource::Checkpoint))
    ));
    let failed = update_copy(&copy(&place), &key, |_| Err("unplugged"));
    assert!(matches!(failed, Err(CopyError::Fetch("unplugged"))));
    assert_eq!(update(&place).unwrap().checkpoint.size, 700);
    verify(&copy(&place), &key).unwrap();
}
