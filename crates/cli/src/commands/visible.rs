//! Text that a study wrote, made safe to show on a terminal.

/// Whether a character moves the cursor, changes colours, or shows what follows in another order:
/// what a study wrote must not be able to draw on the terminal of whoever looks at it.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text without characters that act instead of showing.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| {
            if is_unsafe(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_replaced_and_what_shows_stays() {
        let cases = [
            ("output/ä b.csv", "output/ä b.csv"),
            ("a\u{1b}[2J", "a\u{fffd}[2J"),
            ("a\nb\tc", "a\u{fffd}b\u{fffd}c"),
            ("a\u{202e}b\u{9b}c", "a\u{fffd}b\u{fffd}c"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }
}
