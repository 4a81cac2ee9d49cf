//! GGUF files (llama.cpp's `docs/gguf.md`, versions 2 and 3), mapped; weights stay quantised.

mod reader;

use super::safetensors::map_file;
use super::source::wrong;
use super::{Format, Matrix, RawTensor, TensorSource};
use crate::CheckpointError;
use reader::Reader;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A value of the file's metadata.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    List(Vec<Value>),
}

#[derive(Debug)]
struct Entry {
    /// Outermost dimension first.
    shape: Vec<usize>,
    kind: u32,
    /// From the beginning of the file.
    offset: usize,
}

/// A GGUF file.
#[derive(Debug)]
pub(crate) struct GgufFile {
    path: PathBuf,
    map: Arc<memmap2::Mmap>,
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, Entry>,
}

impl GgufFile {
    /// Reads a file's header.
    ///
    /// # Errors
    /// The file is missing, isn't a GGUF file, or ends too early.
    pub(crate) fn open(path: &Path) -> Result<GgufFile, CheckpointError> {
        let map = map_file(path)?;
        let (metadata, tensors) =
            parse(&map).map_err(|reason| CheckpointError::Gguf { path: path.to_owned(), reason })?;
        Ok(GgufFile { path: path.to_owned(), map, metadata, tensors })
    }

    /// A value of the metadata.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// A whole number of the metadata.
    pub(crate) fn size(&self, key: &str) -> Result<Option<usize>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Unsigned(n)) if usize::try_from(*n).is_ok() => Ok(usize::try_from(*n).ok()),
            Some(Value::Signed(n)) if usize::try_from(*n).is_ok() => Ok(usize::try_from(*n).ok()),
            Some(_) => Err(format!("{key} is not a whole number")),
        }
    }

    /// A number of the metadata.
    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Float(x)) => Ok(Some(*x)),
            Some(Value::Unsigned(n)) => Ok(Some(*n as f64)),
            Some(Value::Signed(n)) => Ok(Some(*n as f64)),
            Some(_) => Err(format!("{key} is not a number")),
        }
    }

    /// A text of the metadata.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{key} is not a text")),
        }
    }

    /// Whether there is a tensor of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The shape of a tensor, outermost dimension first.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.tensors.get(name)?.shape)
    }
}

type Header = (BTreeMap<String, Value>, BTreeMap<String, Entry>);

fn parse(bytes: &[u8]) -> Result<Header, String> {
    let mut reader = Reader::new(bytes);
    if reader.take(4)? != b"GGUF" {
        return Err("it doesn't begin with GGUF".into());
    }
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(format!("it has version {version}; 2 and 3 can be read"));
    }
    let (num_tensors, num_values) = (reader.u64()?, reader.u64()?);
    let mut metadata = BTreeMap::new();
    for _ in 0..num_values {
        let key = reader.text()?;
        let value = reader.value()?;
        metadata.insert(key, value);
    }
    let mut tensors = BTreeMap::new();
    for _ in 0..num_tensors {
        let name = reader.text()?;
        let dims = reader.u32()?;
        if dims > 4 {
            return Err(format!("tensor {name} has {dims} dimensions"));
        }
        let mut shape = (0..dims).map(|_| reader.size()).collect::<Result<Vec<_>, _>>()?;
        shape.reverse();
        let entry = Entry { shape, kind: reader.u32()?, offset: reader.size()? };
        tensors.insert(name, entry);
    }
    let alignment = match metadata.get("general.alignment") {
        Some(Value::Unsigned(n @ 1..=65536)) => *n as usize,
        None => 32,
        Some(_) => return Err("general.alignment is not usable".into()),
    };
    let data = reader.position().next_multiple_of(alignment);
    for (name, entry) in &mut tensors {
        entry.offset = entry.offset.checked_add(data).ok_or_else(|| format!("tensor {name} lies nowhere"))?;
    }
    Ok((metadata, tensors))
}

/// The number format by its number in `ggml.h`, and its name there.
fn format_of(kind: u32) -> Result<Format, String> {
    Ok(match kind {
        0 => Format::F32,
        1 => Format::F16,
        2 => Format::Q4_0,
        3 => Format::Q4_1,
        6 => Format::Q5_0,
        7 => Format::Q5_1,
        8 => Format::Q8_0,
        12 => Format::Q4K,
        13 => Format::Q5K,
        14 => Format::Q6K,
        30 => Format::Bf16,
        _ => {
            return Err(format!(
                "has ggml type {kind}; F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K can be read"
            ));
        }
    })
}

impl TensorSource for GgufFile {
    fn path(&self, _name: &str) -> PathBuf {
        self.path.clone()
    }

    fn get(&self, name: &str) -> Result<Option<RawTensor>, CheckpointError> {
        let Some(entry) = self.tensors.get(name) else { return Ok(None) };
        let fail = |reason: String| wrong(self, name, reason);
        let format = format_of(entry.kind).map_err(fail)?;
        let rows = entry.shape.first().copied().unwrap_or(1);
        let cols = entry.shape.iter().skip(1).try_fold(1usize, |n, d| n.checked_mul(*d));
        let cols = cols.ok_or_else(|| fail("has an impossible shape".into()))?;
        // A vector is one row, so that its blocks lie along it.
        let (rows, cols) = if entry.shape.len() == 1 { (1, rows) } else { (rows, cols) };
        if !cols.is_multiple_of(format.block_len()) {
            return Err(fail(format!(
                "has rows of {cols} numbers, which are not whole blocks of {}",
                format.block_len()
            )));
        }
        let len = cols.checked_div(format.block_len()).and_then(|n| n.checked_mul(format.block_bytes()));
        let len = len.and_then(|n| n.checked_mul(rows));
        let end = len.and_then(|n| n.checked_add(entry.offset)).filter(|end| *end <= self.map.len());
        let end = end.ok_or_else(|| CheckpointError::Gguf {
            path: self.path.clone(),
            reason: format!("tensor {name} reaches beyond the file's end"),
        })?;
        let matrix = Matrix::mapped(&self.map, entry.offset..end, format, rows, cols);
        let matrix = matrix.ok_or_else(|| fail("has a shape that its bytes don't fill".into()))?;
        Ok(Some(RawTensor { shape: entry.shape.clone(), matrix }))
    }
}
