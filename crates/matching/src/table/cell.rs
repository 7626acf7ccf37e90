//! The text of a cell as a value.

/// Whether a cell stands for "not known": it is empty, or one of the words that R and pandas
/// write for it.
pub(super) fn is_missing(cell: &[u8]) -> bool {
    matches!(
        cell,
        b"" | b"NA" | b"N/A" | b"<NA>" | b"NaN" | b"nan" | b"NaT" | b"NULL" | b"null"
    )
}

/// The text by which a category is compared: the cell's own, except that a whole number written
/// with `.0` loses it. Tools that hold a column with gaps as floating-point numbers write `1.0`
/// for `1`; without this the same category in two files would silently never match.
pub(super) fn category(cell: &[u8]) -> &[u8] {
    let Some(point) = cell.iter().rposition(|byte| *byte == b'.') else {
        return cell;
    };
    let (whole, zeros) = (&cell[..point], &cell[point + 1..]);
    let digits = whole.strip_prefix(b"-").unwrap_or(whole);
    let is_whole = !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && !zeros.is_empty()
        && zeros.iter().all(|byte| *byte == b'0');
    if is_whole { whole } else { cell }
}

/// A finite number, spaces around it allowed; `None` if the cell is none.
pub(super) fn number(cell: &[u8]) -> Option<f64> {
    if cell.len() <= 9 && !cell.is_empty() && cell.iter().all(u8::is_ascii_digit) {
        let whole = cell
            .iter()
            .fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
        return Some(f64::from(whole));
    }
    let text = str::from_utf8(cell.trim_ascii()).ok()?;
    // Adding zero turns minus zero, which would be another key, into zero.
    text.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_exact_text_but_for_a_trailing_point_zero() {
        for (cell, same_as) in [
            ("1.0", "1"),
            ("-12.00", "-12"),
            ("1", "1"),
            ("1.5", "1.5"),
            ("01", "01"),
            ("v1.0", "v1.0"),
            (".0", ".0"),
            ("1.", "1."),
            (" F", " F"),
            ("10.0.0", "10.0.0"),
        ] {
            assert_eq!(category(cell.as_bytes()), same_as.as_bytes(), "{cell}");
        }
    }

    #[test]
    fn numbers_are_read_by_value() {
        for (cell, expected) in [
            ("40", Some(40.0)),
            ("40.0", Some(40.0)),
            (" 4e1 ", Some(40.0)),
            ("-0.0", Some(0.0)),
            ("123456789012", Some(123_456_789_012.0)),
            ("inf", None),
            ("1_000", None),
            ("1,5", None),
            ("forty", None),
            ("", None),
        ] {
            assert_eq!(number(cell.as_bytes()), expected, "{cell}");
        }
        assert!(number(b"-0").is_some_and(f64::is_sign_positive));
    }
}
