//! When each job waited and ran, drawn as bars on one line of time.

use std::fmt;
use std::time::Duration;

use crate::{Tone, escape, instant::duration_in_words};

const WIDTH: u32 = 1_000;
const ROW: usize = 26;
/// As the style sheet has it too.
const BAR: usize = 16;
/// A bar is never so short that it cannot be seen or hit.
const SHORTEST: u32 = 3;

/// One job's line. Times are counted from the same moment, that of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Whose it is.
    pub name: String,
    /// When it was made.
    pub created: Duration,
    /// When it began, if it has.
    pub started: Option<Duration>,
    /// When it ended, or now.
    pub until: Duration,
    /// How its state looks.
    pub tone: Tone,
    /// Where a click leads.
    pub href: Option<String>,
}

/// A waterfall; displays as one `<svg>` element, empty if there is nothing to draw.
#[derive(Debug, Clone)]
pub struct Waterfall<'a> {
    /// The lines, in the order of the table beside it.
    pub bars: &'a [Bar],
    /// What the picture shows, in words, for whoever cannot see it.
    pub title: &'a str,
}

impl fmt::Display for Waterfall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bars.is_empty() {
            return Ok(());
        }
        let end = self.bars.iter().map(|bar| bar.until.max(bar.created)).max();
        let end = end.unwrap_or_default().max(Duration::from_millis(1));
        let height = self.bars.len() * ROW;
        write!(
            f,
            r#"<svg class="waterfall" role="img" viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" height="{height}"><title>{}</title>"#,
            escape(self.title)
        )?;
        // Most bars look alike, and say so once.
        let usual = Tone::most_frequent(self.bars.iter().map(|bar| bar.tone));
        write!(f, r#"<g class="{}">"#, usual.class())?;
        for (row, bar) in self.bars.iter().enumerate() {
            let y = row * ROW + (ROW - BAR) / 2;
            line(f, bar, y, end, usual)?;
        }
        f.write_str("</g></svg>")
    }
}

/// A bar for the wait and one after it for the run, in this order: the style sheet tells them apart by it.
fn line(
    f: &mut fmt::Formatter<'_>,
    bar: &Bar,
    y: usize,
    end: Duration,
    usual: Tone,
) -> fmt::Result {
    let at = |time: Duration| scaled(time, end);
    let element = if let Some(href) = bar.href.as_deref() {
        write!(f, r#"<a href="{}""#, escape(href))?;
        "a"
    } else {
        f.write_str("<g")?;
        "g"
    };
    if bar.tone != usual {
        write!(f, r#" class="{}""#, bar.tone.class())?;
    }
    let began = bar.started.unwrap_or(bar.until);
    let waited = began.saturating_sub(bar.created);
    let ran = bar.started.map(|started| bar.until.saturating_sub(started));
    let (waiting_from, waiting_to) = (at(bar.created), at(began));
    write!(
        f,
        "><title>{}: waited {}",
        escape(&bar.name),
        duration_in_words(waited)
    )?;
    if let Some(ran) = ran {
        write!(f, ", ran {}", duration_in_words(ran))?;
    }
    f.write_str("</title>")?;
    rect(f, waiting_from, y, waiting_to.saturating_sub(waiting_from))?;
    if bar.started.is_some() {
        let from = waiting_to.min(WIDTH - SHORTEST);
        let width = at(bar.until).saturating_sub(from).max(SHORTEST);
        rect(f, from, y, width)?;
    }
    write!(f, "</{element}>")
}

fn rect(f: &mut fmt::Formatter<'_>, x: u32, y: usize, width: u32) -> fmt::Result {
    f.write_str("<rect")?;
    if x > 0 {
        write!(f, r#" x="{x}""#)?;
    }
    write!(f, r#" y="{y}" width="{width}"/>"#)
}

/// A time as a place between 0 and [`WIDTH`].
fn scaled(time: Duration, end: Duration) -> u32 {
    let share = time.as_millis() * u128::from(WIDTH) / end.as_millis().max(1);
    u32::try_from(share).unwrap_or(WIDTH).min(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(created: u64, started: Option<u64>, until: u64) -> Bar {
        Bar {
            name: "matching & <2020>".to_owned(),
            created: Duration::from_secs(created),
            started: started.map(Duration::from_secs),
            until: Duration::from_secs(until),
            tone: Tone::Succeeded,
            href: None,
        }
    }

    fn drawn(bars: &[Bar]) -> String {
        let title = "When each job ran";
        Waterfall { bars, title }.to_string()
    }

    #[test]
    fn bars_share_one_line_of_time() {
        let bars = [bar(0, Some(1), 5), bar(0, Some(5), 10), bar(0, None, 10)];
        insta::assert_snapshot!(drawn(&bars).replace("><", ">\n<"));
    }

    #[test]
    fn times_that_cannot_be_are_drawn_within_the_picture() {
        let odd = [
            bar(9, Some(3), 1),
            bar(0, Some(u64::MAX), 5),
            bar(u64::MAX, None, 0),
            bar(0, Some(0), 0),
        ];
        for bar in odd {
            let svg = drawn(std::slice::from_ref(&bar));
            for attribute in ["x=\"", "width=\""] {
                for value in svg.split(attribute).skip(2) {
                    let value: u32 = value.split('"').next().unwrap().parse().unwrap();
                    assert!(value <= WIDTH, "{svg}");
                }
            }
        }
        assert_eq!(drawn(&[]), "");
    }
}
