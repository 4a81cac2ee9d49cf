//! What the rows and columns of each tensor stand for.

use phi_model::{ParamKind, ParamSpec, PhiConfig};

/// What one dimension of a tensor runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Units of the residual stream, `hidden_size`.
    Residual,
    /// Dimensions of all heads, one head after the other, `num_heads * head_dim`.
    Heads,
    /// Units of the MLP's inner layer, `intermediate_size`.
    Mlp,
    /// Entries of the vocabulary.
    Vocab,
}

impl Axis {
    /// The rows' and the columns' axis of a tensor; a vector has no columns.
    pub fn of(spec: &ParamSpec) -> (Axis, Option<Axis>) {
        let name = &spec.name;
        let written = match () {
            () if name.contains(".dense.") || name.contains(".fc2.") => Axis::Residual,
            () if name.contains(".fc1.") => Axis::Mlp,
            () => Axis::Heads,
        };
        let read = match () {
            () if name.contains(".dense.") => Axis::Heads,
            () if name.contains(".fc2.") => Axis::Mlp,
            () => Axis::Residual,
        };
        match spec.kind {
            ParamKind::Embedding | ParamKind::HeadWeight => (Axis::Vocab, Some(Axis::Residual)),
            ParamKind::NormWeight | ParamKind::NormBias => (Axis::Residual, None),
            ParamKind::Matrix => (written, Some(read)),
            ParamKind::Bias => (written, None),
            ParamKind::HeadBias => (Axis::Vocab, None),
        }
    }

    /// How long the axis is in a model of this shape.
    pub fn len(self, config: &PhiConfig) -> usize {
        match self {
            Axis::Residual | Axis::Heads => config.hidden_size,
            Axis::Mlp => config.intermediate_size,
            Axis::Vocab => config.vocab_size,
        }
    }
}
