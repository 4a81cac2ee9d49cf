//! Training on the processor.

use crate::step::Workers;
use crate::{AdamW, EngineMaker, Gradient, StepEngine, TrainError, TrainSpec, TrainTensors, Update};
use phi_model::{Decoder, Op, PackedTokens, PhiConfig, product_peak};
use std::time::{Duration, Instant};

/// A run's weights and moments in memory, its arithmetic in f32 on `spec.threads` threads.
#[derive(Debug)]
pub struct CpuEngine {
    spec: TrainSpec,
    decoder: Decoder,
    optimiser: AdamW,
    workers: Workers,
    tensors: TrainTensors,
    summing: Duration,
    updating: Duration,
}

impl CpuEngine {
    /// An engine that goes on from these weights and moments.
    ///
    /// # Panics
    /// The tensors belong to another shape.
    pub fn new(config: &PhiConfig, spec: &TrainSpec, tensors: TrainTensors) -> CpuEngine {
        let decoder = Decoder::new(config);
        assert_eq!(tensors.params.len(), decoder.layout().len(), "the tensors must be the model's");
        let optimiser = AdamW::with_options(decoder.layout(), &spec.options);
        CpuEngine {
            spec: spec.clone(),
            decoder,
            optimiser,
            workers: Workers::new(spec),
            tensors,
            summing: Duration::ZERO,
            updating: Duration::ZERO,
        }
    }

    /// What makes one out of a run's tensors.
    pub fn maker<'a>(config: &'a PhiConfig, spec: &'a TrainSpec) -> Box<EngineMaker<'a>> {
        Box::new(move |tensors| Ok(Box::new(CpuEngine::new(config, spec, tensors))))
    }

    /// Where the time went so far, by operation: thread time of the decoder's operations, wall time of adding the threads'
    /// gradients up (`gradient_sum`) and of the optimiser (`adamw`).
    pub fn times(&self) -> Vec<(&'static str, Duration)> {
        let decoder = Op::ALL.map(|op| (op.name(), self.workers.spent(op)));
        decoder.into_iter().chain([("gradient_sum", self.summing), ("adamw", self.updating)]).collect()
    }
}

impl StepEngine for CpuEngine {
    fn config(&self) -> &PhiConfig {
        self.decoder.config()
    }

    fn gradient(&mut self, data: &PackedTokens, rows: &[usize], step: u64) -> Result<Gradient, TrainError> {
        let targets: usize = rows.iter().map(|&r| data.weights(r).iter().filter(|w| **w != 0).count()).sum();
        let scale = 1.0 / targets.max(1) as f64;
        let loss =
            self.workers.run(&self.decoder, &self.tensors.params, data, rows, Some((scale as f32, step))) * scale;
        let summing = Instant::now();
        let norm = self.workers.sum_gradients();
        self.summing += summing.elapsed();
        Ok(Gradient { loss, targets: targets as u64, norm })
    }

    fn update(&mut self, update: Update) -> Result<(), TrainError> {
        let updating = Instant::now();
        let Update { step, learning_rate, gradient_scale } = update;
        let TrainTensors { params, first, second } = &mut self.tensors;
        let grads = self.workers.grads();
        self.optimiser.update(&self.spec, step, learning_rate, gradient_scale, params, first, second, grads);
        self.updating += updating.elapsed();
        Ok(())
    }

    fn loss(&mut self, data: &PackedTokens) -> Result<f64, TrainError> {
        Ok(mean_loss(&self.decoder, &self.tensors.params, data, &mut self.workers))
    }

    fn weights(&mut self) -> Result<&[f32], TrainError> {
        Ok(&self.tensors.params)
    }

    fn tensors(&mut self) -> Result<&TrainTensors, TrainError> {
        Ok(&self.tensors)
    }

    /// Measured, which takes some hundredths of a second.
    fn peak_flops(&self) -> Option<f64> {
        Some(product_peak(self.spec.threads, Duration::from_millis(20)))
    }

    fn memory_bytes(&self) -> u64 {
        (self.tensors.params.len() * 3 * size_of::<f32>()) as u64 + self.workers.bytes()
    }
}

/// The loss a target on some rows, in nats.
pub(crate) fn mean_loss(decoder: &Decoder, params: &[f32], data: &PackedTokens, workers: &mut Workers) -> f64 {
    let rows: Vec<usize> = (0..data.num_rows()).collect();
    workers.run(decoder, params, data, &rows, None) / data.num_targets().max(1) as f64
}
