//! The file of a signing key.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::thread;

use glovebox_ledger::{KeyFileError, Signer, VerifierKey};

use crate::place::{NAME, Place};

#[test]
fn a_key_is_made_once_and_for_its_owner_alone() {
    let place = Place::new();
    let first = place.signer();
    let mode = fs::metadata(place.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(place.key(), *first.verifier_key());
    let text = first.verifier_key().to_string();
    assert!(text.starts_with("example.org/ledger+"), "{text}");
    assert_eq!(text.parse::<VerifierKey>().unwrap(), *first.verifier_key());

    let secret = fs::read_to_string(place.key_file()).unwrap();
    let secret = secret.trim_end().rsplit('+').next().unwrap();
    assert!(!format!("{first:?}").contains(secret));
    assert_eq!(fs::read_dir(place.beside("")).unwrap().count(), 1);
}

#[test]
fn of_two_that_make_one_at_once_both_have_the_same() {
    let place = Place::new();
    let keys: Vec<VerifierKey> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| place.key())).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn a_key_says_itself_whose_it_is() {
    let place = Place::new();
    assert!(Signer::load(&place.key_file()).unwrap().is_none());
    let made = place.signer().verifier_key().to_string();
    let found = Signer::load(&place.key_file()).unwrap().unwrap();
    assert_eq!(found.verifier_key().to_string(), made);
}

#[test]
fn a_file_that_is_not_the_logs_own_key_is_refused() {
    let place = Place::new();
    place.signer();
    let file = place.key_file();
    let refused = |name: &str| Signer::load_or_create(&file, name).unwrap_err();

    let error = refused("example.org/other");
    assert!(matches!(error, KeyFileError::OtherLog { .. }), "{error}");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(refused(NAME), KeyFileError::Open { .. }));
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();

    let good = fs::read_to_string(&file).unwrap();
    for text in [
        String::new(),
        "PRIVATE+KEY+".to_owned(),
        good.replace("PRIVATE+KEY+", ""),
        good.replace("example.org/ledger", "example.org/lodger"),
        good.replacen("+A", "+B", 1),
        good[..good.len() / 2].to_owned(),
        "x".repeat(10_000),
    ] {
        fs::write(&file, &text).unwrap();
        let error = refused(NAME);
        assert!(matches!(error, KeyFileError::Key { .. }), "{text}: {error}");
        assert!(text.len() < 20 || !error.to_string().contains(text.trim_end()));
    }
    fs::rename(&file, place.beside("elsewhere")).unwrap();
    symlink(place.beside("elsewhere"), &file).unwrap();
    assert!(matches!(refused(NAME), KeyFileError::Strange(_)));
}

#[test]
fn a_name_that_cannot_stand_in_a_signature_is_refused_and_leaves_no_file() {
    let place = Place::new();
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{1b}b"] {
        let error = Signer::load_or_create(&place.key_file(), name).unwrap_err();
        assert!(
            matches!(error, KeyFileError::Key { .. }),
            "{name:?}: {error}"
        );
        assert!(!place.key_file().exists(), "{name:?}");
    }
}

#[test]
fn keys_that_were_copied_wrongly_are_refused() {
    let good = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert!(good.parse::<VerifierKey>().is_ok());
    for bad in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAAAA",
        "PeterNeumann+c74f20a3+not base64",
        "PeterNeumann+c74f20+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        " PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
    }
}
