//! Numbers in strings, as Python's `float()` and `int()` read them: the reference accepts
//! whatever those accept, such as `" 4 "` and `"0_4"`. Digits must be ASCII here.

/// What `float(text)` gives, infinities and not-a-number included.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.contains('_') {
        return without_underscores(text)?.parse().ok();
    }
    text.parse().ok()
}

/// What `int(text)` gives, if it fits.
pub(super) fn int(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.contains('_') {
        return without_underscores(text)?.parse().ok();
    }
    text.parse().ok()
}

/// Removes underscores, each of which must stand between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |index: Option<usize>| {
        index
            .and_then(|index| bytes.get(index))
            .is_some_and(u8::is_ascii_digit)
    };
    let between = |index: usize| is_digit(index.checked_sub(1)) && is_digit(index.checked_add(1));
    bytes
        .iter()
        .enumerate()
        .all(|(index, &byte)| byte != b'_' || between(index))
        .then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_python_reads_them() {
        // (text, float(text), int(text))
        let cases = [
            ("4", Some(4.0), Some(4)),
            (" 4 ", Some(4.0), Some(4)),
            ("0_4", Some(4.0), Some(4)),
            ("0__4", None, None),
            ("_4", None, None),
            ("4_", None, None),
            ("-1", Some(-1.0), Some(-1)),
            ("+1", Some(1.0), Some(1)),
            ("4.", Some(4.0), None),
            (".5", Some(0.5), None),
            ("1e1", Some(10.0), None),
            ("1_0.0_1", Some(10.01), None),
            ("inf", Some(f64::INFINITY), None),
            ("-Infinity", Some(f64::NEG_INFINITY), None),
            ("0x4", None, None),
            ("v4", None, None),
            ("", None, None),
            ("4.0.0", None, None),
        ];
        for (text, as_float, as_int) in cases {
            assert_eq!(float(text), as_float, "float({text:?})");
            assert_eq!(int(text), as_int, "int({text:?})");
        }
        assert!(float(" NaN ").is_some_and(f64::is_nan));
    }
}
