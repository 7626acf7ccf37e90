//! "Did you mean": the known word nearest to one that is not known.

/// The word of `known` that `word` most likely stands for, if one is near enough.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // Longer than any name by so much that nothing could be near: not worth the square of it.
    if word.len() > 100 {
        return None;
    }
    let near_enough = |distance: usize| distance <= (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|name| (edits(&word.to_lowercase(), name), *name))
        .filter(|(distance, _)| near_enough(*distance))
        .min()
        .map(|(_, name)| name)
}

/// How many characters must be added, removed or replaced to turn one word into the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let known = [
            "matches_per_case",
            "min_matches_per_case",
            "seed",
            "output_path",
        ];
        for (word, expected) in [
            ("match_per_case", Some("matches_per_case")),
            ("Output_Path", Some("output_path")),
            ("min_match_per_case", Some("min_matches_per_case")),
            ("sed", Some("seed")),
            ("population", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
    }
}
