//! What the rows and columns of a tensor stand for.

/// What one dimension of a tensor runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Entries of the vocabulary.
    Vocab,
    /// Units of the residual stream.
    Hidden,
    /// Dimensions of all query heads, one head after the other; what attention hands on lies in the same order.
    Heads,
    /// Dimensions of all heads of keys.
    Keys,
    /// Dimensions of all heads of values; as many as of keys.
    Values,
    /// Dimensions of one head.
    HeadDim,
    /// Units of the MLP's inner layer.
    Mlp,
}
