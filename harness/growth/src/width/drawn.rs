//! Growth by copies of units drawn at random: Net2WiderNet (Chen et al. 2016), which bert2BERT (Chen et
//! al. 2022) calls FPI, and its AKI, whose new units come from the layer above.

use super::map::drawn;
use super::{Source, gather};
use crate::axis::Axis;
use phi_model::{ParamKind, ParamSpec, PhiConfig, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Streams of the generator that no tensor uses.
const FIRST_STREAM: u64 = 1 << 32;

/// The units that were drawn: of the residual stream once for the whole model, of heads and MLP once for each layer.
pub(crate) struct DrawnMaps {
    residual: Vec<usize>,
    vocab: Vec<usize>,
    heads: Vec<Vec<usize>>,
    mlp: Vec<Vec<usize>>,
}

impl DrawnMaps {
    pub fn new(small: &PhiConfig, large: &PhiConfig, seed: u64) -> DrawnMaps {
        let draw = |axis, stream: usize| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(FIRST_STREAM + stream as u64);
            drawn(axis, small, large, &mut rng)
        };
        let per_layer = |axis, first: usize| (0..large.num_layers).map(|l| draw(axis, first + 2 * l)).collect();
        DrawnMaps {
            residual: draw(Axis::Residual, 0),
            vocab: draw(Axis::Vocab, 0),
            heads: per_layer(Axis::Heads, 1),
            mlp: per_layer(Axis::Mlp, 2),
        }
    }

    fn get(&self, axis: Axis, layer: Option<usize>) -> &[usize] {
        let in_layer = |maps: &'_ [Vec<usize>]| layer.filter(|l| *l < maps.len()).expect("heads and MLP lie in layers");
        match axis {
            Axis::Residual => &self.residual,
            Axis::Vocab => &self.vocab,
            Axis::Heads => &self.heads[in_layer(&self.heads)],
            Axis::Mlp => &self.mlp[in_layer(&self.mlp)],
        }
    }
}

/// Rows are copied and columns, where they are summed over, divided by the number of copies of what they read. With
/// `from_above`, rows beyond the small tensor's come from the layer above.
pub(super) fn grow(maps: &DrawnMaps, source: &Source<'_>, spec: &ParamSpec, from_above: bool) -> Tensor {
    let (rows, cols) = Axis::of(spec);
    let rows = maps.get(rows, source.layer);
    let cols = cols.map(|axis| maps.get(axis, source.layer));
    let mut large = gather(source.own, spec, rows, cols);
    let width = cols.map_or(1, <[usize]>::len);
    if from_above {
        let first_new = source.own.rows_cols().0 * width;
        let above = gather(source.above, spec, rows, cols);
        large.data_mut()[first_new..].copy_from_slice(&above.data()[first_new..]);
    }
    if let (ParamKind::Matrix | ParamKind::HeadWeight, Some(cols)) = (spec.kind, cols) {
        let mut copies = vec![0_usize; cols.iter().max().map_or(0, |m| m + 1)];
        cols.iter().for_each(|c| copies[*c] += 1);
        for row in large.data_mut().chunks_exact_mut(width) {
            row.iter_mut().zip(cols).for_each(|(x, c)| *x /= copies[*c] as f32);
        }
    }
    large
}
