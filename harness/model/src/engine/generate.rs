//! Completions: prompts are read with their shared beginnings once, and the running completions take one token each in
//! every forward pass, so that the weights are read once for all of them. Those that end make room for others.

use super::prefix_tree::common_prefix;
use super::sampling::Sampler;
use super::{CHUNK_TOKENS, Engine, NOT_A_NUMBER};
use crate::infer::{KvCache, LOGIT_ROWS, NodeId, Span};
use phi_suites::{Completion, ModelError, Prompt, StopReason};
use rayon::prelude::*;

/// Completions that run at once, unless a batch size is given.
const RUNNING: usize = 64;

/// Bytes of keys and values that running completions may come to need; one completion runs whatever it needs.
const CACHE_BYTES: usize = 1 << 30;

/// A prompt in tokens.
struct Encoded {
    ids: Vec<u32>,
    /// Tokens that were cut on the left.
    truncated: usize,
}

/// A prompt on its way to a completion.
pub(super) struct Running<'p> {
    /// Its place among the prompts.
    pub index: usize,
    pub prompt: &'p Prompt,
    sampler: Sampler,
    ids: Vec<u32>,
    truncated: usize,
}

impl<'p> Running<'p> {
    fn new(index: usize, prompts: &'p [Prompt], encoded: &[Encoded]) -> Running<'p> {
        let prompt = &prompts[index];
        let truncated = encoded[index].truncated;
        Running { index, prompt, sampler: Sampler::new(prompt.sampling), ids: Vec::new(), truncated }
    }
}

/// What a running completion has of the cache.
struct Seat {
    /// Its own tokens.
    node: NodeId,
    /// Bytes that were set aside for it.
    bytes: usize,
}

/// A stretch of the prompt that was read last.
struct Stretch {
    node: NodeId,
    start: usize,
}

/// The prompt that was read last: the next one may share its beginning.
#[derive(Default)]
struct LastPrompt {
    ids: Vec<u32>,
    path: Vec<Stretch>,
    /// Logits after it.
    logits: Vec<f32>,
}

impl Engine {
    pub(super) fn complete(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        self.pool.install(|| {
            let encoded: Result<Vec<Encoded>, ModelError> =
                prompts.par_iter().enumerate().map(|(i, p)| self.encode_prompt(i, p)).collect();
            let encoded = encoded?;
            match &self.device {
                None => self.complete_all(prompts, &encoded),
                Some(device) => {
                    let running = (0..prompts.len()).map(|i| Running::new(i, prompts, &encoded)).collect::<Vec<_>>();
                    let running = running.into_iter().zip(encoded.into_iter().map(|e| e.ids)).collect();
                    self.complete_on(&**device, running, self.options.batch_size.sequences().unwrap_or(RUNNING))
                }
            }
        })
    }

    fn encode_prompt(&self, index: usize, prompt: &Prompt) -> Result<Encoded, ModelError> {
        let most = self.max_positions();
        if prompt.max_tokens == 0 || prompt.max_tokens >= most {
            let reason = format!("it asks for {} new tokens; the model's context has {most}", prompt.max_tokens);
            return Err(ModelError::Request { index, reason });
        }
        let mut ids = self.encode(index, &prompt.text)?;
        if ids.is_empty() {
            ids.extend(self.special.prefix);
        }
        if ids.is_empty() {
            let reason = "it is empty, and the model has no token that begins a text".into();
            return Err(ModelError::Request { index, reason });
        }
        let truncated = ids.len().saturating_sub(most - prompt.max_tokens);
        ids.drain(..truncated);
        Ok(Encoded { ids, truncated })
    }

    fn complete_all(&self, prompts: &[Prompt], encoded: &[Encoded]) -> Result<Vec<Completion>, ModelError> {
        let mut order: Vec<usize> = (0..prompts.len()).collect();
        order.sort_by(|&a, &b| encoded[b].ids.cmp(&encoded[a].ids).then(b.cmp(&a)));
        let mut waiting = order;
        let mut done: Vec<Option<Completion>> = prompts.iter().map(|_| None).collect();
        let mut cache = self.network.cache();
        let (mut running, mut seats): (Vec<Running<'_>>, Vec<Seat>) = (Vec::new(), Vec::new());
        let mut last = LastPrompt::default();
        let mut logits: Vec<f32> = Vec::new();
        let most = self.options.batch_size.sequences().unwrap_or(RUNNING);
        loop {
            // Whoever waits is let in, in sorted order, as long as there is room.
            while running.len() < most
                && let Some(&index) = waiting.last()
            {
                self.check_interrupt()?;
                let bytes = self.network.cache_bytes(encoded[index].ids.len() + prompts[index].max_tokens);
                if !running.is_empty() && bytes + seats.iter().map(|s| s.bytes).sum::<usize>() > CACHE_BYTES {
                    break;
                }
                waiting.pop();
                let node = self.read_prompt(&mut cache, &mut last, &encoded[index].ids)?;
                logits.extend_from_slice(&last.logits);
                running.push(Running::new(index, prompts, encoded));
                seats.push(Seat { node, bytes });
            }
            if running.is_empty() {
                break;
            }
            self.check_interrupt()?;
            let next = self.choose(&mut running, &logits)?;
            let mut kept = Vec::with_capacity(running.len());
            let (mut kept_seats, mut tokens) = (Vec::with_capacity(seats.len()), Vec::with_capacity(seats.len()));
            for ((r, seat), (token, completion)) in running.into_iter().zip(seats).zip(next) {
                match completion {
                    Some(completion) => {
                        cache.release(seat.node);
                        done[r.index] = Some(completion);
                    }
                    None => {
                        tokens.push(token);
                        kept.push(r);
                        kept_seats.push(seat);
                    }
                }
            }
            (running, seats) = (kept, kept_seats);
            let spans: Vec<Span<'_>> = seats
                .iter()
                .zip(&tokens)
                .map(|(s, t)| Span { node: s.node, tokens: std::slice::from_ref(t) })
                .collect();
            logits = if spans.is_empty() { Vec::new() } else { self.logits(&self.network.forward(&mut cache, &spans)) };
        }
        Ok(done.into_iter().map(|c| c.expect("every prompt was completed")).collect())
    }

    /// Reads what a prompt doesn't share with the one before; leaves the logits after it in `last`, and returns a node
    /// for its completion.
    fn read_prompt(&self, cache: &mut KvCache, last: &mut LastPrompt, ids: &[u32]) -> Result<NodeId, ModelError> {
        let shared = common_prefix(&last.ids, ids);
        if shared < ids.len() || last.ids.len() != ids.len() {
            // The last token is always read, since the logits after it are needed.
            let shared = shared.min(ids.len() - 1);
            while last.path.last().is_some_and(|s| s.start >= shared) {
                let stretch = last.path.pop().expect("it was seen just now");
                cache.release(stretch.node);
            }
            let base = last.path.last().map(|s| (s.node, shared - s.start));
            let node = cache.node(base);
            last.path.push(Stretch { node, start: shared });
            let mut x = Vec::new();
            for tokens in ids[shared..].chunks(CHUNK_TOKENS) {
                self.check_interrupt()?;
                x = self.network.forward(cache, &[Span { node, tokens }]);
            }
            let d = self.network.architecture().hidden_size;
            last.logits = self.network.logits(&x[x.len() - d..]);
            last.ids = ids.to_vec();
        }
        let top = last.path.last().expect("a prompt has a token");
        Ok(cache.node(Some((top.node, ids.len() - top.start))))
    }

    /// Logits of many rows, a bounded number at a time.
    fn logits(&self, x: &[f32]) -> Vec<f32> {
        let rows = LOGIT_ROWS * self.network.architecture().hidden_size;
        x.chunks(rows).flat_map(|x| self.network.logits(x)).collect()
    }

    /// The next token of each, and its completion if that ends it.
    pub(super) fn choose(
        &self,
        running: &mut [Running<'_>],
        logits: &[f32],
    ) -> Result<Vec<(u32, Option<Completion>)>, ModelError> {
        let rows = logits.par_chunks_exact(self.network.architecture().vocab_size);
        let choose = |(r, row): (&mut Running<'_>, &[f32])| {
            if row.iter().any(|x| x.is_nan()) {
                return Err(ModelError::Model(NOT_A_NUMBER.into()));
            }
            let token = r.sampler.choose(row);
            Ok((token, self.step(r, token)?))
        };
        running.par_iter_mut().zip(rows).map(choose).collect()
    }

    /// Takes one more token; the completion if that ends it.
    fn step(&self, r: &mut Running<'_>, token: u32) -> Result<Option<Completion>, ModelError> {
        let decode = |ids: &[u32]| self.tokenizer.decode(ids).map_err(ModelError::Model);
        let mut reason = None;
        if self.special.ends.binary_search(&token).is_ok() {
            reason = Some(StopReason::EndOfText);
        } else {
            r.ids.push(token);
            // A token has at least one byte, so a stop string that has just ended lies within this many tokens.
            let longest = r.prompt.stop.iter().map(String::len).max().unwrap_or(0);
            let tail = decode(&r.ids[r.ids.len().saturating_sub(longest + 4)..])?;
            if r.prompt.stop.iter().any(|s| !s.is_empty() && tail.contains(s.as_str())) {
                reason = Some(StopReason::StopString);
            } else if r.ids.len() == r.prompt.max_tokens {
                reason = Some(StopReason::Length);
            }
        }
        let Some(stop_reason) = reason else { return Ok(None) };
        let mut text = decode(&r.ids)?;
        for stop in r.prompt.stop.iter().filter(|s| !s.is_empty()) {
            text.truncate(text.find(stop.as_str()).unwrap_or(text.len()));
        }
        Ok(Some(Completion { text, num_tokens: r.ids.len(), stop_reason, truncated_tokens: r.truncated }))
    }
}
