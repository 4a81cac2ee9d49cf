//! The forward pass over new tokens of any number of sequences.

use super::attention::{Rows, Shape, attend};
use super::elementwise::{HeadWork, Norm, Turns, activate, activate_gated, add, soft_cap};
use super::kv::{KvCache, NodeId};
use super::matmul::{Onto, linear};
use crate::CheckpointError;
use crate::architecture::{Architecture, MlpNames, NormKind, QkvNames, Residual};
use crate::math::vectorised;
use crate::weights::{DtypeChoice, Linear, Matrix, Part, TensorSource};

/// Tokens that are added to a node of the cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub node: NodeId,
    pub tokens: &'a [u32],
}

#[derive(Debug)]
struct Layer {
    attention_norm: Norm,
    mlp_norm: Option<Norm>,
    after_norms: Option<[Norm; 2]>,
    qkv: Linear,
    qk_norms: Option<[Norm; 2]>,
    attention_out: Linear,
    inner: Linear,
    down: Linear,
}

/// Where each head begins in a row of queries, keys and values.
#[derive(Debug)]
struct Columns {
    queries: Vec<usize>,
    keys: Vec<usize>,
    values: Vec<usize>,
}

/// A described model and its weights.
#[derive(Debug)]
pub(crate) struct Network {
    architecture: Architecture,
    embedding: Matrix,
    positions: Option<Matrix>,
    layers: Vec<Layer>,
    final_norm: Norm,
    head: Linear,
    columns: Columns,
}

/// Rows whose logits are computed together; it bounds their memory, and is enough to be as quick as more.
pub(crate) const LOGIT_ROWS: usize = 96;

impl Network {
    /// Takes the weights that the description asks for.
    ///
    /// # Errors
    /// A tensor is missing, has another shape or a type that can't be read.
    pub(crate) fn build(
        architecture: Architecture,
        source: &dyn TensorSource,
        dtype: DtypeChoice,
    ) -> Result<Network, CheckpointError> {
        Builder { a: &architecture, source, dtype }.build().map(|parts| {
            let (embedding, positions, layers, final_norm, head) = parts;
            let columns = columns(&architecture);
            Network { architecture, embedding, positions, layers, final_norm, head, columns }
        })
    }

    pub(crate) fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Numbers of all weights; a head that is the embedding counts once.
    pub(crate) fn num_parameters(&self) -> usize {
        let norm = |norm: &Norm| norm.weight.len() + norm.bias.len();
        let linear = |layer: &Linear| -> usize {
            let part = |p: &Part| p.weight.rows() * p.weight.cols() + p.bias.as_ref().map_or(0, Vec::len);
            layer.parts().iter().map(part).sum()
        };
        let of_layer = |layer: &Layer| -> usize {
            let pairs = layer.after_norms.iter().chain(&layer.qk_norms).flatten();
            let norms = pairs.chain(&layer.mlp_norm).chain([&layer.attention_norm]).map(norm).sum::<usize>();
            norms + [&layer.qkv, &layer.attention_out, &layer.inner, &layer.down].map(linear).iter().sum::<usize>()
        };
        let head = if self.architecture.names.head.is_some() { linear(&self.head) } else { 0 };
        let tables = [Some(&self.embedding), self.positions.as_ref()];
        let tables: usize = tables.into_iter().flatten().map(|table| table.rows() * table.cols()).sum();
        tables + self.layers.iter().map(of_layer).sum::<usize>() + norm(&self.final_norm) + head
    }

    /// The number format of its matrices, by the first layer's.
    pub(crate) fn dtype(&self) -> &'static str {
        let first = self.layers.first().map_or(&self.head, |layer| &layer.qkv);
        first.parts()[0].weight.format().name()
    }

    /// An empty cache for this model.
    pub(crate) fn cache(&self) -> KvCache {
        let a = &self.architecture;
        KvCache::new(a.num_layers, a.num_kv_heads, a.head_dim)
    }

    /// Bytes that `tokens` tokens of a node take in the cache.
    pub(crate) fn cache_bytes(&self, tokens: usize) -> usize {
        let a = &self.architecture;
        KvCache::bytes(a.num_layers, a.num_kv_heads, a.head_dim, tokens)
    }

    /// Adds the spans' tokens to their nodes; returns the residual stream after the last layer, `[tokens, hidden]`. A
    /// node may go on from another node of the same call if that comes first.
    pub(crate) fn forward(&self, cache: &mut KvCache, spans: &[Span<'_>]) -> Vec<f32> {
        let a = &self.architecture;
        let (mut tokens, mut positions, mut slots, mut rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for span in spans {
            let (row, position) = (tokens.len(), cache.end(span.node));
            tokens.extend_from_slice(span.tokens);
            positions.extend(position..position + span.tokens.len());
            cache.append(span.node, span.tokens.len(), row, &mut slots);
            rows.push(Rows { rows: row..tokens.len(), position, pieces: cache.pieces(span.node) });
        }
        let mut x = self.embed(&tokens, &positions);
        let turns = a.rope.as_ref().map(|rope| Turns::new(rope, &positions));

        let (n, d) = (tokens.len(), a.hidden_size);
        let (attended_width, inner_width) = (a.num_heads * a.head_dim, a.intermediate_size);
        let mut normal = vec![0.0; n * d];
        let mut qkv = vec![0.0; n * self.layers.first().map_or(0, |l| l.qkv.outputs())];
        let mut attended = vec![0.0; n * attended_width];
        let mut inner = vec![0.0; n * self.layers.first().map_or(0, |l| l.inner.outputs())];
        let mut gated = vec![0.0; if inner.len() == n * inner_width { 0 } else { n * inner_width }];
        let mut side = vec![0.0; if self.layers.iter().any(|l| l.after_norms.is_some()) { n * d } else { 0 }];
        for (l, layer) in self.layers.iter().enumerate() {
            let width = layer.qkv.outputs();
            layer.attention_norm.rows(&mut normal, &x);
            linear(&mut qkv, Onto::Nothing, &normal, &layer.qkv);
            HeadWork {
                queries: (&self.columns.queries, layer.qk_norms.as_ref().map(|n| &n[0])),
                keys: (&self.columns.keys, layer.qk_norms.as_ref().map(|n| &n[1])),
                head_dim: a.head_dim,
                turns: turns.as_ref(),
            }
            .run(&mut qkv, width);
            cache.store(l, &slots, &qkv, width, (&self.columns.keys, &self.columns.values));
            let shape = Shape {
                head_dim: a.head_dim,
                queries: &self.columns.queries,
                kv_heads: a.num_kv_heads,
                width,
                scale: a.attention_scale,
                soft_cap: a.attention_softcap,
                window: a.windows[l],
            };
            attend(&mut attended, &qkv, cache, l, &rows, shape);

            let after = layer.after_norms.as_ref();
            let join = |x: &mut [f32], side: &mut [f32], from: &[f32], to: &Linear, norm: Option<&Norm>| match norm {
                None => linear(x, Onto::Old, from, to),
                Some(norm) => {
                    linear(side, Onto::Nothing, from, to);
                    side.chunks_exact_mut(d).for_each(|row| norm.in_place(row));
                    add(x, side);
                }
            };
            if a.residual == Residual::Sequential {
                join(&mut x, &mut side, &attended, &layer.attention_out, after.map(|n| &n[0]));
            }
            if let Some(norm) = &layer.mlp_norm {
                norm.rows(&mut normal, &x);
            }
            linear(&mut inner, Onto::Nothing, &normal, &layer.inner);
            let active = if gated.is_empty() {
                activate(&mut inner, a.activation);
                &inner
            } else {
                activate_gated(&mut gated, &inner, inner_width, a.activation);
                &gated
            };
            if a.residual == Residual::Parallel {
                join(&mut x, &mut side, &attended, &layer.attention_out, None);
            }
            join(&mut x, &mut side, active, &layer.down, after.map(|n| &n[1]));
        }
        x
    }

    fn embed(&self, tokens: &[u32], positions: &[usize]) -> Vec<f32> {
        let d = self.architecture.hidden_size;
        let mut x = vec![0.0; tokens.len() * d];
        let mut learned = vec![0.0; d];
        for ((row, token), position) in x.chunks_exact_mut(d).zip(tokens).zip(positions) {
            self.embedding.widen(*token as usize, 0..d, row);
            if self.architecture.embedding_scale != 1.0 {
                row.iter_mut().for_each(|x| *x *= self.architecture.embedding_scale);
            }
            if let Some(table) = &self.positions {
                table.widen(*position, 0..d, &mut learned);
                row.iter_mut().zip(&learned).for_each(|(x, p)| *x += p);
            }
        }
        x
    }

    /// The logits of rows of the residual stream: `[rows, vocab]` from `[rows, hidden]`.
    pub(crate) fn logits(&self, x: &[f32]) -> Vec<f32> {
        let a = &self.architecture;
        let mut normal = vec![0.0; x.len()];
        self.final_norm.rows(&mut normal, x);
        let mut logits = vec![0.0; x.len() / a.hidden_size * a.vocab_size];
        linear(&mut logits, Onto::Nothing, &normal, &self.head);
        if let Some(cap) = a.logit_softcap {
            vectorised(
                #[inline(always)]
                || soft_cap(&mut logits, cap),
            );
        }
        logits
    }
}

fn columns(a: &Architecture) -> Columns {
    let (h, kv, hd) = (a.num_heads, a.num_kv_heads, a.head_dim);
    match a.names.qkv {
        QkvNames::Separate(_) | QkvNames::Stacked(_) => Columns {
            queries: (0..h).map(|i| i * hd).collect(),
            keys: (0..kv).map(|i| (h + i) * hd).collect(),
            values: (0..kv).map(|i| (h + kv + i) * hd).collect(),
        },
        QkvNames::ByHead(_) => {
            let part = |p: usize| (0..h).map(|i| (3 * i + p) * hd).collect();
            Columns { queries: part(0), keys: part(1), values: part(2) }
        }
    }
}

/// Takes tensors by the family's names.
struct Builder<'a> {
    a: &'a Architecture,
    source: &'a dyn TensorSource,
    dtype: DtypeChoice,
}

type Parts = (Matrix, Option<Matrix>, Vec<Layer>, Norm, Linear);

impl Builder<'_> {
    fn build(&self) -> Result<Parts, CheckpointError> {
        let (a, names) = (self.a, &self.a.names);
        let embedding = self.matrix(names.embedding, a.vocab_size, a.hidden_size)?;
        let positions = match names.positions {
            Some(name) => Some(self.matrix(name, a.max_positions, a.hidden_size)?),
            None => None,
        };
        let layers = (0..a.num_layers).map(|l| self.layer(l)).collect::<Result<_, _>>()?;
        let final_norm = self.norm(names.final_norm, a.hidden_size, a.norm)?;
        let head = match names.head {
            Some(name) => self.part(name, a.vocab_size, a.hidden_size, a.biases.head, false)?,
            None => Part { weight: embedding.clone(), bias: None },
        };
        Ok((embedding, positions, layers, final_norm, Linear::new(vec![head])))
    }

    fn layer(&self, l: usize) -> Result<Layer, CheckpointError> {
        let (a, names) = (self.a, &self.a.names);
        let (d, m, hd) = (a.hidden_size, a.intermediate_size, a.head_dim);
        let (q, kv) = (a.num_heads * hd, a.num_kv_heads * hd);
        let at = |name: &str| name.replace("{}", &l.to_string());
        let part = |name: &str, outputs: usize, inputs: usize, bias: bool| {
            self.part(&at(name), outputs, inputs, bias, names.transposed)
        };
        let norm = |name: &str| self.norm(&at(name), d, a.norm);
        let pair = |pair: &Option<[&str; 2]>, norm: &dyn Fn(&str) -> Result<Norm, CheckpointError>| match pair {
            Some([one, two]) => Ok::<_, CheckpointError>(Some([norm(one)?, norm(two)?])),
            None => Ok(None),
        };
        let qkv = match names.qkv {
            QkvNames::Separate(three) => {
                let outputs = [q, kv, kv];
                let parts = three.iter().zip(outputs).map(|(name, o)| part(name, o, d, a.biases.qkv));
                parts.collect::<Result<Vec<_>, _>>()?
            }
            QkvNames::Stacked(name) | QkvNames::ByHead(name) => vec![part(name, q + 2 * kv, d, a.biases.qkv)?],
        };
        let inner = match names.mlp {
            MlpNames::Plain(name) => vec![part(name, m, d, a.biases.mlp)?],
            MlpNames::Gated([gate, up]) => vec![part(gate, m, d, a.biases.mlp)?, part(up, m, d, a.biases.mlp)?],
            MlpNames::GatedStacked(name) => vec![part(name, 2 * m, d, a.biases.mlp)?],
        };
        let head_norm = |name: &str| self.norm(&at(name), hd, NormKind::Rms { offset: 0.0 });
        Ok(Layer {
            attention_norm: norm(names.attention_norm)?,
            mlp_norm: names.mlp_norm.map(norm).transpose()?,
            after_norms: pair(&names.after_norms, &norm)?,
            qkv: Linear::new(qkv),
            qk_norms: pair(&names.qk_norms, &head_norm)?,
            attention_out: Linear::new(vec![part(names.attention_out, d, q, a.biases.attention_out)?]),
            inner: Linear::new(inner),
            down: Linear::new(vec![part(names.down, d, m, a.biases.mlp)?]),
        })
    }

    /// What this checkpoint calls a tensor: GPT-2's original files leave out `transformer.`, and newer transformers call
    /// GPT-NeoX's head as everyone does.
    fn resolve<'n>(&self, name: &'n str) -> Result<&'n str, CheckpointError> {
        let other = if name == "embed_out" { "lm_head" } else { name.strip_prefix("transformer.").unwrap_or(name) };
        if other != name
            && self.source.get(&format!("{name}.weight"))?.is_none()
            && self.source.get(&format!("{other}.weight"))?.is_some()
        {
            return Ok(other);
        }
        Ok(name)
    }

    fn matrix(&self, name: &str, rows: usize, cols: usize) -> Result<Matrix, CheckpointError> {
        let name = format!("{}.weight", self.resolve(name)?);
        Ok(self.dtype.apply(self.source.require(&name, &[rows, cols])?))
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, CheckpointError> {
        Ok(self.dtype.apply_to_vector(self.source.require_vector(name, len)?))
    }

    fn part(
        &self,
        name: &str,
        outputs: usize,
        inputs: usize,
        bias: bool,
        transposed: bool,
    ) -> Result<Part, CheckpointError> {
        let name = self.resolve(name)?;
        let weight = if transposed {
            self.matrix(name, inputs, outputs)?.transposed()
        } else {
            self.matrix(name, outputs, inputs)?
        };
        let bias = if bias { Some(self.vector(&format!("{name}.bias"), outputs)?) } else { None };
        Ok(Part { weight, bias })
    }

    fn norm(&self, name: &str, len: usize, kind: NormKind) -> Result<Norm, CheckpointError> {
        let name = self.resolve(name)?;
        let mut weight = self.vector(&format!("{name}.weight"), len)?;
        let bias = match kind {
            NormKind::LayerNorm { bias: true } => self.vector(&format!("{name}.bias"), len)?,
            _ => Vec::new(),
        };
        if let NormKind::Rms { offset } = kind {
            weight.iter_mut().for_each(|w| *w += offset);
        }
        Ok(Norm { kind, eps: self.a.norm_eps, weight, bias })
    }
}
