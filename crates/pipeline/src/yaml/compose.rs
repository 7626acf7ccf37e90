//! From parser events to the arena, without recursion and within limits.

use std::{borrow::Cow, collections::HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::{
    merge::{self, KeyFault},
    node::{Content, Document, Node, NodeId, Tag},
};
use crate::{
    kind::Kind,
    problem::Problems,
    source::{Body, Source, Span},
};

/// The longest project file that is read, in bytes. The largest public one has 0.5 MB.
pub const MAX_BYTES: usize = 16 << 20;
/// Nodes in the arena, and nodes a document stands for when its aliases are written out.
const MAX_NODES: u32 = 2_000_000;
/// Lists and maps inside each other; `project.yaml` needs 5, and `config` a few more.
const MAX_DEPTH: u16 = 100;

/// What composing came to.
pub(crate) struct Composed<'t> {
    /// The document; nothing when it could not be read to its end.
    pub(crate) document: Option<Document<'t>>,
    faults: Vec<KeyFault>,
    stop: Option<Stop>,
}

/// Composes the document of a body.
pub(crate) fn compose<'t>(body: &Body<'t>) -> Composed<'t> {
    let mut composer = Composer {
        body,
        // Most nodes are words with a separator on each side.
        document: Document::with_capacity(body.text().len() / 16),
        open: Vec::new(),
        anchors: HashMap::new(),
        faults: Vec::new(),
        charged: 0,
    };
    let unprintable = body
        .text()
        .chars()
        .enumerate()
        .find(|&(_, c)| !is_printable(c));
    let stop = match unprintable {
        Some((index, c)) => Some(composer.unprintable(index, c)),
        None => composer.run(Parser::new_from_str(body.text())).err(),
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
        match self.stop {
            Some(Stop::Fatal(Kind::YamlSyntax, span, _)) => Some(span),
            _ => None,
        }
    }

    /// Says what was wrong.
    pub(crate) fn report(&self, problems: &mut Problems<'_>, source: &Source<'_>) {
        for fault in &self.faults {
            report(problems, source, fault);
        }
        match &self.stop {
            Some(Stop::AnotherDocument(span)) => problems.error(
                Kind::YamlMultipleDocuments,
                *span,
                "a second document begins here: keep one document in the file and remove the others",
            ),
            Some(Stop::Fatal(kind, span, message)) => {
                problems.error(*kind, *span, message.as_ref());
            }
            None => {}
        }
    }
}

enum Stop {
    AnotherDocument(Span),
    Fatal(Kind, Span, Cow<'static, str>),
}

struct Composer<'b, 't> {
    body: &'b Body<'t>,
    document: Document<'t>,
    open: Vec<Frame>,
    anchors: HashMap<usize, NodeId>,
    faults: Vec<KeyFault>,
    /// Entries copied by merge keys, which cost memory as nodes do.
    charged: usize,
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
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
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

    fn unprintable(&self, index: usize, c: char) -> Stop {
        Stop::Fatal(
            Kind::YamlSyntax,
            Span {
                start: self.body.place_of_char(index),
                end: self.body.place_of_char(index + 1),
            },
            format!(
                "the character U+{:04X} may not stand in YAML: delete it, or write it as an escape in double quotes",
                u32::from(c)
            )
            .into(),
        )
    }

    fn syntax(&self, error: &ScanError) -> Stop {
        let at = self.body.place_of_char(error.marker().index());
        Stop::Fatal(
            Kind::YamlSyntax,
            Span { start: at, end: at },
            format!(
                "this is not YAML ({}): mend it here or just before",
                error.info()
            )
            .into(),
        )
    }

    fn add(
        &mut self,
        content: Content<'t>,
        span: Span,
        anchor: usize,
        tag: Option<&saphyr_parser::Tag>,
    ) -> Result<NodeId, Stop> {
        let scalar = matches!(content, Content::Scalar { .. });
        let count = self.document.nodes.len();
        let id = match u32::try_from(count) {
            Ok(id) if count + self.charged < MAX_NODES as usize => NodeId(id),
            _ => return Err(too_large(span)),
        };
        self.document.nodes.push(Node {
            span,
            tag: tag.map_or(Tag::Absent, read_tag),
            content,
            weight: u32::from(scalar),
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
            return Err(too_deep(span));
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
        let Some(&node) = self.anchors.get(&anchor) else {
            return Err(Stop::Fatal(
                Kind::YamlSyntax,
                span,
                "nothing has this anchor: define it with & before it is used".into(),
            ));
        };
        if self.document.node(node).weight == 0 {
            return Err(recursive(span));
        }
        self.place(node);
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

        let (mut weight, mut depth) = (1_u32, 0_u16);
        let mut count = |child: NodeId| {
            let child = self.document.node(child);
            weight = weight.saturating_add(child.weight);
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
            return Err(too_large(start));
        }
        if depth >= MAX_DEPTH {
            return Err(too_deep(start));
        }

        let node = &mut self.document.nodes[id.0 as usize];
        node.content = content;
        node.weight = weight;
        node.depth = depth + 1;
        node.span.end = span.end.max(start.end);
        self.place(id);
        Ok(())
    }
}

fn read_tag(tag: &saphyr_parser::Tag) -> Tag {
    const CORE: &str = "tag:yaml.org,2002:";
    let full = format!("{}{}", tag.handle, tag.suffix);
    if full == "!" {
        return Tag::Absent;
    }
    match full.strip_prefix(CORE) {
        Some("str") => Tag::Str,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("bool") => Tag::Bool,
        Some("null") => Tag::Null,
        Some("timestamp") => Tag::Timestamp,
        Some("map") => Tag::Map,
        Some("seq") => Tag::Seq,
        Some("binary" | "set" | "omap" | "pairs") => Tag::Foreign,
        _ => Tag::Custom,
    }
}

/// The characters YAML allows in a text, less the byte order mark's two inverted twins.
fn is_printable(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

fn too_large(span: Span) -> Stop {
    Stop::Fatal(
        Kind::YamlTooLarge,
        span,
        format!("the file stands for more than {MAX_NODES} values, its aliases written out: make it smaller").into(),
    )
}

fn too_deep(span: Span) -> Stop {
    Stop::Fatal(
        Kind::YamlTooDeep,
        span,
        format!(
            "more than {MAX_DEPTH} lists and maps stand inside each other here: make it flatter"
        )
        .into(),
    )
}

fn recursive(span: Span) -> Stop {
    Stop::Fatal(
        Kind::YamlRecursiveAlias,
        span,
        "this alias stands inside what it refers to: write the value out".into(),
    )
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
