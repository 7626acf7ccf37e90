//! Maps with a fixed set of keys.

use crate::{
    source::Span,
    suggest::Suggester,
    yaml::{Document, NodeId},
};

/// A value under a known key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) key: Span,
    pub(super) value: NodeId,
}

/// The entries of a map, sorted into those that belong there and those that do not.
pub(super) struct Fields<'d, const N: usize> {
    names: [&'static str; N],
    known: [Option<Field>; N],
    pub(super) unknown: Vec<(&'d str, Span)>,
    /// Keys that are no strings, as nodes.
    pub(super) not_strings: Vec<NodeId>,
}

impl<'d, const N: usize> Fields<'d, N> {
    pub(super) fn sort(
        document: &'d Document<'_>,
        entries: &[(NodeId, NodeId)],
        names: [&'static str; N],
    ) -> Self {
        let mut fields = Self {
            names,
            known: [None; N],
            unknown: Vec::new(),
            not_strings: Vec::new(),
        };
        for &(key, value) in entries {
            let Some(name) = document.string(key) else {
                fields.not_strings.push(key);
                continue;
            };
            let span = document.span(key);
            match names.iter().position(|&known| known == name) {
                Some(index) => fields.known[index] = Some(Field { key: span, value }),
                None => fields.unknown.push((name, span)),
            }
        }
        fields
    }

    /// The field with a name of the set, if it is there; it may be null.
    pub(super) fn get(&self, name: &'static str) -> Option<Field> {
        let index = self.names.iter().position(|&known| known == name)?;
        self.known[index]
    }

    /// The field, unless it is absent or null.
    pub(super) fn given(&self, document: &Document<'_>, name: &'static str) -> Option<Field> {
        self.get(name)
            .filter(|field| !document.is_null(field.value))
    }

    /// Takes out the unknown key that was probably meant to be `name`, so that a slip of the pen
    /// is one error and not two.
    pub(super) fn take_misspelling(&mut self, name: &'static str) -> Option<&'d str> {
        let index = self
            .unknown
            .iter()
            .take(16)
            .position(|(unknown, _)| Suggester::new().nearest(unknown, [name]).is_some())?;
        Some(self.unknown.remove(index).0)
    }

    /// A hint for an unknown key: the free known one it resembles.
    pub(super) fn hint(&self, unknown: &str) -> Option<String> {
        let free = self
            .names
            .iter()
            .zip(&self.known)
            .filter_map(|(&name, field)| field.is_none().then_some(name));
        Suggester::new().question(unknown, free)
    }
}

/// The place to point at for a value: itself, or its key where it has no visible beginning.
pub(super) fn place(document: &Document<'_>, field: Field) -> Span {
    let span = document.span(field.value);
    let visible = document.value(field.value).is_some() && !span.is_empty();
    if visible { span } else { field.key }
}
