//! The safetensors files of a folder, read a tensor at a time.

use super::FloatFormat;
use super::safetensors::weight_files;
use crate::{CheckpointError, Tensor};
use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A header of more bytes than this is refused, as the safetensors library does.
const MOST_HEADER_BYTES: u64 = 100_000_000;

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
        let broken = |reason: String| CheckpointError::Weights { path: path.clone(), reason };
        let read = |e: std::io::Error| CheckpointError::io("read", &path, e);
        let mut file = File::open(&path).map_err(read)?;
        let len = file.metadata().map_err(read)?.len();
        let mut header = vec![0; 8];
        file.read_exact(&mut header).map_err(|_| broken(format!("it has only {len} bytes")))?;
        let header_len = u64::from_le_bytes(header[..].try_into().expect("eight bytes were read"));
        if header_len > MOST_HEADER_BYTES || header_len + 8 > len {
            return Err(broken(format!("it has {len} bytes, where its header alone should have {header_len}")));
        }
        header.resize(8 + header_len as usize, 0);
        file.read_exact(&mut header[8..]).map_err(read)?;
        let (_, metadata) = SafeTensors::read_metadata(&header).map_err(|e| broken(e.to_string()))?;
        let data = 8 + header_len;
        let tensors = metadata.tensors();
        let whole = data + tensors.values().map(|t| t.data_offsets.1).max().unwrap_or(0) as u64;
        if len != whole {
            return Err(broken(format!("it has {len} bytes where its header speaks of {whole}")));
        }
        for (name, info) in tensors {
            let (start, end) = info.data_offsets;
            let shape = info.shape.clone();
            let entry = Entry {
                file: self.files.len(),
                dtype: info.dtype,
                shape,
                start: data + start as u64,
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
