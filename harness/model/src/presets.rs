//! Shapes by name: the Phi family's, and small ones of the same proportions.

use crate::PhiConfig;

/// A shape with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// Where the shape comes from.
    pub source: &'static str,
    hidden: usize,
    layers: usize,
    heads: usize,
    rotary: usize,
    /// Entries of the vocabulary; `None` where the tokenizer says.
    vocab: Option<usize>,
    positions: usize,
}

const PHI_1_5: &str = "Li et al. 2023, arXiv 2309.05463";
const OURS: &str = "phi-1's proportions, small enough for a few CPU cores";

/// All presets, the smallest first. The MLP is four times as wide as the residual stream in each.
pub const PRESETS: [Preset; 7] = [
    Preset { name: "nano", source: OURS, hidden: 64, layers: 5, heads: 2, rotary: 16, vocab: None, positions: 1024 },
    Preset { name: "micro", source: OURS, hidden: 128, layers: 6, heads: 4, rotary: 16, vocab: None, positions: 1024 },
    Preset { name: "mini", source: OURS, hidden: 256, layers: 6, heads: 4, rotary: 32, vocab: None, positions: 2048 },
    Preset {
        name: "phi-1-small",
        source: "Gunasekar et al. 2023, arXiv 2306.11644, section 2.3",
        hidden: 1024,
        layers: 20,
        heads: 16,
        rotary: 32,
        vocab: Some(51_200),
        positions: 2048,
    },
    Preset {
        name: "phi-1",
        source: "Gunasekar et al. 2023, arXiv 2306.11644, section 2.3",
        hidden: 2048,
        layers: 24,
        heads: 32,
        rotary: 32,
        vocab: Some(51_200),
        positions: 2048,
    },
    Preset {
        name: "phi-1.5",
        source: PHI_1_5,
        hidden: 2048,
        layers: 24,
        heads: 32,
        rotary: 32,
        vocab: Some(51_200),
        positions: 2048,
    },
    Preset {
        name: "phi-2",
        source: "https://huggingface.co/microsoft/phi-2",
        hidden: 2560,
        layers: 32,
        heads: 32,
        rotary: 32,
        vocab: Some(51_200),
        positions: 2048,
    },
];

impl Preset {
    /// The preset of this name.
    pub fn named(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The shape, for a tokenizer of so many entries.
    ///
    /// # Errors
    /// A sentence, where the vocabulary is too small for the tokenizer.
    pub fn config(&self, tokenizer_entries: usize, eos_token_id: u32) -> Result<PhiConfig, String> {
        let vocab_size = self.vocab.unwrap_or(tokenizer_entries);
        if vocab_size < tokenizer_entries {
            return Err(format!(
                "{} has a vocabulary of {vocab_size}; the tokenizer has {tokenizer_entries} entries",
                self.name
            ));
        }
        Ok(PhiConfig {
            vocab_size,
            hidden_size: self.hidden,
            intermediate_size: 4 * self.hidden,
            num_layers: self.layers,
            num_heads: self.heads,
            rotary_dim: self.rotary,
            rope_theta: 10_000.0,
            max_positions: self.positions,
            layer_norm_eps: 1e-5,
            eos_token_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phi_family_has_its_published_number_of_parameters() {
        let params = |name| Preset::named(name).and_then(|it| it.config(50_295, 50_256).ok()).map(|it| it.num_params());
        assert_eq!(params("phi-1-small"), Some(356_794_368));
        assert_eq!(params("phi-1"), Some(1_418_270_720));
        assert_eq!(params("phi-1.5"), Some(1_418_270_720));
        assert_eq!(params("phi-2"), Some(2_779_683_840));
    }

    #[test]
    fn a_vocabulary_is_the_tokenizers_or_holds_it() {
        assert_eq!(Preset::named("micro").map(|it| it.config(2048, 0).map(|it| it.vocab_size)), Some(Ok(2048)));
        assert!(Preset::named("phi-2").is_some_and(|it| it.config(60_000, 0).is_err()));
    }
}
