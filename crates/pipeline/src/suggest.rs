//! Names that are spelled alike.

/// How many names are compared in one file: suggestions are a courtesy that must stay cheap when
/// thousands of unknown names meet thousands of known ones.
const MAX_COMPARISONS: usize = 200_000;
const MAX_CHARS: usize = 64;

/// Finds the known name that was probably meant.
pub(crate) struct Suggester {
    comparisons: usize,
}

impl Suggester {
    pub(crate) const fn new() -> Self {
        Self { comparisons: 0 }
    }

    /// The candidate nearest to `name`, if one is near enough to be a slip.
    pub(crate) fn nearest<'a>(
        &mut self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        let name = folded(name)?;
        let tolerance = 1 + name.len() / 5;
        let mut best = None;
        for candidate in candidates {
            self.comparisons += 1;
            if self.comparisons > MAX_COMPARISONS {
                return None;
            }
            if candidate.len() > 4 * MAX_CHARS || candidate.len() + 2 * tolerance < name.len() {
                continue;
            }
            let Some(folded) = folded(candidate) else {
                continue;
            };
            if folded.len().abs_diff(name.len()) > tolerance {
                continue;
            }
            let distance = distance(&name, &folded);
            if distance <= tolerance && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }

    /// The same, as a question for the `help` of a problem.
    pub(crate) fn question<'a>(
        &mut self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<String> {
        self.nearest(name, candidates)
            .map(|nearest| format!("did you mean `{nearest}`?"))
    }
}

/// Characters without case, and with `-` for `_`; nothing for names too long to compare.
fn folded(name: &str) -> Option<Vec<char>> {
    let folded: Vec<char> = name
        .chars()
        .take(MAX_CHARS + 1)
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    (!folded.is_empty() && folded.len() <= MAX_CHARS).then_some(folded)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other
/// (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut current = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        current[0] = i;
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (previous[j] + 1)
                .min(current[j - 1] + 1)
                .min(previous[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            current[j] = least;
        }
        std::mem::swap(&mut before, &mut previous);
        std::mem::swap(&mut previous, &mut current);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let known = ["generate_study_population", "matching", "run", "outputs"];
        // (given, meant)
        let cases = [
            ("Run", Some("run")),
            ("rnu", Some("run")),
            ("output", Some("outputs")),
            (
                "generate_study_populaton",
                Some("generate_study_population"),
            ),
            (
                "generate-study-population",
                Some("generate_study_population"),
            ),
            ("timeout", None),
            ("", None),
        ];
        for (given, meant) in cases {
            assert_eq!(Suggester::new().nearest(given, known), meant, "{given:?}");
        }
    }

    #[test]
    fn comparing_stops_somewhere() {
        let mut suggester = Suggester::new();
        let names: Vec<String> = (0..1_000).map(|n| format!("action_{n}")).collect();
        for _ in 0..10_000 {
            suggester.nearest("actoin_1", names.iter().map(String::as_str));
        }
        assert_eq!(suggester.nearest("actoin_1", ["action_1"]), None);
    }
}
