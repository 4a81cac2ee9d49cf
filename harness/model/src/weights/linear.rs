//! A linear layer: one or several matrices whose outputs stand side by side.

use super::Matrix;

/// One matrix `[out, in]` of a layer, with its bias.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub weight: Matrix,
    /// `[out]`.
    pub bias: Option<Vec<f32>>,
}

/// `y = x w^T + b` for each part; the parts' outputs stand side by side, so that queries, keys and values (or gate and
/// up) are one layer however a checkpoint cuts them.
#[derive(Debug, Clone)]
pub(crate) struct Linear {
    parts: Vec<Part>,
    outputs: usize,
}

impl Linear {
    /// A layer of parts, which have the same number of inputs.
    pub(crate) fn new(parts: Vec<Part>) -> Linear {
        assert!(parts.windows(2).all(|p| p[0].weight.cols() == p[1].weight.cols()), "parts share their input");
        let outputs = parts.iter().map(|p| p.weight.rows()).sum();
        Linear { parts, outputs }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Width of the input.
    pub(crate) fn inputs(&self) -> usize {
        self.parts[0].weight.cols()
    }

    /// Width of the output.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }
}
