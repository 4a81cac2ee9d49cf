//! The seam between the engine and a device that computes in its place: the engine keeps text, windows, choice of tokens
//! and stops; the device reads tokens.

use super::generate::Running;
use super::{Engine, NOT_A_NUMBER};
use crate::engine::score::Item;
use phi_suites::{Completion, LogLikelihood, ModelError};

/// A sequence to be read, and the log-probabilities that are wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The tokens; each sees itself and those before it.
    pub tokens: Vec<u32>,
    /// Positions, in order, and for each a token that may come behind it.
    pub wants: Vec<(usize, u32)>,
}

/// A model on another device than the processor's cores.
pub trait DeviceModel: std::fmt::Debug + Send + Sync {
    /// The device and its number format (`cuda bf16`): answers that are kept are kept under it.
    fn describe(&self) -> String;

    /// Tokens, padding included, that it takes at once.
    fn tokens_at_once(&self) -> usize;

    /// For each sequence the log-probabilities that it wants, and whether the token is among the most likely.
    ///
    /// # Errors
    /// The device failed.
    fn read(&self, readings: &[Reading]) -> Result<Vec<Vec<(f64, bool)>>, ModelError>;

    /// Reads prompts, none of which is empty, and makes room for so many tokens behind each.
    ///
    /// # Errors
    /// The device failed.
    fn begin(&self, prompts: &[&[u32]], room: usize) -> Result<Box<dyn DeviceDecoding + '_>, ModelError>;
}

/// Sequences that grow together.
pub trait DeviceDecoding {
    /// The logits behind each sequence, `[sequences, vocab]`.
    fn logits(&self) -> &[f32];

    /// Keeps the sequences of these numbers, in ascending order, and adds a token to each.
    ///
    /// # Errors
    /// The device failed.
    fn step(&mut self, kept: &[usize], tokens: &[u32]) -> Result<(), ModelError>;
}

/// A sequence and where its answers go.
struct Filed {
    reading: Reading,
    slots: Vec<usize>,
}

impl Engine {
    /// Answers requests on a device instead of the processor.
    #[must_use]
    pub fn with_device(mut self, device: Box<dyn DeviceModel>) -> Engine {
        self.device = Some(device);
        self
    }

    /// Scores items on the device.
    pub(super) fn score_on(&self, device: &dyn DeviceModel, items: &[Item]) -> Result<Vec<LogLikelihood>, ModelError> {
        let filed = file(items);
        let mut answers = vec![(0.0, true); items.iter().map(|item| item.scored).sum()];
        let lens: Vec<usize> = filed.iter().map(|f| f.reading.tokens.len()).collect();
        for group in groups(&lens, device.tokens_at_once(), self.options.batch_size.sequences()) {
            self.check_interrupt()?;
            let readings: Vec<Reading> = group.iter().map(|&i| filed[i].reading.clone()).collect();
            for (&i, given) in group.iter().zip(device.read(&readings)?) {
                for (&slot, given) in filed[i].slots.iter().zip(given) {
                    answers[slot] = given;
                }
            }
        }
        if answers.iter().any(|(log_probability, _)| log_probability.is_nan()) {
            return Err(ModelError::Model(NOT_A_NUMBER.into()));
        }
        let mut answers = answers.into_iter();
        let sum = |item: &Item| {
            answers.by_ref().take(item.scored).fold(LogLikelihood { sum: 0.0, is_greedy: true }, |s, a| LogLikelihood {
                sum: s.sum + a.0,
                is_greedy: s.is_greedy && a.1,
            })
        };
        Ok(items.iter().map(sum).collect())
    }

    /// Completes prompts on the device: groups of like length, each until its last has ended.
    pub(super) fn complete_on(
        &self,
        device: &dyn DeviceModel,
        running: Vec<(Running<'_>, Vec<u32>)>,
        most: usize,
    ) -> Result<Vec<Completion>, ModelError> {
        let room = |r: &Running<'_>| r.prompt.max_tokens;
        let lens: Vec<usize> = running.iter().map(|(r, ids)| ids.len() + room(r)).collect();
        let mut done: Vec<Option<Completion>> = running.iter().map(|_| None).collect();
        let mut waiting: Vec<Option<(Running<'_>, Vec<u32>)>> = running.into_iter().map(Some).collect();
        for group in groups(&lens, device.tokens_at_once(), Some(most)) {
            self.check_interrupt()?;
            let taken = group.iter().map(|&i| waiting[i].take().expect("each prompt is in one group"));
            let (mut running, ids): (Vec<Running<'_>>, Vec<Vec<u32>>) = taken.unzip();
            let prompts: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
            let mut decoding = device.begin(&prompts, running.iter().map(room).max().unwrap_or(0))?;
            while !running.is_empty() {
                self.check_interrupt()?;
                let next = self.choose(&mut running, decoding.logits())?;
                let (mut kept, mut tokens, mut left) = (Vec::new(), Vec::new(), Vec::new());
                for (at, (r, (token, completion))) in running.into_iter().zip(next).enumerate() {
                    match completion {
                        Some(completion) => done[r.index] = Some(completion),
                        None => {
                            kept.push(at);
                            tokens.push(token);
                            left.push(r);
                        }
                    }
                }
                running = left;
                if !running.is_empty() {
                    decoding.step(&kept, &tokens)?;
                }
            }
        }
        Ok(done.into_iter().map(|c| c.expect("every prompt was completed")).collect())
    }
}

/// Items as sequences. One whose input begins another's is answered by the longer one, since no token sees those behind it:
/// so the letters of a multiple-choice question take one sequence.
fn file(items: &[Item]) -> Vec<Filed> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| items[a].input().cmp(items[b].input()).then(a.cmp(&b)));
    let mut starts = Vec::with_capacity(items.len());
    let mut at = 0;
    for item in items {
        starts.push(at);
        at += item.scored;
    }
    let mut filed: Vec<Filed> = Vec::new();
    for &i in &order {
        let item = &items[i];
        let first = item.ids.len() - item.scored;
        let wants = item.ids[first..].iter().enumerate().map(|(n, target)| (first + n - 1, *target));
        let slots = starts[i]..starts[i] + item.scored;
        match filed.last_mut() {
            Some(last) if item.input().starts_with(&last.reading.tokens) => {
                last.reading.tokens = item.input().to_vec();
                last.reading.wants.extend(wants);
                last.slots.extend(slots);
            }
            _ => {
                let reading = Reading { tokens: item.input().to_vec(), wants: wants.collect() };
                filed.push(Filed { reading, slots: slots.collect() });
            }
        }
    }
    filed
}

/// Groups of like length, the longest first: each of at most `most` sequences that take at most `tokens` when all are as
/// long as the longest, or of one.
fn groups(lens: &[usize], tokens: usize, most: Option<usize>) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lens.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(lens[i]), i));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for i in order {
        match groups.last_mut() {
            Some(group) if group.len() < most.unwrap_or(usize::MAX) && lens[group[0]] * (group.len() + 1) <= tokens => {
                group.push(i);
            }
            _ => groups.push(vec![i]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_every_sequence_once_within_tokens_and_number() {
        assert_eq!(groups(&[3, 9, 4, 4, 20], 10, None), [vec![4], vec![1], vec![2, 3], vec![0]]);
        assert_eq!(groups(&[1, 1, 1], 10, Some(2)), [vec![0, 1], vec![2]]);
        assert!(groups(&[], 10, None).is_empty());
    }

    #[test]
    fn answers_of_one_context_take_one_sequence() {
        let item = |ids: &[u32], scored| Item { ids: ids.to_vec(), scored };
        let items = [item(&[1, 2, 8], 1), item(&[5, 6], 1), item(&[1, 2, 9, 4], 2)];
        let filed = file(&items);
        assert_eq!(filed.len(), 2);
        let first = Reading { tokens: vec![1, 2, 9], wants: vec![(1, 8), (1, 9), (2, 4)] };
        assert_eq!((&filed[0].reading, &filed[0].slots), (&first, &vec![0, 2, 3]));
    }
}
