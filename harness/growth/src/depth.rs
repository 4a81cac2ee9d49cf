//! Growth of the depth.

use crate::DepthRule;

/// Where a layer of the large model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerSource {
    /// Layer of the small model.
    pub layer: usize,
    /// Whether the projections that end its two branches are set to zero, so that the layer adds nothing.
    pub silent: bool,
}

/// The source of each layer when `small` layers become `large`.
pub(crate) fn layer_sources(small: usize, large: usize, rule: DepthRule) -> Vec<LayerSource> {
    let sources: Vec<usize> = (0..large).map(|i| i * small / large).collect();
    sources
        .iter()
        .enumerate()
        .map(|(i, &layer)| {
            let repeated = i > 0 && sources[i - 1] == layer;
            LayerSource { layer, silent: repeated && rule == DepthRule::Identity }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_layers_become_twenty_four_with_a_silent_copy_every_six() {
        let sources = layer_sources(20, 24, DepthRule::Identity);
        let silent: Vec<usize> = (0..24).filter(|&i| sources[i].silent).collect();
        assert_eq!(silent, [1, 7, 13, 19]);
        let loud: Vec<usize> = sources.iter().filter(|s| !s.silent).map(|s| s.layer).collect();
        assert_eq!(loud, (0..20).collect::<Vec<_>>());
    }
}
