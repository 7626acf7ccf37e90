//! Figures about groups of people, rounded so that no single person shows.
//!
//! Counts are rounded to the nearest 5, and counts of 1 to 7 are not given at all: the practice
//! of output checking on the platforms that this software serves. Minima and maxima are values of
//! single persons and are never given; quartiles are rounded to a step that fits the spread.

use std::fmt;

/// Counts up to this are withheld.
const SMALL: usize = 7;

/// Descriptions of fewer values than this would describe single persons.
const FEWEST_DESCRIBED: usize = 20;

/// A count as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rounded(pub(crate) usize);

impl Rounded {
    /// Whether the count is withheld.
    pub(crate) fn is_withheld(self) -> bool {
        (1..=SMALL).contains(&self.0)
    }
}

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_withheld() {
            f.pad(&format!("[{SMALL} or fewer]"))
        } else {
            f.pad(&((self.0 + 2) / 5 * 5).to_string())
        }
    }
}

/// The distribution of a variable, rounded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Description {
    TooFew,
    Of {
        count: Rounded,
        mean: String,
        deviation: String,
        quartiles: [String; 3],
    },
}

impl Description {
    /// Describes `values`; NaN, for missing, is left out.
    pub(crate) fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        if values.len() < FEWEST_DESCRIBED {
            return Self::TooFew;
        }
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / (count - 1.0);
        let deviation = variance.sqrt();
        let step = step_for(deviation);
        let quantile = |share: f64| {
            let at = share * (count - 1.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 ≤ at < count"
            )]
            let below = at as usize;
            let above = values.get(below + 1).unwrap_or(&values[below]);
            values[below] + (above - values[below]) * at.fract()
        };
        Self::Of {
            count: Rounded(values.len()),
            // No single person decides these two, so they may be given more exactly.
            mean: rounded(mean, step / 10.0),
            deviation: rounded(deviation, step / 10.0),
            quartiles: [0.25, 0.5, 0.75].map(|share| rounded(quantile(share), step)),
        }
    }
}

/// What quartiles are rounded to: the greatest of 1, 2 or 5 times a power of ten that is not more
/// than a fifth of the standard deviation; 1 if all values are the same.
fn step_for(deviation: f64) -> f64 {
    let fifth = deviation / 5.0;
    if fifth <= 0.0 || !fifth.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(fifth.log10().floor());
    [5.0, 2.0]
        .into_iter()
        .find(|n| n * power <= fifth)
        .unwrap_or(1.0)
        * power
}

/// A number rounded to a multiple of `step`, with as many decimals as that needs.
fn rounded(number: f64, step: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=12"
    )]
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    // Adding zero turns minus zero into zero.
    format!("{:.decimals$}", (number / step).round() * step + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_withheld_and_others_rounded() {
        let shown = |count| Rounded(count).to_string();
        for (count, expected) in [
            (0, "0"),
            (8, "10"),
            (12, "10"),
            (13, "15"),
            (17, "15"),
            (10_002, "10000"),
        ] {
            assert_eq!(shown(count), expected);
        }
        for count in 1..=7 {
            assert_eq!(shown(count), "[7 or fewer]");
        }
    }

    #[test]
    fn a_description_shows_no_single_value() {
        let ages = (0..1_000).map(|i| 40.123 + f64::from(i % 41));
        let Description::Of {
            count,
            mean,
            deviation,
            quartiles,
        } = Description::new(ages)
        else {
            panic!("1,000 values can be described");
        };
        assert_eq!(count, Rounded(1_000));
        assert_eq!((mean.as_str(), deviation.as_str()), ("60.0", "11.8"));
        assert_eq!(quartiles, ["50", "60", "70"]);
        assert_eq!(
            [0.0, 0.4, 2.9, 11.9, 27.0]
                .map(step_for)
                .map(|step| rounded(step, step)),
            ["1", "0.05", "0.5", "2", "5"]
        );
    }

    #[test]
    fn few_values_are_not_described_at_all() {
        let few = (0..19).map(f64::from).chain([f64::NAN; 10]);
        assert_eq!(Description::new(few), Description::TooFew);
        let same = Description::new([2_019.0; 20].into_iter());
        assert!(matches!(same, Description::Of { mean, .. } if mean == "2019.0"));
    }
}
