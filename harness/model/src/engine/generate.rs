//! Completions.

use super::Engine;
use super::cache::Cache;
use super::sampling::Sampler;
use phi_suites::{Completion, ModelError, Prompt, StopReason};

/// Prompts that are completed together.
const CHUNK_PROMPTS: usize = 64;

/// A prompt on its way to a completion.
struct Running<'p> {
    /// Its place in the chunk.
    index: usize,
    prompt: &'p Prompt,
    sampler: Sampler,
    ids: Vec<u32>,
    truncated: usize,
}

impl Engine {
    pub(super) fn complete(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        let most = self.config().max_positions;
        let mut encoded = Vec::with_capacity(prompts.len());
        for (index, prompt) in prompts.iter().enumerate() {
            if prompt.max_tokens == 0 || prompt.max_tokens >= most {
                let reason = format!("it asks for {} new tokens; the model's context has {most}", prompt.max_tokens);
                return Err(ModelError::Request { index, reason });
            }
            let mut ids = self.encode(index, &prompt.text)?;
            if ids.is_empty() {
                ids.push(self.config().eos_token_id);
            }
            let truncated = ids.len().saturating_sub(most - prompt.max_tokens);
            ids.drain(..truncated);
            encoded.push((ids, truncated));
        }
        let mut order: Vec<usize> = (0..prompts.len()).collect();
        order.sort_by_key(|&i| (encoded[i].0.len(), i));
        let chunks: Vec<Vec<usize>> = order.chunks(CHUNK_PROMPTS).map(<[usize]>::to_vec).collect();
        self.in_chunks(&chunks, |chunk| {
            let ids: Vec<&[u32]> = chunk.iter().map(|&i| encoded[i].0.as_slice()).collect();
            let running = chunk.iter().enumerate().map(|(index, &i)| Running {
                index,
                prompt: &prompts[i],
                sampler: Sampler::new(prompts[i].sampling),
                ids: Vec::new(),
                truncated: encoded[i].1,
            });
            self.complete_chunk(&ids, running.collect())
        })
    }

    fn complete_chunk(&self, ids: &[&[u32]], mut running: Vec<Running<'_>>) -> Result<Vec<Completion>, ModelError> {
        let v = self.config().vocab_size;
        let mut done: Vec<Option<Completion>> = running.iter().map(|_| None).collect();
        let (mut caches, mut logits) = self.prefill(ids);
        while !running.is_empty() {
            self.check_interrupt()?;
            let mut next = Vec::with_capacity(running.len());
            let mut kept: Vec<(Running<'_>, Cache)> = Vec::with_capacity(running.len());
            for ((mut r, cache), row) in running.into_iter().zip(caches).zip(logits.chunks_exact(v)) {
                let token = r.sampler.choose(row);
                match self.step(&mut r, token)? {
                    Some(completion) => done[r.index] = Some(completion),
                    None => {
                        next.push(token);
                        kept.push((r, cache));
                    }
                }
            }
            (running, caches) = kept.into_iter().unzip();
            logits = self.decode(&mut caches, &next);
        }
        Ok(done.into_iter().map(|c| c.expect("every prompt was completed")).collect())
    }

    /// Takes one more token; the completion if that ends it.
    fn step(&self, r: &mut Running<'_>, token: u32) -> Result<Option<Completion>, ModelError> {
        let decode = |ids: &[u32]| self.tokenizer.decode(ids).map_err(ModelError::Model);
        let mut reason = None;
        if token == self.config().eos_token_id {
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
