//! Cells as CSV text.

use crate::day::Day;
use crate::generate::{BlockCells, Prepared};

/// Text as a CSV field, in quotes only where it must be.
pub(crate) fn quoted(text: &str) -> Vec<u8> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into_bytes()
    } else {
        text.as_bytes().to_vec()
    }
}

/// Appends one cell.
pub(crate) fn write_cell(column: &Prepared, cells: &BlockCells, row: usize, text: &mut Vec<u8>) {
    match cells {
        BlockCells::Days(days, precision) => {
            let day: Day = days[row];
            day.write(*precision, text);
        }
        BlockCells::Ints(numbers) => {
            text.extend_from_slice(itoa::Buffer::new().format(numbers[row]).as_bytes());
        }
        BlockCells::Floats(numbers) => write_float(numbers[row], text),
        BlockCells::Labels(labels) => {
            // A position outside the table stands for an empty row.
            let label = usize::try_from(labels[row])
                .ok()
                .and_then(|at| column.labels.get(at));
            text.extend_from_slice(label.map_or(&[], Vec::as_slice));
        }
        BlockCells::Flags(flags) => text.push(if flags[row] { b'1' } else { b'0' }),
    }
}

/// Appends the shortest text that reads back as the same number, in the form that Python and pandas
/// write: `16.1`, `35.0`, `1e-05`, `1e+16`.
pub(crate) fn write_float(number: f64, text: &mut Vec<u8>) {
    if !number.is_finite() {
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(number);
    let (mantissa, exponent) = match shortest.split_once(['e', 'E']) {
        None if number == 0.0 || (1e-4..1e16).contains(&number.abs()) => {
            text.extend_from_slice(shortest.as_bytes());
            if !shortest.contains('.') {
                text.extend_from_slice(b".0");
            }
            return;
        }
        None => (shortest, 0),
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
    };
    write_scaled(mantissa, exponent, text);
}

/// Writes a decimal mantissa and a power of ten the way Python would.
fn write_scaled(mantissa: &str, exponent: i32, text: &mut Vec<u8>) {
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let leading_zeros = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    // The power of ten of the first digit.
    let length = |text: &str| i32::try_from(text.len()).unwrap_or(i32::MAX);
    let power = exponent + length(whole) - 1 - i32::try_from(leading_zeros).unwrap_or(0);
    text.extend_from_slice(sign.as_bytes());
    if (-4..16).contains(&power) {
        let point = power + 1;
        let plain = if point <= 0 {
            let zeros = usize::try_from(-point).unwrap_or(0);
            format!("0.{}{digits}", "0".repeat(zeros))
        } else {
            let point = usize::try_from(point).unwrap_or(0);
            let padded = format!("{digits:0<point$}");
            let (whole, fraction) = padded.split_at(point);
            format!(
                "{whole}.{}",
                if fraction.is_empty() { "0" } else { fraction }
            )
        };
        text.extend_from_slice(plain.as_bytes());
        return;
    }
    let (first, rest) = digits.split_at(digits.len().min(1));
    let point = if rest.is_empty() { "" } else { "." };
    let power_sign = if power < 0 { '-' } else { '+' };
    let power = power.unsigned_abs();
    text.extend_from_slice(format!("{first}{point}{rest}e{power_sign}{power:02}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(number: f64) -> String {
        let mut bytes = Vec::new();
        write_float(number, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn floats_look_as_python_writes_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (35.0, "35.0"),
            (16.105_060_240_419_08, "16.10506024041908"),
            (-2.5, "-2.5"),
            (0.0001, "0.0001"),
            (0.000_123_4, "0.0001234"),
            (0.00001, "1e-05"),
            (-0.000_012_5, "-1.25e-05"),
            (1e15, "1000000000000000.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e16, "1e+16"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
        ];
        for (number, expected) in cases {
            assert_eq!(text(number), expected);
        }
    }

    proptest! {
        #[test]
        fn floats_read_back_as_themselves(bits: u64) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            let back: f64 = text(number).parse().unwrap();
            prop_assert_eq!(back.to_bits(), bits);
        }
    }

    #[test]
    fn only_what_needs_quotes_has_them() {
        for (plain, field) in [
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(quoted(plain), field.as_bytes());
        }
    }
}
