//! A training run that can be cut off at any moment and gone on with.

use crate::{
    Control, CpuEngine, Progress, StepEngine, TrainError, TrainPoint, TrainProgress, TrainSpec, TrainState,
    TrainTensors, train,
};
use phi_model::{Checkpoint, PackedTokens, ParamLayout, PhiConfig};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Makes the engine of a run out of its tensors, new or resumed.
pub type EngineMaker<'a> = dyn FnOnce(TrainTensors) -> Result<Box<dyn StepEngine>, TrainError> + 'a;

/// A run over one state file, which is written now and then, and read when the run is opened again.
pub struct ResumableRun<'a> {
    spec: &'a TrainSpec,
    engine: Box<dyn StepEngine>,
    progress: TrainProgress,
    snapshot: PathBuf,
    save_every: Duration,
}

impl<'a> ResumableRun<'a> {
    /// [`open_on`](Self::open_on) the processor.
    ///
    /// # Errors
    /// As there.
    pub fn open<S: Into<TrainTensors>, E: From<TrainError>>(
        spec: &'a TrainSpec,
        config: &PhiConfig,
        snapshot: &Path,
        save_every: Duration,
        start: impl FnOnce() -> Result<S, E>,
    ) -> Result<ResumableRun<'a>, E> {
        ResumableRun::open_on(CpuEngine::maker(config, spec), spec, config, snapshot, save_every, start)
    }

    /// A run from where `snapshot` stands, or from `start` where there is no such file, on an engine that is made for it.
    ///
    /// # Errors
    /// The file belongs to another model or is damaged; `start` failed, or the engine can't be made.
    pub fn open_on<S: Into<TrainTensors>, E: From<TrainError>>(
        make: Box<EngineMaker<'_>>,
        spec: &'a TrainSpec,
        config: &PhiConfig,
        snapshot: &Path,
        save_every: Duration,
        start: impl FnOnce() -> Result<S, E>,
    ) -> Result<ResumableRun<'a>, E> {
        let TrainState { tensors, progress } = if snapshot.exists() {
            TrainState::load(snapshot, &ParamLayout::new(config))?
        } else {
            TrainState::starting(start()?.into())
        };
        let engine = make(tensors)?;
        Ok(ResumableRun { spec, engine, progress, snapshot: snapshot.to_owned(), save_every })
    }

    /// Trains to the end. `after_step` is lent curve and engine after every step, and says whether to go on; the state is saved when
    /// it says no, and whenever the time has come.
    ///
    /// # Errors
    /// As [`train`].
    pub fn train<E: From<TrainError>>(
        &mut self,
        data: &PackedTokens,
        validation: &PackedTokens,
        mut after_step: impl FnMut(&Progress, &[TrainPoint], &mut dyn StepEngine) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut saved = Instant::now();
        let mut control = |progress: &Progress, curve: &[TrainPoint], engine: &mut dyn StepEngine| {
            Ok::<_, E>(if !after_step(progress, curve, engine)? {
                Control::Stop
            } else if saved.elapsed() >= self.save_every {
                saved = Instant::now();
                Control::Save
            } else {
                Control::Continue
            })
        };
        let (engine, snapshot) = (self.engine.as_mut(), &self.snapshot);
        train(self.spec, engine, &mut self.progress, data, validation, snapshot, &mut control)
    }

    /// How far it has come.
    pub fn progress(&self) -> &TrainProgress {
        &self.progress
    }

    /// What computes it.
    pub fn engine(&mut self) -> &mut dyn StepEngine {
        self.engine.as_mut()
    }

    /// The model as it is now.
    ///
    /// # Errors
    /// The device failed.
    pub fn checkpoint(&mut self) -> Result<Checkpoint, TrainError> {
        let config = self.engine.config().clone();
        Ok(Checkpoint::from_flat(&config, self.engine.weights()?))
    }

    /// Saves the state of a run that is new, so that there is one to fall back on from the beginning.
    ///
    /// # Errors
    /// The state file can't be written, or the device failed.
    pub fn save_beginning(&mut self) -> Result<(), TrainError> {
        if self.snapshot.exists() {
            return Ok(());
        }
        let layout = ParamLayout::new(self.engine.config());
        self.engine.tensors()?.save(&self.progress, &self.snapshot, &layout)
    }

    /// The last model that is known to be good, for a run that diverged: as it was last saved.
    ///
    /// # Errors
    /// The state file can't be read.
    pub fn last_good(&self) -> Result<Checkpoint, TrainError> {
        let config = self.engine.config();
        let TrainTensors { params, .. } = TrainState::load(&self.snapshot, &ParamLayout::new(config))?.tensors;
        Ok(Checkpoint::from_flat(config, &params))
    }
}
