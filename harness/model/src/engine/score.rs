//! Log-probabilities of continuations.

use super::Engine;
use crate::Workspace;
use crate::math::{exp, max, sum, vectorised};
use phi_suites::{LogLikelihood, ModelError, Pair};

/// Tokens that are scored together.
const CHUNK_TOKENS: usize = 1024;

/// Ids to be scored: the last `scored` of `ids`, each given those before it.
struct Item {
    ids: Vec<u32>,
    scored: usize,
}

impl Engine {
    pub(super) fn score_pairs(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        let items: Result<Vec<Item>, ModelError> = pairs.iter().enumerate().map(|(i, p)| self.item(i, p)).collect();
        self.score(&items?)
    }

    pub(super) fn score_texts(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        let window = self.config().max_positions;
        let (mut items, mut owner) = (Vec::new(), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            let mut ids = vec![self.config().eos_token_id];
            ids.extend(self.encode(index, text)?);
            // Disjoint windows; the last one reaches back to have a full context.
            let mut done = 1;
            while done < ids.len() {
                let end = (done + window).min(ids.len());
                items.push(Item { ids: ids[end.saturating_sub(window + 1)..end].to_vec(), scored: end - done });
                owner.push(index);
                done = end;
            }
        }
        let mut sums = vec![0.0; texts.len()];
        for (score, owner) in self.score(&items)?.iter().zip(owner) {
            sums[owner] += score.sum;
        }
        Ok(sums)
    }

    /// For each pair the number of tokens that are cut off on the left; `None` where one can't be encoded.
    pub(super) fn overflowing(&self, pairs: &[Pair]) -> Option<Vec<usize>> {
        let most = self.config().max_positions + 1;
        let len = |p: &Pair| {
            let own = usize::from(p.context.trim_end_matches(is_python_space).is_empty());
            Some(own + self.tokenizer.encode(&format!("{}{}", p.context, p.continuation)).ok()?.len())
        };
        pairs.iter().map(|p| Some(len(p)?.saturating_sub(most))).collect()
    }

    pub(super) fn encode(&self, index: usize, text: &str) -> Result<Vec<u32>, ModelError> {
        self.tokenizer.encode(text).map_err(|reason| ModelError::Request { index, reason })
    }

    /// Encodes a pair as lm-evaluation-harness does: white space at the context's end belongs to the continuation, the
    /// two are encoded together, and the left is cut off where they are too long.
    fn item(&self, index: usize, pair: &Pair) -> Result<Item, ModelError> {
        let context = pair.context.trim_end_matches(is_python_space);
        let whole = format!("{}{}", pair.context, pair.continuation);
        let (mut ids, scored) = if context.is_empty() {
            let mut ids = vec![self.config().eos_token_id];
            ids.extend(self.encode(index, &whole)?);
            let scored = ids.len() - 1;
            (ids, scored)
        } else {
            let ids = self.encode(index, &whole)?;
            let scored = ids.len().saturating_sub(self.encode(index, context)?.len());
            (ids, scored)
        };
        let most = self.config().max_positions;
        if scored == 0 || scored > most {
            let reason =
                format!("its continuation has {scored} tokens; a model of {most} positions scores 1 to {most}");
            return Err(ModelError::Request { index, reason });
        }
        if ids.len() > most + 1 {
            ids.drain(..ids.len() - most - 1);
        }
        Ok(Item { ids, scored })
    }

    fn score(&self, items: &[Item]) -> Result<Vec<LogLikelihood>, ModelError> {
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by(|&a, &b| {
            items[b].ids.len().cmp(&items[a].ids.len()).then_with(|| items[a].ids.cmp(&items[b].ids))
        });
        let mut chunks: Vec<Vec<usize>> = Vec::new();
        let mut size = usize::MAX;
        for i in order {
            size = size.saturating_add(items[i].ids.len());
            if size > CHUNK_TOKENS {
                chunks.push(Vec::new());
                size = items[i].ids.len();
            }
            chunks.last_mut().expect("a chunk was begun").push(i);
        }
        self.in_chunks(&chunks, |chunk| {
            let chosen: Vec<&Item> = chunk.iter().map(|&i| &items[i]).collect();
            Ok(self.score_chunk(&chosen))
        })
    }

    fn score_chunk(&self, items: &[&Item]) -> Vec<LogLikelihood> {
        let mut ws = Workspace::new();
        let (mut tokens, mut segments) = (Vec::new(), Vec::new());
        for item in items {
            let at = tokens.len();
            tokens.extend_from_slice(&item.ids[..item.ids.len() - 1]);
            segments.push(at..tokens.len());
        }
        self.decoder.trunk(&self.params, &tokens, &segments, &mut ws);
        let (d, v) = (self.config().hidden_size, self.config().vocab_size);
        let rows = segments.iter().zip(items).map(|(s, item)| s.end - item.scored..s.end);
        let norm: Vec<f32> = rows.flat_map(|r| ws.last_norm()[r.start * d..r.end * d].iter().copied()).collect();
        let mut logits = vec![0.0; norm.len() / d * v];
        self.decoder.head(&self.params, &norm, &mut logits);

        let mut rows = logits.chunks_exact(v);
        let mut answer = |item: &Item| {
            let mut score = LogLikelihood { sum: 0.0, is_greedy: true };
            for &target in &item.ids[item.ids.len() - item.scored..] {
                let row = rows.next().expect("there is a row for every scored token");
                let (log_probability, is_top) = log_probability(row, target as usize);
                score.sum += log_probability;
                score.is_greedy &= is_top;
            }
            score
        };
        items.iter().map(|item| answer(item)).collect()
    }
}

/// The log-probability of a token, and whether it is the first of the most likely ones.
fn log_probability(logits: &[f32], token: usize) -> (f64, bool) {
    let (top, norm) = vectorised(
        #[inline(always)]
        || {
            let top = max(logits);
            let mut partial = [0.0f32; 64];
            let mut norm = 0.0f64;
            for chunk in logits.chunks(64) {
                for (p, x) in partial.iter_mut().zip(chunk) {
                    *p = exp(x - top);
                }
                norm += f64::from(sum(&partial[..chunk.len()]));
            }
            (top, norm)
        },
    );
    let first = logits.iter().position(|x| *x == top);
    (f64::from(logits[token] - top) - norm.ln(), first == Some(token))
}

/// What Python's `str.rstrip` strips.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
