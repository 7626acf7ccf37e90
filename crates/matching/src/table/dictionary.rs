//! Category texts as small numbers, the same in both files.

use std::collections::HashMap;

/// The code of a missing category; it equals nothing, not even itself.
pub(crate) const MISSING_CODE: u32 = u32::MAX;

/// The code of a control's category that no case has, so that it is not worth remembering.
pub(crate) const UNKNOWN_CODE: u32 = u32::MAX - 1;

/// One dictionary for each category variable.
///
/// The cases are read first and name the codes; the controls only look them up.
#[derive(Debug, Default)]
pub(crate) struct Dictionaries {
    by_variable: Vec<HashMap<Box<[u8]>, u32>>,
    /// Set once the cases are read.
    closed: bool,
}

impl Dictionaries {
    /// Empty dictionaries for `variables` variables.
    pub(crate) fn new(variables: usize) -> Self {
        Self {
            by_variable: vec![HashMap::new(); variables],
            closed: false,
        }
    }

    /// From now on unknown texts get [`UNKNOWN_CODE`].
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// The code of `text` in the dictionary of `variable`.
    pub(super) fn code(&mut self, variable: usize, text: &[u8]) -> u32 {
        let Some(codes) = self.by_variable.get_mut(variable) else {
            return UNKNOWN_CODE;
        };
        if let Some(code) = codes.get(text) {
            return *code;
        }
        if self.closed {
            return UNKNOWN_CODE;
        }
        // There are fewer texts than rows, and rows are limited to fewer than the special codes.
        let code = u32::try_from(codes.len()).unwrap_or(UNKNOWN_CODE);
        codes.insert(text.into(), code);
        code
    }
}
