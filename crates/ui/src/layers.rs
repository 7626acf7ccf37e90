//! Where the boxes of a graph stand: columns from left to right, each box right of all it needs.

use std::collections::BTreeMap;

/// How often the order within columns is improved; more changes little.
const SWEEPS: usize = 6;

/// The place of each node: its column, and its row within that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layers {
    /// The nodes of each column, from the top.
    pub(crate) columns: Vec<Vec<usize>>,
}

impl Layers {
    /// Lays out a graph without cycles; `needs[node]` are the nodes that it needs.
    ///
    /// A node stands in the column after the last of what it needs (longest path). Within a column nodes
    /// are ordered by the mean place of their neighbours, from the left and from the right in turn
    /// (Sugiyama, Tagawa and Toda 1981): few edges cross, though not always the fewest. Nodes on a cycle
    /// stand in the first column.
    pub(crate) fn of(needs: &[Vec<usize>]) -> Self {
        let mut columns: Vec<Vec<usize>> = Vec::new();
        for (node, column) in depths(needs).into_iter().enumerate() {
            if columns.len() <= column {
                columns.resize(column + 1, Vec::new());
            }
            columns[column].push(node);
        }
        let mut layers = Self { columns };
        let mut needed_by = vec![Vec::new(); needs.len()];
        for (node, needed) in needs.iter().enumerate() {
            for &need in needed {
                if let Some(list) = needed_by.get_mut(need) {
                    list.push(node);
                }
            }
        }
        for sweep in 0..SWEEPS {
            let neighbours = if sweep % 2 == 0 {
                needs
            } else {
                needed_by.as_slice()
            };
            layers.order_by(neighbours, sweep % 2 == 0);
        }
        layers
    }

    fn order_by(&mut self, neighbours: &[Vec<usize>], rightwards: bool) {
        let mut places = self.places(neighbours.len());
        let count = self.columns.len();
        for step in 0..count {
            let at = if rightwards { step } else { count - 1 - step };
            let column = &mut self.columns[at];
            let mean = |node: usize| {
                let known: Vec<f64> = neighbours[node]
                    .iter()
                    .filter_map(|&other| places.get(other).copied())
                    .collect();
                if known.is_empty() {
                    places[node]
                } else {
                    known.iter().sum::<f64>() / known.len() as f64
                }
            };
            let means: BTreeMap<usize, f64> =
                column.iter().map(|&node| (node, mean(node))).collect();
            // Stable, so that equals keep the order in which they were given.
            column.sort_by(|a, b| means[a].total_cmp(&means[b]));
            for (row, &node) in column.iter().enumerate() {
                places[node] = row as f64;
            }
        }
    }

    fn places(&self, nodes: usize) -> Vec<f64> {
        let mut places = vec![0.0; nodes];
        for column in &self.columns {
            for (row, &node) in column.iter().enumerate() {
                places[node] = row as f64;
            }
        }
        places
    }
}

/// The column of each node: the length of the longest way to it.
fn depths(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = needs
        .iter()
        .map(|needed| needed.iter().filter(|&&need| need < needs.len()).count())
        .collect();
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (node, needed) in needs.iter().enumerate() {
        for &need in needed {
            if let Some(list) = needed_by.get_mut(need) {
                list.push(node);
            }
        }
    }
    let mut depths = vec![0; needs.len()];
    let mut ready: Vec<usize> = (0..needs.len())
        .filter(|&node| missing[node] == 0)
        .collect();
    while let Some(node) = ready.pop() {
        for &next in &needed_by[node] {
            depths[next] = depths[next].max(depths[node] + 1);
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.push(next);
            }
        }
    }
    for (node, missing) in missing.iter().enumerate() {
        if *missing > 0 {
            depths[node] = 0;
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_needed_stands_to_the_left_and_near() {
        // 0 and 1 feed 3; 1 and 2 feed 4; 3 and 4 feed 5.
        let needs = [vec![], vec![], vec![], vec![0, 1], vec![1, 2], vec![3, 4]];
        let layers = Layers::of(&needs);
        assert_eq!(layers.columns, [vec![0, 1, 2], vec![3, 4], vec![5]]);
        // Given crossed, drawn uncrossed.
        let needs = [vec![], vec![], vec![1], vec![0]];
        assert_eq!(Layers::of(&needs).columns, [vec![0, 1], vec![3, 2]]);
    }

    #[test]
    fn a_cycle_or_a_need_that_is_not_there_is_drawn_all_the_same() {
        let layers = Layers::of(&[vec![1], vec![0], vec![9]]);
        assert_eq!(layers.columns.concat().len(), 3);
        assert!(Layers::of(&[]).columns.is_empty());
    }

    proptest! {
        #[test]
        fn every_node_stands_once_right_of_its_needs(
            edges in proptest::collection::vec((0usize..30, 0usize..30), 0..80)
        ) {
            let mut needs = vec![Vec::new(); 30];
            for (a, b) in edges {
                if a != b {
                    needs[a.max(b)].push(a.min(b));
                }
            }
            let layers = Layers::of(&needs);
            let mut column_of = vec![usize::MAX; 30];
            for (at, column) in layers.columns.iter().enumerate() {
                for &node in column {
                    prop_assert_eq!(column_of[node], usize::MAX);
                    column_of[node] = at;
                }
            }
            for (node, needed) in needs.iter().enumerate() {
                for &need in needed {
                    prop_assert!(column_of[need] < column_of[node]);
                }
            }
        }
    }
}
