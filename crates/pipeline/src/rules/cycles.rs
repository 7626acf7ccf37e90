//! Actions that need each other in a circle, none of which could ever start.

use std::collections::VecDeque;

use super::needs::Edge;
use crate::{kind::Kind, problem::Problems, project::Draft, yaml::shorten};

/// How many actions of a circle a message names.
const MOST_NAMED: usize = 12;

/// Reports one circle for each group of actions that can all reach each other: mending it is the
/// next step in any case, and a group may hold more circles than there are atoms.
pub(super) fn check(actions: &[Draft<'_>], edges: &[Vec<Edge>], problems: &mut Problems<'_>) {
    let groups = groups(edges);
    let mut reported = vec![false; actions.len()];
    for start in 0..edges.len() {
        let group = groups[start];
        if std::mem::replace(&mut reported[group], true) {
            continue;
        }
        let Some(circle) = shortest_circle(start, edges, &groups) else {
            continue;
        };
        let names: Vec<String> = circle
            .iter()
            .chain([&start])
            .map(|&action| shorten(&actions[action].name))
            .collect();
        let shown = if names.len() > MOST_NAMED {
            format!(
                "{} → … ({} more) → {}",
                names[..MOST_NAMED - 2].join(" → "),
                names.len() - MOST_NAMED + 1,
                names[names.len() - 1]
            )
        } else {
            names.join(" → ")
        };
        let next = circle.get(1).copied().unwrap_or(start);
        let span = edges[start]
            .iter()
            .find(|edge| edge.to == next)
            .map_or(actions[start].key, |edge| edge.span);
        let message = if circle.len() == 1 {
            format!("this action needs itself ({shown}): take it out of its `needs`")
        } else {
            format!(
                "these actions need each other in a circle ({shown}), so none can start: take out one need"
            )
        };
        problems.stricter(Kind::NeedsCycle, span, message);
    }
}

/// For each action, the number of its strongly connected component, by Tarjan's algorithm
/// (SIAM J. Comput. 1(2), 1972) with a stack of its own, in linear time.
fn groups(edges: &[Vec<Edge>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let count = edges.len();
    let mut order = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut group = vec![UNSEEN; count];
    let mut path: Vec<usize> = Vec::new();
    let mut calls: Vec<(usize, usize)> = Vec::new();
    let (mut clock, mut groups) = (0, 0);

    for root in 0..count {
        if order[root] != UNSEEN {
            continue;
        }
        calls.push((root, 0));
        while let Some((node, next)) = calls.pop() {
            if next == 0 {
                order[node] = clock;
                low[node] = clock;
                clock += 1;
                path.push(node);
            }
            if let Some(edge) = edges[node].get(next) {
                calls.push((node, next + 1));
                if order[edge.to] == UNSEEN {
                    calls.push((edge.to, 0));
                } else if group[edge.to] == UNSEEN {
                    low[node] = low[node].min(order[edge.to]);
                }
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = path.pop() {
                    group[member] = groups;
                    if member == node {
                        break;
                    }
                }
                groups += 1;
            }
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[node]);
            }
        }
    }
    group
}

/// The shortest way from an action back to itself, the action first; breadth first, within its
/// group, since no way that leaves a group comes back.
fn shortest_circle(start: usize, edges: &[Vec<Edge>], groups: &[usize]) -> Option<Vec<usize>> {
    let mut from = std::collections::HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for edge in &edges[node] {
            if edge.to == start {
                let mut circle = vec![node];
                let mut at = node;
                while at != start {
                    at = *from.get(&at)?;
                    circle.push(at);
                }
                circle.reverse();
                return Some(circle);
            }
            if groups[edge.to] == groups[start] && !from.contains_key(&edge.to) {
                from.insert(edge.to, node);
                queue.push_back(edge.to);
            }
        }
    }
    None
}
