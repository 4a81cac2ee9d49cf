//! The width methods and what is known of them.

use phi_model::NormFamily;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the width grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Random weights: nothing is taken from the small model.
    Scratch,
    /// The small weights in the corner of the large, the rest random (the Phi talk's "weight reuse"). A head that grows
    /// keeps its own corner. Changes the function.
    WeightReuse,
    /// Large matrices filled with copies of the small ones, as the Phi talk tells it, the last copy cut off where the
    /// ratio is not whole. Every pre-activation grows by the ratio, so the function changes.
    Tiling,
    /// Copies divided by the ratio, with noise that cancels in pairs (HyperCloning, Samragh et al. 2024, "noisy
    /// symmetric"), or divided unequally ([`Split`](crate::Split)). Preserves the function; noise or split keeps the copies
    /// from staying alike for ever.
    TilingPreserving,
    /// Copies on the diagonal of blocks, zeros elsewhere (staged training, Shen et al. 2022; HyperCloning's
    /// "diagonal"). Preserves the function; the copies stay alike for ever.
    Diagonal,
    /// Each new unit is a copy of one drawn at random, and what reads a unit is divided by its number of copies
    /// (Net2WiderNet, Chen et al. 2016; bert2BERT's FPI, Chen et al. 2022). Preserves the function at a whole ratio of
    /// `hidden_size`: its units are drawn equally often, since norms count the copies. Heads and
    /// MLP units may be copied unevenly. The copies stay alike for ever.
    Net2net,
    /// As `net2net`, but new output rows, biases and norms come from the layer above; the top layer takes its own
    /// (bert2BERT's "advanced knowledge initialization"). Changes the function.
    Aki,
    /// What reads or writes new units is zero, the rest of them random (Gesmundo and Maile 2023). Preserves the function of
    /// models with RMSNorm, whose epsilon shrinks with the mean of squares. LayerNorm subtracts a mean that the zeros
    /// shift, so that the function changes unless `hidden_size` stays.
    ZeroPad,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 8] = [
        Method::Scratch,
        Method::WeightReuse,
        Method::Tiling,
        Method::TilingPreserving,
        Method::Diagonal,
        Method::Net2net,
        Method::Aki,
        Method::ZeroPad,
    ];

    /// The name used in recipes and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Method::Scratch => "scratch",
            Method::WeightReuse => "weight-reuse",
            Method::Tiling => "tiling",
            Method::TilingPreserving => "tiling-preserving",
            Method::Diagonal => "diagonal",
            Method::Net2net => "net2net",
            Method::Aki => "aki",
            Method::ZeroPad => "zero-pad",
        }
    }

    /// One sentence for people.
    pub fn description(self) -> &'static str {
        match self {
            Method::Scratch => "random weights, trained for the whole budget",
            Method::WeightReuse => "the small model's weights in the corner of the large one's, the rest random",
            Method::Tiling => "the large matrices filled with copies of the small ones (changes the function)",
            Method::TilingPreserving => "copies divided by the ratio, with paired noise (preserves the function)",
            Method::Diagonal => "copies on the diagonal of blocks, zeros elsewhere (preserves the function)",
            Method::Net2net => "copies of units drawn at random, divided by their number (preserves the function)",
            Method::Aki => "as net2net, but new units come from the layer above (changes the function)",
            Method::ZeroPad => {
                "new units behind zeros (preserves the function with RMSNorm; zeros shift LayerNorm's mean)"
            }
        }
    }

    /// Whether growing the width by this method leaves the outputs of a model with such norms as they were, every dimension
    /// growing by one whole ratio. [`Growth::change_of_function`](crate::Growth::change_of_function) tells it of two given
    /// models.
    pub fn preserves_function(self, norm: NormFamily) -> bool {
        match self {
            Method::TilingPreserving | Method::Diagonal | Method::Net2net => true,
            Method::ZeroPad => norm == NormFamily::RmsNorm,
            Method::Scratch | Method::WeightReuse | Method::Tiling | Method::Aki => false,
        }
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
