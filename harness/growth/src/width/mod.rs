//! Growth of one tensor's width.

mod diagonal;
mod drawn;
mod map;
mod tiled;
mod zero_pad;

use crate::axis::Axis;
use crate::{Growth, Method};
use map::Corner;
use phi_model::{ParamKind, ParamSpec, PhiConfig, Tensor, fill_normal, init_std};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) use drawn::DrawnMaps;

/// What all tensors of one growth share.
pub(crate) struct Width<'a> {
    pub small: &'a PhiConfig,
    pub large: &'a PhiConfig,
    pub growth: &'a Growth,
    pub maps: DrawnMaps,
}

/// What one tensor grows from.
pub(crate) struct Source<'a> {
    /// The small model's tensor.
    pub own: &'a Tensor,
    /// The same tensor of the layer above; `own` in the top layer and outside the layers.
    pub above: &'a Tensor,
    /// The large model's layer, unless it lies outside the layers.
    pub layer: Option<usize>,
}

impl<'a> Width<'a> {
    pub fn new(small: &'a PhiConfig, large: &'a PhiConfig, growth: &'a Growth) -> Width<'a> {
        Width { small, large, growth, maps: DrawnMaps::new(small, large, growth.seed) }
    }

    /// Grows one tensor to the given place in the large model, which is the `index`-th of its layout.
    pub fn grow(&self, source: &Source<'_>, spec: &ParamSpec, index: usize) -> Tensor {
        let mut rng = ChaCha8Rng::seed_from_u64(self.growth.seed);
        rng.set_stream(index as u64);
        let zeros = || Tensor::new(spec.shape.clone(), vec![0.0; spec.shape.iter().product()]);
        let small = source.own;
        match self.growth.method {
            Method::Scratch => unreachable!("scratch takes nothing from the small model"),
            Method::WeightReuse => {
                let mut large = zeros();
                fill_fresh(&mut large, spec.kind, init_std(self.large.hidden_size), &mut rng);
                let (rows, cols) = self.corners(spec);
                copy_corner(small, &mut large, &rows, &cols);
                large
            }
            Method::Tiling => {
                let (rows, cols) = Axis::of(spec);
                let map = |axis| map::tiled(axis, self.small, self.large);
                gather(small, spec, &map(rows), cols.map(map).as_deref())
            }
            Method::TilingPreserving => {
                let mut large = zeros();
                tiled::preserving(small, &mut large, spec.kind, self.growth.snr_db, &mut rng);
                large
            }
            Method::Diagonal => {
                let mut large = zeros();
                diagonal::grow(small, &mut large, spec.kind);
                large
            }
            Method::Net2net | Method::Aki => drawn::grow(&self.maps, source, spec, self.growth.method == Method::Aki),
            Method::ZeroPad => {
                let mut large = zeros();
                fill_fresh(&mut large, spec.kind, init_std(self.large.hidden_size), &mut rng);
                let (rows, cols) = self.corners(spec);
                zero_pad::grow(small, &mut large, spec, &rows, &cols, self);
                large
            }
        }
    }

    /// The corner maps of a tensor's rows and columns; a vector has one column.
    fn corners(&self, spec: &ParamSpec) -> (Corner, Corner) {
        let (rows, cols) = Axis::of(spec);
        let map = |axis| map::corner(axis, self.small, self.large);
        (map(rows), cols.map_or_else(|| vec![Some(0)], map))
    }
}

/// Fills a tensor as [`phi_model::Checkpoint::random`] does.
fn fill_fresh(tensor: &mut Tensor, kind: ParamKind, std: f32, rng: &mut ChaCha8Rng) {
    match kind {
        ParamKind::Embedding | ParamKind::Matrix | ParamKind::HeadWeight => {
            fill_normal(tensor.data_mut(), std, rng);
        }
        ParamKind::NormWeight => tensor.data_mut().fill(1.0),
        ParamKind::NormBias | ParamKind::Bias | ParamKind::HeadBias => {}
    }
}

/// `large[i, j] = small[rows[i], cols[j]]` where both have a source; the rest stays.
fn copy_corner(small: &Tensor, large: &mut Tensor, rows: &Corner, cols: &Corner) {
    let (_, width) = small.rows_cols();
    for (row, from) in large.data_mut().chunks_exact_mut(cols.len()).zip(rows) {
        for (x, col) in row.iter_mut().zip(cols) {
            if let (Some(r), Some(c)) = (from, col) {
                *x = small.data()[r * width + c];
            }
        }
    }
}

/// `large[i, j] = small[rows[i], cols[j]]`, of the large tensor's shape.
fn gather(small: &Tensor, spec: &ParamSpec, rows: &[usize], cols: Option<&[usize]>) -> Tensor {
    let (_, width) = small.rows_cols();
    let cols = cols.unwrap_or(&[0]);
    let data = rows.iter().flat_map(|r| cols.iter().map(move |c| small.data()[r * width + c])).collect();
    Tensor::new(spec.shape.clone(), data)
}
