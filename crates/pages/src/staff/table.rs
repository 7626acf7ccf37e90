//! A table whose columns sort by links, and which pages.

use glovebox_ui::{Element, Instant, Tone};

use super::Link;

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name on the page.
    pub id: &'static str,
    /// What it is a table of, for those who do not see the heading above it.
    pub caption: &'static str,
    /// What it can be searched by.
    pub search: Option<Search>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// What is said where there are none, and what to do.
    pub empty: String,
    /// How many there are in all, if that was counted.
    pub total: Option<u64>,
    /// The address of the part before.
    pub before: Option<String>,
    /// The address of the part after.
    pub after: Option<String>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it is called.
    pub name: &'static str,
    /// The address at which the table is sorted by it, or the other way round.
    pub sort: Option<String>,
    /// Whether the table is sorted by it.
    pub sorted: Sorted,
}

/// Whether a table is sorted by a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sorted {
    /// By another.
    No,
    /// The smallest first.
    Up,
    /// The largest first.
    Down,
}

/// A form that narrows a table down.
#[derive(Debug, Clone)]
pub struct Search {
    /// The address of the table.
    pub path: String,
    /// What can be given: the name, the question, what was given, and whether that is a day.
    pub fields: Vec<(&'static str, &'static str, String, bool)>,
    /// What is sent beside: how the table is sorted.
    pub kept: Vec<(String, String)>,
}

/// What stands in a row.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Nothing.
    Nothing,
    /// A text.
    Text(String),
    /// A text for machines.
    Code(String),
    /// A number.
    Number(u64),
    /// Something that leads elsewhere.
    Link(Link),
    /// Several such.
    Links(Vec<Link>),
    /// A moment, as how long ago it was.
    Ago(Instant),
    /// A day.
    Day(Instant),
    /// A state, with a shape and a colour beside its word.
    State(Tone, &'static str),
}

impl Sorted {
    /// As programs that read pages aloud understand it.
    pub(crate) fn aria(self) -> &'static str {
        match self {
            Self::No => "none",
            Self::Up => "ascending",
            Self::Down => "descending",
        }
    }

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Up => "▲",
            Self::Down => "▼",
        }
    }
}

impl Table {
    /// Whether a column holds numbers, which stand to the right.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates hand references over"
    )]
    pub(crate) fn is_numeric(&self, column: &usize) -> bool {
        let cell = self.rows.first().and_then(|row| row.get(*column));
        matches!(cell, Some(Cell::Number(_)))
    }

    /// What a column is called, where a narrow screen shows it beside each cell.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates hand references over"
    )]
    pub(crate) fn label(&self, column: &usize) -> &'static str {
        self.columns.get(*column).map_or("", |column| column.name)
    }
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Something that leads elsewhere.
    pub fn link(text: impl Into<String>, path: impl Into<String>) -> Self {
        Self::Link(Link::new(text, path))
    }

    pub(crate) fn ago(at: &Instant, now: &Instant) -> Element {
        at.element(*now)
    }

    /// A day without its hour, which whoever looks closer finds.
    pub(crate) fn day(at: &Instant) -> String {
        let whole = at.absolute();
        let day = whole.split(',').next().unwrap_or_default();
        format!(
            r#"<time datetime="{}" title="{whole}">{day}</time>"#,
            at.machine()
        )
    }
}
