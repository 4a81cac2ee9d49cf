//! The growth methods and what is known of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How the width grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Random weights: nothing is taken from the small model.
    Scratch,
    /// The small weights in the corner of the large, the rest random (the Phi talk's "weight reuse").
    WeightReuse,
    /// Large matrices filled with copies of the small ones, as the Phi talk tells it. Every pre-activation grows by
    /// the ratio, so the function changes.
    Tiling,
    /// Copies divided by the ratio, with noise that cancels in pairs (HyperCloning, Samragh et al. 2024, "noisy
    /// symmetric"). Preserves the function; the noise keeps the copies from staying alike for ever.
    TilingPreserving,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 4] = [Method::Scratch, Method::WeightReuse, Method::Tiling, Method::TilingPreserving];

    /// The name used in recipes and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Method::Scratch => "scratch",
            Method::WeightReuse => "weight-reuse",
            Method::Tiling => "tiling",
            Method::TilingPreserving => "tiling-preserving",
        }
    }

    /// One sentence for people.
    pub fn description(self) -> &'static str {
        match self {
            Method::Scratch => "random weights, trained for the whole budget",
            Method::WeightReuse => "the small model's weights in the corner of the large one's, the rest random",
            Method::Tiling => "the large matrices filled with copies of the small ones (changes the function)",
            Method::TilingPreserving => "copies divided by the ratio, with paired noise (preserves the function)",
        }
    }

    /// Whether growing the width by this method leaves the model's outputs as they were.
    pub fn preserves_function(self) -> bool {
        self == Method::TilingPreserving
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Method, String> {
        Method::ALL.into_iter().find(|m| m.name() == name).ok_or_else(|| {
            let names: Vec<_> = Method::ALL.iter().map(|m| m.name()).collect();
            format!("no growth method is called \"{name}\"; there are {}", names.join(", "))
        })
    }
}

/// Where the layers come from when the depth grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepthRule {
    /// New layers are copies, spread evenly, whose branches end in zeros, biases too (LLaMA-Pro, Wu et al. 2024):
    /// preserves the function.
    Identity,
    /// New layers are copies spread evenly: layer `i` of `L` comes from layer `floor(i * l / L)` (Gopher, LiGO's
    /// "interpolation").
    Interleave,
}
