//! Bundles of entries: each entry behind its length, two bytes, the larger first.

/// The longest entry, in bytes: its length has two bytes.
pub const LONGEST_ENTRY: usize = 65_535;

/// An entry that is not too long for a bundle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    length: u16,
    bytes: &'a [u8],
}

impl<'a> Entry<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let length = u16::try_from(bytes.len()).ok()?;
        Some(Self { length, bytes })
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Puts it at the end of a bundle.
    pub(crate) fn push_to(self, bundle: &mut Vec<u8>) {
        bundle.extend_from_slice(&self.length.to_be_bytes());
        bundle.extend_from_slice(self.bytes);
    }
}

/// The entries of a bundle, as far as they are whole, and how many bytes are left over at its end.
pub(crate) fn split(bundle: &[u8]) -> (Vec<Entry<'_>>, usize) {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = u16::from_be_bytes(*length);
        let Some((bytes, after)) = after.split_at_checked(length.into()) else {
            break;
        };
        entries.push(Entry { length, bytes });
        rest = after;
    }
    (entries, rest.len())
}
