//! Token sequences as a tree, in which every shared beginning stands once.

/// A stretch of tokens.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TreeNode {
    /// The node that this one goes on from, and after how many of its own tokens.
    pub base: Option<(usize, usize)>,
    /// Position of its first token.
    pub start: usize,
    pub tokens: Vec<u32>,
    /// The last node that goes on from this one.
    pub last_child: Option<usize>,
}

/// Sequences that were added in sorted order.
#[derive(Debug, Default)]
pub(super) struct PrefixTree {
    pub nodes: Vec<TreeNode>,
    /// Nodes of the last sequence, from its beginning.
    path: Vec<usize>,
    last: Vec<u32>,
}

/// Tokens that two sequences begin with alike.
pub(super) fn common_prefix(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

impl PrefixTree {
    /// Adds a sequence, which must not sort before the last one.
    pub(super) fn add(&mut self, sequence: &[u32]) {
        debug_assert!(self.last.as_slice() <= sequence, "sequences come sorted");
        let shared = common_prefix(&self.last, sequence);
        while self.path.last().is_some_and(|n| self.nodes[*n].start >= shared && shared < sequence.len()) {
            self.path.pop();
        }
        if shared < sequence.len() {
            let id = self.nodes.len();
            let base = self.path.last().map(|n| (*n, shared - self.nodes[*n].start));
            if let Some((base, _)) = base {
                self.nodes[base].last_child = Some(id);
            }
            self.nodes.push(TreeNode { base, start: shared, tokens: sequence[shared..].to_vec(), last_child: None });
            self.path.push(id);
        }
        self.last = sequence.to_vec();
    }

    /// The node and the offset in it of a position of the last sequence.
    pub(super) fn place(&self, position: usize) -> (usize, usize) {
        let node = self.path.iter().rev().find(|n| self.nodes[**n].start <= position);
        let node = *node.expect("a position lies in its sequence");
        (node, position - self.nodes[node].start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_tree_holds_each_distinct_beginning_once_and_gives_every_sequence_back(
            mut sequences in proptest::collection::vec(proptest::collection::vec(0u32..3, 1..8), 1..30),
        ) {
            sequences.sort();
            let mut tree = PrefixTree::default();
            for sequence in &sequences {
                tree.add(sequence);
                let back: Vec<u32> = (0..sequence.len()).map(|p| {
                    let (node, offset) = tree.place(p);
                    tree.nodes[node].tokens[offset]
                }).collect();
                prop_assert_eq!(&back, sequence);
            }
            let distinct: std::collections::BTreeSet<&[u32]> =
                sequences.iter().flat_map(|s| (1..=s.len()).map(|n| &s[..n])).collect();
            prop_assert_eq!(tree.nodes.iter().map(|n| n.tokens.len()).sum::<usize>(), distinct.len());
        }
    }
}
