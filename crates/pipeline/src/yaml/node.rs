//! The arena of nodes that a document is composed into.

use std::borrow::Cow;

use super::{
    scalar::{self, Value},
    tag::Tag,
};
use crate::source::Span;

/// A composed document. Aliases are shared nodes, so this is a graph, free of cycles.
pub(crate) struct Document<'t> {
    pub(super) nodes: Vec<Node<'t>>,
}

/// The index of a node in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(pub(super) u32);

pub(crate) struct Node<'t> {
    pub(crate) span: Span,
    pub(super) tag: Tag,
    pub(crate) content: Content<'t>,
    /// How many nodes this one stands for when aliases are written out; 0 while it is open.
    pub(super) weight: u32,
    /// How many bytes of text it stands for when aliases are written out; 0 while it is open.
    pub(super) bytes: usize,
    /// How deep it is, counting itself, when aliases are written out.
    pub(super) depth: u16,
}

pub(crate) enum Content<'t> {
    Scalar {
        text: Cow<'t, str>,
        /// Plain scalars may be numbers, words for true and null, and so on; quoted ones may not.
        plain: bool,
    },
    Sequence(Vec<NodeId>),
    /// Without duplicates, merge keys resolved, in the order written and then as merged.
    Mapping(Vec<(NodeId, NodeId)>),
}

impl<'t> Document<'t> {
    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(nodes),
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node<'t> {
        // Ids come from pushing into this arena, which never shrinks.
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// The first node composed: the root, once composing succeeded.
    pub(crate) fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// What a scalar stands for; nothing for lists and maps.
    pub(crate) fn value(&self, id: NodeId) -> Option<Value<'_>> {
        let node = self.node(id);
        match &node.content {
            Content::Scalar { text, plain } => Some(scalar::resolve(text, *plain, node.tag)),
            Content::Sequence(_) | Content::Mapping(_) => None,
        }
    }

    pub(crate) fn string(&self, id: NodeId) -> Option<&str> {
        match self.value(id) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self, id: NodeId) -> bool {
        matches!(self.value(id), Some(Value::Null))
    }

    /// The entries of a map, unless a tag makes something else of it.
    pub(crate) fn mapping(&self, id: NodeId) -> Option<&[(NodeId, NodeId)]> {
        let node = self.node(id);
        match &node.content {
            Content::Mapping(entries) if matches!(node.tag, Tag::Absent | Tag::Map) => {
                Some(entries)
            }
            _ => None,
        }
    }

    /// The items of a list, unless a tag makes something else of it.
    pub(crate) fn sequence(&self, id: NodeId) -> Option<&[NodeId]> {
        let node = self.node(id);
        match &node.content {
            Content::Sequence(items) if matches!(node.tag, Tag::Absent | Tag::Seq) => Some(items),
            _ => None,
        }
    }

    /// What a node is, for a message: "a list", "the number 5".
    pub(crate) fn describe(&self, id: NodeId) -> String {
        if let Some(value) = self.value(id) {
            return value.describe();
        }
        if self.mapping(id).is_some() {
            "a map"
        } else if self.sequence(id).is_some() {
            "a list"
        } else {
            "a tagged value"
        }
        .to_owned()
    }
}
