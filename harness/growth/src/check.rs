//! Which shapes a method can grow, and which of them keep the function.

use crate::{Growth, GrowthError, Method};
use phi_model::PhiConfig;

/// Whether a small model can be grown to a shape, without growing it.
///
/// # Errors
/// A dimension shrinks, or the method can't do its ratio: the message names method and dimension, and says why.
pub fn check(small: &PhiConfig, target: &PhiConfig, growth: &Growth) -> Result<(), GrowthError> {
    target.validate().map_err(GrowthError::Target)?;
    let method = growth.method;
    if let Some(snr_db) = growth.snr_db.filter(|db| !(-200.0..=200.0).contains(db)) {
        return Err(GrowthError::Noise { snr_db });
    }
    if method == Method::Scratch {
        return Ok(());
    }
    let refuse = |(dimension, from, to), reason| Err(GrowthError::Dimension { method, dimension, from, to, reason });
    let width = [
        ("hidden_size", small.hidden_size, target.hidden_size),
        ("intermediate_size", small.intermediate_size, target.intermediate_size),
        ("num_attention_heads", small.num_heads, target.num_heads),
    ];
    let head_dim = ("head_dim", small.head_dim(), target.head_dim());
    for dimension in width.into_iter().chain([("num_hidden_layers", small.num_layers, target.num_layers), head_dim]) {
        if dimension.2 < dimension.1 {
            return refuse(dimension, "growth can't shrink a model");
        }
    }
    if small.vocab_size != target.vocab_size {
        let dimension = ("vocab_size", small.vocab_size, target.vocab_size);
        return refuse(dimension, "it must stay as it is: both models read the same tokens");
    }
    if head_dim.1 != head_dim.2 {
        match method {
            Method::WeightReuse | Method::ZeroPad => {}
            Method::Tiling if small.rotary_dim < small.head_dim() => {}
            Method::Tiling => return refuse(head_dim, "the head is rotated as a whole and has nothing to repeat"),
            _ => return refuse(head_dim, "the method copies whole heads; grow the number of heads instead"),
        }
    }
    if small.rotary_dim != target.rotary_dim {
        let dimension = ("rotary_dim", small.rotary_dim, target.rotary_dim);
        return refuse(dimension, "it must stay as it is: a rotated dimension's place is its frequency");
    }
    if matches!(method, Method::TilingPreserving | Method::Diagonal) {
        for dimension in width {
            if !dimension.2.is_multiple_of(dimension.1) {
                return refuse(dimension, "the function is preserved at whole ratios only");
            }
        }
    }
    if method == Method::Diagonal && width[1].2 / width[1].1 != width[0].2 / width[0].1 {
        return refuse(width[1], "it must grow by the ratio of hidden_size, or there is no diagonal of blocks");
    }
    Ok(())
}

impl Growth {
    /// Why growing from one shape to another changes the model's outputs; `None` if they stay as they were, but for
    /// rounding. The shapes are such as [`check`] lets pass.
    pub fn change_of_function(&self, small: &PhiConfig, target: &PhiConfig) -> Option<&'static str> {
        let wider = target.hidden_size > small.hidden_size;
        let same_width = !wider && target.intermediate_size == small.intermediate_size;
        if self.method == Method::Scratch {
            return Some("nothing is taken from the small model");
        }
        if target.num_layers > small.num_layers && !self.depth.preserves_function() {
            return Some("the new layers add to the residual stream");
        }
        if same_width {
            return None;
        }
        match self.method {
            Method::Scratch | Method::WeightReuse => Some("the new weights are random and add to every sum"),
            Method::Tiling => Some("every sum counts its inputs several times"),
            Method::TilingPreserving | Method::Diagonal => None,
            Method::ZeroPad => wider.then_some("zeros in the residual stream shift LayerNorm's mean and variance"),
            // The only layer is the top one, whose new rows are its own.
            Method::Aki if small.num_layers > 1 => Some("the new units come from another layer"),
            Method::Aki | Method::Net2net => (!target.hidden_size.is_multiple_of(small.hidden_size)).then_some(
                "some units of the residual stream are copied more often than others, which shifts LayerNorm's mean \
                 and variance",
            ),
        }
    }
}
