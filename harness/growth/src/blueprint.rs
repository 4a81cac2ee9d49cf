//! A model as growth sees it: named tensors over named axes.

use crate::family::{FAMILIES, Family, When};
use crate::{Axis, GrowthError, Role, Shape};
use phi_model::{ArchitectureFacts, NormFamily, PhiConfig};

/// A model as growth sees it: named tensors over named axes, and how long those are.
#[derive(Debug, Clone, PartialEq)]
pub struct Blueprint {
    family: &'static Family,
    model: ArchitectureFacts,
    shape: Shape,
}

/// One tensor of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorSpec {
    /// Its name.
    pub name: String,
    /// What the family calls it, with `{}` for the layer.
    pub(crate) family_name: &'static str,
    /// Its layer, unless it lies outside the layers.
    pub layer: Option<usize>,
    /// What it does.
    pub role: Role,
    /// What its rows run over.
    pub rows: Axis,
    /// What its columns run over; a vector has none.
    pub cols: Option<Axis>,
}

impl TensorSpec {
    /// Its shape in a model.
    pub fn shape(&self, shape: &Shape) -> Vec<usize> {
        std::iter::once(self.rows).chain(self.cols).map(|axis| shape.len(axis)).collect()
    }

    /// Whether it sums over its columns.
    pub(crate) fn sums(&self) -> bool {
        matches!(self.role, Role::Matrix | Role::Head)
    }

    /// Whether it ends one of a block's branches: writes into the residual stream.
    pub(crate) fn ends_branch(&self) -> bool {
        self.rows == Axis::Hidden && matches!(self.role, Role::Matrix | Role::Bias)
    }

    /// Its name within the layer without `.weight`, such as `mlp.fc1`.
    pub(crate) fn short_name(&self) -> &'static str {
        let name = self.family_name.trim_start_matches("model.layers.{}.");
        name.trim_end_matches(".weight")
    }

    /// The same tensor of another layer.
    pub(crate) fn name_in(&self, layer: usize) -> String {
        self.family_name.replace("{}", &layer.to_string())
    }
}

impl Blueprint {
    /// The blueprint of a model of any family that can be grown.
    ///
    /// # Errors
    /// [`GrowthError::Family`] for another family.
    pub fn of_model(model: &ArchitectureFacts) -> Result<Blueprint, GrowthError> {
        let known = || FAMILIES.iter().flat_map(|f| f.model_types.iter().copied());
        let family = FAMILIES.into_iter().find(|f| f.model_types.contains(&model.family.as_str()));
        let family = family.ok_or_else(|| GrowthError::Family {
            family: model.family.clone(),
            known: known().collect::<Vec<_>>().join(", "),
        })?;
        let shape = Shape {
            vocab_size: model.vocab_size,
            hidden_size: model.hidden_size,
            intermediate_size: model.intermediate_size,
            num_layers: model.num_layers,
            num_heads: model.num_heads,
            num_kv_heads: model.num_kv_heads,
            head_dim: model.head_dim,
            rotary_dim: model.rotary_dim,
        };
        Ok(Blueprint { family, model: model.clone(), shape })
    }

    /// The blueprint of a Phi.
    ///
    /// # Errors
    /// [`GrowthError::Target`] if the configuration contradicts itself.
    pub fn of_phi(config: &PhiConfig) -> Result<Blueprint, GrowthError> {
        config.validate().map_err(GrowthError::Target)?;
        let model = ArchitectureFacts::of_config(&config.to_hugging_face()).map_err(GrowthError::Target)?;
        // The file has a fraction, which may round down.
        Blueprint::of_model(&ArchitectureFacts { rotary_dim: config.rotary_dim, ..model })
    }

    /// How long its axes are.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What its norms divide by.
    pub fn norm(&self) -> NormFamily {
        self.model.norm
    }

    /// Whether the head is the embedding.
    pub fn is_tied(&self) -> bool {
        self.model.tied
    }

    /// Whether each head's queries and keys are normalised.
    pub fn has_qk_norms(&self) -> bool {
        self.model.qk_norms
    }

    /// `model_type` of its configuration.
    pub fn family(&self) -> &str {
        &self.model.family
    }

    /// Whether a configuration may have longer or shorter heads than `hidden_size / num_attention_heads`.
    pub fn has_head_dim(&self) -> bool {
        self.family.has_head_dim
    }

    /// Positions at most.
    pub fn max_positions(&self) -> usize {
        self.model.max_positions
    }

    /// Whether two models differ in the length of their axes only.
    pub(crate) fn is_kin(&self, other: &Blueprint) -> bool {
        let options =
            |m: &ArchitectureFacts| (m.norm, m.tied, m.qkv_bias, m.attention_out_bias, m.mlp_bias, m.qk_norms);
        self.family == other.family && options(&self.model) == options(&other.model)
    }

    /// The tensors, in the family's order, layer by layer.
    pub fn tensors(&self) -> Vec<TensorSpec> {
        let present: Vec<_> = self.family.tensors.iter().filter(|t| self.has(t.when)).collect();
        let mut specs = Vec::new();
        for part in present.chunk_by(|a, b| a.name.contains("{}") == b.name.contains("{}")) {
            let in_layers = part[0].name.contains("{}");
            for layer in 0..if in_layers { self.shape.num_layers } else { 1 } {
                specs.extend(part.iter().map(|t| TensorSpec {
                    name: t.name.replace("{}", &layer.to_string()),
                    family_name: t.name,
                    layer: in_layers.then_some(layer),
                    role: t.role,
                    rows: t.rows,
                    cols: t.cols,
                }));
            }
        }
        specs
    }

    fn has(&self, when: When) -> bool {
        match when {
            When::Always => true,
            When::Untied => !self.model.tied,
            When::QkvBias => self.model.qkv_bias,
            When::AttentionOutBias => self.model.attention_out_bias,
            When::MlpBias => self.model.mlp_bias,
            When::QkNorms => self.model.qk_norms,
        }
    }

    /// Parameters of the model; a tied head isn't counted twice.
    pub fn num_params(&self) -> u64 {
        self.tensors().iter().map(|t| t.shape(&self.shape).iter().product::<usize>() as u64).sum()
    }

    /// Floating-point operations of training on one token of a sequence of `seq_len`: forward and backward, 6 a parameter
    /// that takes part in a matrix product (those of a tied head too), plus causal attention at its half cost (PaLM,
    /// appendix B, with T/2 for the causal mask).
    pub fn train_flops_per_token(&self, seq_len: usize) -> f64 {
        let product = |t: &TensorSpec| t.sums() || (self.is_tied() && t.role == Role::Embedding);
        let tensors = self.tensors();
        let params = tensors.iter().filter(|t| product(t)).map(|t| t.shape(&self.shape).iter().product::<usize>());
        let attention = 6 * self.shape.num_layers * self.shape.len(Axis::Heads) * seq_len;
        6.0 * params.sum::<usize>() as f64 + attention as f64
    }
}
