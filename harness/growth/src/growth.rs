//! How to grow.

use crate::{DepthRule, Method};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How `tiling-preserving` divides a weight among its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// Each copy gets the same share.
    #[default]
    Equal,
    /// Shares that sum to 1 and are drawn anew for each output unit, so that copies see different gradients (LEMON, Wang
    /// et al. 2024, splits unequally; the shares here are `(1 + u) / sum`, with `u` uniform between -1/2 and 1/2).
    Unequal,
}

impl Split {
    /// Both.
    pub const ALL: [Split; 2] = [Split::Equal, Split::Unequal];

    /// The name used in recipes and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Split::Equal => "equal",
            Split::Unequal => "unequal",
        }
    }

    /// One sentence for people.
    pub fn description(self) -> &'static str {
        match self {
            Split::Equal => "each copy gets the same share",
            Split::Unequal => "shares that sum to 1, drawn for each output unit: tells copies apart without noise",
        }
    }

    /// Whether it is the usual one.
    pub fn is_equal(&self) -> bool {
        *self == Split::Equal
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Split {
    type Err = String;

    fn from_str(name: &str) -> Result<Split, String> {
        let found = Split::ALL.into_iter().find(|s| s.name() == name);
        found.ok_or_else(|| format!("no split is called \"{name}\"; there are equal, unequal"))
    }
}

/// How to grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// The width's method.
    pub method: Method,
    /// The depth's rule.
    pub depth: DepthRule,
    /// For tiling-preserving: how far the weights' power lies above the paired noise's, in decibels; `None` for no noise.
    /// Without noise and with equal shares the copies are exact, and a deterministic trainer never tells them apart.
    pub snr_db: Option<f64>,
    /// For tiling-preserving: how a weight is divided among its copies.
    #[serde(default, skip_serializing_if = "Split::is_equal")]
    pub split: Split,
    /// Seed of all that is random.
    pub seed: u64,
}
