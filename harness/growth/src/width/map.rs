//! From which unit of the small model each unit of the large one comes.

use crate::axis::Axis;
use phi_model::PhiConfig;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// For each unit of the large model's axis, its source among the small model's units; `None` for a unit without one.
pub(super) type Corner = Vec<Option<usize>>;

/// Every small unit keeps its place, and every small head the first dimensions of its own; the rest is new.
pub(super) fn corner(axis: Axis, small: &PhiConfig, large: &PhiConfig) -> Corner {
    let length = axis.len(small);
    let (from, to) = (small.head_dim(), large.head_dim());
    (0..axis.len(large))
        .map(|i| match axis {
            Axis::Heads => (i / to < small.num_heads && i % to < from).then(|| i / to * from + i % to),
            _ => (i < length).then_some(i),
        })
        .collect()
}

/// Units repeat in order; the last repetition may be cut off. Within a head that grows, the rotated dimensions stay, for
/// their place is their frequency, and the others repeat.
pub(super) fn tiled(axis: Axis, small: &PhiConfig, large: &PhiConfig) -> Vec<usize> {
    let length = axis.len(small);
    let (from, to, rotated) = (small.head_dim(), large.head_dim(), small.rotary_dim);
    (0..axis.len(large))
        .map(|i| match axis {
            Axis::Heads if from != to => {
                let (head, d) = (i / to % small.num_heads, i % to);
                // A head that is rotated as a whole has nothing else to repeat; `check` refuses it.
                head * from + if d < from { d } else { rotated + (d - rotated) % (from - rotated) }
            }
            _ => i % length,
        })
        .collect()
}

/// Units of the small model drawn for the large one, the first of them in place (bert2BERT, Chen et al. 2022). The residual
/// stream's are drawn without replacement, each round anew, for LayerNorm counts them; heads are drawn whole.
pub(super) fn drawn(axis: Axis, small: &PhiConfig, large: &PhiConfig, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let (from, to) = (axis.len(small), axis.len(large));
    match axis {
        Axis::Vocab => (0..to).collect(),
        Axis::Residual => {
            let mut units: Vec<usize> = (0..from).collect();
            let mut map = units.clone();
            while map.len() < to {
                for i in (1..from).rev() {
                    units.swap(i, rng.random_range(0..=i));
                }
                map.extend(&units[..from.min(to - map.len())]);
            }
            map
        }
        Axis::Mlp => (0..to).map(|i| if i < from { i } else { rng.random_range(0..from) }).collect(),
        Axis::Heads => {
            let heads = small.num_heads;
            let width = small.head_dim();
            let draw = |h| if h < heads { h } else { rng.random_range(0..heads) };
            let sources: Vec<usize> = (0..large.num_heads).map(draw).collect();
            sources.iter().flat_map(|&h| h * width..(h + 1) * width).collect()
        }
    }
}
