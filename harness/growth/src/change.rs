//! Which growths keep the function.

use crate::{Blueprint, Growth, Method};
use phi_model::NormFamily;

impl Growth {
    /// Why growing one model to another changes its logits for the tokens that it knows; `None` if they stay as they were,
    /// but for rounding. The shapes are such as [`check`](crate::check) lets pass.
    pub fn change_of_function(&self, small: &Blueprint, large: &Blueprint) -> Option<&'static str> {
        let (from, to) = (small.shape(), large.shape());
        let wider = to.hidden_size > from.hidden_size;
        let heads = |s: &crate::Shape| (s.num_heads, s.num_kv_heads, s.head_dim);
        let same_width = !wider && to.intermediate_size == from.intermediate_size && heads(to) == heads(from);
        if self.method == Method::Scratch {
            return Some("nothing is taken from the small model");
        }
        if to.num_layers > from.num_layers && !self.depth.preserves_function() {
            return Some("the new layers add to the residual stream");
        }
        if same_width {
            return None;
        }
        match self.method {
            Method::Scratch | Method::WeightReuse => Some("the new weights are random and add to every sum"),
            Method::Tiling => Some("every sum counts its inputs several times"),
            Method::TilingPreserving | Method::Diagonal => None,
            Method::ZeroPad => (wider && large.norm() == NormFamily::LayerNorm)
                .then_some("zeros in the residual stream shift LayerNorm's mean and variance"),
            // The only layer is the top one, whose new rows are its own.
            Method::Aki if from.num_layers > 1 => Some("the new units come from another layer"),
            Method::Aki | Method::Net2net => (!to.hidden_size.is_multiple_of(from.hidden_size)).then_some(
                "some units of the residual stream are copied more often than others, which shifts what norms divide by",
            ),
        }
    }

    /// By how much the norms' epsilon must be multiplied: zeros beside the residual stream divide its mean square by the
    /// ratio, and with epsilon divided too, the quotient is RMSNorm's of before.
    pub(crate) fn epsilon_factor(&self, small: &Blueprint, large: &Blueprint) -> f64 {
        if self.method == Method::ZeroPad && large.norm() == NormFamily::RmsNorm {
            small.shape().hidden_size as f64 / large.shape().hidden_size as f64
        } else {
            1.0
        }
    }
}

/// The most probability that new entries of the vocabulary may take from the old ones. Each is the mean of the old, so its
/// logit is the mean logit, and by Jensen's inequality `exp(mean logit) <= mean(exp(logit))`: `k` new entries add at most
/// `k/V` to the softmax's sum over the old (Hewitt 2021, "Initializing new word embeddings for pretrained language
/// models").
pub(crate) fn most_probability_of_new_tokens(small: &Blueprint, large: &Blueprint, method: Method) -> Option<f64> {
    let (old, all) = (small.shape().vocab_size as f64, large.shape().vocab_size as f64);
    (all > old && method != Method::Scratch).then_some((all - old) / all)
}
