//! Signed notes: a text, an empty line, and a line for each signature (<https://c2sp.org/signed-note>).

use data_encoding::BASE64;

use crate::key::{Signer, VerifierKey};

/// The most signatures that are read.
const MOST_SIGNATURES: usize = 64;

/// Why a note says nothing that can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// It is no text, or one that could act on a terminal.
    #[error("it is no text of whole lines without control characters")]
    Text,
    /// No signatures follow the text.
    #[error("no signatures stand after an empty line")]
    Unsigned,
    /// A line that should be a signature is not.
    #[error("line {0} of its signatures is not one")]
    Signature(usize),
    /// It has more signatures than are read.
    #[error("it has more than {MOST_SIGNATURES} signatures")]
    TooMany,
    /// Others signed it, not this key.
    #[error("the key did not sign it: ask for the log's own key, or for its own checkpoint")]
    Unknown,
    /// The signature of this key is not one over this text.
    #[error("its signature is false: it was changed after it was signed")]
    False,
}

/// A note of a text, which ends with a newline, and one signature.
pub(crate) fn sign(text: &str, signer: &Signer) -> String {
    let key = signer.verifier_key();
    let mut signature = key.id().to_vec();
    signature.extend(signer.sign(text));
    let (name, signature) = (key.name(), BASE64.encode(&signature));
    format!("{text}\n\u{2014} {name} {signature}\n")
}

/// The text of a note that this key signed. Signatures of others say nothing, for or against it.
pub(crate) fn verified<'a>(note: &'a [u8], key: &VerifierKey) -> Result<&'a str, NoteFault> {
    let (text, signatures) = split(note)?;
    let mut is_signed = false;
    for (line, number) in signatures.lines().zip(1..) {
        if number > MOST_SIGNATURES {
            return Err(NoteFault::TooMany);
        }
        let (name, id, signature) = signature(line).ok_or(NoteFault::Signature(number))?;
        if name != key.name() || id != key.id() {
            continue;
        }
        if !key.verifies(text, &signature) {
            return Err(NoteFault::False);
        }
        is_signed = true;
    }
    if is_signed {
        Ok(text)
    } else {
        Err(NoteFault::Unknown)
    }
}

/// The text of a note, with its last newline, and the lines of signatures.
pub(crate) fn split(note: &[u8]) -> Result<(&str, &str), NoteFault> {
    let note = std::str::from_utf8(note).map_err(|_| NoteFault::Text)?;
    if note.chars().any(|c| c.is_control() && c != '\n') || !note.ends_with('\n') {
        return Err(NoteFault::Text);
    }
    let empty_line = note.rfind("\n\n").ok_or(NoteFault::Unsigned)?;
    let (text, rest) = note.split_at(empty_line + 1);
    let signatures = &rest[1..];
    if signatures.is_empty() {
        return Err(NoteFault::Unsigned);
    }
    Ok((text, signatures))
}

fn signature(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
    (is_name && !signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // From the tests of Go's golang.org/x/mod/sumdb/note.
    const SIGNER: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_published_note_is_signed_and_verified() {
        let signer = Signer::parse(SIGNER).unwrap();
        assert_eq!(signer.verifier_key().to_string(), VERIFIER);
        let (text, _) = split(NOTE.as_bytes()).unwrap();
        assert_eq!(sign(text, &signer), NOTE);
        let key: VerifierKey = VERIFIER.parse().unwrap();
        assert_eq!(verified(NOTE.as_bytes(), &key), Ok(text));
    }

    #[test]
    fn signatures_of_others_neither_help_nor_harm() {
        let (mine, other) = (
            Signer::from_seed("example.org/mine", [1; 32]).unwrap(),
            Signer::from_seed("example.org/mine", [2; 32]).unwrap(),
        );
        let by_other = sign("a\n", &other);
        assert_eq!(
            verified(by_other.as_bytes(), mine.verifier_key()),
            Err(NoteFault::Unknown)
        );
        let both = by_other.clone() + sign("a\n", &mine).strip_prefix("a\n\n").unwrap();
        assert_eq!(verified(both.as_bytes(), mine.verifier_key()), Ok("a\n"));
        assert_eq!(verified(both.as_bytes(), other.verifier_key()), Ok("a\n"));
        let changed = both.replacen("a\n", "b\n", 1);
        assert_eq!(
            verified(changed.as_bytes(), mine.verifier_key()),
            Err(NoteFault::False)
        );
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let signer = Signer::from_seed("example.org/mine", [1; 32]).unwrap();
        let note = sign("a\n", &signer);
        let line = note.strip_prefix("a\n\n").unwrap();
        let many = format!("a\n\n{}", line.repeat(MOST_SIGNATURES + 1));
        let cases: Vec<(Vec<u8>, NoteFault)> = vec![
            (b"".to_vec(), NoteFault::Text),
            (b"a\n".to_vec(), NoteFault::Unsigned),
            (b"a\n\n".to_vec(), NoteFault::Unsigned),
            (format!("a\n{line}").into_bytes(), NoteFault::Unsigned),
            (note.trim_end().as_bytes().to_vec(), NoteFault::Text),
            (note.replace('a', "a\r").into_bytes(), NoteFault::Text),
            (note.replace('a', "\u{1b}[2J").into_bytes(), NoteFault::Text),
            ([note.as_bytes(), &[0xff, b'\n']].concat(), NoteFault::Text),
            (format!("{note}x\n").into_bytes(), NoteFault::Signature(2)),
            (
                note.replace("\u{2014} ", "- ").into_bytes(),
                NoteFault::Signature(1),
            ),
            (
                b"a\n\n\xe2\x80\x94 name AAAA\n".to_vec(),
                NoteFault::Signature(1),
            ),
            (
                b"a\n\n\xe2\x80\x94 name !!!!\n".to_vec(),
                NoteFault::Signature(1),
            ),
            (many.into_bytes(), NoteFault::TooMany),
        ];
        for (bytes, fault) in cases {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let found = verified(&bytes, signer.verifier_key());
            assert_eq!(found, Err(fault), "{text:?}");
        }
    }
}
