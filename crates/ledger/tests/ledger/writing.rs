//! Logs that are written: batches, restarts, crashes, and what cannot be logged.

use std::fs;
use std::os::unix::fs::symlink;

use glovebox_ledger::{Fault, LONGEST_ENTRY, Log, LogError, leaf_hash, root_of, verify};
use proptest::prelude::*;

use crate::place::{Place, copy_folder, entries, entry, files};

#[test]
fn a_log_begins_with_a_checkpoint_of_nothing() {
    let place = Place::new();
    let log = place.open();
    assert_eq!((log.size(), log.checkpoint().root), (0, root_of(&[])));
    assert_eq!(verify(&place.ledger(), &place.key()).unwrap().files, 1);
    assert_eq!(log.entries(0..10).unwrap(), Vec::<Vec<u8>>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn whatever_the_batches_the_tree_is_the_same(
        batches in prop::collection::vec((0u64..400, any::<bool>()), 1..6),
    ) {
        let place = Place::new();
        let mut log = place.open();
        for (batch, reopens) in batches {
            if reopens {
                drop(log);
                log = place.open();
            }
            let before = log.size();
            let checkpoint = log.append(&entries(before, before + batch)).unwrap();
            let leaves: Vec<_> = (0..before + batch).map(|n| leaf_hash(&entry(n))).collect();
            prop_assert_eq!(checkpoint.size, before + batch);
            prop_assert_eq!(checkpoint.root, root_of(&leaves));
            let report = verify(&place.ledger(), &place.key()).unwrap();
            prop_assert_eq!(&report.checkpoint, &checkpoint);
        }
        let size = log.size();
        prop_assert_eq!(log.entries(0..size + 5).unwrap(), entries(0, size));
        let from = size / 2;
        prop_assert_eq!(log.entries(from..from + 1).unwrap().len() as u64, size.min(1));
    }

    #[test]
    fn a_crash_at_any_moment_leaves_the_last_checkpoint(
        before in 0u64..600,
        batch in 1u64..600,
        kept in prop::collection::vec(any::<bool>(), 20),
    ) {
        // What was there, and any part of what was being written; a checkpoint is written last.
        let place = Place::filled(&[before]);
        let crashed = place.copy("crashed");
        place.fill(&[batch]);
        let news = files(&place.ledger());
        let news = news.iter().filter(|file| *file != "checkpoint");
        for (file, is_kept) in news.zip(kept.iter().cycle()) {
            if *is_kept {
                let target = crashed.join(file);
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::copy(place.file(file), target).unwrap();
            }
        }
        fs::write(crashed.join("unfinished"), "half a ti").unwrap();
        fs::remove_dir_all(place.ledger()).unwrap();
        copy_folder(&crashed, &place.ledger());

        prop_assert_eq!(verify(&place.ledger(), &place.key()).unwrap().checkpoint.size, before);
        let mut log = place.open();
        prop_assert_eq!(log.size(), before);
        prop_assert_eq!(log.entries(0..before).unwrap(), entries(0, before));
        // Other entries than those that were lost.
        let others = entries(10_000, 10_000 + batch / 2 + 1);
        let checkpoint = log.append(&others).unwrap();
        prop_assert_eq!(checkpoint.size, before + batch / 2 + 1);
        prop_assert_eq!(verify(&place.ledger(), &place.key()).unwrap().checkpoint, checkpoint);
    }
}

#[test]
fn partial_files_go_when_the_full_one_is_there() {
    let place = Place::filled(&[100, 100, 55]);
    let found = files(&place.ledger());
    for width in ["100", "200", "255"] {
        assert!(found.contains(&format!("tile/0/000.p/{width}")), "{width}");
    }
    place.fill(&[2]);
    assert_eq!(
        files(&place.ledger()),
        [
            "checkpoint",
            "lock",
            "tile/0/000",
            "tile/0/001.p/1",
            "tile/1/000.p/1",
            "tile/entries/000",
            "tile/entries/001.p/1",
        ]
    );
    verify(&place.ledger(), &place.key()).unwrap();
}

#[test]
fn a_batch_with_an_entry_that_is_too_long_is_not_logged() {
    let place = Place::new();
    let mut log = place.open();
    let longest = vec![b'x'; LONGEST_ENTRY];
    let too_long = vec![b'x'; LONGEST_ENTRY + 1];
    let refused = log.append(&[b"a".to_vec(), too_long]);
    assert!(matches!(
        refused,
        Err(LogError::TooLong {
            position: 1,
            length: 65_536
        })
    ));
    assert_eq!(log.size(), 0);
    let batch = [vec![], longest, vec![0, 255]];
    assert_eq!(log.append(&batch).unwrap().size, 3);
    assert_eq!(log.entries(0..3).unwrap(), batch);
    let same = log.append::<Vec<u8>>(&[]).unwrap();
    assert_eq!(same.size, 3);
    drop(log);
    assert_eq!(place.open().entries(0..3).unwrap(), batch);
    verify(&place.ledger(), &place.key()).unwrap();
}

#[test]
fn one_process_writes_at_a_time() {
    let place = Place::new();
    let first = place.open();
    let second = Log::open(&place.ledger(), place.signer());
    assert!(matches!(second, Err(LogError::InUse(_))));
    drop(first);
    place.open();
}

#[test]
fn a_log_that_lost_its_checkpoint_is_not_begun_anew() {
    let place = Place::filled(&[3]);
    fs::remove_file(place.file("checkpoint")).unwrap();
    let opened = Log::open(&place.ledger(), place.signer());
    assert!(matches!(opened, Err(LogError::NoCheckpoint(_))));
}

#[test]
fn a_log_with_a_damaged_edge_is_not_gone_on_with() {
    for (path, word) in [
        ("checkpoint", "false"),
        ("tile/0/001.p/44", "root"),
        ("tile/1/000.p/1", "root"),
        ("tile/entries/001.p/44", "entry 256"),
    ] {
        let place = Place::filled(&[300]);
        place.change(path, |bytes| match path {
            "checkpoint" => {
                *bytes = String::from_utf8(bytes.clone())
                    .unwrap()
                    .replace("\n300\n", "\n301\n")
                    .into();
            }
            _ => bytes[4] ^= 1,
        });
        match Log::open(&place.ledger(), place.signer()) {
            Err(LogError::Damaged { fault, .. }) => {
                assert!(fault.to_string().contains(word), "{path}: {fault}");
            }
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn a_failed_write_leaves_the_log_as_it_was() {
    let place = Place::filled(&[3]);
    let mut log = place.open();
    let away = place.beside("away");
    fs::rename(place.file("tile"), &away).unwrap();
    symlink(&away, place.file("tile")).unwrap();
    let before = files(&away);
    assert!(matches!(log.append(&["x"]), Err(LogError::Write { .. })));
    assert_eq!(files(&away), before, "nothing is written through a link");
    fs::remove_file(place.file("tile")).unwrap();
    fs::rename(&away, place.file("tile")).unwrap();
    assert_eq!(log.append(&["x"]).unwrap().size, 4);
    verify(&place.ledger(), &place.key()).unwrap();
}

#[test]
fn after_a_checkpoint_that_may_not_be_kept_nothing_more_is_signed() {
    let place = Place::filled(&[3]);
    let mut log = place.open();
    fs::rename(place.file("checkpoint"), place.beside("checkpoint")).unwrap();
    fs::create_dir(place.file("checkpoint")).unwrap();
    assert!(matches!(log.append(&["x"]), Err(LogError::Write { .. })));
    fs::remove_dir(place.file("checkpoint")).unwrap();
    fs::rename(place.beside("checkpoint"), place.file("checkpoint")).unwrap();
    assert!(matches!(log.append(&["y"]), Err(LogError::Unsure(_))));
    drop(log);
    let mut log = place.open();
    assert_eq!(log.append(&["y"]).unwrap().size, 4);
    assert_eq!(log.entries(3..4).unwrap(), [b"y"]);
    verify(&place.ledger(), &place.key()).unwrap();
}

#[test]
fn an_entry_that_changed_on_the_disk_is_not_hidden_by_going_on() {
    let place = Place::filled(&[300]);
    place.change_entries("tile/entries/000", |entries| entries[7] = b"{}".to_vec());
    place.fill(&[300]);
    let fault = verify(&place.ledger(), &place.key()).unwrap_err();
    let glovebox_ledger::ReadError::Fault(Fault::Entry { index: 7, .. }) = fault else {
        panic!("{fault}");
    };
}
