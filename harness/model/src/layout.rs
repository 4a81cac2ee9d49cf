//! Where each named parameter lies in the flat buffer that training works on.

use crate::PhiConfig;
use std::ops::Range;

/// What a parameter is, which decides weight decay and how growth treats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParamKind {
    /// Token embedding, `[vocab, hidden]`.
    Embedding,
    /// LayerNorm scale, `[hidden]`.
    NormWeight,
    /// LayerNorm shift, `[hidden]`.
    NormBias,
    /// A weight matrix inside a block, `[out, in]`.
    Matrix,
    /// A bias inside a block, `[out]`.
    Bias,
    /// The head's weight, `[vocab, hidden]`.
    HeadWeight,
    /// The head's bias, `[vocab]`.
    HeadBias,
}

/// One named parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamSpec {
    /// Its name in the Hugging Face layout.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is.
    pub kind: ParamKind,
    /// Where it lies in the flat buffer.
    pub range: Range<usize>,
}

/// The parameters of a model in the order in which they lie in the flat buffer. Query, key and value of a layer lie
/// side by side, so that the three products are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamLayout {
    specs: Vec<ParamSpec>,
    /// Offsets of each layer's parts.
    pub(crate) layers: Vec<LayerRanges>,
    pub(crate) embed: Range<usize>,
    pub(crate) final_norm_weight: Range<usize>,
    pub(crate) final_norm_bias: Range<usize>,
    pub(crate) head_weight: Range<usize>,
    pub(crate) head_bias: Range<usize>,
}

/// Where the parts of one block lie; `qkv` spans query, key and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerRanges {
    pub norm_weight: Range<usize>,
    pub norm_bias: Range<usize>,
    pub qkv_weight: Range<usize>,
    pub qkv_bias: Range<usize>,
    pub dense_weight: Range<usize>,
    pub dense_bias: Range<usize>,
    pub fc1_weight: Range<usize>,
    pub fc1_bias: Range<usize>,
    pub fc2_weight: Range<usize>,
    pub fc2_bias: Range<usize>,
}

#[derive(Default)]
struct Builder {
    specs: Vec<ParamSpec>,
    next: usize,
}

impl Builder {
    fn add(&mut self, name: String, shape: &[usize], kind: ParamKind) -> Range<usize> {
        let start = self.next;
        self.next += shape.iter().product::<usize>();
        self.specs.push(ParamSpec { name, shape: shape.to_vec(), kind, range: start..self.next });
        start..self.next
    }
}

impl ParamLayout {
    /// The layout of a model of this shape.
    pub fn new(config: &PhiConfig) -> ParamLayout {
        use ParamKind::*;
        let (v, d, m) = (config.vocab_size, config.hidden_size, config.intermediate_size);
        let mut b = Builder::default();
        let embed = b.add("model.embed_tokens.weight".into(), &[v, d], Embedding);
        let layers = (0..config.num_layers)
            .map(|l| {
                let p = |s: &str| format!("model.layers.{l}.{s}");
                let norm_weight = b.add(p("input_layernorm.weight"), &[d], NormWeight);
                let norm_bias = b.add(p("input_layernorm.bias"), &[d], NormBias);
                let [q, _, v] =
                    ["q", "k", "v"].map(|x| b.add(p(&format!("self_attn.{x}_proj.weight")), &[d, d], Matrix));
                let [qb, _, vb] = ["q", "k", "v"].map(|x| b.add(p(&format!("self_attn.{x}_proj.bias")), &[d], Bias));
                LayerRanges {
                    norm_weight,
                    norm_bias,
                    qkv_weight: q.start..v.end,
                    qkv_bias: qb.start..vb.end,
                    dense_weight: b.add(p("self_attn.dense.weight"), &[d, d], Matrix),
                    dense_bias: b.add(p("self_attn.dense.bias"), &[d], Bias),
                    fc1_weight: b.add(p("mlp.fc1.weight"), &[m, d], Matrix),
                    fc1_bias: b.add(p("mlp.fc1.bias"), &[m], Bias),
                    fc2_weight: b.add(p("mlp.fc2.weight"), &[d, m], Matrix),
                    fc2_bias: b.add(p("mlp.fc2.bias"), &[d], Bias),
                }
            })
            .collect();
        let final_norm_weight = b.add("model.final_layernorm.weight".into(), &[d], NormWeight);
        let final_norm_bias = b.add("model.final_layernorm.bias".into(), &[d], NormBias);
        let head_weight = b.add("lm_head.weight".into(), &[v, d], HeadWeight);
        let head_bias = b.add("lm_head.bias".into(), &[v], HeadBias);
        ParamLayout { specs: b.specs, layers, embed, final_norm_weight, final_norm_bias, head_weight, head_bias }
    }

    /// The parameters, in buffer order.
    pub fn specs(&self) -> &[ParamSpec] {
        &self.specs
    }

    /// Numbers in the flat buffer.
    pub fn len(&self) -> usize {
        self.head_bias.end
    }

    /// Whether the model has no parameters; never so for a valid configuration.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
