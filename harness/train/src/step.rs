//! Loss and gradients of one batch, in pieces that fit the cache, shared among threads.

use crate::{Mask, TrainOptions, TrainSpec};
use phi_model::{Batch, Decoder, Dropout, Op, PackedTokens, Workspace};
use std::ops::Range;
use std::time::Duration;

/// Gradients whose squares are summed together. The norm is the sum over blocks, so it doesn't depend on who summed which.
const NORM_BLOCK: usize = 1 << 14;

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
    fn fill(&mut self, data: &PackedTokens, rows: &[usize], mask: Mask) {
        self.tokens.clear();
        self.targets.clear();
        self.weights.clear();
        self.segments.clear();
        for &row in rows {
            let at = self.tokens.len();
            self.tokens.extend_from_slice(data.inputs(row));
            self.targets.extend_from_slice(data.targets(row));
            self.weights.extend(data.weights(row).iter().map(|w| f32::from(*w)));
            match mask {
                Mask::Documents => {
                    self.segments.extend(data.segments(row).into_iter().map(|s| s.start + at..s.end + at));
                }
                Mask::None => self.segments.push(at..self.tokens.len()),
            }
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
    options: TrainOptions,
    seed: u64,
}

impl Workers {
    pub(crate) fn new(spec: &TrainSpec) -> Workers {
        let workers = (0..spec.threads).map(|_| Worker::default()).collect();
        Workers { workers, options: spec.options.clone(), seed: spec.seed }
    }

    /// The sum of the losses of the rows. With a scale and the step's number, the workers hold the gradient of the scale times
    /// it in parts, and what is to be dropped is.
    pub(crate) fn run(
        &mut self,
        decoder: &Decoder,
        params: &[f32],
        data: &PackedTokens,
        rows: &[usize],
        training: Option<(f32, u64)>,
    ) -> f64 {
        let TrainOptions { dropout: rates, mask, .. } = self.options;
        let in_piece = self.options.rows_at_a_time(data.seq_len());
        let (seed, row_tokens) = (self.seed, data.seq_len());
        let threads = self.workers.len();
        let work = |index: usize, worker: &mut Worker| -> f64 {
            if training.is_some() {
                worker.grads.resize(params.len(), 0.0);
                worker.grads.fill(0.0);
            }
            let pieces = rows.chunks(in_piece).enumerate().filter(|(i, _)| i % threads == index);
            pieces
                .map(|(i, rows)| {
                    worker.piece.fill(data, rows, mask);
                    let (batch, ws) = (worker.piece.batch(), &mut worker.ws);
                    let Some((scale, step)) = training else { return decoder.loss(params, &batch, ws) };
                    let dropout = Dropout { rates, seed, step, first_row: (i * in_piece) as u64, row_tokens };
                    let dropout = Some(&dropout).filter(|it| !it.rates.is_none());
                    decoder.loss_and_gradients_dropped(params, &batch, dropout, scale, &mut worker.grads, ws)
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
        losses.iter().sum()
    }

    /// Adds the workers' gradients up, into the first worker's; returns the norm of the sum.
    pub(crate) fn sum_gradients(&mut self) -> f64 {
        let threads = self.workers.len();
        let (first, rest) = self.workers.split_first_mut().expect("there is at least one worker");
        let sums = &mut first.grads;
        let size = sums.len().div_ceil(threads).next_multiple_of(NORM_BLOCK);
        let squares: Vec<f64> = std::thread::scope(|scope| {
            let rest = &*rest;
            let parts = sums.chunks_mut(size).enumerate();
            let handles: Vec<_> = parts.map(|(i, sums)| scope.spawn(move || add_part(sums, rest, i * size))).collect();
            handles.into_iter().flat_map(|h| h.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
        });
        squares.iter().sum::<f64>().sqrt()
    }

    /// Time that the workers spent in an operation, added up.
    pub(crate) fn spent(&self, op: Op) -> Duration {
        self.workers.iter().map(|w| w.ws.times().spent(op)).sum()
    }

    /// Bytes of gradients and activations.
    pub(crate) fn bytes(&self) -> u64 {
        self.workers.iter().map(|w| (w.ws.bytes() + w.grads.capacity() * size_of::<f32>()) as u64).sum()
    }

    /// The gradient that [`sum_gradients`](Self::sum_gradients) left.
    pub(crate) fn grads(&self) -> &[f32] {
        &self.workers[0].grads
    }
}

/// Adds the workers' gradients from `start` on to `sums`; the sums of the squares, a block each.
fn add_part(sums: &mut [f32], workers: &[Worker], start: usize) -> Vec<f64> {
    let blocks = sums.chunks_mut(NORM_BLOCK).enumerate();
    blocks
        .map(|(i, block)| {
            let at = start + i * NORM_BLOCK;
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    for worker in workers {
                        for (a, b) in block.iter_mut().zip(&worker.grads[at..]) {
                            *a += b;
                        }
                    }
                    let mut squares = [0.0f64; 8];
                    let (eights, rest) = block.as_chunks::<8>();
                    for eight in eights {
                        for (sum, x) in squares.iter_mut().zip(eight) {
                            *sum += f64::from(*x) * f64::from(*x);
                        }
                    }
                    squares.iter().sum::<f64>() + rest.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>()
                },
            )
        })
        .collect()
}
