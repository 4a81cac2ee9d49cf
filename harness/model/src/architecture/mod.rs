//! What a decoder looks like, as data: one description serves every family, and one file a family reads its
//! `config.json` (or its GGUF metadata) into a description.

mod config_json;
mod facts;
mod families;
mod gguf;
mod names;
mod rope;
mod yarn;

pub(crate) use config_json::ConfigJson;
pub use facts::{ArchitectureFacts, NormFamily};
pub(crate) use families::describe;
pub(crate) use gguf::describe_gguf;
pub(crate) use names::{MlpNames, Names, QkvNames};
pub(crate) use rope::Rope;

/// How rows are normalised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NormKind {
    /// Mean 0, variance 1, scaled and, with `bias`, shifted.
    LayerNorm { bias: bool },
    /// Root mean square 1, scaled by the weight plus `offset` (Gemma's 1, else 0).
    Rms { offset: f32 },
}

/// How a block adds to the residual stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Residual {
    /// `x + attention(norm(x)) + mlp(norm'(x))`; without an MLP norm of its own, `norm'` is `norm`.
    Parallel,
    /// `x + attention(norm(x))`, then the same with the MLP.
    Sequential,
}

/// The MLP's activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// GELU by the tanh formula.
    GeluTanh,
    /// GELU by the error function.
    GeluErf,
    /// `x sigmoid(x)`.
    Silu,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// The activation that transformers calls so.
    pub(crate) fn named(name: &str) -> Result<Activation, String> {
        Ok(match name {
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Activation::GeluTanh,
            "gelu" => Activation::GeluErf,
            "silu" | "swish" => Activation::Silu,
            "relu" => Activation::Relu,
            _ => return Err(format!("the activation {name:?} is not supported; gelu, gelu_new, silu and relu are")),
        })
    }
}

/// Where a family's biases are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Biases {
    pub qkv: bool,
    pub attention_out: bool,
    pub mlp: bool,
    pub head: bool,
}

/// A decoder. Every field is validated by [`Architecture::validate`].
#[derive(Debug, Clone)]
pub(crate) struct Architecture {
    /// The family's name (`model_type`).
    pub family: String,
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_layers: usize,
    pub num_heads: usize,
    pub num_kv_heads: usize,
    pub head_dim: usize,
    /// Positions at most.
    pub max_positions: usize,
    pub norm: NormKind,
    pub norm_eps: f32,
    pub residual: Residual,
    pub activation: Activation,
    /// Rotary position embedding; a family without it has learned positions ([`Names::positions`]).
    pub rope: Option<Rope>,
    /// Multiplies the inner products of queries and keys.
    pub attention_scale: f32,
    /// `cap tanh(score / cap)` before the soft-max.
    pub attention_softcap: Option<f32>,
    /// For each layer how many positions back a query sees, itself included.
    pub windows: Vec<Option<usize>>,
    /// `cap tanh(logit / cap)`.
    pub logit_softcap: Option<f32>,
    /// Multiplies the embeddings.
    pub embedding_scale: f32,
    pub biases: Biases,
    pub names: Names,
}

impl Architecture {
    /// A description by its sizes; the rest as most families have it: RMS norms, one after the other, SiLU, no biases.
    pub(crate) fn new(family: &str, names: Names, sizes: Sizes) -> Architecture {
        Architecture {
            family: family.to_owned(),
            vocab_size: sizes.vocab_size,
            hidden_size: sizes.hidden_size,
            intermediate_size: sizes.intermediate_size,
            num_layers: sizes.num_layers,
            num_heads: sizes.num_heads,
            num_kv_heads: sizes.num_kv_heads,
            head_dim: sizes.head_dim,
            max_positions: sizes.max_positions,
            norm: NormKind::Rms { offset: 0.0 },
            norm_eps: 1e-6,
            residual: Residual::Sequential,
            activation: Activation::Silu,
            rope: None,
            attention_scale: (sizes.head_dim as f32).powf(-0.5),
            attention_softcap: None,
            windows: vec![None; sizes.num_layers.min(MOST_LAYERS)],
            logit_softcap: None,
            embedding_scale: 1.0,
            biases: Biases::default(),
            names,
        }
    }

    /// Checks that the numbers fit together and that nothing absurd is asked for.
    ///
    /// # Errors
    /// A sentence that names the field and what it would have to be.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let limits = [
            ("vocab_size", self.vocab_size, 1 << 24),
            ("hidden_size", self.hidden_size, 1 << 17),
            ("intermediate_size", self.intermediate_size, 1 << 20),
            ("num_hidden_layers", self.num_layers, MOST_LAYERS),
            ("num_attention_heads", self.num_heads, 1 << 12),
            ("num_key_value_heads", self.num_kv_heads, 1 << 12),
            ("head_dim", self.head_dim, 1 << 12),
            ("max_position_embeddings", self.max_positions, 1 << 24),
        ];
        for (name, value, most) in limits {
            if value == 0 || value > most {
                return Err(format!("{name} is {value}; it must lie between 1 and {most}"));
            }
        }
        if !self.num_heads.is_multiple_of(self.num_kv_heads) {
            return Err(format!(
                "num_attention_heads {} is not a multiple of num_key_value_heads {}",
                self.num_heads, self.num_kv_heads
            ));
        }
        if !(self.norm_eps > 0.0 && self.norm_eps < 1.0) {
            return Err(format!("the norms' epsilon is {}; it must lie between 0 and 1", self.norm_eps));
        }
        if self.windows.iter().flatten().any(|w| *w == 0) {
            return Err("sliding_window is 0; it must be at least 1".into());
        }
        let caps = [self.attention_softcap, self.logit_softcap].into_iter().flatten();
        if caps.chain([self.attention_scale, self.embedding_scale]).any(|x| !(x.is_finite() && x > 0.0)) {
            return Err("a soft cap or a scale is not a positive number".into());
        }
        self.rope.as_ref().map_or(Ok(()), |rope| rope.validate(self.head_dim))
    }
}

/// Layers at most, of any model.
const MOST_LAYERS: usize = 1 << 12;

/// The sizes that every description needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_layers: usize,
    pub num_heads: usize,
    pub num_kv_heads: usize,
    pub head_dim: usize,
    pub max_positions: usize,
}
