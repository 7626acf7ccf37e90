//! Other implementations of the same formats read what is written here, and find the same proofs.

use std::fs;
use std::path::PathBuf;

use glovebox_ledger::Published;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{HashReader as _, Tile, TileHashReader, TileReader};

use crate::place::{NAME, Place, entry};

/// A log's folder, as the other implementation reads it.
struct Folder(PathBuf);

impl TileReader for Folder {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            // It puts the height into the path, as the checksum database of Go does.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            fs::read(self.0.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"))
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

#[test]
fn another_implementation_verifies_the_checkpoint_and_finds_the_same_proofs() {
    for batches in [&[1][..], &[255], &[255, 1], &[100, 157], &[300, 69_700]] {
        let place = Place::filled(batches);
        let size: u64 = batches.iter().sum();

        let note = Note::from_bytes(&fs::read(place.file("checkpoint")).unwrap()).unwrap();
        let verifier = StandardVerifier::new(&place.key().to_string()).unwrap();
        let (signatures, _) = note
            .verify(&VerifierList::new(vec![Box::new(verifier)]))
            .unwrap();
        assert_eq!(signatures.len(), 1);
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!((checkpoint.origin(), checkpoint.size()), (NAME, size));

        let folder = Folder(place.ledger());
        let root = *checkpoint.hash();
        let reader = TileHashReader::new(size, root, &folder);
        let published = Published::open(&place.ledger()).unwrap();
        let checked = [0, 1, 254, 255, 256, 299, 65_535, 65_536, 69_999];
        for index in checked.into_iter().filter(|index| *index < size) {
            let stored = reader
                .read_hashes(&[tlog_tiles::stored_hash_index(0, index)])
                .unwrap();
            let leaf = tlog_tiles::record_hash(&entry(index));
            assert_eq!(stored, [leaf]);

            let theirs = tlog_tiles::prove_record(size, index, &reader).unwrap();
            let ours = published.inclusion_proof(index).unwrap().unwrap().hashes;
            let same: Vec<_> = ours
                .iter()
                .map(|hash| tlog_tiles::Hash(*hash.as_bytes()))
                .collect();
            assert_eq!(theirs, same, "{index} of {size}");
            tlog_tiles::check_record(&same, size, root, index, leaf).unwrap();

            let old = index + 1;
            let theirs = tlog_tiles::prove_tree(size, old, &reader).unwrap();
            let ours = published.consistency_proof(old).unwrap().unwrap().hashes;
            let same: Vec<_> = ours
                .iter()
                .map(|hash| tlog_tiles::Hash(*hash.as_bytes()))
                .collect();
            assert_eq!(theirs, same, "{old} to {size}");
            let old_root = tlog_tiles::tree_hash(old, &reader).unwrap();
            tlog_tiles::check_tree(&same, size, root, old, old_root).unwrap();
        }
    }
}
