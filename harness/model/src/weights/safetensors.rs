//! Safetensors files of a folder, one or several, mapped.

use super::source::wrong;
use super::{Format, Matrix, RawTensor, TensorSource};
use crate::CheckpointError;
use safetensors::tensor::{Dtype, SafeTensors, TensorInfo};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where one tensor lies.
#[derive(Debug)]
struct Entry {
    file: usize,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Range<usize>,
}

/// The tensors of a folder.
#[derive(Debug)]
pub(crate) struct SafetensorsFolder {
    dir: PathBuf,
    files: Vec<(PathBuf, Arc<memmap2::Mmap>)>,
    entries: BTreeMap<String, Entry>,
}

/// Opens `model.safetensors`, or the files that `model.safetensors.index.json` names.
///
/// # Errors
/// A file is missing or isn't whole, or the index can't be read.
pub(crate) fn open_folder(dir: &Path) -> Result<SafetensorsFolder, CheckpointError> {
    let mut folder = SafetensorsFolder { dir: dir.to_owned(), files: Vec::new(), entries: BTreeMap::new() };
    for path in weight_files(dir)? {
        folder.add(path)?;
    }
    Ok(folder)
}

/// `model.safetensors`, or the files that `model.safetensors.index.json` names where there is none.
pub(super) fn weight_files(dir: &Path) -> Result<Vec<PathBuf>, CheckpointError> {
    let index = dir.join("model.safetensors.index.json");
    let single = dir.join("model.safetensors");
    let names = if !single.exists() && index.exists() { shards(&index)? } else { vec!["model.safetensors".to_owned()] };
    Ok(names.into_iter().map(|name| dir.join(name)).collect())
}

/// The files that an index names, each once.
fn shards(index: &Path) -> Result<Vec<String>, CheckpointError> {
    let text = std::fs::read_to_string(index).map_err(|e| CheckpointError::io("read", index, e))?;
    let wrong = |reason: String| CheckpointError::Config { path: index.to_owned(), reason };
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let map = json["weight_map"].as_object().ok_or_else(|| wrong("it has no weight_map".into()))?;
    let names: BTreeSet<&str> = map.values().filter_map(serde_json::Value::as_str).collect();
    // A name is a file of this folder, never a way out of it.
    if let Some(name) = names.iter().find(|n| Path::new(n).components().count() != 1 || n.starts_with("..")) {
        return Err(wrong(format!("weight_map names {name:?}, which is not a file of this folder")));
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

impl SafetensorsFolder {
    /// The files, sorted by name.
    pub(crate) fn files(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.files.iter().map(|(path, _)| path.clone())
    }

    fn add(&mut self, path: PathBuf) -> Result<(), CheckpointError> {
        let map = map_file(&path)?;
        let (data, tensors) = header(&map, &path)?;
        for (name, info) in tensors {
            let bytes = data + info.data_offsets.0..data + info.data_offsets.1;
            let entry = Entry { file: self.files.len(), dtype: info.dtype, shape: info.shape.clone(), bytes };
            self.entries.insert(name, entry);
        }
        self.files.push((path, map));
        Ok(())
    }
}

/// Where the numbers of a file begin, and its tensors; their offsets count from there.
///
/// # Errors
/// The file isn't whole.
pub(super) fn header(map: &[u8], path: &Path) -> Result<(usize, HashMap<String, TensorInfo>), CheckpointError> {
    let broken = |reason: String| CheckpointError::Weights { path: path.to_owned(), reason };
    let (header, metadata) = SafeTensors::read_metadata(map).map_err(|e| broken(e.to_string()))?;
    let tensors = metadata.tensors().into_iter().map(|(name, info)| (name, info.clone())).collect();
    Ok((header + 8, tensors))
}

/// Maps a file for reading.
pub(super) fn map_file(path: &Path) -> Result<Arc<memmap2::Mmap>, CheckpointError> {
    let file = std::fs::File::open(path).map_err(|e| CheckpointError::io("read", path, e))?;
    // SAFETY: the map is only read, as plain numbers; a file that another process changes meanwhile gives wrong
    // numbers, which is what any reader of a file under change gets.
    let map = unsafe { memmap2::Mmap::map(&file) }.map_err(|e| CheckpointError::io("read", path, e))?;
    Ok(Arc::new(map))
}

impl TensorSource for SafetensorsFolder {
    fn path(&self, name: &str) -> PathBuf {
        match self.entries.get(name) {
            Some(entry) => self.files[entry.file].0.clone(),
            None if self.files.len() == 1 => self.files[0].0.clone(),
            None => self.dir.join("model.safetensors.index.json"),
        }
    }

    fn get(&self, name: &str) -> Result<Option<RawTensor>, CheckpointError> {
        let Some(entry) = self.entries.get(name) else { return Ok(None) };
        let format = match entry.dtype {
            Dtype::F32 => Format::F32,
            Dtype::F16 => Format::F16,
            Dtype::BF16 => Format::Bf16,
            other => return Err(wrong(self, name, format!("has type {other:?}; F32, F16 and BF16 can be read"))),
        };
        let rows = entry.shape.first().copied().unwrap_or(1);
        let cols = entry.shape.iter().skip(1).product();
        let matrix = Matrix::mapped(&self.files[entry.file].1, entry.bytes.clone(), format, rows, cols);
        let matrix = matrix.ok_or_else(|| wrong(self, name, "has a shape that its bytes don't fill".into()))?;
        Ok(Some(RawTensor { shape: entry.shape.clone(), matrix }))
    }
}
