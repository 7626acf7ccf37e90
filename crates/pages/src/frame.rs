//! What stands around every page: who reads it, and what proves that a form is theirs.

/// What stands around a page. The default is for a visitor who is not signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Who reads it, if they are signed in.
    pub person: Option<SignedIn>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Their word in addresses.
    pub username: String,
    /// Their name for people.
    pub full_name: String,
    /// Whether the staff area is theirs to see.
    pub is_staff: bool,
    /// What every form of theirs carries in the field `proof`. It is bound to the session, so that no
    /// other site can make one.
    pub proof: String,
}

impl Frame {
    /// The proof for a form; nothing where nobody is signed in.
    pub(crate) fn proof(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.proof)
    }
}
