//! Loss and gradients of one batch, in pieces that fit the cache, shared among threads.

use phi_model::{Batch, Decoder, PackedTokens, Workspace};
use std::ops::Range;

/// Tokens in a piece. Small enough that its activations stay in the cache, large enough for full-speed products.
const PIECE_TOKENS: usize = 512;

/// What one thread works with.
#[derive(Debug, Default)]
struct Worker {
    ws: Workspace,
    grads: Vec<f32>,
    piece: Piece,
}

/// A few rows laid out as a batch.
#[derive(Debug, Default)]
struct Piece {
    tokens: Vec<u32>,
    targets: Vec<u32>,
    weights: Vec<f32>,
    segments: Vec<Range<usize>>,
}

impl Piece {
    fn fill(&mut self, data: &PackedTokens, rows: &[usize]) {
        self.tokens.clear();
        self.targets.clear();
        self.weights.clear();
        self.segments.clear();
        for &row in rows {
            let at = self.tokens.len();
            self.tokens.extend_from_slice(data.inputs(row));
            self.targets.extend_from_slice(data.targets(row));
            self.weights.extend(data.weights(row).iter().map(|w| f32::from(*w)));
            self.segments.extend(data.segments(row).into_iter().map(|s| s.start + at..s.end + at));
        }
    }

    fn batch(&self) -> Batch<'_> {
        Batch { tokens: &self.tokens, targets: &self.targets, weights: &self.weights, segments: &self.segments }
    }
}

/// The workers of a training run.
#[derive(Debug)]
pub(crate) struct Workers {
    workers: Vec<Worker>,
}

impl Workers {
    pub(crate) fn new(threads: usize) -> Workers {
        Workers { workers: (0..threads).map(|_| Worker::default()).collect() }
    }

    /// The sum of the losses of the rows; with `scale`, [`grads`](Self::grads) becomes the gradient of `scale` times it.
    pub(crate) fn run(
        &mut self,
        decoder: &Decoder,
        params: &[f32],
        data: &PackedTokens,
        rows: &[usize],
        scale: Option<f32>,
    ) -> f64 {
        let in_piece = (PIECE_TOKENS / data.seq_len()).max(1);
        let threads = self.workers.len();
        let work = |index: usize, worker: &mut Worker| -> f64 {
            if scale.is_some() {
                worker.grads.resize(params.len(), 0.0);
                worker.grads.fill(0.0);
            }
            let pieces = rows.chunks(in_piece).enumerate().filter(|(i, _)| i % threads == index);
            pieces
                .map(|(_, rows)| {
                    worker.piece.fill(data, rows);
                    match scale {
                        None => decoder.loss(params, &worker.piece.batch(), &mut worker.ws),
                        Some(scale) => {
                            let batch = worker.piece.batch();
                            decoder.loss_and_gradients(params, &batch, scale, &mut worker.grads, &mut worker.ws)
                        }
                    }
                })
                .sum()
        };
        if threads == 1 {
            return work(0, &mut self.workers[0]);
        }
        let losses: Vec<f64> = std::thread::scope(|scope| {
            let work = &work;
            let handles: Vec<_> =
                self.workers.iter_mut().enumerate().map(|(i, w)| scope.spawn(move || work(i, w))).collect();
            handles.into_iter().map(|h| h.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
        });
        if scale.is_some() {
            let (first, rest) = self.workers.split_first_mut().expect("there is at least one worker");
            for worker in rest {
                for (a, b) in first.grads.iter_mut().zip(&worker.grads) {
                    *a += b;
                }
            }
        }
        losses.iter().sum()
    }

    /// Bytes of gradients and activations.
    pub(crate) fn bytes(&self) -> u64 {
        self.workers.iter().map(|w| (w.ws.bytes() + w.grads.capacity() * size_of::<f32>()) as u64).sum()
    }

    /// The gradient that the last [`run`](Self::run) left.
    pub(crate) fn grads(&self) -> &[f32] {
        &self.workers[0].grads
    }
}
