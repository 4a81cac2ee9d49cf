//! Units that training can't tell apart.
//!
//! Put units into one class when they add up alike: a matrix' row sums over the units of each class that it reads are
//! equal within a class of rows, its column sums over each class that it writes within a class of columns; embeddings,
//! norms and biases are equal within a class. Then the units of a class compute the same, forward and backward, so that
//! the gradients of all weights between two classes are equal, and a step of AdamW (from moments that are equal too)
//! leaves the classes as they are: the model stays in the symmetric subspace (Simsek et al. 2021, "Geometry of the loss
//! landscape in overparameterized neural networks", show it of copied neurons). Only what is random in
//! training, or rounding that treats units unequally, tells them apart.

use phi_model::{Checkpoint, PhiConfig, Tensor};
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
pub fn distinct_units(model: &Checkpoint) -> DistinctUnits {
    let config = model.config();
    let mut classes = Classes::new(config);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    loop {
        let before = classes.count();
        classes.refine(model, &mut rng);
        if classes.count() == before {
            break;
        }
    }
    let layers = config.num_layers;
    let sum = |partitions: &[Partition]| partitions.iter().map(|p| p.count).sum();
    DistinctUnits {
        residual: Distinct { distinct: classes.residual.count, total: config.hidden_size },
        heads: Distinct { distinct: sum(&classes.heads), total: layers * config.num_heads },
        mlp: Distinct { distinct: sum(&classes.mlp), total: layers * config.intermediate_size },
    }
}

struct Classes {
    residual: Partition,
    heads: Vec<Partition>,
    mlp: Vec<Partition>,
}

impl Classes {
    fn new(config: &PhiConfig) -> Classes {
        let per_layer = |units| (0..config.num_layers).map(|_| Partition::new(units)).collect();
        Classes {
            residual: Partition::new(config.hidden_size),
            heads: per_layer(config.num_heads),
            mlp: per_layer(config.intermediate_size),
        }
    }

    fn count(&self) -> usize {
        self.residual.count + self.heads.iter().chain(&self.mlp).map(|p| p.count).sum::<usize>()
    }

    /// Splits each class by the sums of each tensor, where classes that are summed over get random weights: sums that
    /// agree so agree for each class, but for chance of measure zero.
    fn refine(&mut self, model: &Checkpoint, rng: &mut ChaCha8Rng) {
        let config = model.config();
        let head_dim = config.head_dim();
        let entries = weights(config.vocab_size, rng);
        for name in ["model.embed_tokens.weight", "lm_head.weight"] {
            self.residual.split(&column_sums(model.tensor(name), &entries));
        }
        for name in ["weight", "bias"] {
            self.residual.split(&values(model.tensor(&format!("model.final_layernorm.{name}"))));
        }
        for l in 0..config.num_layers {
            let tensor = |name: &str| model.tensor(&format!("model.layers.{l}.{name}"));
            for name in ["input_layernorm.weight", "input_layernorm.bias", "self_attn.dense.bias", "mlp.fc2.bias"] {
                self.residual.split(&values(tensor(name)));
            }
            let read = self.residual.weights(rng);
            self.mlp[l].split(&values(tensor("mlp.fc1.bias")));
            self.mlp[l].split(&row_sums(tensor("mlp.fc1.weight"), &read));
            self.mlp[l].split(&column_sums(tensor("mlp.fc2.weight"), &read));
            for x in ["q", "k", "v"] {
                let sums = row_sums(tensor(&format!("self_attn.{x}_proj.weight")), &read);
                self.heads[l].split_heads(&sums, head_dim);
                let mut bias = values(tensor(&format!("self_attn.{x}_proj.bias")));
                if x == "k" {
                    // What the unrotated part of the keys' bias adds to a query's scores is one number for all keys,
                    // which softmax takes away: nothing depends on it, and its gradient is rounding.
                    bias.chunks_exact_mut(head_dim).for_each(|head| head[config.rotary_dim..].fill(0.0));
                }
                self.heads[l].split_heads(&bias, head_dim);
            }
            self.heads[l].split_heads(&column_sums(tensor("self_attn.dense.weight"), &read), head_dim);

            let units = self.mlp[l].weights(rng);
            self.residual.split(&column_sums(tensor("mlp.fc1.weight"), &units));
            self.residual.split(&row_sums(tensor("mlp.fc2.weight"), &units));
            let (heads, dims) = (self.heads[l].weights(rng), weights(head_dim, rng));
            let units: Vec<f64> = heads.iter().flat_map(|h| dims.iter().map(move |d| h * d)).collect();
            for x in ["q", "k", "v"] {
                self.residual.split(&column_sums(tensor(&format!("self_attn.{x}_proj.weight")), &units));
            }
            self.residual.split(&row_sums(tensor("self_attn.dense.weight"), &units));
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

    /// Splits each class where the values of any dimension of the heads, `[heads, head_dim]`, differ.
    fn split_heads(&mut self, values: &[f64], head_dim: usize) {
        for d in 0..head_dim {
            let values: Vec<f64> = values.iter().skip(d).step_by(head_dim).copied().collect();
            self.split(&values);
        }
    }
}

/// Random numbers between 1 and 2.
fn weights(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    (0..n).map(|_| 1.0 + f64::from(rng.next_u32()) / 4_294_967_296.0).collect()
}

fn values(vector: &Tensor) -> Vec<f64> {
    vector.data().iter().map(|x| f64::from(*x)).collect()
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
