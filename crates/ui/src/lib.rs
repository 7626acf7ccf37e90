//! What the pages of the job server and of the review share: drawings, states in words, static files.
//!
//! Everything here is a pure function from data to markup. What is drawn has a word and a shape beside
//! its colour, and stands in a page without scripts.
//!
//! Must not know: domain rules. A page says which tone a state has and where a box leads.

mod assets;
mod escape;
mod graph;
mod instant;
mod layers;
mod tone;
mod waterfall;
mod yaml;

pub use assets::{Asset, ICON, PASSKEY_SCRIPT, SCRIPT, STYLE, find_asset};
pub use escape::{escape, plain, revealed};
pub use graph::{Graph, Node};
pub use instant::{Element, Instant, duration_in_words};
pub use tone::Tone;
pub use waterfall::{Bar, Waterfall};
pub use yaml::{LinkFor, highlighted};
