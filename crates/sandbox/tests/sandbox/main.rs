//! Real sandboxes, attacked and exhausted. Where bubblewrap is missing these tests fail, and the
//! failure says how to install it.

#![expect(
    clippy::unwrap_used,
    reason = "a step that fails before the attack is a failed test"
)]

mod endings;
mod hidden_files;
mod isolation;
mod lifetime;
mod limits;
mod machine;
mod ordinary_user;
mod slow_watches;
mod system_calls;
mod workspace;
