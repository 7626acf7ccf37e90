//! Why a call to the server did not succeed.

/// Why a call did not succeed. All may pass: the server is tried again. What the server wrote is no
/// part of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// It could not be reached, or fell silent.
    #[error("the server cannot be reached: {0}")]
    Unreachable(Box<ureq::Error>),
    /// It does not know the token.
    #[error("the server refuses the token: ask whoever runs it for a new one")]
    Refused,
    /// It sends elsewhere, where a token must not follow.
    #[error("the server redirects, which is not followed: give its final address in the settings")]
    Redirected,
    /// It answered something else than success.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// Its answer is none that this version understands.
    #[error("the server's answer is not understood: it may be of another version")]
    Answer,
    /// The token cannot stand in a header.
    #[error("the token cannot be sent")]
    Token,
    /// The message could not be written.
    #[error("the message could not be written")]
    Message,
}

impl CallError {
    pub(super) fn unreachable(error: ureq::Error) -> Self {
        Self::Unreachable(Box::new(error))
    }
}
