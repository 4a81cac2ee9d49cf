//! Which shapes a method can grow.

use crate::rule::{Rule, Units};
use crate::{Blueprint, Growth, GrowthError, Method, Split};

/// Whether a small model can be grown to a large one, without growing it.
///
/// # Errors
/// A dimension shrinks, or the method can't do its ratio: the message names method and dimension, and says why.
pub fn check(small: &Blueprint, large: &Blueprint, growth: &Growth) -> Result<(), GrowthError> {
    let method = growth.method;
    if let Some(snr_db) = growth.snr_db.filter(|db| !(-200.0..=200.0).contains(db)) {
        return Err(GrowthError::Noise { snr_db });
    }
    if growth.split == Split::Unequal && method != Method::TilingPreserving {
        return Err(GrowthError::Split { method });
    }
    if !small.is_kin(large) {
        return Err(GrowthError::Target("it is of another family than the small model, or has other tensors".into()));
    }
    let rule = Rule::of(method);
    if rule.units == Units::Nowhere {
        return Ok(());
    }
    let (from, to) = (small.shape(), large.shape());
    let refuse = |(dimension, from, to), reason| Err(GrowthError::Dimension { method, dimension, from, to, reason });
    let pairs = from.dimensions().into_iter().zip(to.dimensions());
    let dimensions: Vec<_> = pairs.map(|((name, from), (_, to))| (name, from, to)).collect();
    if let Some(shrinks) = dimensions.iter().find(|(_, from, to)| to < from) {
        return refuse(*shrinks, "growth can't shrink a model");
    }
    let groups = ("num_attention_heads for each of num_key_value_heads", from.group(), to.group());
    if groups.2 < groups.1 {
        return refuse(groups, "a group can't lose query heads; grow num_attention_heads by at least as much");
    }
    let head_dim = ("head_dim", from.head_dim, to.head_dim);
    if head_dim.1 != head_dim.2 {
        match rule.units {
            Units::Corner | Units::Nowhere => {}
            Units::Tiled if method == Method::Tiling && from.rotary_dim < from.head_dim => {}
            Units::Tiled if method == Method::Tiling => {
                return refuse(head_dim, "the head is rotated as a whole and has nothing to repeat");
            }
            _ => return refuse(head_dim, "the method copies whole heads; grow the number of heads instead"),
        }
    }
    if from.rotary_dim != to.rotary_dim {
        let dimension = ("rotary_dim", from.rotary_dim, to.rotary_dim);
        return refuse(dimension, "it must stay as it is: a rotated dimension's place is its frequency");
    }
    let width = || dimensions[..4].iter().copied().chain([groups]);
    let preserves = rule.divided && rule.units == Units::Tiled;
    if let Some(uneven) = width().find(|(_, from, to)| preserves && !to.is_multiple_of(*from)) {
        return refuse(uneven, "the function is preserved at whole ratios only");
    }
    if rule.blocks {
        let ratio = to.hidden_size / from.hidden_size;
        if let Some(other) = dimensions[1..4].iter().find(|(_, from, to)| to / from != ratio) {
            return refuse(*other, "it must grow by the ratio of hidden_size, or there is no diagonal of blocks");
        }
    }
    Ok(())
}
