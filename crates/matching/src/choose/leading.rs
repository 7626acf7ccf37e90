//! Which number the controls of a group are sorted by.

use crate::{
    MatchRule, Settings,
    table::{Row, Table},
};

/// How many controls are looked at to learn how a variable is spread.
const SAMPLE: usize = 1_000;

/// The variable that the controls of a group are sorted by, if any is a number.
///
/// The first closest variable, because the closest controls are found by going outwards from a
/// case's own value. Without one, the variable whose caliper lets the fewest through: whoever is
/// outside it is never looked at, while the other calipers are asked of one control at a time.
///
/// `closest` are the closest variables that can differ within a group; `in_order` are the
/// controls in an order that does not depend on that of the file.
pub(super) fn leading<'a>(
    settings: &'a Settings,
    closest: &[&'a str],
    controls: &Table,
    in_order: &[Row],
) -> Option<&'a str> {
    let calipers = settings
        .match_variables
        .iter()
        .filter_map(|(name, rule)| match rule {
            MatchRule::Within(caliper) if *caliper > 0.0 => Some((name.as_str(), *caliper)),
            _ => None,
        });
    let share = |(name, caliper): &(&str, f64)| {
        let numbers = controls.numbers(name);
        let step = in_order.len().div_ceil(SAMPLE).max(1);
        let sample = in_order
            .iter()
            .step_by(step)
            .map(|row| numbers[*row as usize]);
        caliper / spread(sample.collect())
    };
    closest.first().copied().or_else(|| {
        let narrowest = calipers.min_by(|a, b| share(a).total_cmp(&share(b)));
        narrowest.map(|(name, _)| name)
    })
}

/// The distance between the tenth and the ninetieth percentile, missing values left out.
fn spread(mut sample: Vec<f64>) -> f64 {
    sample.retain(|number| !number.is_nan());
    sample.sort_by(f64::total_cmp);
    let tenth = sample.len() / 10;
    match (sample.get(tenth), sample.iter().nth_back(tenth)) {
        (Some(low), Some(high)) => high - low,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_extreme_values_do_not_widen_the_spread() {
        let mut sample: Vec<f64> = (0..100).map(f64::from).collect();
        sample.extend([f64::NAN, 1e9, -1e9]);
        assert!((spread(sample) - 80.0).abs() <= 2.0);
        assert!(spread(Vec::new()).abs() < f64::EPSILON);
    }
}
