//! What of a log is given away over the web.

use std::fs;
use std::os::unix::fs::symlink;

use glovebox_ledger::{
    Fault, Published, ReadError, leaf_hash, verify_consistency, verify_inclusion,
};

use crate::place::{Place, entries, entry};

#[test]
fn files_are_given_by_their_paths_and_nothing_else_is() {
    let place = Place::filled(&[100, 500]);
    fs::write(place.beside("secret"), "secret").unwrap();
    let published = Published::open(&place.ledger()).unwrap();
    let checkpoint = published.file("checkpoint").unwrap().unwrap();
    assert_eq!(
        checkpoint.bytes,
        fs::read(place.file("checkpoint")).unwrap()
    );
    assert!(!checkpoint.is_immutable());
    assert_eq!(checkpoint.content_type(), "text/plain; charset=utf-8");
    for path in [
        "tile/0/000",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "tile/entries/001",
    ] {
        let found = published.file(path).unwrap().unwrap();
        assert_eq!(found.bytes, fs::read(place.file(path)).unwrap(), "{path}");
        assert!(found.is_immutable());
        assert_eq!(found.content_type(), "application/octet-stream");
    }
    for path in [
        "",
        ".",
        "lock",
        "unfinished",
        "../ledger.key",
        "../secret",
        "/etc/passwd",
        "tile",
        "tile/0",
        "tile/0/../../checkpoint",
        "tile/0/003",
        "tile/0/002",
        "tile/0/002.p/89",
        "tile/2/000.p/1",
        "tile/63/000.p/1",
        "tile/entries/x999/x999/999",
    ] {
        assert_eq!(published.file(path).unwrap(), None, "{path}");
    }
}

#[test]
fn what_was_not_signed_yet_is_not_given_away() {
    let place = Place::filled(&[300]);
    let checkpoint = fs::read(place.file("checkpoint")).unwrap();
    place.fill(&[300]);
    // As after a crash before the checkpoint was written: other entries may come to stand there.
    fs::write(place.file("checkpoint"), checkpoint).unwrap();
    assert!(place.file("tile/entries/001").exists());
    let published = Published::open(&place.ledger()).unwrap();
    assert_eq!(published.file("tile/entries/001").unwrap(), None);
    assert_eq!(published.file("tile/0/001").unwrap(), None);
    assert!(published.file("tile/0/000").unwrap().is_some());
}

#[test]
fn a_link_in_the_folder_leads_nowhere() {
    let place = Place::filled(&[300]);
    fs::write(place.beside("secret"), "secret").unwrap();
    fs::remove_file(place.file("tile/0/000")).unwrap();
    symlink(place.beside("secret"), place.file("tile/0/000")).unwrap();
    let published = Published::open(&place.ledger()).unwrap();
    let found = published.file("tile/0/000");
    assert!(
        matches!(found, Err(ReadError::Fault(Fault::Strange { .. }))),
        "{found:?}"
    );
}

#[test]
fn proofs_lead_to_the_checkpoint() {
    let place = Place::filled(&[300]);
    let older = place.open().checkpoint().clone();
    place.fill(&[66_000]);
    let published = Published::open(&place.ledger()).unwrap();
    for index in [0, 255, 256, 299, 65_535, 65_536, 66_299] {
        let proof = published.inclusion_proof(index).unwrap().unwrap();
        let (root, size) = (proof.checkpoint.root, proof.checkpoint.size);
        let leaf = leaf_hash(&entry(index));
        assert!(
            verify_inclusion(&leaf, index, size, &root, &proof.hashes),
            "{index}"
        );
    }
    let proof = published.consistency_proof(300).unwrap().unwrap();
    let (root, size) = (proof.checkpoint.root, proof.checkpoint.size);
    assert!(verify_consistency(
        300,
        &older.root,
        size,
        &root,
        &proof.hashes
    ));
    assert_eq!(published.inclusion_proof(66_300).unwrap(), None);
    assert_eq!(published.consistency_proof(66_301).unwrap(), None);
    assert_eq!(
        published.entries(65_530..65_540).unwrap(),
        entries(65_530, 65_540)
    );

    place.change("tile/0/001", |bytes| bytes[0] ^= 1);
    let wrong = published.inclusion_proof(300);
    assert!(
        matches!(wrong, Err(ReadError::Fault(Fault::Tile { .. }))),
        "{wrong:?}"
    );
}
