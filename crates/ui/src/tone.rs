//! How a state looks: a shape and a colour beside its word.

/// How a state looks. The shape is text, so that it is read without colour and in any font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing happens yet.
    Waiting,
    /// Something happens now: the only thing on a page that moves.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// It ended well, and something is held back.
    Withheld,
}

impl Tone {
    /// The shape.
    pub const fn symbol(self) -> char {
        match self {
            Self::Waiting => '◌',
            Self::Running => '◐',
            Self::Succeeded => '✔',
            Self::Failed => '✖',
            Self::Cancelled => '⊘',
            Self::Withheld => '⚠',
        }
    }

    /// The class that the style sheet colours.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Withheld => "withheld",
        }
    }
}
