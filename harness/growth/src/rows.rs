//! One tensor of the large model, row by row.

use crate::random::Draws;
use crate::small_tensor::SmallTensor;
use rayon::prelude::*;

/// What a tensor grows from.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    /// The small model's tensor; none where nothing is taken from it.
    pub own: Option<SmallTensor<'a>>,
    /// The same tensor of the layer above, where rows come from it.
    pub above: Option<SmallTensor<'a>>,
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowSource {
    /// A row of the small tensor.
    Own(usize),
    /// A row of the same tensor of the layer above.
    Above(usize),
    /// The mean of the small tensor's rows.
    Mean,
    /// Nowhere: it is filled as a new model's.
    New,
    /// Nowhere: it is zero.
    Zero,
}

/// How numbers are filled that have no source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fill {
    Zeros,
    Ones,
    /// Normal deviates of this standard deviation.
    Normal(f32),
}

/// What numbers are multiplied by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Weight {
    One,
    All(f32),
    /// By row or by column.
    Each(Vec<f32>),
}

impl Weight {
    /// One over each of these numbers.
    pub fn inverse(numbers: &[usize]) -> Weight {
        match numbers.split_first() {
            Some((first, rest)) if rest.iter().all(|n| n == first) => {
                if *first == 1 {
                    Weight::One
                } else {
                    Weight::All(1.0 / *first as f32)
                }
            }
            _ => Weight::Each(numbers.iter().map(|n| 1.0 / *n as f32).collect()),
        }
    }
}

/// Columns that come from neighbouring ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    to: usize,
    from: usize,
    len: usize,
    copy: usize,
}

/// Where the columns come from.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    runs: Vec<Run>,
    /// The source of each column and which of its copies it is.
    sources: Vec<Option<(usize, usize)>>,
    copies: Vec<usize>,
    is_whole: bool,
}

impl Columns {
    pub fn new(map: &crate::units::UnitMap) -> Columns {
        let sources: Vec<_> = map.source.iter().zip(&map.copy).map(|(s, copy)| s.map(|s| (s, *copy))).collect();
        let mut runs: Vec<Run> = Vec::new();
        for (to, source) in sources.iter().enumerate() {
            let Some((from, copy)) = *source else { continue };
            match runs.last_mut() {
                Some(r) if r.to + r.len == to && r.from + r.len == from && r.copy == copy => r.len += 1,
                _ => runs.push(Run { to, from, len: 1, copy }),
            }
        }
        let is_whole = sources.iter().all(Option::is_some);
        Columns { runs, sources, copies: map.copies.clone(), is_whole }
    }

    fn len(&self) -> usize {
        self.sources.len()
    }
}

/// How one tensor of the large model is made.
#[derive(Debug, Clone)]
pub(crate) struct TensorPlan {
    pub rows: Vec<RowSource>,
    /// Which of its source's copies each row is, for a matrix that joins equal copies only.
    pub blocks: Option<Vec<usize>>,
    pub columns: Columns,
    pub row_weight: Weight,
    pub column_weight: Weight,
    pub fill: Fill,
    /// Decibels of the weights above the paired noise.
    pub snr_db: Option<f64>,
    /// Whether the copies of a column get unequal shares.
    pub unequal: bool,
    pub fresh: Draws,
    pub shares: Draws,
}

impl TensorPlan {
    /// Whether a row comes from the layer above.
    pub fn reads_above(&self) -> bool {
        self.rows.iter().any(|r| matches!(r, RowSource::Above(_)))
    }

    /// Whether a row comes from the small model at all.
    pub fn reads(&self) -> bool {
        self.rows.iter().any(|r| !matches!(r, RowSource::New | RowSource::Zero))
    }

    pub fn cols(&self) -> usize {
        self.columns.len()
    }

    /// What all rows share.
    pub fn begin<'a>(&'a self, sources: &'a Sources<'a>) -> Rows<'a> {
        let own = sources.own.as_ref();
        let mean = self.rows.contains(&RowSource::Mean).then(|| own.map_or_else(Vec::new, SmallTensor::mean_row));
        let noise_std = self.snr_db.map(|snr_db| {
            let weight = match self.column_weight {
                Weight::All(weight) => f64::from(weight),
                _ => 1.0,
            };
            let power = own.map_or(0.0, SmallTensor::power) * weight * weight;
            (power / 10f64.powf(snr_db / 10.0)).sqrt() as f32
        });
        Rows { plan: self, sources, mean, noise_std }
    }
}

/// The rows of one tensor, to be made in any order.
pub(crate) struct Rows<'a> {
    plan: &'a TensorPlan,
    sources: &'a Sources<'a>,
    mean: Option<Vec<f32>>,
    noise_std: Option<f32>,
}

/// Numbers that one thread makes at a time.
const CHUNK: usize = 1 << 18;

/// Buffers of one thread.
#[derive(Default)]
struct Scratch {
    small: Vec<f32>,
    noise: Vec<f32>,
    shares: Vec<f32>,
}

impl Rows<'_> {
    /// Makes rows from `first` on, as many as `out` holds, by all threads.
    pub fn make(&self, first: usize, out: &mut [f32]) {
        let cols = self.plan.cols();
        let at_once = (CHUNK / cols.max(1)).max(1);
        out.par_chunks_mut(at_once * cols).enumerate().for_each_init(Scratch::default, |scratch, (i, chunk)| {
            for (r, row) in chunk.chunks_exact_mut(cols).enumerate() {
                self.row(first + i * at_once + r, row, scratch);
            }
        });
    }

    fn row(&self, r: usize, out: &mut [f32], scratch: &mut Scratch) {
        let plan = self.plan;
        let own = || self.sources.own.as_ref().expect("a plan that reads has its source");
        let small = &mut scratch.small;
        let mut read = |tensor: &SmallTensor<'_>, unit: usize| {
            small.resize(tensor.cols, 0.0);
            tensor.row(unit, small);
        };
        match plan.rows[r] {
            RowSource::Zero => return out.fill(0.0),
            RowSource::New => return self.fill(r, out),
            RowSource::Own(unit) => read(own(), unit),
            RowSource::Above(unit) => read(self.sources.above.as_ref().unwrap_or_else(own), unit),
            RowSource::Mean => {
                small.clear();
                small.extend_from_slice(self.mean.as_ref().expect("the mean was taken before the rows"));
            }
        }
        let block = plan.blocks.as_ref().map(|blocks| blocks[r]);
        if block.is_some() {
            out.fill(0.0);
        } else if !plan.columns.is_whole {
            self.fill(r, out);
        }
        for run in plan.columns.runs.iter().filter(|run| block.is_none_or(|b| b == run.copy)) {
            out[run.to..run.to + run.len].copy_from_slice(&scratch.small[run.from..run.from + run.len]);
        }
        if plan.unequal {
            self.share(r, out, scratch);
        } else {
            multiply(out, &plan.column_weight);
        }
        match &plan.row_weight {
            Weight::One => {}
            Weight::All(weight) => out.iter_mut().for_each(|x| *x *= weight),
            Weight::Each(weights) => out.iter_mut().for_each(|x| *x *= weights[r]),
        }
        if let Some(std) = self.noise_std {
            self.add_noise(r, std, out, scratch);
        }
    }

    fn fill(&self, r: usize, out: &mut [f32]) {
        match self.plan.fill {
            Fill::Zeros => out.fill(0.0),
            Fill::Ones => out.fill(1.0),
            Fill::Normal(std) => self.plan.fresh.normals(r, std, out),
        }
    }

    /// Divides each column's source among its copies by shares of this row.
    fn share(&self, r: usize, out: &mut [f32], scratch: &mut Scratch) {
        let columns = &self.plan.columns;
        let most = columns.copies.iter().max().map_or(1, |m| *m);
        scratch.shares.resize(most, 0.0);
        self.plan.shares.shares(r, &mut scratch.shares);
        for run in &columns.runs {
            // Where all have as many copies, as at whole ratios, the shares of each sum to 1.
            out[run.to..run.to + run.len].iter_mut().for_each(|x| *x *= scratch.shares[run.copy]);
        }
    }

    /// Adds noise to the first of every two copies of a column and takes it from the second: the two see equal inputs, so
    /// the output stays. An odd last copy stays clean.
    fn add_noise(&self, r: usize, std: f32, out: &mut [f32], scratch: &mut Scratch) {
        let columns = &self.plan.columns;
        let width = scratch.small.len();
        let pairs = columns.copies.iter().max().map_or(0, |m| *m) / 2;
        for pair in 0..pairs {
            scratch.noise.resize(width, 0.0);
            self.plan.fresh.normals(r * pairs + pair, std, &mut scratch.noise);
            for run in columns.runs.iter().filter(|run| run.copy / 2 == pair) {
                let sign = if run.copy % 2 == 0 { 1.0 } else { -1.0 };
                let noise = &scratch.noise[run.from..run.from + run.len];
                out[run.to..run.to + run.len].iter_mut().zip(noise).for_each(|(x, n)| *x += sign * n);
            }
        }
    }
}

fn multiply(out: &mut [f32], weight: &Weight) {
    match weight {
        Weight::One => {}
        Weight::All(weight) => out.iter_mut().for_each(|x| *x *= weight),
        Weight::Each(weights) => out.iter_mut().zip(weights).for_each(|(x, w)| *x *= w),
    }
}
