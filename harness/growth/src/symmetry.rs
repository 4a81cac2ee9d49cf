//! Units that training can't tell apart.
//!
//! Put units into one class when they add up alike: a matrix' row sums over the units of each class that it reads are
//! equal within a class of rows, its column sums over each class that it writes within a class of columns; embeddings,
//! norms and biases are equal within a class. Then the units of a class compute the same, forward and backward, so that
//! the gradients of all weights between two classes are equal, and a step of AdamW (from moments that are equal too)
//! leaves the classes as they are: the model stays in the symmetric subspace (Simsek et al. 2021, "Geometry of the loss
//! landscape in overparameterized neural networks", show it of copied neurons). Only what is random in
//! training, or rounding that treats units unequally, tells them apart.

use crate::{Axis, Shape, TensorSpec, Weights};
use phi_model::{CheckpointError, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How many of a model's units differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distinct {
    /// Units that training can tell apart.
    pub distinct: usize,
    /// Units in all.
    pub total: usize,
}

impl Distinct {
    /// Share of the units that differ, from 0 to 1.
    pub fn share(self) -> f64 {
        self.distinct as f64 / self.total as f64
    }
}

/// How many units of each kind training can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistinctUnits {
    /// Units of the residual stream.
    pub residual: Distinct,
    /// Attention heads of all layers.
    pub heads: Distinct,
    /// MLP units of all layers.
    pub mlp: Distinct,
}

/// Finds the coarsest such classes by splitting those that don't add up alike until all do. Takes a few products with
/// each matrix.
///
/// # Errors
/// A tensor can't be read.
pub fn distinct_units(model: &dyn Weights) -> Result<DistinctUnits, CheckpointError> {
    let blueprint = model.blueprint();
    let shape = blueprint.shape();
    let mut classes = Classes::new(shape);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    loop {
        let before = classes.count();
        for spec in blueprint.tensors() {
            classes.refine(&spec, &model.tensor(&spec.name)?, shape, &mut rng);
        }
        classes.refine_groups(shape, &mut rng);
        if classes.count() == before {
            break;
        }
    }
    let sum = |partitions: &[Partition]| partitions.iter().map(|p| p.count).sum();
    Ok(DistinctUnits {
        residual: Distinct { distinct: classes.hidden.count, total: shape.hidden_size },
        heads: Distinct { distinct: sum(&classes.heads), total: shape.num_layers * shape.num_heads },
        mlp: Distinct { distinct: sum(&classes.mlp), total: shape.num_layers * shape.intermediate_size },
    })
}

struct Classes {
    hidden: Partition,
    heads: Vec<Partition>,
    /// Heads of keys and values.
    kv_heads: Vec<Partition>,
    mlp: Vec<Partition>,
}

impl Classes {
    fn new(shape: &Shape) -> Classes {
        let per_layer = |units| (0..shape.num_layers).map(|_| Partition::new(units)).collect();
        Classes {
            hidden: Partition::new(shape.hidden_size),
            heads: per_layer(shape.num_heads),
            kv_heads: per_layer(shape.num_kv_heads),
            mlp: per_layer(shape.intermediate_size),
        }
    }

    fn count(&self) -> usize {
        let in_layers = self.heads.iter().chain(&self.kv_heads).chain(&self.mlp);
        self.hidden.count + in_layers.map(|p| p.count).sum::<usize>()
    }

    /// The classes of an axis, and of how many units each of them is one; none where units aren't in classes: entries of
    /// the vocabulary all differ, and so do the dimensions of a head.
    fn partition(&mut self, axis: Axis, layer: Option<usize>, shape: &Shape) -> Option<(&mut Partition, usize)> {
        let layer = || layer.expect("heads and MLP lie in layers");
        match axis {
            Axis::Vocab | Axis::HeadDim => None,
            Axis::Hidden => Some((&mut self.hidden, 1)),
            Axis::Mlp => Some((&mut self.mlp[layer()], 1)),
            Axis::Heads => Some((&mut self.heads[layer()], shape.head_dim)),
            Axis::Keys | Axis::Values => Some((&mut self.kv_heads[layer()], shape.head_dim)),
        }
    }

    /// A random weight for each unit of an axis, equal within a class (and for the same dimension of a head).
    fn weights(&mut self, axis: Axis, layer: Option<usize>, shape: &Shape, rng: &mut ChaCha8Rng) -> Vec<f64> {
        match self.partition(axis, layer, shape) {
            None => weights(shape.len(axis), rng),
            Some((partition, width)) => {
                let (units, dims) = (partition.weights(rng), weights(width, rng));
                units.iter().flat_map(|u| dims.iter().map(move |d| u * d)).collect()
            }
        }
    }

    /// Splits each class by what a tensor says of its units. Classes that are summed over get random weights: sums that agree
    /// so agree for each class, but for chance of measure zero.
    fn refine(&mut self, spec: &TensorSpec, tensor: &Tensor, shape: &Shape, rng: &mut ChaCha8Rng) {
        let Some(cols) = spec.cols else {
            let mut values: Vec<f64> = tensor.data().iter().map(|x| f64::from(*x)).collect();
            if spec.rows == Axis::Keys {
                // What the unrotated part of the keys' bias adds to a query's scores is one number for all keys, which
                // softmax takes away: nothing depends on it, and its gradient is rounding.
                values.chunks_exact_mut(shape.head_dim).for_each(|head| head[shape.rotary_dim..].fill(0.0));
            }
            self.split(spec.rows, spec.layer, shape, &values);
            return;
        };
        let read = self.weights(cols, spec.layer, shape, rng);
        let written = self.weights(spec.rows, spec.layer, shape, rng);
        self.split(spec.rows, spec.layer, shape, &row_sums(tensor, &read));
        self.split(cols, spec.layer, shape, &column_sums(tensor, &written));
    }

    fn split(&mut self, axis: Axis, layer: Option<usize>, shape: &Shape, values: &[f64]) {
        if let Some((partition, width)) = self.partition(axis, layer, shape) {
            partition.split_wide(values, width);
        }
    }

    /// Query heads differ that read different keys and values, and those differ that different query heads read.
    fn refine_groups(&mut self, shape: &Shape, rng: &mut ChaCha8Rng) {
        for (heads, kv_heads) in self.heads.iter_mut().zip(&mut self.kv_heads) {
            let of_kv = kv_heads.weights(rng);
            let read: Vec<f64> = (0..shape.num_heads).map(|h| of_kv[h / shape.group()]).collect();
            heads.split(&read);
            let readers = heads.weights(rng);
            kv_heads.split(&readers.chunks_exact(shape.group()).map(|group| group.iter().sum()).collect::<Vec<_>>());
        }
    }
}

/// Units in classes, numbered from 0.
struct Partition {
    class: Vec<usize>,
    count: usize,
}

/// Sums that differ by less than this share of the largest are taken for equal: f32 rounding.
const TOLERANCE: f64 = 1e-5;

impl Partition {
    /// All in one class.
    fn new(units: usize) -> Partition {
        Partition { class: vec![0; units], count: 1 }
    }

    /// A random weight for each class, by unit.
    fn weights(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let by_class = weights(self.count, rng);
        self.class.iter().map(|c| by_class[*c]).collect()
    }

    /// Splits each class where the units' values differ.
    fn split(&mut self, values: &[f64]) {
        let tolerance = TOLERANCE * values.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| (self.class[*a].cmp(&self.class[*b])).then(values[*a].total_cmp(&values[*b])));
        let old = std::mem::replace(&mut self.class, vec![0; values.len()]);
        self.count = 1;
        for pair in order.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if old[a] != old[b] || values[b] - values[a] > tolerance {
                self.count += 1;
            }
            self.class[b] = self.count - 1;
        }
    }

    /// Splits each class where any of the units' values differ, of which each has `width`.
    fn split_wide(&mut self, values: &[f64], width: usize) {
        for d in 0..width {
            let values: Vec<f64> = values.iter().skip(d).step_by(width).copied().collect();
            self.split(&values);
        }
    }
}

/// Random numbers between 1 and 2.
fn weights(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    (0..n).map(|_| 1.0 + f64::from(rng.next_u32()) / 4_294_967_296.0).collect()
}

/// `W w`, by row.
fn row_sums(matrix: &Tensor, weights: &[f64]) -> Vec<f64> {
    let rows = matrix.data().chunks_exact(weights.len());
    rows.map(|row| row.iter().zip(weights).map(|(x, w)| f64::from(*x) * w).sum()).collect()
}

/// `W' w`, by column.
fn column_sums(matrix: &Tensor, weights: &[f64]) -> Vec<f64> {
    let (_, cols) = matrix.rows_cols();
    let mut sums = vec![0.0; cols];
    for (row, w) in matrix.data().chunks_exact(cols).zip(weights) {
        sums.iter_mut().zip(row).for_each(|(s, x)| *s += f64::from(*x) * w);
    }
    sums
}
