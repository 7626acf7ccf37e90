//! From parser events to the arena, without recursion and within limits.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{
    merge::{self, KeyFault},
    node::{Content, Document, Node, NodeId},
    stop::Stop,
    tag::{self, Tag},
};
use crate::{
    kind::Kind,
    problem::Problems,
    source::{Body, Source, Span},
};

/// The longest project file that is read, in bytes. The largest public one has 0.5 MB.
pub const MAX_BYTES: usize = 16 << 20;
/// Nodes in the arena, and nodes a document stands for when its aliases are written out.
pub(super) const MAX_NODES: u32 = 2_000_000;
/// Bytes of text a document stands for when its aliases are written out. A text of the greatest
/// length cannot reach it without aliases: escapes in it grow by half at most.
pub(super) const MAX_EXPANDED: usize = 32 << 20;
/// Lists and maps inside each other; `project.yaml` needs 5, and `config` a few more.
pub(super) const MAX_DEPTH: u16 = 100;

/// What composing came to.
pub(crate) struct Composed<'t> {
    /// The document; nothing when it could not be read to its end.
    pub(crate) document: Option<Document<'t>>,
    faults: Vec<KeyFault>,
    stop: Option<Stop>,
}

/// Composes the document of a body.
pub(crate) fn compose<'t>(body: &Body<'t>) -> Composed<'t> {
    let text = body.text();
    // Most nodes are words with a separator on each side.
    let likely = (text.len() / 16).min(MAX_NODES as usize);
    let mut composer = Composer {
        body,
        document: Document::with_capacity(likely),
        open: Vec::new(),
        anchors: HashMap::new(),
        faults: Vec::new(),
        charged: 0,
        expanded: 0,
    };
    let stop = match unreadable(body) {
        Some(stop) => Some(stop),
        None => composer.run(Parser::new_from_str(text)).err(),
    };
    let complete = matches!(stop, None | Some(Stop::AnotherDocument(_)));
    Composed {
        document: complete.then_some(composer.document),
        faults: composer.faults,
        stop,
    }
}

impl Composed<'_> {
    /// Where the text stopped being YAML, if it did.
    pub(crate) fn syntax_error(&self) -> Option<Span> {
        self.stop.as_ref()?.syntax_error()
    }

    /// Says what was wrong.
    pub(crate) fn report(&self, problems: &mut Problems<'_>, source: &Source<'_>) {
        for fault in &self.faults {
            report(problems, source, fault);
        }
        if let Some(stop) = &self.stop {
            stop.report(problems);
        }
    }
}

struct Composer<'b, 't> {
    body: &'b Body<'t>,
    document: Document<'t>,
    open: Vec<Frame>,
    anchors: HashMap<usize, NodeId>,
    faults: Vec<KeyFault>,
    /// Entries copied by merge keys, which cost memory as nodes do.
    charged: usize,
    /// Bytes of text so far, aliases written out.
    expanded: usize,
}

/// A list or map whose end has not come yet.
struct Frame {
    node: NodeId,
    /// The key that waits for its value.
    key: Option<NodeId>,
    items: Vec<NodeId>,
    entries: Vec<(NodeId, NodeId)>,
}

impl<'t> Composer<'_, 't> {
    fn run<T: saphyr_parser::Input>(&mut self, mut parser: Parser<'t, T>) -> Result<(), Stop> {
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let at = self.body.place_of_char(error.marker().index());
                Stop::syntax(error.info(), at)
            })?;
            let span = Span {
                start: self.body.place_of_char(span.start.index()),
                end: self.body.place_of_char(span.end.index()),
            };
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Stop::AnotherDocument(span));
                    }
                }
                Event::Alias(anchor) => self.alias(anchor, span)?,
                Event::Scalar(text, style, anchor, tag) => {
                    let content = Content::Scalar {
                        text,
                        plain: style == ScalarStyle::Plain,
                    };
                    let node = self.add(content, span, anchor, tag.as_deref())?;
                    self.place(node);
                }
                Event::SequenceStart(anchor, tag) => {
                    self.begin(Content::Sequence(Vec::new()), span, anchor, tag.as_deref())?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.begin(Content::Mapping(Vec::new()), span, anchor, tag.as_deref())?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        content: Content<'t>,
        span: Span,
        anchor: usize,
        tag: Option<&saphyr_parser::Tag>,
    ) -> Result<NodeId, Stop> {
        let (weight, bytes) = match &content {
            Content::Scalar { text, .. } => (1, text.len()),
            Content::Sequence(_) | Content::Mapping(_) => (0, 0),
        };
        self.charge(bytes, span)?;
        let count = self.document.nodes.len();
        let id = match u32::try_from(count) {
            Ok(id) if count + self.charged < MAX_NODES as usize => NodeId(id),
            _ => return Err(Stop::too_many_nodes(span)),
        };
        self.document.nodes.push(Node {
            span,
            tag: tag.map_or(Tag::Absent, Tag::read),
            content,
            weight,
            bytes,
            depth: 1,
        });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        Ok(id)
    }

    fn begin(
        &mut self,
        content: Content<'t>,
        span: Span,
        anchor: usize,
        tag: Option<&saphyr_parser::Tag>,
    ) -> Result<(), Stop> {
        if self.open.len() >= usize::from(MAX_DEPTH) {
            return Err(Stop::too_deep(span));
        }
        let node = self.add(content, span, anchor, tag)?;
        self.open.push(Frame {
            node,
            key: None,
            items: Vec::new(),
            entries: Vec::new(),
        });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        // The parser has refused unknown anchors already.
        let Some(&id) = self.anchors.get(&anchor) else {
            return Err(Stop::unknown_alias(span));
        };
        let node = self.document.node(id);
        if node.weight == 0 {
            return Err(Stop::recursive_alias(span));
        }
        self.charge(node.bytes, span)?;
        self.place(id);
        Ok(())
    }

    /// Counts text that whoever reads the document may copy or scan. Every alias is charged when it
    /// is met, so that the work on what was composed so far is bounded too.
    fn charge(&mut self, bytes: usize, span: Span) -> Result<(), Stop> {
        self.expanded = self.expanded.saturating_add(bytes);
        if self.expanded > MAX_EXPANDED {
            return Err(Stop::too_many_bytes(span));
        }
        Ok(())
    }

    /// Puts a finished node into the list or map that stands open.
    fn place(&mut self, node: NodeId) {
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        match self.document.nodes[frame.node.0 as usize].content {
            Content::Mapping(_) => match frame.key.take() {
                None => frame.key = Some(node),
                Some(key) => frame.entries.push((key, node)),
            },
            _ => frame.items.push(node),
        }
    }

    fn end(&mut self, span: Span) -> Result<(), Stop> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        let id = frame.node;
        let start = self.document.span(id);
        let written = frame.entries.len();
        let content = match self.document.node(id).content {
            Content::Mapping(_) => {
                let entries = merge::settle(&self.document, frame.entries, &mut self.faults);
                Content::Mapping(entries)
            }
            _ => Content::Sequence(frame.items),
        };

        let (mut weight, mut bytes, mut depth) = (1_u32, 0_usize, 0_u16);
        let mut count = |child: NodeId| {
            let child = self.document.node(child);
            weight = weight.saturating_add(child.weight);
            bytes = bytes.saturating_add(child.bytes);
            depth = depth.max(child.depth);
        };
        match &content {
            Content::Mapping(entries) => {
                self.charged += entries.len().saturating_sub(written);
                for &(key, value) in entries {
                    count(key);
                    count(value);
                }
            }
            Content::Sequence(items) => items.iter().for_each(|&item| count(item)),
            Content::Scalar { .. } => {}
        }
        if weight > MAX_NODES {
            return Err(Stop::too_many_nodes(start));
        }
        if depth >= MAX_DEPTH {
            return Err(Stop::too_deep(start));
        }

        let node = &mut self.document.nodes[id.0 as usize];
        node.content = content;
        node.weight = weight;
        node.bytes = bytes;
        node.depth = depth + 1;
        node.span.end = span.end.max(start.end);
        self.place(id);
        Ok(())
    }
}

/// Why a text is not even given to the parser, if there is a reason.
fn unreadable(body: &Body<'_>) -> Option<Stop> {
    let place = |index: usize| Span {
        start: body.place_of_char(index),
        end: body.place_of_char(index + 1),
    };
    let mut chars = body.text().chars().enumerate();
    if let Some((index, c)) = chars.find(|&(_, c)| !is_printable(c)) {
        return Some(Stop::unprintable(c, place(index)));
    }
    let before = &body.text()[..tag::long_directive(body.text())?];
    Some(Stop::long_directive(place(before.chars().count())))
}

/// The characters YAML allows in a text, less the byte order mark's two inverted twins.
fn is_printable(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

fn report(problems: &mut Problems<'_>, source: &Source<'_>, fault: &KeyFault) {
    match fault {
        KeyFault::Duplicate { at, key, first } => problems.error(
            Kind::YamlDuplicateKey,
            *at,
            format!(
                "the key `{key}` is already on line {}: keep one of them, or rename one",
                source.locate(*first).line
            ),
        ),
        KeyFault::NotMergeable { at } => problems.error(
            Kind::YamlSyntax,
            *at,
            "`<<` must refer to a map or to a list of maps: write `<<: *anchor_of_a_map`",
        ),
    }
}
