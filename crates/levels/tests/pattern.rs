//! The language of output paths.

use glovebox_levels::{Pattern, PatternError};
use proptest::prelude::*;

fn matches(pattern: &str, path: &str) -> bool {
    Pattern::new(pattern).expect(pattern).matches(path)
}

#[test]
fn a_star_is_any_run_within_one_directory_and_nothing_else_is_special() {
    for (pattern, path, expected) in [
        ("a.csv", "a.csv", true),
        ("a.csv", "A.csv", false),
        ("a.csv", "a.csvx", false),
        ("*.csv", "a.csv", true),
        ("*.csv", ".csv", true),
        ("*.csv", ".hidden.csv", true),
        ("*.csv", "output/a.csv", false),
        ("output/*", "output/", true),
        ("output/*", "output", false),
        ("output/*/a.csv", "output/x/a.csv", true),
        ("output/*/a.csv", "output/x/y/a.csv", false),
        ("a*b*c", "abc", true),
        ("a*b*c", "abcbc", true),
        ("a*b*c", "acb", false),
        ("ab*ba", "aba", false),
        ("ab*ba", "abba", true),
        ("{a,b}].csv", "{a,b}].csv", true),
        ("a b.csv", "a b.csv", true),
        ("日*.csv", "日本.csv", true),
        ("a\n*", "a\nb", true),
        ("-rf.csv", "-rf.csv", true),
    ] {
        assert_eq!(matches(pattern, path), expected, "{pattern:?} {path:?}");
    }
}

#[test]
fn what_could_mean_something_else_or_leave_the_workspace_is_refused() {
    let deep = "a/".repeat(64) + "a.csv";
    let long = "a".repeat(4097);
    for (pattern, error) in [
        ("", PatternError::EmptyPart),
        ("/etc/passwd", PatternError::Absolute),
        ("a//b.csv", PatternError::EmptyPart),
        ("output/", PatternError::EmptyPart),
        ("../a.csv", PatternError::Climbs),
        ("a/../b.csv", PatternError::Climbs),
        ("./a.csv", PatternError::Climbs),
        ("**/a.csv", PatternError::OtherWildcard),
        ("a?.csv", PatternError::OtherWildcard),
        ("[ab].csv", PatternError::OtherWildcard),
        ("a\\b.csv", PatternError::ForbiddenCharacter),
        ("a\0.csv", PatternError::ForbiddenCharacter),
        (deep.as_str(), PatternError::TooLong),
        (long.as_str(), PatternError::TooLong),
    ] {
        assert_eq!(Pattern::new(pattern), Err(error), "{pattern:?}");
    }
}

#[test]
fn many_stars_cost_no_more_than_few() {
    // Matchers that try every way to share out the text need years for this.
    let pattern = "a*".repeat(1500) + "b";
    assert!(!matches(&pattern, &"a".repeat(100_000)));
}

/// Every way to share out the text, tried in turn.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) if naive(rest, text) => true,
        (Some(('*', _)), Some((first, others))) if *first != '/' => naive(pattern, others),
        (Some((wanted, rest)), Some((first, others))) if wanted == first && *wanted != '*' => {
            naive(rest, others)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn it_agrees_with_trying_everything(pattern in "[ab/*]{1,8}", path in "[ab/]{0,8}") {
        if let Ok(parsed) = Pattern::new(&pattern) {
            let pattern: Vec<char> = pattern.chars().collect();
            let text: Vec<char> = path.chars().collect();
            prop_assert_eq!(parsed.matches(&path), naive(&pattern, &text));
        }
    }
}
