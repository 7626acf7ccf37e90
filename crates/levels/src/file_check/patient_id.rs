//! Recognising the name `patient_id` in whatever dress it comes.

/// The column that every extracted cohort has, one value per patient.
const NAME: [char; 10] = ['p', 'a', 't', 'i', 'e', 'n', 't', '_', 'i', 'd'];

/// Follows one cell, character by character, and says at its end whether it was `patient_id`.
///
/// Case does not count, nor do white space around the name, quotation marks, NUL bytes (what
/// UTF-16 looks like to a reader of UTF-8) and characters without width such as a byte order mark.
/// Holds no text, so a cell of any length costs the same.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NameMatcher {
    /// How many characters of the name have been seen.
    seen: usize,
    progress: Progress,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Possible,
    /// White space after the first character of the name: nothing but the same may follow.
    Ended,
    Ruled,
}

impl NameMatcher {
    /// Takes the next character of the cell.
    pub(super) fn push(&mut self, character: char) {
        if self.progress == Progress::Ruled || is_unseen(character) {
            return;
        }
        if character.is_whitespace() {
            if self.seen > 0 {
                self.progress = Progress::Ended;
            }
        } else if self.progress == Progress::Possible
            && NAME.get(self.seen) == Some(&character.to_ascii_lowercase())
        {
            self.seen += 1;
        } else {
            self.progress = Progress::Ruled;
        }
    }

    /// Whether the cell was the name; begins the next cell.
    pub(super) fn end(&mut self) -> bool {
        let matched = self.seen == NAME.len() && self.progress != Progress::Ruled;
        *self = Self::default();
        matched
    }
}

/// Characters that do not change which name a reader sees.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '"' | '\''
            | '`'
            | '\0'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2018}'..='\u{201f}'
            | '\u{2060}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_name(cell: &str) -> bool {
        let mut matcher = NameMatcher::default();
        cell.chars().for_each(|character| matcher.push(character));
        matcher.end()
    }

    #[test]
    fn the_name_is_known_in_any_dress() {
        for cell in [
            "patient_id",
            "PATIENT_ID",
            "Patient_Id",
            "  patient_id\t",
            "\u{feff}patient_id",
            "\u{feff}\"patient_id\"",
            "'patient_id'",
            "\u{a0}patient_id\u{a0}",
            "p\0a\0t\0i\0e\0n\0t\0_\0i\0d\0",
            "pati\u{200b}ent_id",
        ] {
            assert!(is_name(cell), "{cell:?}");
        }
    }

    #[test]
    fn other_names_are_not_it() {
        for cell in [
            "",
            "patient",
            "patient_id_hash",
            "xpatient_id",
            "patient _id",
            "patient_id x",
            "id",
        ] {
            assert!(!is_name(cell), "{cell:?}");
        }
    }
}
