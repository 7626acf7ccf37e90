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
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Withheld,
    ];

    /// The one that most have, for what surrounds them all to have it once.
    pub fn most_frequent(tones: impl IntoIterator<Item = Self>) -> Self {
        let mut counts = [0_usize; Self::ALL.len()];
        for tone in tones {
            counts[tone as usize] += 1;
        }
        let most = (0..counts.len()).max_by_key(|&tone| counts[tone]);
        Self::ALL[most.unwrap_or_default()]
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_is_found() {
        for tone in Tone::ALL {
            assert_eq!(Tone::ALL[tone as usize], tone);
            let others = Tone::ALL.into_iter().chain([tone]);
            assert_eq!(Tone::most_frequent(others), tone);
        }
    }
}
