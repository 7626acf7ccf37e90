//! Something that a reader may do on another page, or why not.

/// What a page offers its reader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Offer {
    /// Nothing, as to a visitor.
    #[default]
    Nothing,
    /// What is at this address.
    At(String),
    /// What others may do, or they at another time: why not, in a sentence.
    Not(String),
}
