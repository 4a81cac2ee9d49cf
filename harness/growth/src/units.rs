//! From which unit of the small model each unit of the large one comes, axis by axis.

use crate::{Axis, Shape};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The source of each unit of a large axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnitMap {
    /// The unit of the small model; `None` for a unit that has none.
    pub source: Vec<Option<usize>>,
    /// How many units before it have the same source.
    pub copy: Vec<usize>,
    /// How many units have the same source, itself included; 1 for one without.
    pub copies: Vec<usize>,
}

impl UnitMap {
    fn new(source: Vec<Option<usize>>) -> UnitMap {
        let mut counts = vec![0; source.iter().flatten().max().map_or(0, |m| m + 1)];
        let count = |s: &Option<usize>| {
            s.map_or(0, |s| {
                counts[s] += 1;
                counts[s] - 1
            })
        };
        let copy = source.iter().map(count).collect();
        let copies = source.iter().map(|s| s.map_or(1, |s| counts[s])).collect();
        UnitMap { source, copy, copies }
    }

    /// One unit, which stays: the column of a vector.
    pub fn single() -> UnitMap {
        UnitMap::new(vec![Some(0)])
    }

    /// Units without a source.
    pub fn none(len: usize) -> UnitMap {
        UnitMap::new(vec![None; len])
    }

    /// Every unit of a map of heads as often as a head has dimensions, each from the dimension that `dims` says.
    fn of_heads(heads: &[Option<usize>], dims: &[Option<usize>], head_dim: usize) -> UnitMap {
        let unit = |head: Option<usize>, dim: Option<usize>| Some(head? * head_dim + dim?);
        UnitMap::new(heads.iter().flat_map(|h| dims.iter().map(move |d| unit(*h, *d))).collect())
    }
}

/// Two shapes between which units are mapped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shapes<'a> {
    pub small: &'a Shape,
    pub large: &'a Shape,
}

impl Shapes<'_> {
    /// The source of each query head, if that of each head of keys and values is given. A query head keeps to its group,
    /// since it must go on reading the keys and values that it was trained with: `within` says from which place of the
    /// group each place comes.
    fn query_heads(
        &self,
        kv_heads: &[Option<usize>],
        mut within: impl FnMut(usize) -> Option<usize>,
    ) -> Vec<Option<usize>> {
        let (from, to) = (self.small.group(), self.large.group());
        let mut heads = Vec::with_capacity(self.large.num_heads);
        for kv in kv_heads {
            heads.extend((0..to).map(|place| Some((*kv)? * from + within(place)?)));
        }
        heads
    }

    fn map(
        &self,
        axis: Axis,
        plain: impl Fn(usize) -> Option<usize>,
        kv: impl Fn(usize) -> Option<usize>,
        within: impl FnMut(usize) -> Option<usize>,
        dim: impl Fn(usize) -> Option<usize>,
    ) -> UnitMap {
        let dims: Vec<_> = (0..self.large.head_dim).map(dim).collect();
        let kv_heads: Vec<_> = (0..self.large.num_kv_heads).map(kv).collect();
        match axis {
            Axis::HeadDim => UnitMap::new(dims),
            Axis::Keys | Axis::Values => UnitMap::of_heads(&kv_heads, &dims, self.small.head_dim),
            Axis::Heads => UnitMap::of_heads(&self.query_heads(&kv_heads, within), &dims, self.small.head_dim),
            Axis::Vocab | Axis::Hidden | Axis::Mlp => UnitMap::new((0..self.large.len(axis)).map(plain).collect()),
        }
    }

    /// Every small unit keeps its place, and every small head the first dimensions of its own; the rest is new.
    pub fn corner(&self, axis: Axis) -> UnitMap {
        let below = |most: usize| move |i: usize| (i < most).then_some(i);
        let (plain, kv) = (below(self.small.len(axis)), below(self.small.num_kv_heads));
        self.map(axis, plain, kv, below(self.small.group()), below(self.small.head_dim))
    }

    /// Units repeat in order; the last repetition may be cut off. Within a head that grows, the rotated dimensions stay,
    /// for their place is their frequency, and the others repeat. New entries of the vocabulary have no source.
    pub fn tiled(&self, axis: Axis) -> UnitMap {
        if axis == Axis::Vocab {
            return self.corner(axis);
        }
        let every = |length: usize| move |i: usize| Some(i % length);
        let (from, rotated) = (self.small.head_dim, self.small.rotary_dim);
        // A head that is rotated as a whole has nothing else to repeat; `check` refuses it.
        let dim = |d: usize| Some(if d < from { d } else { rotated + (d - rotated) % (from - rotated) });
        let (plain, kv) = (every(self.small.len(axis)), every(self.small.num_kv_heads));
        self.map(axis, plain, kv, every(self.small.group()), dim)
    }
}

/// Streams of the generator that no tensor uses.
const FIRST_STREAM: u64 = 1 << 32;

/// Units that were drawn (bert2BERT, Chen et al. 2022), the first of them in place: of the residual stream once for the
/// whole model, of heads and MLP once for each layer. The residual stream's are drawn without replacement, each round
/// anew, for norms count them; heads are drawn whole, query heads within their group.
#[derive(Debug, Clone)]
pub(crate) struct DrawnUnits {
    hidden: UnitMap,
    vocab: UnitMap,
    layers: Vec<DrawnLayer>,
}

#[derive(Debug, Clone)]
struct DrawnLayer {
    mlp: UnitMap,
    heads: UnitMap,
    kv: UnitMap,
    head_dim: UnitMap,
}

impl DrawnUnits {
    pub fn new(shapes: Shapes<'_>, seed: u64) -> DrawnUnits {
        let Shapes { small, large } = shapes;
        let stream = |stream: usize| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(FIRST_STREAM + stream as u64);
            rng
        };
        let layer = |l: usize| {
            let mut rng = stream(2 + 2 * l);
            let mlp = independent(small.intermediate_size, large.intermediate_size, &mut rng);
            let mut rng = stream(1 + 2 * l);
            let kv_heads = independent(small.num_kv_heads, large.num_kv_heads, &mut rng);
            let group = small.group();
            let heads = shapes
                .query_heads(&kv_heads, |place| Some(if place < group { place } else { rng.random_range(0..group) }));
            let dims: Vec<_> = (0..large.head_dim).map(Some).collect();
            DrawnLayer {
                mlp: UnitMap::new(mlp),
                heads: UnitMap::of_heads(&heads, &dims, small.head_dim),
                kv: UnitMap::of_heads(&kv_heads, &dims, small.head_dim),
                head_dim: UnitMap::new(dims),
            }
        };
        DrawnUnits {
            hidden: UnitMap::new(in_rounds(small.hidden_size, large.hidden_size, &mut stream(0))),
            vocab: shapes.corner(Axis::Vocab),
            layers: (0..large.num_layers).map(layer).collect(),
        }
    }

    /// The map of an axis.
    pub fn map(&self, axis: Axis, layer: Option<usize>) -> &UnitMap {
        let layer = || &self.layers[layer.expect("heads and MLP lie in layers")];
        match axis {
            Axis::Vocab => &self.vocab,
            Axis::Hidden => &self.hidden,
            Axis::Mlp => &layer().mlp,
            Axis::Heads => &layer().heads,
            Axis::Keys | Axis::Values => &layer().kv,
            Axis::HeadDim => &layer().head_dim,
        }
    }
}

fn independent(from: usize, to: usize, rng: &mut ChaCha8Rng) -> Vec<Option<usize>> {
    (0..to).map(|i| Some(if i < from { i } else { rng.random_range(0..from) })).collect()
}

fn in_rounds(from: usize, to: usize, rng: &mut ChaCha8Rng) -> Vec<Option<usize>> {
    let mut units: Vec<usize> = (0..from).collect();
    let mut map = units.clone();
    while map.len() < to {
        for i in (1..from).rev() {
            units.swap(i, rng.random_range(0..=i));
        }
        map.extend(&units[..from.min(to - map.len())]);
    }
    map.into_iter().map(Some).collect()
}
