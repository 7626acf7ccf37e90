//! The tree and its proofs, beside the definitions of RFC 6962 written down word by word.

use std::convert::Infallible;

use data_encoding::HEXLOWER;
use glovebox_ledger::{
    Hash, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of, verify_consistency,
    verify_inclusion,
};
use proptest::prelude::*;

/// MTH, section 2.1.
fn tree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => root_of(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&tree(left), &tree(right))
        }
    }
}

/// PATH, section 2.1.1.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut below, sibling) = if index < middle {
        (path(index, left), tree(right))
    } else {
        (path(index - middle, right), tree(left))
    };
    below.push(sibling);
    below
}

/// SUBPROOF, section 2.1.2.
fn subproof(old: usize, leaves: &[Hash], is_known: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if is_known {
            Vec::new()
        } else {
            vec![tree(leaves)]
        };
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut below, sibling) = if old <= middle {
        (subproof(old, left, is_known), tree(right))
    } else {
        (subproof(old - middle, right, false), tree(left))
    };
    below.push(sibling);
    below
}

fn split(count: usize) -> usize {
    let mut power = 1;
    while power * 2 < count {
        power *= 2;
    }
    power
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn node(leaves: &[Hash]) -> impl Fn(u32, u64) -> Result<Hash, Infallible> + '_ {
    |level, index| {
        let width = 1 << level;
        let from = usize::try_from(index).unwrap() * width;
        Ok(tree(&leaves[from..from + width]))
    }
}

fn place(size: u64, of: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place below the size"
    )]
    let place = (size as f64 * of) as u64;
    place.min(size - 1)
}

#[test]
fn the_published_trees_of_certificate_transparency() {
    let inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves = inputs.map(|hex| leaf_hash(&HEXLOWER.decode(hex.as_bytes()).unwrap()));
    for (size, root) in roots.iter().enumerate() {
        let found = root_of(&leaves[..size]);
        assert_eq!(HEXLOWER.encode(found.as_bytes()), *root, "{size} leaves");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn roots_are_those_of_the_definition(size in 0u64..700) {
        let leaves = leaves(size);
        prop_assert_eq!(root_of(&leaves), tree(&leaves));
    }

    #[test]
    fn every_entry_is_proved_and_nothing_else(size in 1u64..700, at in 0.0..1.0, bend in any::<prop::sample::Index>()) {
        let (leaves, index) = (leaves(size), place(size, at));
        let leaf = leaves[usize::try_from(index).unwrap()];
        let root = tree(&leaves);
        let proof = inclusion_proof(index, size, node(&leaves)).unwrap().unwrap();
        prop_assert_eq!(&proof, &path(usize::try_from(index).unwrap(), &leaves));
        prop_assert!(verify_inclusion(&leaf, index, size, &root, &proof));

        let other = leaf_hash(b"another");
        prop_assert!(!verify_inclusion(&other, index, size, &root, &proof));
        prop_assert!(!verify_inclusion(&leaf, index, size, &other, &proof));
        prop_assert!(!verify_inclusion(&leaf, index + size, size, &root, &proof));
        prop_assert!(!verify_inclusion(&leaf, (index + 1) % size, size, &root, &proof) || size == 1);
        let longer = [proof.clone(), vec![other]].concat();
        prop_assert!(!verify_inclusion(&leaf, index, size, &root, &longer));
        if !proof.is_empty() {
            prop_assert!(!verify_inclusion(&leaf, index, size, &root, &proof[1..]));
            let mut bent = proof.clone();
            *bend.get_mut(&mut bent) = other;
            prop_assert!(!verify_inclusion(&leaf, index, size, &root, &bent));
        }
    }

    #[test]
    fn every_growth_is_proved_and_nothing_else(size in 1u64..700, at in 0.0..1.0, bend in any::<prop::sample::Index>()) {
        let (leaves, old) = (leaves(size), place(size, at) + 1);
        let older = &leaves[..usize::try_from(old).unwrap()];
        let (old_root, root) = (tree(older), tree(&leaves));
        let proof = consistency_proof(old, size, node(&leaves)).unwrap().unwrap();
        prop_assert_eq!(&proof, &subproof(older.len(), &leaves, true));
        prop_assert!(verify_consistency(old, &old_root, size, &root, &proof));

        let other = leaf_hash(b"another");
        prop_assert!(!verify_consistency(old, &other, size, &root, &proof));
        prop_assert!(!verify_consistency(old, &old_root, size, &other, &proof));
        prop_assert!(!verify_consistency(size + 1, &old_root, size, &root, &proof));
        let longer = [proof.clone(), vec![other]].concat();
        prop_assert!(!verify_consistency(old, &old_root, size, &root, &longer));
        if !proof.is_empty() {
            prop_assert!(!verify_consistency(old, &old_root, size, &root, &proof[1..]));
            let mut bent = proof.clone();
            *bend.get_mut(&mut bent) = other;
            prop_assert!(!verify_consistency(old, &old_root, size, &root, &bent));
        }
    }
}

#[test]
fn what_is_not_there_has_no_proof() {
    let leaves = leaves(5);
    assert_eq!(inclusion_proof(5, 5, node(&leaves)), Ok(None));
    assert_eq!(inclusion_proof(0, 0, node(&leaves)), Ok(None));
    assert_eq!(consistency_proof(6, 5, node(&leaves)), Ok(None));
    assert_eq!(consistency_proof(0, 5, node(&leaves)), Ok(Some(vec![])));
    let (empty, root) = (root_of(&[]), tree(&leaves));
    assert!(verify_consistency(0, &empty, 5, &root, &[]));
    assert!(!verify_consistency(0, &root, 5, &root, &[]));
    assert!(!verify_consistency(0, &empty, 5, &root, &[root]));
    assert!(!verify_inclusion(&root, 0, 0, &root, &[]));
    assert!(!verify_consistency(3, &root, u64::MAX, &root, &[root; 3]));
    assert!(!verify_inclusion(
        &root,
        u64::MAX - 1,
        u64::MAX,
        &root,
        &[root; 70]
    ));
}
