//! The lines of `project.yaml` that an error speaks of.

use glovebox_pipeline::Location;
use glovebox_ui::plain;

/// How long a line may be to be shown, in bytes: files written on one line are not for reading.
const LONGEST: usize = 400;

/// The line of a place, with one before and one after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt<'t> {
    /// The number of the first line that is shown.
    pub(super) first: usize,
    pub(super) above: Option<&'t str>,
    /// What stands before what is meant, what is meant, and what stands after it.
    pub(super) line: [String; 3],
    pub(super) below: Option<&'t str>,
}

impl<'t> Excerpt<'t> {
    /// Nothing where the line is too long, or the place is not in the text.
    pub(super) fn around(location: &Location, text: &'t str) -> Option<Self> {
        let at = location.span.start;
        let (before, after) = text.split_at_checked(at)?;
        let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let end = at + after.find(['\n', '\r']).unwrap_or(after.len());
        let line = text.get(start..end)?;
        if line.len() > LONGEST {
            return None;
        }
        // What is meant may go on over further lines, or be nothing: then it is the rest of this one.
        let meant_to = location.span.end.clamp(at, end);
        let meant = text.get(at..meant_to).filter(|meant| !meant.is_empty());
        let meant_to = meant.map_or(end, |_| meant_to);
        let above = before.get(..start.saturating_sub(1)).filter(|_| start > 0);
        let above = above.and_then(|above| above.lines().next_back());
        let above = above.map(|above| above.trim_end_matches('\r'));
        let below = text.get(end..).and_then(|below| below.lines().nth(1));
        let short = |line: &&str| line.len() <= LONGEST;
        let above = above.filter(short);
        Some(Self {
            first: location.line.saturating_sub(usize::from(above.is_some())),
            above,
            line: [
                plain(text.get(start..at)?),
                plain(text.get(at..meant_to)?),
                plain(text.get(meant_to..end)?),
            ],
            below: below.filter(short),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "version: 4\nactions:\n  count: {needs: [nothing]}\nend: 1";

    fn excerpt(text: &str, line: usize, span: std::ops::Range<usize>) -> Option<Excerpt<'_>> {
        let location = Location {
            line,
            column: 1,
            span,
        };
        Excerpt::around(&location, text)
    }

    #[test]
    fn the_line_stands_between_its_neighbours() {
        let at = TEXT.find("nothing").unwrap();
        let found = excerpt(TEXT, 3, at..at + 7).unwrap();
        assert_eq!(found.first, 2);
        assert_eq!(found.above, Some("actions:"));
        assert_eq!(found.line, ["  count: {needs: [", "nothing", "]}"]);
        assert_eq!(found.below, Some("end: 1"));
    }

    #[test]
    fn the_ends_of_a_file_and_places_beyond_it_are_no_trouble() {
        let first = excerpt(TEXT, 1, 0..0).unwrap();
        assert_eq!((first.first, first.above), (1, None));
        assert_eq!(first.line, ["", "version: 4", ""]);
        let last = excerpt(TEXT, 4, TEXT.len()..TEXT.len()).unwrap();
        assert_eq!(last.below, None);
        assert_eq!(excerpt(TEXT, 9, 1000..1001), None);
        assert_eq!(excerpt("é", 1, 1..2), None, "within a character");
        assert_eq!(excerpt(&"x".repeat(401), 1, 0..1), None);
        let windows = excerpt("a\r\nb\r\nc", 2, 3..4).unwrap();
        assert_eq!((windows.above, windows.below), (Some("a"), Some("c")));
    }
}
