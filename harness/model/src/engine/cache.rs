//! Keys and values of the tokens so far, and one decoding step over many sequences.

use super::Engine;
use crate::Workspace;
use crate::math::matmul::{linear, linear_add};
use crate::math::rotary::Turn;
use crate::math::{dot, exp, gelu, layer_norm, max, sum, vectorised};
use std::ops::Range;

/// One sequence's keys and values: for each layer `[tokens, hidden]`, one after the other.
#[derive(Debug)]
pub(super) struct Cache {
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    len: usize,
}

/// Prompt tokens that are read together.
const PREFILL_TOKENS: usize = 1024;

impl Engine {
    /// Reads prompts (each with at least one token): their caches, and the logits after each, `[prompts, vocab]`.
    pub(super) fn prefill(&self, prompts: &[&[u32]]) -> (Vec<Cache>, Vec<f32>) {
        let mut ws = Workspace::new();
        let (mut caches, mut logits) = (Vec::with_capacity(prompts.len()), Vec::new());
        let mut rest = prompts;
        while let Some(first) = rest.first() {
            let mut size = first.len();
            let more = rest[1..].iter().take_while(|p| {
                size += p.len();
                size <= PREFILL_TOKENS
            });
            let (group, after) = rest.split_at(1 + more.count());
            self.prefill_group(group, &mut ws, &mut caches, &mut logits);
            rest = after;
        }
        (caches, logits)
    }

    fn prefill_group(&self, prompts: &[&[u32]], ws: &mut Workspace, caches: &mut Vec<Cache>, logits: &mut Vec<f32>) {
        let (mut tokens, mut segments): (Vec<u32>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
        for prompt in prompts {
            let at = tokens.len();
            tokens.extend_from_slice(prompt);
            segments.push(at..tokens.len());
        }
        self.decoder.trunk(&self.params, &tokens, &segments, ws);
        let (d, v) = (self.config().hidden_size, self.config().vocab_size);
        let cut = |segment: &Range<usize>, part: usize| -> Vec<Vec<f32>> {
            (0..self.config().num_layers)
                .map(|l| {
                    let rows = ws.qkv(l)[segment.start * 3 * d..segment.end * 3 * d].chunks_exact(3 * d);
                    rows.flat_map(|row| row[part * d..(part + 1) * d].iter().copied()).collect()
                })
                .collect()
        };
        caches.extend(segments.iter().map(|s| Cache { keys: cut(s, 1), values: cut(s, 2), len: s.len() }));
        let last: Vec<f32> =
            segments.iter().flat_map(|s| ws.last_norm()[(s.end - 1) * d..s.end * d].iter().copied()).collect();
        let at = logits.len();
        logits.resize(at + prompts.len() * v, 0.0);
        self.decoder.head(&self.params, &last, &mut logits[at..]);
    }

    /// Adds one token to each sequence; returns the logits after it, `[sequences, vocab]`.
    pub(super) fn decode(&self, caches: &mut [Cache], tokens: &[u32]) -> Vec<f32> {
        let c = self.config();
        let (n, d, m) = (tokens.len(), c.hidden_size, c.intermediate_size);
        let eps = c.layer_norm_eps as f32;
        let layout = self.decoder.layout();
        let p = |r: &Range<usize>| &self.params[r.clone()];
        let mut x = vec![0.0; n * d];
        let (mut norm, mut stats) = (vec![0.0; n * d], vec![[0.0; 2]; n]);
        let (mut qkv, mut attended) = (vec![0.0; n * 3 * d], vec![0.0; n * d]);
        let (mut inner, mut active) = (vec![0.0; n * m], vec![0.0; n * m]);
        self.decoder.embed(&self.params, tokens, &mut x);
        for (l, r) in layout.layers.iter().enumerate() {
            layer_norm::forward(&mut norm, &mut stats, &x, p(&r.norm_weight), p(&r.norm_bias), eps);
            linear(&mut qkv, &norm, p(&r.qkv_weight), p(&r.qkv_bias), n, d, 3 * d);
            for ((cache, row), out) in
                caches.iter_mut().zip(qkv.chunks_exact_mut(3 * d)).zip(attended.chunks_exact_mut(d))
            {
                self.decoder.rotary().turn(&mut row[..2 * d], cache.len, Turn::Forward);
                cache.keys[l].extend_from_slice(&row[d..2 * d]);
                cache.values[l].extend_from_slice(&row[2 * d..]);
                attend(out, &row[..d], &cache.keys[l], &cache.values[l], c.head_dim());
            }
            linear(&mut inner, &norm, p(&r.fc1_weight), p(&r.fc1_bias), n, d, m);
            gelu::forward(&mut active, &inner);
            linear_add(&mut x, &attended, p(&r.dense_weight), p(&r.dense_bias), n, d, d);
            linear_add(&mut x, &active, p(&r.fc2_weight), p(&r.fc2_bias), n, m, d);
        }
        for cache in caches {
            cache.len += 1;
        }
        layer_norm::forward(&mut norm, &mut stats, &x, p(&layout.final_norm_weight), p(&layout.final_norm_bias), eps);
        let mut logits = vec![0.0; n * c.vocab_size];
        self.decoder.head(&self.params, &norm, &mut logits);
        logits
    }
}

/// One query row against all keys of its sequence, head by head.
fn attend(out: &mut [f32], query: &[f32], keys: &[f32], values: &[f32], head_dim: usize) {
    let d = query.len();
    let scale = 1.0 / (head_dim as f32).sqrt();
    let mut scores = vec![0.0f32; keys.len() / d];
    vectorised(
        #[inline(always)]
        || {
            for at in (0..d).step_by(head_dim) {
                let head = at..at + head_dim;
                for (s, key) in scores.iter_mut().zip(keys.chunks_exact(d)) {
                    *s = scale * dot(&query[head.clone()], &key[head.clone()]);
                }
                let top = max(&scores);
                for s in scores.iter_mut() {
                    *s = exp(*s - top);
                }
                let by = 1.0 / sum(&scores);
                let out = &mut out[head.clone()];
                out.fill(0.0);
                for (s, value) in scores.iter().zip(values.chunks_exact(d)) {
                    for (o, v) in out.iter_mut().zip(&value[head.clone()]) {
                        *o = (s * by).mul_add(*v, *o);
                    }
                }
            }
        },
    );
}
