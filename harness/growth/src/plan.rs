//! What becomes of each tensor: a method's rule, applied to the tensor's axes.

use crate::depth::{LayerSource, layer_sources};
use crate::random::Draws;
use crate::rows::{Columns, Fill, RowSource, TensorPlan, Weight};
use crate::rule::{Rule, Units};
use crate::units::{DrawnUnits, Shapes, UnitMap};
use crate::{Axis, Blueprint, Growth, GrowthError, Method, Role, Split, TensorSpec, check};
use phi_model::init_std;
use std::borrow::Cow;

/// Distance between a tensor's stream of fresh numbers and that of its shares.
const SHARES: u64 = 1 << 33;

/// What becomes of each tensor of a growth.
pub(crate) struct GrowthPlan<'a> {
    small: &'a Blueprint,
    large: &'a Blueprint,
    growth: &'a Growth,
    rule: Rule,
    layers: Vec<LayerSource>,
    drawn: Option<DrawnUnits>,
    tensors: Vec<TensorSpec>,
}

impl<'a> GrowthPlan<'a> {
    /// # Errors
    /// As [`check`]'s.
    pub fn new(small: &'a Blueprint, large: &'a Blueprint, growth: &'a Growth) -> Result<GrowthPlan<'a>, GrowthError> {
        check(small, large, growth)?;
        let rule = Rule::of(growth.method);
        let shapes = Shapes { small: small.shape(), large: large.shape() };
        Ok(GrowthPlan {
            small,
            large,
            growth,
            rule,
            layers: layer_sources(small.shape().num_layers, large.shape().num_layers, growth.depth),
            drawn: (rule.units == Units::Drawn).then(|| DrawnUnits::new(shapes, growth.seed)),
            tensors: large.tensors(),
        })
    }

    /// The large model's tensors.
    pub fn tensors(&self) -> &[TensorSpec] {
        &self.tensors
    }

    /// The names of the small tensor that a large one comes from, and of that in the layer above; none where nothing is
    /// taken from the small model.
    pub fn source_names(&self, spec: &TensorSpec) -> Option<(String, String)> {
        if self.rule.units == Units::Nowhere {
            return None;
        }
        let Some(layer) = spec.layer else { return Some((spec.name.clone(), spec.name.clone())) };
        let from = self.layers[layer].layer;
        let above = (from + 1).min(self.small.shape().num_layers - 1);
        Some((spec.name_in(from), spec.name_in(above)))
    }

    fn shapes(&self) -> Shapes<'_> {
        Shapes { small: self.small.shape(), large: self.large.shape() }
    }

    fn map(&self, axis: Axis, layer: Option<usize>) -> Cow<'_, UnitMap> {
        match (self.rule.units, &self.drawn) {
            (Units::Drawn, Some(drawn)) => Cow::Borrowed(drawn.map(axis, layer)),
            (Units::Tiled, _) => Cow::Owned(self.shapes().tiled(axis)),
            (Units::Corner, _) => Cow::Owned(self.shapes().corner(axis)),
            _ => Cow::Owned(UnitMap::none(self.large.shape().len(axis))),
        }
    }

    /// How the `index`-th tensor is made.
    pub fn tensor(&self, index: usize) -> TensorPlan {
        let spec = &self.tensors[index];
        let rule = self.rule;
        let rows = self.map(spec.rows, spec.layer);
        let cols = spec.cols.map_or_else(|| Cow::Owned(UnitMap::single()), |axis| self.map(axis, spec.layer));
        let is_matrix = spec.role == Role::Matrix;
        let divides = rule.divided && spec.sums() && !(rule.blocks && is_matrix);
        let symmetric = is_matrix && self.growth.method == Method::TilingPreserving;
        TensorPlan {
            blocks: (rule.blocks && is_matrix).then(|| rows.copy.clone()),
            columns: Columns::new(&cols),
            row_weight: self.row_weight(spec, &rows),
            column_weight: if divides { Weight::inverse(&cols.copies) } else { Weight::One },
            fill: self.fill(spec),
            snr_db: self.growth.snr_db.filter(|_| symmetric),
            unequal: symmetric && self.growth.split == Split::Unequal,
            fresh: Draws::new(self.growth.seed, index as u64),
            shares: Draws::new(self.growth.seed, SHARES + index as u64),
            rows: self.rows(spec, &rows),
        }
    }

    fn rows(&self, spec: &TensorSpec, map: &UnitMap) -> Vec<RowSource> {
        if spec.ends_branch() && spec.layer.is_some_and(|l| self.layers[l].silent) && self.rule.units != Units::Nowhere
        {
            return vec![RowSource::Zero; map.source.len()];
        }
        let corner = self.rule.from_above.then(|| self.shapes().corner(spec.rows));
        let is_new = |i: usize| corner.as_ref().is_some_and(|c| c.source[i].is_none());
        // New dimensions of old keys would add to their scores.
        let old_keys = self.small.shape().num_kv_heads * self.large.shape().head_dim;
        let source = |(i, unit): (usize, &Option<usize>)| match unit {
            Some(unit) if is_new(i) => RowSource::Above(*unit),
            Some(unit) => RowSource::Own(*unit),
            None if spec.rows == Axis::Vocab && self.rule.units != Units::Nowhere => RowSource::Mean,
            None if self.rule.closed && spec.rows == Axis::Keys && i < old_keys => RowSource::Zero,
            None => RowSource::New,
        };
        map.source.iter().enumerate().map(source).collect()
    }

    /// What is not taken from the small model is as [`phi_model::Checkpoint::random`] has it. What would let a new unit
    /// change an old one is zero, if the rule is to close them off: what new units of the residual stream hold at first,
    /// what norms make of them, and what the branches add to them or take from new heads and MLP units.
    fn fill(&self, spec: &TensorSpec) -> Fill {
        let into_stream = spec.rows == Axis::Hidden || spec.role == Role::Embedding;
        match spec.role {
            _ if self.rule.closed && into_stream => Fill::Zeros,
            Role::Embedding | Role::Matrix | Role::Head => Fill::Normal(init_std(self.large.shape().hidden_size)),
            Role::NormScale | Role::FinalNormScale | Role::HeadNormScale => Fill::Ones,
            Role::Bias | Role::NormShift | Role::FinalNormShift | Role::HeadBias => Fill::Zeros,
        }
    }

    fn row_weight(&self, spec: &TensorSpec, rows: &UnitMap) -> Weight {
        let (small, large) = (self.small.shape(), self.large.shape());
        let root = |from: usize, to: usize| Weight::All((from as f64 / to as f64).sqrt() as f32);
        match spec.role {
            // A tied head can't be divided without the embedding, so what it reads is.
            Role::FinalNormScale | Role::FinalNormShift if self.rule.divided && self.large.is_tied() => {
                Weight::inverse(&rows.copies)
            }
            // Zeros make the mean of squares smaller.
            Role::NormScale | Role::FinalNormScale if self.rule.closed => root(small.hidden_size, large.hidden_size),
            // Norms of queries and keys have the same epsilon, which shrinks with the mean of squares of the stream.
            Role::Matrix | Role::Bias
                if self.rule.closed && self.large.has_qk_norms() && matches!(spec.rows, Axis::Heads | Axis::Keys) =>
            {
                root(small.hidden_size, large.hidden_size)
            }
            // The scores of longer heads are divided by more.
            Role::Matrix | Role::Bias if self.rule.closed && spec.rows == Axis::Keys => {
                root(large.head_dim, small.head_dim)
            }
            _ => Weight::One,
        }
    }
}
