//! A model's configuration and weights, in the Hugging Face layout on disk.

use crate::{CheckpointError, ParamLayout, PhiConfig, Tensor, TensorFiles};
use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// A model's configuration and weights. The tensors are those that the configuration asks for, no more and no less.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    config: PhiConfig,
    tensors: BTreeMap<String, Tensor>,
}

impl Checkpoint {
    /// A checkpoint of the given tensors.
    ///
    /// # Errors
    /// A sentence naming the first tensor that is missing, superfluous or of the wrong shape.
    pub fn new(config: PhiConfig, tensors: BTreeMap<String, Tensor>) -> Result<Checkpoint, String> {
        config.validate()?;
        let layout = ParamLayout::new(&config);
        for spec in layout.specs() {
            match tensors.get(&spec.name) {
                None => return Err(format!("tensor {} is missing", spec.name)),
                Some(t) if t.shape() != spec.shape => {
                    return Err(format!("tensor {} has shape {:?} instead of {:?}", spec.name, t.shape(), spec.shape));
                }
                Some(_) => {}
            }
        }
        if tensors.len() > layout.specs().len() {
            let known: std::collections::BTreeSet<_> = layout.specs().iter().map(|s| s.name.as_str()).collect();
            let extra = tensors.keys().find(|k| !known.contains(k.as_str()));
            return Err(format!("tensor {} does not belong to a Phi model", extra.map_or("?", |s| s)));
        }
        Ok(Checkpoint { config, tensors })
    }

    /// A checkpoint out of the flat buffer that training works on.
    pub fn from_flat(config: &PhiConfig, flat: &[f32]) -> Checkpoint {
        let layout = ParamLayout::new(config);
        assert_eq!(flat.len(), layout.len(), "the buffer must hold the model's parameters");
        let tensors = layout
            .specs()
            .iter()
            .map(|s| (s.name.clone(), Tensor::new(s.shape.clone(), flat[s.range.clone()].to_vec())))
            .collect();
        Checkpoint { config: config.clone(), tensors }
    }

    /// The flat buffer that training works on.
    pub fn to_flat(&self) -> Vec<f32> {
        let layout = ParamLayout::new(&self.config);
        let mut flat = Vec::with_capacity(layout.len());
        for spec in layout.specs() {
            flat.extend_from_slice(self.tensors[&spec.name].data());
        }
        flat
    }

    /// The shape of the model.
    pub fn config(&self) -> &PhiConfig {
        &self.config
    }

    /// The tensors by name, sorted.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    /// One tensor.
    ///
    /// # Panics
    /// The name isn't one of the configuration's.
    pub fn tensor(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("a Phi checkpoint has no tensor {name}"))
    }

    /// A hash of the configuration and all weights: the model's identity.
    pub fn content_hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.config.to_hugging_face().to_string());
        for (name, tensor) in &self.tensors {
            hasher.update(name);
            for x in tensor.data() {
                hasher.update(x.to_le_bytes());
            }
        }
        hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Reads `config.json` and the weights, one file or shards, from a folder; f32, f16 and bf16 weights become f32.
    ///
    /// # Errors
    /// A file is missing, truncated, or the two disagree.
    pub fn load(dir: &Path) -> Result<Checkpoint, CheckpointError> {
        let config = PhiConfig::load(&dir.join("config.json"))?;
        let files = TensorFiles::open(dir)?;
        let mut tensors = BTreeMap::new();
        for spec in ParamLayout::new(&config).specs() {
            files.require(&spec.name, &spec.shape)?;
            tensors.insert(spec.name.clone(), files.tensor(&spec.name)?);
        }
        Ok(Checkpoint { config, tensors })
    }

    /// Writes `config.json` and `model.safetensors` into a folder, which is made if need be. Each file appears whole
    /// or not at all.
    ///
    /// # Errors
    /// The folder or a file can't be written.
    pub fn save(&self, dir: &Path) -> Result<(), CheckpointError> {
        std::fs::create_dir_all(dir).map_err(|e| CheckpointError::io("make", dir, e))?;
        let config = serde_json::to_vec_pretty(&self.config.to_hugging_face()).expect("a config is plain JSON");
        write_whole(&dir.join("config.json"), &config)?;
        let bytes: BTreeMap<&str, (Vec<usize>, Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, t)| {
                (name.as_str(), (t.shape().to_vec(), t.data().iter().flat_map(|x| x.to_le_bytes()).collect()))
            })
            .collect();
        let views = bytes.iter().map(|(name, (shape, data))| {
            let view = TensorView::new(Dtype::F32, shape.clone(), data).expect("the data fills the shape");
            (*name, view)
        });
        let metadata = std::collections::HashMap::from([("format".to_owned(), "pt".to_owned())]);
        let file = safetensors::serialize(views, Some(metadata)).expect("f32 tensors can be serialised");
        write_whole(&dir.join("model.safetensors"), &file)
    }
}

/// Writes a file beside its final place, flushes it to the disk, and renames it: it appears whole or not at all.
///
/// # Errors
/// The file can't be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    use std::io::Write;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let write = || {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().map_err(|e| {
        let _ = std::fs::remove_file(&part);
        CheckpointError::io("write", path, e)
    })
}
