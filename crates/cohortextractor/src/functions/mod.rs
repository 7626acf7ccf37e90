//! The `patients` functions: which arguments they take and what they return.

mod argument;
mod deaths;
mod derived;
mod events;
mod hospital;
mod people;
mod returns;
mod table;

pub use argument::{Argument, ArgumentKind, Group};
pub use returns::{Returns, ValueType};
pub use table::{FUNCTIONS, Function, function};
