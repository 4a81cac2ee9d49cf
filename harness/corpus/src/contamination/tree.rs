//! The distance between two ordered trees: the least number of nodes to insert, delete or relabel.
//!
//! Zhang and Shasha, "Simple fast algorithms for the editing distance between trees and related problems", SIAM J.
//! Comput. 18 (1989).

/// A tree of labels, in postorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    labels: Vec<u64>,
    /// For each node the leftmost leaf below it.
    leftmost: Vec<usize>,
    /// Nodes that have a sibling to their left, and the root: the roots of the sub-problems.
    key_roots: Vec<usize>,
    /// How many nodes have a label, by its low bits.
    counts: Box<[u8; BUCKETS]>,
}

const BUCKETS: usize = 64;

impl Tree {
    /// From each node's label and depth, in postorder.
    pub fn from_postorder(nodes: &[(u64, usize)]) -> Tree {
        let mut leftmost: Vec<usize> = Vec::with_capacity(nodes.len());
        // Leftmost leaves of the subtrees that still wait for their parent, with their depth.
        let mut waiting: Vec<(usize, usize)> = vec![];
        let mut counts = Box::new([0u8; BUCKETS]);
        for (at, (label, depth)) in nodes.iter().enumerate() {
            let mut first = at;
            while let Some((leaf, _)) = waiting.pop_if(|(_, child_depth)| *child_depth > *depth) {
                first = leaf;
            }
            leftmost.push(first);
            waiting.push((first, *depth));
            let count = &mut counts[(*label % BUCKETS as u64) as usize];
            *count = count.saturating_add(1);
        }
        let key_roots = (0..nodes.len()).filter(|&i| !leftmost[i + 1..].contains(&leftmost[i])).collect();
        Tree { labels: nodes.iter().map(|(label, _)| *label).collect(), leftmost, key_roots, counts }
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// A number that the distance to another tree is never below: of nodes that only one of them has, and of the
    /// difference of their sizes.
    fn least_distance(&self, other: &Tree) -> usize {
        let (mut more, mut less) = (0usize, 0usize);
        for (a, b) in self.counts.iter().zip(other.counts.iter()) {
            more += usize::from(a.saturating_sub(*b));
            less += usize::from(b.saturating_sub(*a));
        }
        more.max(less).max(self.len().abs_diff(other.len()))
    }
}

/// 1 - distance / size of the larger tree, if that is `at_least` so much.
pub(super) fn match_rate_of_trees(a: &Tree, b: &Tree, at_least: f64) -> Option<f64> {
    let size = a.len().max(b.len());
    let most = ((1.0 - at_least) * size as f64 + 1e-9).floor() as usize;
    if size == 0 || a.least_distance(b) > most {
        return None;
    }
    let distance = distance(a, b);
    (distance <= most).then(|| 1.0 - distance as f64 / size as f64)
}

/// The match rate of the first functions of two Python texts; `None` where one has no function, or they have less than
/// half in common.
pub fn match_rate(a: &str, b: &str) -> Option<f64> {
    let tree = |text| super::functions::functions(text, 1).into_iter().next().map(|function| function.tree);
    match_rate_of_trees(&tree(a)?, &tree(b)?, 0.5)
}

fn distance(a: &Tree, b: &Tree) -> usize {
    let (n, m) = (a.len(), b.len());
    let mut trees = vec![0u32; n * m];
    let mut forests = vec![0u32; (n + 1) * (m + 1)];
    let width = m + 1;
    for &i in &a.key_roots {
        for &j in &b.key_roots {
            let (a_first, b_first) = (a.leftmost[i], b.leftmost[j]);
            let (rows, columns) = (i - a_first + 1, j - b_first + 1);
            for x in 1..=rows {
                forests[x * width] = x as u32;
            }
            for (y, forest) in forests.iter_mut().enumerate().take(columns + 1) {
                *forest = y as u32;
            }
            for x in 1..=rows {
                let p = a_first + x - 1;
                for y in 1..=columns {
                    let q = b_first + y - 1;
                    let delete = forests[(x - 1) * width + y] + 1;
                    let insert = forests[x * width + y - 1] + 1;
                    let best = delete.min(insert);
                    let is_tree = a.leftmost[p] == a_first && b.leftmost[q] == b_first;
                    let whole = if is_tree {
                        forests[(x - 1) * width + y - 1] + u32::from(a.labels[p] != b.labels[q])
                    } else {
                        forests[(a.leftmost[p] - a_first) * width + b.leftmost[q] - b_first] + trees[p * m + q]
                    };
                    forests[x * width + y] = best.min(whole);
                    if is_tree {
                        trees[p * m + q] = best.min(whole);
                    }
                }
            }
        }
    }
    trees[n * m - 1] as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A tree by depths of its nodes in preorder, as a nested list.
    #[derive(Debug, Clone)]
    struct Nested(u64, Vec<Nested>);

    fn nested() -> impl Strategy<Value = Nested> {
        let leaf = (0u64..3).prop_map(|label| Nested(label, vec![]));
        leaf.prop_recursive(3, 7, 3, |inner| {
            (0u64..3, prop::collection::vec(inner, 0..3)).prop_map(|(label, children)| Nested(label, children))
        })
    }

    fn flatten(tree: &Nested, depth: usize, out: &mut Vec<(u64, usize)>) {
        tree.1.iter().for_each(|child| flatten(child, depth + 1, out));
        out.push((tree.0, depth));
    }

    fn tree(nested: &Nested) -> Tree {
        let mut nodes = vec![];
        flatten(nested, 0, &mut nodes);
        Tree::from_postorder(&nodes)
    }

    fn size(forest: &[Nested]) -> usize {
        forest.iter().map(|tree| 1 + size(&tree.1)).sum()
    }

    /// The recursive definition of the distance between forests, which takes the last roots apart.
    fn by_definition(a: &[Nested], b: &[Nested]) -> usize {
        let (Some((x, a_rest)), Some((y, b_rest))) = (a.split_last(), b.split_last()) else { return size(a) + size(b) };
        let without = |rest: &[Nested], root: &Nested| [rest, &root.1].concat();
        let delete = 1 + by_definition(&without(a_rest, x), b);
        let insert = 1 + by_definition(a, &without(b_rest, y));
        let both = by_definition(&x.1, &y.1) + by_definition(a_rest, b_rest) + usize::from(x.0 != y.0);
        delete.min(insert).min(both)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn the_distance_is_that_of_its_definition_and_never_below_the_bound(a in nested(), b in nested()) {
            let expected = by_definition(std::slice::from_ref(&a), std::slice::from_ref(&b));
            let (a, b) = (tree(&a), tree(&b));
            prop_assert_eq!(distance(&a, &b), expected);
            prop_assert!(a.least_distance(&b) <= expected);
        }
    }
}
