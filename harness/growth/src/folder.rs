//! Growth from folder to folder, a tensor at a time.

use crate::config::large_config;
use crate::depth::layer_sources;
use crate::plan::GrowthPlan;
use crate::rows::Sources;
use crate::small_tensor::{Numbers, SmallTensor};
use crate::{Blueprint, DepthRule, Growth, GrowthError, Method, Shape, Split, TensorSpec, Weights};
use phi_model::{
    ArchitectureFacts, CheckpointError, FloatFormat, Tensor, TensorFiles, TensorInfo, TensorWriter, write_whole,
};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Numbers that are made and written at a time.
const BATCH: usize = 1 << 23;

/// What goes along with the weights and has nothing to do with their sizes.
const COMPANIONS: [&str; 9] = [
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "chat_template.jinja",
];

/// The folder of a model in the Hugging Face layout. Its weights stay on the disk.
#[derive(Debug)]
pub struct ModelFolder {
    dir: PathBuf,
    config: Value,
    blueprint: Blueprint,
    files: TensorFiles,
}

/// Where a growth from folder to folder stands, in bytes of the large model's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Written so far.
    pub bytes: u64,
    /// In all.
    pub of: u64,
}

/// Asked now and then whether to go on.
pub type GoOn<'a> = dyn FnMut(Written) -> bool + 'a;

impl ModelFolder {
    /// Opens a folder: `config.json`, and `model.safetensors` or its shards and their index.
    ///
    /// # Errors
    /// A file is missing or broken, the family can't be grown, or the configuration and the weights disagree.
    pub fn open(dir: &Path) -> Result<ModelFolder, GrowthError> {
        let (facts, config) = ArchitectureFacts::load(&dir.join("config.json"))?;
        let blueprint = Blueprint::of_model(&facts)?;
        let files = TensorFiles::open(dir)?;
        let tensors = blueprint.tensors();
        for spec in &tensors {
            files.require(&spec.name, &spec.shape(blueprint.shape()))?;
        }
        let known: std::collections::HashSet<&str> = tensors.iter().map(|t| t.name.as_str()).collect();
        // Old files hold the rotary frequencies, and some a tied head; both follow from the rest.
        let follows =
            |name: &str| name.ends_with("rotary_emb.inv_freq") || (blueprint.is_tied() && name == "lm_head.weight");
        if let Some(name) = files.names().find(|name| !known.contains(name) && !follows(name)) {
            let (path, family) = (files.path(name), facts.family.clone());
            return Err(GrowthError::Superfluous { path, name: name.to_owned(), family });
        }
        Ok(ModelFolder { dir: dir.to_owned(), config, blueprint, files })
    }

    /// What the model looks like.
    pub fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    /// Whether some of its numbers are in half precision, in which noise and shares are rounded.
    pub fn is_half_precision(&self) -> bool {
        self.files.names().any(|name| self.files.info(name).is_ok_and(|info| info.format != FloatFormat::F32))
    }

    /// Where it lies.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The blueprint of the model that it would be grown to.
    ///
    /// # Errors
    /// As [`check`](crate::check)'s, or the family can't have that shape.
    pub fn target(&self, target: &Shape, growth: &Growth) -> Result<Blueprint, GrowthError> {
        Ok(self.large(target, growth)?.1)
    }

    fn large(&self, target: &Shape, growth: &Growth) -> Result<(Value, Blueprint), GrowthError> {
        let configured = |factor| -> Result<(Value, Blueprint), GrowthError> {
            let layers = layer_sources(self.blueprint.shape().num_layers, target.num_layers, growth.depth);
            let config = large_config(&self.config, &self.blueprint, target, &layers, factor)?;
            let facts = ArchitectureFacts::of_config(&config).map_err(GrowthError::Target)?;
            Ok((config, Blueprint::of_model(&facts)?))
        };
        let (_, plain) = configured(1.0)?;
        crate::check(&self.blueprint, &plain, growth)?;
        configured(growth.epsilon_factor(&self.blueprint, &plain))
    }

    /// Grows the model into another folder, whose weights are in files of at most `most_bytes` of numbers. Each tensor
    /// keeps the number format that it has. Memory is that of the largest tensor, or of two of them for
    /// [`Method::Aki`].
    ///
    /// # Errors
    /// As [`target`](Self::target)'s; a file can't be read or written; or `go_on` said no
    /// ([`GrowthError::Interrupted`]).
    pub fn grow(
        &self,
        target: &Shape,
        growth: &Growth,
        dst: &Path,
        most_bytes: u64,
        go_on: &mut GoOn<'_>,
    ) -> Result<ModelFolder, GrowthError> {
        let (config, large) = self.large(target, growth)?;
        std::fs::create_dir_all(dst).map_err(|e| io("make", dst, e))?;
        let same = |a: &Path, b: &Path| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
        if same(&self.dir, dst) == Some(true) {
            return Err(GrowthError::SameFolder(dst.to_owned()));
        }
        let plan = GrowthPlan::new(&self.blueprint, &large, growth)?;
        let format = |spec: &TensorSpec| match plan.source_names(spec) {
            Some((own, _)) => Ok(self.files.info(&own)?.format),
            None => Ok(self.files.info(&self.blueprint.tensors()[0].name)?.format),
        };
        write_weights(&plan, &large, dst, Some(&self.files), &format, most_bytes, go_on)?;
        for file in COMPANIONS {
            let (from, to) = (self.dir.join(file), dst.join(file));
            if from.is_file() {
                std::fs::copy(&from, &to).map_err(|e| io("write", &to, e))?;
            }
        }
        write_config(dst, &config)?;
        ModelFolder::open(dst)
    }

    /// Writes a model of random weights, as [`Method::Scratch`] has them, for a configuration.
    ///
    /// # Errors
    /// The configuration isn't that of a model that can be grown, or a file can't be written.
    pub fn random(config: &Value, format: FloatFormat, seed: u64, dst: &Path) -> Result<ModelFolder, GrowthError> {
        let facts = ArchitectureFacts::of_config(config).map_err(GrowthError::Target)?;
        let blueprint = Blueprint::of_model(&facts)?;
        let growth =
            Growth { method: Method::Scratch, depth: DepthRule::Identity, snr_db: None, split: Split::Equal, seed };
        let plan = GrowthPlan::new(&blueprint, &blueprint, &growth)?;
        write_weights(&plan, &blueprint, dst, None, &|_| Ok(format), DEFAULT_SHARD_BYTES, &mut |_| true)?;
        write_config(dst, config)?;
        ModelFolder::open(dst)
    }
}

/// The size of files at most that transformers writes by default.
pub const DEFAULT_SHARD_BYTES: u64 = 5_000_000_000;

impl Weights for ModelFolder {
    fn blueprint(&self) -> Blueprint {
        self.blueprint.clone()
    }

    fn tensor(&self, name: &str) -> Result<Tensor, CheckpointError> {
        self.files.tensor(name)
    }
}

fn write_weights(
    plan: &GrowthPlan<'_>,
    large: &Blueprint,
    dst: &Path,
    files: Option<&TensorFiles>,
    format: &dyn Fn(&TensorSpec) -> Result<FloatFormat, GrowthError>,
    most_bytes: u64,
    go_on: &mut GoOn<'_>,
) -> Result<(), GrowthError> {
    let info = |spec: &TensorSpec| -> Result<_, GrowthError> {
        Ok((spec.name.clone(), TensorInfo { shape: spec.shape(large.shape()), format: format(spec)? }))
    };
    let tensors = plan.tensors().iter().map(info).collect::<Result<Vec<_>, _>>()?;
    let of = tensors.iter().map(|(_, info)| info.bytes()).sum();
    let index: HashMap<&str, usize> = plan.tensors().iter().enumerate().map(|(i, t)| (t.name.as_str(), i)).collect();
    let mut writer = TensorWriter::create(dst, tensors, most_bytes)?;
    let (mut written, mut numbers, mut bytes) = (0, Vec::new(), Vec::new());
    for (name, info) in writer.order() {
        let at = index[name.as_str()];
        let tensor = plan.tensor(at);
        let names = plan.source_names(&plan.tensors()[at]).filter(|_| tensor.reads());
        let source = |name: &str| -> Result<SmallTensor<'static>, GrowthError> {
            let files = files.expect("a plan that reads has files");
            let info = files.info(name)?;
            let cols = info.shape.get(1).copied().unwrap_or(1);
            Ok(SmallTensor { cols, numbers: Numbers::Bytes(info.format, files.bytes(name)?) })
        };
        let own = names.as_ref().map(|(own, _)| source(own)).transpose()?;
        let above = names.filter(|_| tensor.reads_above()).map(|(_, above)| source(&above)).transpose()?;
        let sources = Sources { own, above };
        let rows = tensor.begin(&sources);
        let cols = tensor.cols();
        let at_once = (BATCH / cols).max(1);
        for first in (0..tensor.rows.len()).step_by(at_once) {
            numbers.resize(at_once.min(tensor.rows.len() - first) * cols, 0.0);
            rows.make(first, &mut numbers);
            bytes.clear();
            info.format.narrow(&numbers, &mut bytes);
            writer.write(&bytes)?;
            written += bytes.len() as u64;
            if !go_on(Written { bytes: written, of }) {
                return Err(GrowthError::Interrupted);
            }
        }
    }
    Ok(writer.finish()?)
}

fn write_config(dst: &Path, config: &Value) -> Result<(), GrowthError> {
    let text = serde_json::to_vec_pretty(config).expect("a configuration is plain JSON");
    Ok(write_whole(&dst.join("config.json"), &text)?)
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> GrowthError {
    GrowthError::Checkpoint(CheckpointError::Io { action, path: path.to_owned(), source })
}
