//! Log-probabilities of continuations.

use super::prefix_tree::PrefixTree;
use super::{CHUNK_TOKENS, Engine, NOT_A_NUMBER};
use crate::infer::{LOGIT_ROWS, NodeId, Span};
use crate::math::{exp, max, sum, vectorised};
use phi_suites::{LogLikelihood, ModelError, Pair};
use rayon::prelude::*;

/// Ids to be scored: the last `scored` of `ids`, each given those before it.
pub(super) struct Item {
    pub ids: Vec<u32>,
    pub scored: usize,
}

impl Item {
    /// What the model is given.
    pub(super) fn input(&self) -> &[u32] {
        &self.ids[..self.ids.len() - 1]
    }
}

/// A log-probability that is wanted: of `target` after the token at `offset` of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Want {
    node: usize,
    offset: usize,
    target: u32,
    /// Where it goes among all scored tokens.
    slot: usize,
}

/// A stretch of a node that is computed in one chunk.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    node: usize,
    from: usize,
    to: usize,
}

impl Engine {
    pub(super) fn score_pairs(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        let items: Result<Vec<Item>, ModelError> =
            self.pool.install(|| pairs.par_iter().enumerate().map(|(i, p)| self.item(i, p)).collect());
        self.score(&items?)
    }

    pub(super) fn score_texts(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        let window = self.max_positions();
        let (mut items, mut owner) = (Vec::new(), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            let ids = self.after_prefix(index, self.encode(index, text)?)?;
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
        let most = self.max_positions() + 1;
        let len = |(index, pair): (usize, &Pair)| Some(self.whole(index, pair).ok()?.0.len().saturating_sub(most));
        self.pool.install(|| pairs.par_iter().enumerate().map(len).collect())
    }

    /// The ids behind the prefix token, unless they begin with it already.
    fn after_prefix(&self, index: usize, ids: Vec<u32>) -> Result<Vec<u32>, ModelError> {
        let prefix = self.special.prefix.ok_or_else(|| ModelError::Request {
            index,
            reason: "it has no context, and neither config.json nor tokenizer_config.json names a BOS or EOS token"
                .into(),
        })?;
        if ids.first() == Some(&prefix) {
            return Ok(ids);
        }
        Ok([vec![prefix], ids].concat())
    }

    /// Encodes a pair as lm-evaluation-harness does: white space at the context's end belongs to the continuation, and
    /// the two are encoded together. Returns the ids, and how many of the last are the continuation's.
    fn whole(&self, index: usize, pair: &Pair) -> Result<(Vec<u32>, usize), ModelError> {
        let context = pair.context.trim_end_matches(is_python_space);
        let whole = format!("{}{}", pair.context, pair.continuation);
        if context.is_empty() {
            let ids = self.after_prefix(index, self.encode_plain(index, &whole)?)?;
            let scored = ids.len() - 1;
            return Ok((ids, scored));
        }
        let ids = self.encode(index, &whole)?;
        let scored = ids.len().saturating_sub(self.encode(index, context)?.len());
        Ok((ids, scored))
    }

    /// A pair as ids; the left is cut off where they are too long.
    fn item(&self, index: usize, pair: &Pair) -> Result<Item, ModelError> {
        let (mut ids, scored) = self.whole(index, pair)?;
        let most = self.max_positions();
        if scored == 0 || scored > most {
            let reason =
                format!("its continuation has {scored} tokens; a model of {most} positions scores 1 to {most}");
            return Err(ModelError::Request { index, reason });
        }
        // A tokenizer may give a continuation the first token, which nothing predicts.
        let scored = scored.min(ids.len() - 1);
        if scored == 0 {
            let reason = "its context has no tokens of its own".into();
            return Err(ModelError::Request { index, reason });
        }
        if ids.len() > most + 1 {
            ids.drain(..ids.len() - most - 1);
        }
        Ok(Item { ids, scored })
    }

    fn score(&self, items: &[Item]) -> Result<Vec<LogLikelihood>, ModelError> {
        if let Some(device) = &self.device {
            return self.score_on(&**device, items);
        }
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by(|&a, &b| items[a].input().cmp(items[b].input()).then(a.cmp(&b)));
        let starts: Vec<usize> = items
            .iter()
            .scan(0, |at, item| {
                *at += item.scored;
                Some(*at - item.scored)
            })
            .collect();
        let (mut tree, mut wants) = (PrefixTree::default(), Vec::new());
        for &i in &order {
            let item = &items[i];
            tree.add(item.input());
            let first = item.ids.len() - item.scored;
            for (n, target) in item.ids[first..].iter().enumerate() {
                let (node, offset) = tree.place(first + n - 1);
                wants.push(Want { node, offset, target: *target, slot: starts[i] + n });
            }
        }
        wants.sort_unstable();
        let answers = self.pool.install(|| self.score_tree(&tree, &wants))?;
        let of_item = |(item, start): (&Item, &usize)| {
            answers[*start..*start + item.scored].iter().fold(LogLikelihood { sum: 0.0, is_greedy: true }, |s, a| {
                LogLikelihood { sum: s.sum + a.0, is_greedy: s.is_greedy && a.1 }
            })
        };
        let scores: Vec<LogLikelihood> = items.iter().zip(&starts).map(of_item).collect();
        if scores.iter().any(|s| s.sum.is_nan()) {
            return Err(ModelError::Model(NOT_A_NUMBER.into()));
        }
        Ok(scores)
    }

    /// Computes the tree chunk by chunk; the answer to each want at its slot. Wants are sorted.
    fn score_tree(&self, tree: &PrefixTree, wants: &[Want]) -> Result<Vec<(f64, bool)>, ModelError> {
        let mut answers = vec![(0.0, true); wants.len()];
        let mut cache = self.network.cache();
        let mut kv: Vec<Option<NodeId>> = vec![None; tree.nodes.len()];
        let (mut wants, mut released) = (wants, 0);
        for chunk in chunks(tree, self.options.batch_size.sequences()) {
            self.check_interrupt()?;
            for stretch in &chunk {
                if kv[stretch.node].is_none() {
                    let base = tree.nodes[stretch.node].base;
                    let base = base.map(|(b, used)| (kv[b].expect("a base comes before what goes on from it"), used));
                    kv[stretch.node] = Some(cache.node(base));
                }
            }
            let spans: Vec<Span<'_>> = chunk
                .iter()
                .map(|s| Span {
                    node: kv[s.node].expect("it was made just now"),
                    tokens: &tree.nodes[s.node].tokens[s.from..s.to],
                })
                .collect();
            let x = self.network.forward(&mut cache, &spans);
            let last = chunk.last().expect("a chunk isn't empty");
            let (now, later) = wants.split_at(wants.partition_point(|w| (w.node, w.offset) < (last.node, last.to)));
            self.answer(&chunk, now, &x, &mut answers);
            wants = later;
            // Nodes up to here are complete, but for the last; each is kept while something still goes on from it.
            let complete = if last.to == tree.nodes[last.node].tokens.len() { last.node + 1 } else { last.node };
            for (node, kv) in kv.iter_mut().enumerate().take(complete).skip(released) {
                if tree.nodes[node].last_child.is_none_or(|child| child < complete)
                    && let Some(kv) = kv.take()
                {
                    cache.release(kv);
                }
            }
            while released < complete && kv[released].is_none() {
                released += 1;
            }
        }
        Ok(answers)
    }

    /// Answers the wants of a chunk whose residual stream is `x`.
    fn answer(&self, chunk: &[Stretch], wants: &[Want], x: &[f32], answers: &mut [(f64, bool)]) {
        let a = self.network.architecture();
        let (d, v) = (a.hidden_size, a.vocab_size);
        let mut rows = Vec::with_capacity(chunk.len());
        let mut row = 0;
        for stretch in chunk {
            rows.push(row);
            row += stretch.to - stretch.from;
        }
        let groups: Vec<&[Want]> = wants.chunk_by(|a, b| (a.node, a.offset) == (b.node, b.offset)).collect();
        for groups in groups.chunks(LOGIT_ROWS) {
            let mut wanted = Vec::with_capacity(groups.len() * d);
            for group in groups {
                let at = chunk.partition_point(|s| s.node < group[0].node);
                let row = rows[at] + group[0].offset - chunk[at].from;
                wanted.extend_from_slice(&x[row * d..(row + 1) * d]);
            }
            let logits = self.network.logits(&wanted);
            let given: Vec<Vec<(f64, bool)>> = logits
                .par_chunks_exact(v)
                .zip(groups)
                .map(|(row, group)| log_probabilities(row, group.iter().map(|w| w.target as usize)))
                .collect();
            for (group, given) in groups.iter().zip(given) {
                for (want, given) in group.iter().zip(given) {
                    answers[want.slot] = given;
                }
            }
        }
    }
}

/// Cuts a tree up: each chunk has at most [`CHUNK_TOKENS`] tokens, and at most `most` nodes where that is given.
fn chunks(tree: &PrefixTree, most: Option<usize>) -> Vec<Vec<Stretch>> {
    let mut chunks: Vec<Vec<Stretch>> = Vec::new();
    let (mut room, most) = (0, most.unwrap_or(usize::MAX));
    for (node, n) in tree.nodes.iter().enumerate() {
        let mut from = 0;
        while from < n.tokens.len() {
            if room == 0 || chunks.last().is_none_or(|c| c.len() >= most) {
                chunks.push(Vec::new());
                room = CHUNK_TOKENS;
            }
            let to = (from + room).min(n.tokens.len());
            chunks.last_mut().expect("a chunk was begun").push(Stretch { node, from, to });
            room -= to - from;
            from = to;
        }
    }
    chunks
}

/// The log-probability of each target, and whether it is the first of the most likely tokens.
fn log_probabilities(logits: &[f32], targets: impl Iterator<Item = usize>) -> Vec<(f64, bool)> {
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
    targets.map(|t| (f64::from(logits[t] - top) - norm.ln(), first == Some(t))).collect()
}

/// What Python's `str.rstrip` strips.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
