//! Digests of several parts, unambiguous whatever the parts contain.

use sha2::{Digest as _, Sha256};

/// SHA-256 over labelled parts; each part is preceded by its length, so that no two different
/// sequences of parts hash the same bytes.
pub(crate) struct Parts(Sha256);

impl Parts {
    /// Starts a digest of the given purpose, which keeps digests of different things apart.
    pub(crate) fn new(purpose: &str) -> Self {
        Self(Sha256::new()).with(purpose)
    }

    pub(crate) fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        let bytes = part.as_ref();
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// 64 lower-case hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        base16ct::lower::encode_string(&self.0.finalize())
    }
}

/// The first 16 digits: enough to name a folder.
pub(crate) fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[test]
    fn where_one_part_ends_and_the_next_begins_matters() {
        let digests = [
            Parts::new("p").with("ab").with("c").hex(),
            Parts::new("p").with("a").with("bc").hex(),
            Parts::new("p").with("abc").hex(),
            Parts::new("pa").with("bc").hex(),
            Parts::new("p").with("abc").with("").hex(),
        ];
        for (at, digest) in digests.iter().enumerate() {
            assert_eq!(digest.len(), 64);
            assert!(!digests[..at].contains(digest), "{at}");
        }
    }
}
