//! The safetensors files of a folder, read a tensor at a time.

use super::FloatFormat;
use super::safetensors::{header, map_file, weight_files};
use crate::{CheckpointError, Tensor};
use safetensors::tensor::Dtype;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What a tensor looks like in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// The lengths of its dimensions.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub format: FloatFormat,
}

impl TensorInfo {
    /// Numbers in it.
    pub fn numel(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> u64 {
        self.numel() as u64 * self.format.bytes() as u64
    }
}

#[derive(Debug)]
struct Entry {
    file: usize,
    dtype: Dtype,
    shape: Vec<usize>,
    start: u64,
    bytes: usize,
}

/// The tensors of a folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names. Only headers are
/// held; a tensor's numbers are read when it is asked for, by plain reads, so that the memory of a process that goes
/// through a checkpoint is that of its largest tensor.
#[derive(Debug)]
pub struct TensorFiles {
    dir: PathBuf,
    files: Vec<PathBuf>,
    entries: BTreeMap<String, Entry>,
}

impl TensorFiles {
    /// Reads the headers.
    ///
    /// # Errors
    /// A file is missing or isn't whole, or the index can't be read.
    pub fn open(dir: &Path) -> Result<TensorFiles, CheckpointError> {
        let mut all = TensorFiles { dir: dir.to_owned(), files: Vec::new(), entries: BTreeMap::new() };
        for path in weight_files(dir)? {
            all.add(path)?;
        }
        Ok(all)
    }

    fn add(&mut self, path: PathBuf) -> Result<(), CheckpointError> {
        let (data, tensors) = header(&map_file(&path)?, &path)?;
        for (name, info) in tensors {
            let (start, end) = info.data_offsets;
            let shape = info.shape.clone();
            let entry = Entry {
                file: self.files.len(),
                dtype: info.dtype,
                shape,
                start: (data + start) as u64,
                bytes: end - start,
            };
            self.entries.insert(name, entry);
        }
        self.files.push(path);
        Ok(())
    }

    /// The tensors' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The file that a tensor lies in, or should.
    pub fn path(&self, name: &str) -> PathBuf {
        match self.entries.get(name) {
            Some(entry) => self.files[entry.file].clone(),
            None if self.files.len() == 1 => self.files[0].clone(),
            None => self.dir.join("model.safetensors.index.json"),
        }
    }

    fn wrong(&self, name: &str, reason: impl Into<String>) -> CheckpointError {
        CheckpointError::Tensor { path: self.path(name), name: name.to_owned(), reason: reason.into() }
    }

    /// What a tensor looks like.
    ///
    /// # Errors
    /// There is none of this name, or its numbers aren't F32, F16 or BF16.
    pub fn info(&self, name: &str) -> Result<TensorInfo, CheckpointError> {
        let entry = self.entries.get(name).ok_or_else(|| self.wrong(name, "is missing"))?;
        let format = FloatFormat::of(entry.dtype)
            .ok_or_else(|| self.wrong(name, format!("has type {:?}; F32, F16 and BF16 can be read", entry.dtype)))?;
        Ok(TensorInfo { shape: entry.shape.clone(), format })
    }

    /// Checks that a tensor is there and has this shape.
    ///
    /// # Errors
    /// As [`info`](Self::info)'s, or it has another shape.
    pub fn require(&self, name: &str, shape: &[usize]) -> Result<TensorInfo, CheckpointError> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(self.wrong(name, format!("has shape {:?} instead of {shape:?}", info.shape)));
        }
        Ok(info)
    }

    /// A tensor's bytes, as they are stored.
    ///
    /// # Errors
    /// As [`info`](Self::info)'s, or the file can't be read.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, CheckpointError> {
        let entry = self.entries.get(name).ok_or_else(|| self.wrong(name, "is missing"))?;
        let path = &self.files[entry.file];
        let read = || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(entry.start))?;
            let mut bytes = vec![0; entry.bytes];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|e| CheckpointError::io("read", path, e))
    }

    /// A tensor, widened to f32.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes)'s.
    pub fn tensor(&self, name: &str) -> Result<Tensor, CheckpointError> {
        let info = self.info(name)?;
        let mut data = vec![0.0; info.numel()];
        info.format.widen(&self.bytes(name)?, &mut data);
        Ok(Tensor::new(info.shape, data))
    }
}
