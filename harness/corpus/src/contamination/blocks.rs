//! How much of one text is found again in another, in order: the matching blocks of Ratcliff and Obershelp, as Python's
//! `difflib.SequenceMatcher` without its junk heuristic finds them.

use std::collections::HashMap;

/// Blocks of this many characters or fewer are chance (Cosmopedia).
const CHANCE: usize = 5;

/// The share of `wanted` that stands in `text` in blocks of more than five characters, in the same order.
pub(super) fn matched_share(wanted: &str, text: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (wanted.chars().collect(), text.chars().collect());
    if a.is_empty() {
        return 0.0;
    }
    let mut places: HashMap<char, Vec<usize>> = HashMap::new();
    for (at, c) in b.iter().enumerate() {
        places.entry(*c).or_default().push(at);
    }
    let mut matched = 0;
    let mut open = vec![((0, a.len()), (0, b.len()))];
    while let Some(((a_from, a_to), (b_from, b_to))) = open.pop() {
        let (i, j, size) = longest(&a, &places, (a_from, a_to), (b_from, b_to));
        if size > CHANCE {
            matched += size;
            open.push(((a_from, i), (b_from, j)));
            open.push(((i + size, a_to), (j + size, b_to)));
        }
    }
    matched as f64 / a.len() as f64
}

/// The longest block that both ranges hold, the earliest among equals: its places and its length.
fn longest(
    a: &[char],
    places: &HashMap<char, Vec<usize>>,
    (a_from, a_to): (usize, usize),
    (b_from, b_to): (usize, usize),
) -> (usize, usize, usize) {
    let mut best = (a_from, b_from, 0);
    // Length of the block that ends at this place of the one text and, by place less `b_from` plus one, of the other.
    let (mut lengths, mut next) = (vec![0usize; b_to - b_from + 1], vec![0usize; b_to - b_from + 1]);
    for (i, c) in a.iter().enumerate().take(a_to).skip(a_from) {
        next.fill(0);
        let all = places.get(c).map_or(&[][..], Vec::as_slice);
        let first = all.partition_point(|place| *place < b_from);
        for &j in all[first..].iter().take_while(|place| **place < b_to) {
            let length = lengths[j - b_from] + 1;
            next[j - b_from + 1] = length;
            if length > best.2 {
                best = (i + 1 - length, j + 1 - length, length);
            }
        }
        std::mem::swap(&mut lengths, &mut next);
    }
    best
}
