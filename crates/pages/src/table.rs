//! Tables whose heads sort them, and cells of every kind.

use std::fmt::{self, Write as _};

use askama::Template;
use glovebox_ui::{Instant, Tone, escape};

/// The head of a column.
#[derive(Debug, Clone)]
pub struct Head {
    /// What stands below it.
    pub title: &'static str,
    /// Where it is sorted by this column; nothing where it cannot be.
    pub href: Option<String>,
    /// Whether it is sorted by this column now: upwards (`true`) or downwards.
    pub ascending: Option<bool>,
    /// Numbers stand at the right.
    pub is_number: bool,
}

impl Head {
    /// That of a column of words which nothing is sorted by.
    pub const fn plain(title: &'static str) -> Self {
        Self {
            title,
            href: None,
            ascending: None,
            is_number: false,
        }
    }

    /// What programs that read pages aloud are told; nothing where it is not sorted by this.
    pub(crate) fn sorted(&self) -> &'static str {
        match self.ascending {
            None => "",
            Some(true) => "ascending",
            Some(false) => "descending",
        }
    }

    /// The same for the eye.
    pub(crate) fn mark(&self) -> &'static str {
        match self.ascending {
            None => "",
            Some(true) => " ▲",
            Some(false) => " ▼",
        }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words that say less.
    Quiet(String),
    /// A number.
    Number(u64),
    /// Words that begin with a number.
    Figure(String),
    /// A name of something in code.
    Code(String),
    /// A link.
    Link {
        /// What it says.
        text: String,
        /// Where it leads; on this site, or at a forge that is known.
        href: String,
    },
    /// A moment.
    Time(Instant),
    /// A state.
    State(Tone, &'static str),
    /// One beside the other.
    Row(Vec<Cell>),
}

impl Cell {
    /// A link.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link {
            text: text.into(),
            href: href.into(),
        }
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Figure(_))
    }

    pub(crate) fn html(&self, now: &Instant) -> String {
        match self {
            Self::Text(text) | Self::Figure(text) => escape(text),
            Self::Quiet(text) => format!(r#"<span class="quiet">{}</span>"#, escape(text)),
            Self::Number(number) => number.to_string(),
            Self::Code(text) => format!("<code>{}</code>", escape(text)),
            Self::Link { text, href } => {
                format!(r#"<a href="{}">{}</a>"#, escape(href), escape(text))
            }
            Self::Time(at) => at.element(*now).to_string(),
            Self::State(tone, word) => state(*tone, word),
            Self::Row(cells) => {
                let mut html = String::new();
                for (index, cell) in cells.iter().enumerate() {
                    let gap = if index > 0 { " " } else { "" };
                    // Writing to a string cannot fail.
                    let _ = write!(html, "{gap}{}", cell.html(now));
                }
                html
            }
        }
    }
}

/// A state as `state.html` has it.
pub(crate) fn state(tone: Tone, word: &str) -> String {
    format!(
        r#"<span class="state {}"><span aria-hidden="true">{}</span> {}</span>"#,
        tone.class(),
        tone.symbol(),
        escape(word)
    )
}

/// A table with a part of a list.
#[derive(Debug, Clone, Template)]
#[template(path = "table.html")]
pub struct Table {
    /// Its columns.
    pub heads: Vec<Head>,
    /// Its rows, each with as many cells.
    pub rows: Vec<Vec<Cell>>,
    /// What is said where there are none: why, and what to do next.
    pub empty: String,
    /// The address of the part above.
    pub newer: Option<String>,
    /// The address of the part below.
    pub older: Option<String>,
    /// What those two are called.
    pub words: (&'static str, &'static str),
    /// The present, from which times are counted.
    pub now: Instant,
}

impl Table {
    /// Cells, each with what its column is called: for where they stand one below the other.
    fn labelled<'c>(&self, row: &'c [Cell]) -> Vec<(&'static str, &'c Cell)> {
        let titles = self.heads.iter().map(|head| head.title);
        titles.zip(row).collect()
    }

    /// The table as it stands in a page.
    ///
    /// # Errors
    /// None that a fact can cause.
    pub(crate) fn html(&self) -> Result<String, fmt::Error> {
        self.render().map_err(|_| fmt::Error)
    }
}
