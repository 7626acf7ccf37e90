//! Ages as in the population of the United Kingdom.

use super::discrete::Discrete;

/// People in each five-year age band from 0 to 99, in thousands: Office for National Statistics,
/// principal projection of 2018.
const BANDS: [u32; 20] = [
    3914, 4139, 3859, 3669, 4185, 4527, 4463, 4372, 3993, 4507, 4674, 4294, 3673, 3396, 3252, 2236,
    1673, 1024, 448, 123,
];
/// The last band holds everyone of 100 and over; the reference gives each year to 109 this weight.
const FROM_100: u32 = 13;
/// The age whose weight takes up what the ten years from 100 add beyond their band.
const ABSORBING_AGE: usize = 50;

/// Ages 0 to 109.
pub(crate) fn population_ages() -> Discrete {
    let total = f64::from(BANDS.iter().sum::<u32>() + FROM_100);
    let mut weights: Vec<f64> = BANDS
        .iter()
        .flat_map(|band| [*band; 5])
        .chain([FROM_100; 10])
        .map(|people| f64::from(people) / total / 5.0)
        .collect();
    let excess = weights.iter().sum::<f64>() - 1.0;
    weights[ABSORBING_AGE] -= excess;
    Discrete::new(0, &weights)
}

#[cfg(test)]
mod tests {
    use super::super::stream::Stream;
    use super::*;

    #[test]
    fn ages_have_the_shape_of_the_population() {
        let table = population_ages();
        let mut random = Stream::of_column(2, "test", "age").whole();
        let ages: Vec<i64> = (0..100_000).map(|_| table.draw(&mut random)).collect();
        let share = |wanted: fn(&i64) -> bool| {
            ages.iter().filter(|age| wanted(age)).count() as f64 / ages.len() as f64
        };
        let mean = ages.iter().sum::<i64>() as f64 / ages.len() as f64;
        assert!((mean - 40.3).abs() < 0.3, "{mean}");
        assert!((share(|age| *age < 18) - 0.213).abs() < 0.006);
        assert!((share(|age| *age >= 80) - 0.049).abs() < 0.004);
        assert!(ages.iter().all(|age| (0..110).contains(age)));
    }
}
