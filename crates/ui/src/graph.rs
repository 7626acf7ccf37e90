//! A dependency graph, drawn: boxes with a state in words, arrows from what is needed to what needs it.

use std::fmt::{self, Write as _};

use crate::{Tone, escape, layers::Layers};

/// As the style sheet has it too.
const BOX_HEIGHT: usize = 46;
const ROW: usize = 62;
const GAP: usize = 56;
const MARGIN: usize = 6;
/// About what a character of a name takes; boxes are as wide as the longest text of their column.
const CHARACTER: usize = 8;
/// About what a character of the words takes.
const SMALL_CHARACTER: usize = 7;
const NARROWEST: usize = 120;
const WIDEST: usize = 380;
/// The length of an arrow's tip.
const TIP: usize = 7;

/// One box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What stands in it.
    pub name: String,
    /// The state in words, with whatever belongs to it: `succeeded, 0.5 s`.
    pub words: String,
    /// How that looks.
    pub tone: Tone,
    /// Where a click leads.
    pub href: Option<String>,
    /// The boxes, by their place in the list, that an arrow comes from.
    pub needs: Vec<usize>,
}

/// A graph; displays as one `<svg>` element.
#[derive(Debug, Clone)]
pub struct Graph<'a> {
    /// The boxes.
    pub nodes: &'a [Node],
    /// What the picture shows, in words, for whoever cannot see it.
    pub title: &'a str,
}

impl Graph<'_> {
    /// The largest graph that is drawn; a larger one is a list to read, not a picture to look at.
    pub const MOST_NODES: usize = 400;

    /// Whether it is small enough to be drawn; otherwise it displays as nothing.
    pub fn is_drawable(&self) -> bool {
        (1..=Self::MOST_NODES).contains(&self.nodes.len())
    }
}

/// Where a box stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
}

impl fmt::Display for Graph<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_drawable() {
            return Ok(());
        }
        let needs: Vec<Vec<usize>> = self.nodes.iter().map(|node| node.needs.clone()).collect();
        let layers = Layers::of(&needs);
        let tallest = layers.columns.iter().map(Vec::len).max().unwrap_or(0);
        let mut places = vec![Place::default(); self.nodes.len()];
        let mut x = MARGIN;
        for column in &layers.columns {
            let width = |&node: &usize| {
                let node = &self.nodes[node];
                let words = (node.words.chars().count() + 2) * SMALL_CHARACTER;
                (node.name.chars().count() * CHARACTER).max(words)
            };
            let widest = column.iter().map(width).max().unwrap_or(0);
            let width = (widest + 24).clamp(NARROWEST, WIDEST);
            // Half the rows that a shorter column leaves empty stand above it.
            let above = (tallest - column.len()) * ROW / 2;
            for (row, &node) in column.iter().enumerate() {
                let y = MARGIN + above + row * ROW;
                places[node] = Place { x, y, width };
            }
            x += width + GAP;
        }
        let (width, height) = (
            x - GAP + MARGIN,
            tallest * ROW - (ROW - BOX_HEIGHT) + 2 * MARGIN,
        );
        write!(
            f,
            r#"<svg class="graph" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}"><title>{}</title>"#,
            escape(self.title)
        )?;
        let edges: Vec<(Place, Place)> = self
            .nodes
            .iter()
            .zip(&places)
            .flat_map(|(node, to)| {
                let from = node.needs.iter().filter_map(|&need| places.get(need));
                from.map(|from| (*from, *to))
            })
            .collect();
        draw_edges(f, &edges)?;
        // Most boxes look alike, and say so once.
        let usual = Tone::most_frequent(self.nodes.iter().map(|node| node.tone));
        write!(f, r#"<g class="{}">"#, usual.class())?;
        for (node, place) in self.nodes.iter().zip(&places) {
            draw_box(f, node, *place, usual)?;
        }
        f.write_str("</g></svg>")
    }
}

/// All edges as two shapes, as pages of hundreds of jobs should be small.
fn draw_edges(f: &mut fmt::Formatter<'_>, edges: &[(Place, Place)]) -> fmt::Result {
    if edges.is_empty() {
        return Ok(());
    }
    f.write_str(r#"<path class="edge" d=""#)?;
    for (from, to) in edges {
        let (x1, y1) = (from.x + from.width, from.y + BOX_HEIGHT / 2);
        let (x2, y2) = (to.x, to.y + BOX_HEIGHT / 2);
        if y1 == y2 && x2 > x1 {
            write!(f, "M{x1} {y1}H{}", x2 - TIP)?;
            continue;
        }
        let bend = x1 + x2.saturating_sub(x1) / 2;
        let tip = x2.saturating_sub(TIP);
        write!(f, "M{x1} {y1}C{bend} {y1} {bend} {y2} {tip} {y2}")?;
    }
    f.write_str(r#""/><path class="tip" d=""#)?;
    for (_, to) in edges {
        let (x, y) = (to.x.saturating_sub(TIP), to.y + BOX_HEIGHT / 2 - 4);
        write!(f, "M{x} {y}l{TIP} 4-{TIP} 4z")?;
    }
    f.write_str(r#""/>"#)
}

/// A box, drawn from its corner; what all boxes have alike is in the style sheet.
fn draw_box(f: &mut fmt::Formatter<'_>, node: &Node, place: Place, usual: Tone) -> fmt::Result {
    let Place { x, y, width } = place;
    let element = if let Some(href) = node.href.as_deref() {
        write!(f, r#"<a href="{}""#, escape(href))?;
        "a"
    } else {
        f.write_str("<g")?;
        "g"
    };
    if node.tone != usual {
        write!(f, r#" class="{}""#, node.tone.class())?;
    }
    write!(f, r#" transform="translate({x},{y})">"#)?;
    let (name, words) = (escape(&node.name), escape(&node.words));
    let shown = escape(&shortened(&node.name, width));
    if shown != name {
        // What stands in the box does not say it all.
        write!(f, "<title>{name}: {words}</title>")?;
    }
    write!(
        f,
        r#"<rect width="{width}"/><text>{shown}</text><text>{symbol} {words}</text></{element}>"#,
        symbol = node.tone.symbol(),
    )
}

/// A name that fits, with its ends kept: names of one study often differ only there.
fn shortened(name: &str, width: usize) -> String {
    let most = (width - 24) / CHARACTER;
    let characters: Vec<char> = name.chars().collect();
    if characters.len() <= most {
        return name.to_owned();
    }
    let (head, tail) = (most / 2, most - most / 2 - 1);
    let mut shown: String = characters[..head].iter().collect();
    let _ = write!(shown, "…");
    shown.extend(&characters[characters.len() - tail..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, tone: Tone, needs: &[usize]) -> Node {
        Node {
            name: name.to_owned(),
            words: "succeeded, 0.5 s".to_owned(),
            tone,
            href: Some(format!("/jobs/{name}/")),
            needs: needs.to_vec(),
        }
    }

    fn drawn(nodes: &[Node]) -> String {
        let title = "What needs what";
        Graph { nodes, title }.to_string()
    }

    #[test]
    fn a_graph_is_boxes_and_arrows_in_words_too() {
        let nodes = [
            node("covid_2020", Tone::Succeeded, &[]),
            node("general_2020", Tone::Running, &[]),
            node("matching_2020", Tone::Waiting, &[0, 1]),
        ];
        insta::assert_snapshot!(drawn(&nodes).replace("><", ">\n<"));
    }

    #[test]
    fn names_cannot_leave_their_box() {
        let hostile = r#""><script>alert(1)</script>"#;
        let svg = drawn(&[node(hostile, Tone::Failed, &[0, 7])]);
        assert!(!svg.contains("<script"), "{svg}");
        let long = "x".repeat(500);
        let svg = drawn(&[node(&long, Tone::Failed, &[])]);
        assert!(svg.contains("xxx…xxx"), "{svg}");
    }

    #[test]
    fn what_is_too_large_to_look_at_is_not_drawn() {
        assert_eq!(drawn(&[]), "");
        let nodes: Vec<Node> = (0..=Graph::MOST_NODES)
            .map(|number| node(&number.to_string(), Tone::Waiting, &[]))
            .collect();
        assert_eq!(drawn(&nodes), "");
    }
}
