//! Growth of the depth.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where the layers come from when the depth grows from `l` to `L`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepthRule {
    /// New layers are copies, spread evenly, whose branches end in zeros, biases too (LLaMA-Pro, Wu et al. 2024):
    /// preserves the function.
    Identity,
    /// New layers are copies spread evenly: layer `i` comes from layer `floor(i * l / L)` (Gopher, LiGO's
    /// "interpolation"). Changes the function.
    Interleave,
    /// Layer `i` comes from layer `i mod l` (G_stack, Du et al. 2024; StackBERT, Gong et al. 2019). A last stack that is
    /// not whole holds the lowest layers. Changes the function.
    Stack,
    /// Whole stacks, then the top `L mod l` layers once more (Masked Structural Growth's depth rule, Yao et al. 2023).
    /// Changes the function.
    AppendTop,
}

impl DepthRule {
    /// Every rule.
    pub const ALL: [DepthRule; 4] =
        [DepthRule::Identity, DepthRule::Interleave, DepthRule::Stack, DepthRule::AppendTop];

    /// The name used in recipes and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            DepthRule::Identity => "identity",
            DepthRule::Interleave => "interleave",
            DepthRule::Stack => "stack",
            DepthRule::AppendTop => "append-top",
        }
    }

    /// One sentence for people.
    pub fn description(self) -> &'static str {
        match self {
            DepthRule::Identity => "copies spread evenly that add nothing at first (preserves the function)",
            DepthRule::Interleave => "copies spread evenly: each beside its source (changes the function)",
            DepthRule::Stack => "the whole stack of layers over again (changes the function)",
            DepthRule::AppendTop => "whole stacks, then the top layers once more (changes the function)",
        }
    }

    /// Whether growing the depth by this rule leaves the model's outputs as they were.
    pub fn preserves_function(self) -> bool {
        self == DepthRule::Identity
    }
}

impl fmt::Display for DepthRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for DepthRule {
    type Err = String;

    fn from_str(name: &str) -> Result<DepthRule, String> {
        DepthRule::ALL.into_iter().find(|r| r.name() == name).ok_or_else(|| {
            let names: Vec<_> = DepthRule::ALL.iter().map(|r| r.name()).collect();
            format!("no depth rule is called \"{name}\"; there are {}", names.join(", "))
        })
    }
}

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
    let whole = large / small * small;
    let source = |i: usize| match rule {
        DepthRule::Identity | DepthRule::Interleave => i * small / large,
        DepthRule::Stack => i % small,
        DepthRule::AppendTop if i < whole => i % small,
        DepthRule::AppendTop => small - (large - i),
    };
    (0..large)
        .map(|i| {
            let repeated = i > 0 && source(i - 1) == source(i);
            LayerSource { layer: source(i), silent: repeated && rule == DepthRule::Identity }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layers(small: usize, large: usize, rule: DepthRule) -> Vec<usize> {
        layer_sources(small, large, rule).iter().map(|s| s.layer).collect()
    }

    #[test]
    fn twenty_layers_become_twenty_four_with_a_silent_copy_every_six() {
        let sources = layer_sources(20, 24, DepthRule::Identity);
        let silent: Vec<usize> = (0..24).filter(|&i| sources[i].silent).collect();
        assert_eq!(silent, [1, 7, 13, 19]);
        let loud: Vec<usize> = sources.iter().filter(|s| !s.silent).map(|s| s.layer).collect();
        assert_eq!(loud, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn three_layers_become_eight_by_every_rule() {
        assert_eq!(layers(3, 8, DepthRule::Interleave), [0, 0, 0, 1, 1, 1, 2, 2]);
        assert_eq!(layers(3, 8, DepthRule::Stack), [0, 1, 2, 0, 1, 2, 0, 1]);
        assert_eq!(layers(3, 8, DepthRule::AppendTop), [0, 1, 2, 0, 1, 2, 1, 2]);
    }

    proptest! {
        #[test]
        fn every_layer_is_used_equally_often_or_once_more(small in 1_usize..40, more in 0_usize..90) {
            for rule in DepthRule::ALL {
                let sources = layers(small, small + more, rule);
                let uses: Vec<usize> = (0..small).map(|l| sources.iter().filter(|s| **s == l).count()).collect();
                let share = (small + more) / small;
                prop_assert!(uses.iter().all(|n| *n == share || *n == share + 1), "{rule}: {uses:?}");
            }
        }

        #[test]
        fn without_the_silent_ones_identity_leaves_the_small_stack(small in 1_usize..40, more in 0_usize..90) {
            let sources = layer_sources(small, small + more, DepthRule::Identity);
            let loud: Vec<usize> = sources.iter().filter(|s| !s.silent).map(|s| s.layer).collect();
            prop_assert_eq!(loud, (0..small).collect::<Vec<_>>());
        }
    }
}
