//! Sizes and durations as people type them: `4G`, `200M`, `90s`, `24h`.

use std::time::Duration;

/// Bytes: a number with an optional unit `K`, `M`, `G` or `T`, powers of 1,024 as Docker and systemd
/// read them, so that `4G` allows what it allows in the reference. `Ki`, `MiB` and the like say the same.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let unit = unit.strip_suffix('B').unwrap_or(unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    let factor: u64 = match unit {
        "" => 1,
        "k" | "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "T" => 1 << 40,
        _ => {
            return Err(format!(
                "`{text}` is no size: write it like 4G, 200M or 512K"
            ));
        }
    };
    let bytes = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor));
    match bytes {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(format!(
            "`{text}` is no size: write it like 4G, 200M or 512K"
        )),
    }
}

/// The memory of an action: with less than this not even a shell starts.
pub(super) fn memory(text: &str) -> Result<u64, String> {
    const LEAST: u64 = 16 << 20;
    bytes(text).and_then(|bytes| match bytes {
        LEAST.. => Ok(bytes),
        _ => Err(format!(
            "`{text}` is too little for anything to run: write 16M or more"
        )),
    })
}

/// Processors: a number that may have a fraction.
pub(super) fn processors(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if (0.01..=4096.0).contains(&number) => Ok(number),
        _ => Err(format!(
            "`{text}` is no number of processors: write one from 0.01 to 4096"
        )),
    }
}

/// A duration: a number with an optional unit `s`, `m`, `h` or `d`; seconds without one.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const LONGEST: u64 = 365 * 86_400;
    let (number, unit) = split(text);
    let factor: u64 = match unit {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => {
            return Err(format!(
                "`{text}` is no duration: write it like 90s, 30m or 24h"
            ));
        }
    };
    let seconds = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor));
    match seconds {
        Some(seconds) if (1..=LONGEST).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        Some(LONGEST..) => Err(format!(
            "`{text}` is longer than anything may run: write 365d or less"
        )),
        _ => Err(format!(
            "`{text}` is no duration: write it like 90s, 30m or 24h"
        )),
    }
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_typed() {
        for (text, expected) in [
            ("4G", 4 << 30),
            ("200 MB", 200 << 20),
            ("512Mi", 512 << 20),
            ("7", 7),
        ] {
            assert_eq!(bytes(text), Ok(expected));
        }
        for (text, expected) in [("90s", 90), ("30m", 1800), ("24h", 86_400), ("5", 5)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(expected)));
        }
        for text in ["", "0", "nan", "inf", "-1", "1e9", "0.001"] {
            assert!(processors(text).is_err(), "{text}");
        }
        assert_eq!(processors("0.5"), Ok(0.5));
        assert!(memory("1").is_err() && memory("16M").is_ok());
        assert!(duration("18446744073709551615").is_err());
        for text in ["", "0", "x", "4X", "-1", "1.5G", "99999999999999T", "é"] {
            assert!(bytes(text).is_err(), "{text}");
            assert!(duration(text).is_err() || text == "1.5G", "{text}");
        }
    }
}
