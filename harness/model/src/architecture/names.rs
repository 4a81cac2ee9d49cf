//! What a family calls its tensors. `{}` stands for the layer.

/// Where queries, keys and values are.
#[derive(Debug, Clone)]
pub(crate) enum QkvNames {
    /// Three tensors.
    Separate([&'static str; 3]),
    /// One tensor: all queries, then all keys, then all values.
    Stacked(&'static str),
    /// One tensor: for each head its query, its key and its value (GPT-NeoX).
    ByHead(&'static str),
}

/// Where the MLP's inner layer is.
#[derive(Debug, Clone)]
pub(crate) enum MlpNames {
    /// `down(activation(up x))`.
    Plain(&'static str),
    /// `down(activation(gate x) * up x)`.
    Gated([&'static str; 2]),
    /// The same with gate and up in one tensor, gate first.
    GatedStacked(&'static str),
}

/// The tensors of a family, without `.weight` and `.bias`.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub embedding: &'static str,
    /// Learned positions.
    pub positions: Option<&'static str>,
    pub attention_norm: &'static str,
    /// None where a parallel block has one norm.
    pub mlp_norm: Option<&'static str>,
    /// Norms of the attention's and the MLP's output (Gemma 2).
    pub after_norms: Option<[&'static str; 2]>,
    pub qkv: QkvNames,
    /// RMS norms of each head's query and key (Qwen 3).
    pub qk_norms: Option<[&'static str; 2]>,
    pub attention_out: &'static str,
    pub mlp: MlpNames,
    pub down: &'static str,
    pub final_norm: &'static str,
    /// None where the head is the embedding.
    pub head: Option<&'static str>,
    /// Whether the blocks' matrices are stored `[in, out]` (GPT-2).
    pub transposed: bool,
}

impl Names {
    /// The names that llama began with and most families took over.
    pub(crate) fn llama() -> Names {
        Names {
            embedding: "model.embed_tokens",
            positions: None,
            attention_norm: "model.layers.{}.input_layernorm",
            mlp_norm: Some("model.layers.{}.post_attention_layernorm"),
            after_norms: None,
            qkv: QkvNames::Separate([
                "model.layers.{}.self_attn.q_proj",
                "model.layers.{}.self_attn.k_proj",
                "model.layers.{}.self_attn.v_proj",
            ]),
            qk_norms: None,
            attention_out: "model.layers.{}.self_attn.o_proj",
            mlp: MlpNames::Gated(["model.layers.{}.mlp.gate_proj", "model.layers.{}.mlp.up_proj"]),
            down: "model.layers.{}.mlp.down_proj",
            final_norm: "model.norm",
            head: Some("lm_head"),
            transposed: false,
        }
    }
}
