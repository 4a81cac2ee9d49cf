//! The families that can be grown: what tensors they have, and what the rows and columns of each stand for.

use crate::Axis;
use Axis::{HeadDim, Heads, Hidden, Keys, Mlp, Values, Vocab};
use Role::{
    Bias, Embedding, FinalNormScale, FinalNormShift, Head, HeadBias, HeadNormScale, Matrix, NormScale, NormShift,
};
use When::{Always, AttentionOutBias, MlpBias, QkNorms, QkvBias, Untied};

/// What a tensor does, which decides how a method treats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Token embedding, `[vocab, hidden]`; the head too, where the two are tied.
    Embedding,
    /// A weight matrix inside a block, `[out, in]`: it sums over its columns.
    Matrix,
    /// A bias inside a block, `[out]`.
    Bias,
    /// Scale of a block's norm, `[hidden]`.
    NormScale,
    /// Shift of a block's norm, `[hidden]`.
    NormShift,
    /// Scale of the norm of each head's query or key, `[head_dim]`.
    HeadNormScale,
    /// Scale of the norm before the head, `[hidden]`.
    FinalNormScale,
    /// Shift of the norm before the head, `[hidden]`.
    FinalNormShift,
    /// The head's weight, `[vocab, hidden]`: it sums over its columns.
    Head,
    /// The head's bias, `[vocab]`.
    HeadBias,
}

/// Which models of a family have a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    Untied,
    QkvBias,
    AttentionOutBias,
    MlpBias,
    QkNorms,
}

/// One tensor of a family; `{}` in its name stands for the layer.
#[derive(Debug, PartialEq)]
pub(crate) struct FamilyTensor {
    pub name: &'static str,
    pub role: Role,
    pub rows: Axis,
    pub cols: Option<Axis>,
    pub when: When,
}

/// A family: the `model_type`s that share its tensors, and those in their order.
#[derive(Debug, PartialEq)]
pub(crate) struct Family {
    pub model_types: &'static [&'static str],
    /// Whether a configuration may have longer or shorter heads than `hidden_size / num_attention_heads`.
    pub has_head_dim: bool,
    pub tensors: &'static [FamilyTensor],
}

const fn matrix(name: &'static str, rows: Axis, cols: Axis) -> FamilyTensor {
    FamilyTensor { name, role: Matrix, rows, cols: Some(cols), when: Always }
}

const fn vector(name: &'static str, role: Role, rows: Axis, when: When) -> FamilyTensor {
    FamilyTensor { name, role, rows, cols: None, when }
}

const fn table(name: &'static str, role: Role, when: When) -> FamilyTensor {
    FamilyTensor { name, role, rows: Vocab, cols: Some(Hidden), when }
}

/// Phi-1, Phi-1.5, Phi-2: one LayerNorm a block, biases everywhere. In the order of [`phi_model::ParamLayout`].
const PHI: Family = Family {
    model_types: &["phi"],
    has_head_dim: false,
    tensors: &[
        table("model.embed_tokens.weight", Embedding, Always),
        vector("model.layers.{}.input_layernorm.weight", NormScale, Hidden, Always),
        vector("model.layers.{}.input_layernorm.bias", NormShift, Hidden, Always),
        matrix("model.layers.{}.self_attn.q_proj.weight", Heads, Hidden),
        matrix("model.layers.{}.self_attn.k_proj.weight", Keys, Hidden),
        matrix("model.layers.{}.self_attn.v_proj.weight", Values, Hidden),
        vector("model.layers.{}.self_attn.q_proj.bias", Bias, Heads, Always),
        vector("model.layers.{}.self_attn.k_proj.bias", Bias, Keys, Always),
        vector("model.layers.{}.self_attn.v_proj.bias", Bias, Values, Always),
        matrix("model.layers.{}.self_attn.dense.weight", Hidden, Heads),
        vector("model.layers.{}.self_attn.dense.bias", Bias, Hidden, Always),
        matrix("model.layers.{}.mlp.fc1.weight", Mlp, Hidden),
        vector("model.layers.{}.mlp.fc1.bias", Bias, Mlp, Always),
        matrix("model.layers.{}.mlp.fc2.weight", Hidden, Mlp),
        vector("model.layers.{}.mlp.fc2.bias", Bias, Hidden, Always),
        vector("model.final_layernorm.weight", FinalNormScale, Hidden, Always),
        vector("model.final_layernorm.bias", FinalNormShift, Hidden, Always),
        table("lm_head.weight", Head, Untied),
        vector("lm_head.bias", HeadBias, Vocab, Always),
    ],
};

/// Llama and those with its tensors: RMSNorm, gated MLP, grouped-query heads; Qwen 2 has biases of queries, keys and
/// values, Qwen 3 norms of queries and keys.
const LLAMA: Family = Family {
    model_types: &["llama", "mistral", "qwen2", "qwen3"],
    has_head_dim: true,
    tensors: &[
        table("model.embed_tokens.weight", Embedding, Always),
        vector("model.layers.{}.input_layernorm.weight", NormScale, Hidden, Always),
        matrix("model.layers.{}.self_attn.q_proj.weight", Heads, Hidden),
        matrix("model.layers.{}.self_attn.k_proj.weight", Keys, Hidden),
        matrix("model.layers.{}.self_attn.v_proj.weight", Values, Hidden),
        vector("model.layers.{}.self_attn.q_proj.bias", Bias, Heads, QkvBias),
        vector("model.layers.{}.self_attn.k_proj.bias", Bias, Keys, QkvBias),
        vector("model.layers.{}.self_attn.v_proj.bias", Bias, Values, QkvBias),
        vector("model.layers.{}.self_attn.q_norm.weight", HeadNormScale, HeadDim, QkNorms),
        vector("model.layers.{}.self_attn.k_norm.weight", HeadNormScale, HeadDim, QkNorms),
        matrix("model.layers.{}.self_attn.o_proj.weight", Hidden, Heads),
        vector("model.layers.{}.self_attn.o_proj.bias", Bias, Hidden, AttentionOutBias),
        vector("model.layers.{}.post_attention_layernorm.weight", NormScale, Hidden, Always),
        matrix("model.layers.{}.mlp.gate_proj.weight", Mlp, Hidden),
        vector("model.layers.{}.mlp.gate_proj.bias", Bias, Mlp, MlpBias),
        matrix("model.layers.{}.mlp.up_proj.weight", Mlp, Hidden),
        vector("model.layers.{}.mlp.up_proj.bias", Bias, Mlp, MlpBias),
        matrix("model.layers.{}.mlp.down_proj.weight", Hidden, Mlp),
        vector("model.layers.{}.mlp.down_proj.bias", Bias, Hidden, MlpBias),
        vector("model.norm.weight", FinalNormScale, Hidden, Always),
        table("lm_head.weight", Head, Untied),
    ],
};

/// All families.
pub(crate) const FAMILIES: [&Family; 2] = [&PHI, &LLAMA];
