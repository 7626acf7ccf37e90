//! Why composing stopped before the end of the text.

use std::borrow::Cow;

use super::{
    compose::{MAX_DEPTH, MAX_EXPANDED, MAX_NODES},
    tag::MAX_DIRECTIVE,
};
use crate::{kind::Kind, problem::Problems, source::Span};

pub(super) enum Stop {
    /// Only the first document counts, and it is whole.
    AnotherDocument(Span),
    Fatal(Kind, Span, Cow<'static, str>),
}

impl Stop {
    /// Where the text is not YAML, if that is the reason.
    pub(super) fn syntax_error(&self) -> Option<Span> {
        match self {
            Self::Fatal(Kind::YamlSyntax, span, _) => Some(*span),
            _ => None,
        }
    }

    pub(super) fn report(&self, problems: &mut Problems<'_>) {
        match self {
            Self::AnotherDocument(span) => problems.error(
                Kind::YamlMultipleDocuments,
                *span,
                "a second document begins here: keep one document in the file and remove the others",
            ),
            Self::Fatal(kind, span, message) => problems.error(*kind, *span, message.as_ref()),
        }
    }

    pub(super) fn unprintable(c: char, span: Span) -> Self {
        Self::Fatal(
            Kind::YamlSyntax,
            span,
            format!(
                "the character U+{:04X} may not stand in YAML: delete it, or write it as an escape in double quotes",
                u32::from(c)
            )
            .into(),
        )
    }

    pub(super) fn syntax(info: &str, at: u32) -> Self {
        Self::Fatal(
            Kind::YamlSyntax,
            Span { start: at, end: at },
            format!("this is not YAML ({info}): mend it here or just before").into(),
        )
    }

    pub(super) fn unknown_alias(span: Span) -> Self {
        Self::Fatal(
            Kind::YamlSyntax,
            span,
            "nothing has this anchor: define it with & before it is used".into(),
        )
    }

    pub(super) fn recursive_alias(span: Span) -> Self {
        Self::Fatal(
            Kind::YamlRecursiveAlias,
            span,
            "this alias stands inside what it refers to: write the value out".into(),
        )
    }

    pub(super) fn long_directive(span: Span) -> Self {
        Self::Fatal(
            Kind::YamlTooLarge,
            span,
            format!("this directive has more than {MAX_DIRECTIVE} bytes: shorten it").into(),
        )
    }

    pub(super) fn too_many_nodes(span: Span) -> Self {
        Self::Fatal(
            Kind::YamlTooLarge,
            span,
            format!("the file stands for more than {MAX_NODES} values, its aliases written out: make it smaller").into(),
        )
    }

    pub(super) fn too_many_bytes(span: Span) -> Self {
        Self::Fatal(
            Kind::YamlTooLarge,
            span,
            format!("the file stands for more than {MAX_EXPANDED} bytes of text, its aliases written out: make it smaller").into(),
        )
    }

    pub(super) fn too_deep(span: Span) -> Self {
        Self::Fatal(
            Kind::YamlTooDeep,
            span,
            format!(
                "more than {MAX_DEPTH} lists and maps stand inside each other here: make it flatter"
            )
            .into(),
        )
    }
}
