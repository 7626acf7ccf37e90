//! Names of actions as names of files.

use std::{collections::HashSet, fmt::Write as _};

/// Longest slug, in bytes, so that `<slug>.log.tmp` and the like fit in 255.
const MAX_BYTES: usize = 180;

/// Makes, for each action of one project, a name that is safe as one component of a path.
///
/// Action names are free text: `../evil` and a line break are valid. A name of letters, digits,
/// `_`, `-` and `.` is its own slug; any other byte, and a leading `.` or `-`, becomes `%XX`. No
/// two different names share a slug; a name too long is cut and marked with a hash.
#[derive(Default)]
pub(crate) struct Slugs {
    taken: HashSet<String>,
}

impl Slugs {
    pub(crate) fn slug(&mut self, name: &str) -> String {
        let mut slug = String::with_capacity(name.len());
        for (index, byte) in name.bytes().enumerate() {
            let plain = byte.is_ascii_alphanumeric()
                || byte == b'_'
                || (index > 0 && (byte == b'.' || byte == b'-'));
            if plain {
                slug.push(char::from(byte));
            } else {
                let _ = write!(slug, "%{byte:02X}");
            }
        }
        if slug.len() > MAX_BYTES {
            slug.truncate(MAX_BYTES - 18);
            // `%%` occurs in no slug that was not cut.
            let _ = write!(slug, "%%{:016x}", fnv1a(name.as_bytes()));
        }
        // Hashes can be made to meet; counting settles it.
        let mut unique = slug.clone();
        let mut count = 1;
        while !self.taken.insert(unique.clone()) {
            count += 1;
            unique = format!("{slug}%%{count}");
        }
        unique
    }
}

/// Fowler, Noll and Vo's 64-bit hash 1a: short, and the same on every machine and in every release.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_safe_file_names() {
        let cases = [
            ("matching_2020", "matching_2020"),
            ("a.b-c", "a.b-c"),
            ("my action", "my%20action"),
            ("../evil", "%2E.%2Fevil"),
            ("-rf", "%2Drf"),
            ("a\nb", "a%0Ab"),
            ("é", "%C3%A9"),
            ("50%", "50%25"),
            (".", "%2E"),
        ];
        for (name, slug) in cases {
            assert_eq!(Slugs::default().slug(name), slug, "{name:?}");
        }
    }

    #[test]
    fn long_names_stay_apart() {
        let mut slugs = Slugs::default();
        let (a, b) = ("é".repeat(500), format!("{}x", "é".repeat(500)));
        let (a, b) = (slugs.slug(&a), slugs.slug(&b));
        assert_ne!(a, b);
        assert!(a.len() <= MAX_BYTES && b.len() <= MAX_BYTES);
    }
}
