//! How much a command used on average and at most, out of samples.

use std::time::{Duration, Instant};

/// Over how long processors are counted for the most at once: a shorter time would count ticks of a clock.
const WINDOW: Duration = Duration::from_millis(500);

/// What samples say so far.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// When the newest sample was taken.
    last: Option<Instant>,
    /// Bytes times seconds, and the seconds.
    byte_seconds: f64,
    seconds: f64,
    /// When the window began, and how much processor time had been used by then.
    window: Option<(Instant, Duration)>,
    peak_cpus: f64,
}

impl Load {
    /// Takes a sample: the memory that is used at a moment, if that is known, and all processor time that
    /// was used until then.
    pub(crate) fn take(&mut self, now: Instant, memory: Option<u64>, cpu: Duration) {
        if let (Some(last), Some(memory)) = (self.last, memory) {
            let seconds = now.saturating_duration_since(last).as_secs_f64();
            self.byte_seconds += memory as f64 * seconds;
            self.seconds += seconds;
        }
        self.last = Some(now);
        let (began, before) = *self.window.get_or_insert((now, cpu));
        let span = now.saturating_duration_since(began);
        if span >= WINDOW {
            let used = cpu.saturating_sub(before).as_secs_f64();
            self.peak_cpus = self.peak_cpus.max(used / span.as_secs_f64());
            self.window = Some((now, cpu));
        }
    }

    /// The memory on average, in bytes, unless the command ended before there was one.
    pub(crate) fn mean_memory(&self) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an average of numbers of bytes"
        )]
        (self.seconds > 0.0).then(|| (self.byte_seconds / self.seconds) as u64)
    }

    /// The most processors kept busy at once; 0 if the command ended before that could be seen.
    pub(crate) fn peak_cpus(&self) -> f64 {
        self.peak_cpus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds since the begin, memory, milliseconds of processor time.
    type Sample = (u64, Option<u64>, u64);

    fn load(samples: &[Sample]) -> Load {
        let begin = Instant::now();
        let mut load = Load::default();
        for (at, memory, cpu) in samples {
            let now = begin + Duration::from_millis(*at);
            load.take(now, *memory, Duration::from_millis(*cpu));
        }
        load
    }

    #[test]
    fn memory_counts_for_as_long_as_it_is_held() {
        let held = [
            (0, Some(999), 0),
            (100, Some(100), 0),
            (400, Some(500), 0),
            (500, None, 0),
        ];
        assert_eq!(load(&held).mean_memory(), Some(400));
        assert_eq!(load(&held[..1]).mean_memory(), None);
        assert_eq!(load(&[]).mean_memory(), None);
    }

    #[test]
    fn the_most_processors_are_those_of_the_busiest_while() {
        let cases: [(&[Sample], f64); 4] = [
            (&[(0, None, 0), (600, None, 600), (1200, None, 2400)], 3.0),
            // A burst within a window counts as part of it.
            (&[(0, None, 0), (10, None, 30), (1000, None, 30)], 0.03),
            // What was used before the first sample is of no window.
            (&[(0, None, 5000), (1000, None, 5500)], 0.5),
            (&[(0, None, 0), (400, None, 400)], 0.0),
        ];
        for (samples, expected) in cases {
            let peak = load(samples).peak_cpus();
            assert!((peak - expected).abs() < 1e-9, "{samples:?}: {peak}");
        }
    }
}
