//! Safetensors files written a stretch at a time, in shards.

use super::tensor_files::TensorInfo;
use crate::{CheckpointError, write_whole};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

const INDEX: &str = "model.safetensors.index.json";

/// One file.
#[derive(Debug)]
struct Shard {
    name: String,
    tensors: Vec<(String, TensorInfo)>,
}

impl Shard {
    fn bytes(&self) -> u64 {
        self.tensors.iter().map(|(_, info)| info.bytes()).sum()
    }

    /// The file's beginning: the header's length, and the header, padded so that the numbers are aligned.
    fn header(&self) -> Vec<u8> {
        let mut header = Map::new();
        header.insert("__metadata__".to_owned(), json!({ "format": "pt" }));
        let mut start = 0;
        for (name, info) in &self.tensors {
            let end = start + info.bytes();
            let entry = json!({ "dtype": info.format.name(), "shape": info.shape, "data_offsets": [start, end] });
            header.insert(name.clone(), entry);
            start = end;
        }
        let mut text = Value::Object(header).to_string();
        text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
        [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    }
}

/// Writes the tensors of a folder one after the other, in stretches of any length: `model.safetensors`, or, where there is
/// more than one file's worth, `model-00001-of-0000N.safetensors` and the index that names them. The files get their
/// names at the end, so that a folder never holds a part of a checkpoint that looks whole.
#[derive(Debug)]
pub struct TensorWriter {
    dir: PathBuf,
    shards: Vec<Shard>,
    /// The shard that is written, once it is begun.
    at: usize,
    open: Option<(File, u64)>,
}

impl TensorWriter {
    /// Begins a checkpoint of these tensors, in files of at most `most_bytes` of numbers, but a tensor is never cut.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn create(
        dir: &Path,
        mut tensors: Vec<(String, TensorInfo)>,
        most_bytes: u64,
    ) -> Result<TensorWriter, CheckpointError> {
        std::fs::create_dir_all(dir).map_err(|e| CheckpointError::io("make", dir, e))?;
        // The widest numbers first, so that all are aligned.
        tensors.sort_by_key(|(_, info)| std::cmp::Reverse(info.format.bytes()));
        let mut shards: Vec<Shard> = Vec::new();
        for tensor in tensors {
            match shards.last_mut() {
                Some(shard) if shard.bytes() + tensor.1.bytes() <= most_bytes => shard.tensors.push(tensor),
                _ => shards.push(Shard { name: String::new(), tensors: vec![tensor] }),
            }
        }
        let count = shards.len();
        for (i, shard) in shards.iter_mut().enumerate() {
            shard.name = match count {
                1 => "model.safetensors".to_owned(),
                _ => format!("model-{:05}-of-{count:05}.safetensors", i + 1),
            };
        }
        Ok(TensorWriter { dir: dir.to_owned(), shards, at: 0, open: None })
    }

    /// The tensors in the order in which they are to be written.
    pub fn order(&self) -> Vec<(String, TensorInfo)> {
        self.shards.iter().flat_map(|shard| shard.tensors.iter().cloned()).collect()
    }

    /// Writes the next bytes of the current tensor.
    ///
    /// # Errors
    /// The file can't be written.
    ///
    /// # Panics
    /// All tensors are written already, or the bytes reach beyond the end of a file.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        let shard = &self.shards[self.at];
        let path = part(&self.dir, &shard.name);
        let failed = |e| CheckpointError::io("write", &path, e);
        if self.open.is_none() {
            let mut file = File::create(&path).map_err(failed)?;
            file.write_all(&shard.header()).map_err(failed)?;
            self.open = Some((file, shard.bytes()));
        }
        let (file, left) = self.open.as_mut().expect("the file was opened above");
        *left = left.checked_sub(bytes.len() as u64).expect("the bytes are those of the tensors");
        file.write_all(bytes).map_err(failed)?;
        if *left == 0 {
            file.sync_all().map_err(failed)?;
            self.open = None;
            self.at += 1;
        }
        Ok(())
    }

    /// Gives the files their names, takes away the weights that lay there before, and writes the index if one is needed.
    ///
    /// # Errors
    /// A file can't be renamed, removed or written.
    ///
    /// # Panics
    /// A tensor isn't written yet.
    pub fn finish(self) -> Result<(), CheckpointError> {
        assert_eq!(self.at, self.shards.len(), "all tensors are written");
        remove_weights(&self.dir)?;
        for shard in &self.shards {
            let path = self.dir.join(&shard.name);
            std::fs::rename(part(&self.dir, &shard.name), &path).map_err(|e| CheckpointError::io("write", &path, e))?;
        }
        if self.shards.len() > 1 {
            let total: u64 = self.shards.iter().map(Shard::bytes).sum();
            let files =
                self.shards.iter().flat_map(|s| s.tensors.iter().map(|(name, _)| (name.clone(), s.name.clone())));
            let map: Map<String, Value> = files.map(|(name, file)| (name, Value::String(file))).collect();
            let index = json!({ "metadata": { "total_size": total }, "weight_map": map });
            write_whole(&self.dir.join(INDEX), &serde_json::to_vec_pretty(&index).expect("an index is plain JSON"))?;
        }
        Ok(())
    }
}

impl Drop for TensorWriter {
    /// Parts of files that were not finished are of no use to anyone.
    fn drop(&mut self) {
        for shard in &self.shards {
            let _ = std::fs::remove_file(part(&self.dir, &shard.name));
        }
    }
}

fn part(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.part"))
}

/// Removes the weights of a folder, which a reader would otherwise take for those of the new configuration.
fn remove_weights(dir: &Path) -> Result<(), CheckpointError> {
    let failed = |e| CheckpointError::io("read", dir, e);
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shard = name.strip_prefix("model-").and_then(|n| n.strip_suffix(".safetensors"));
        let numbered =
            shard.is_some_and(|n| n.contains("-of-") && n.chars().all(|c| c.is_ascii_digit() || "-of".contains(c)));
        if name == "model.safetensors" || name == INDEX || numbered {
            std::fs::remove_file(&path).map_err(|e| CheckpointError::io("remove", &path, e))?;
        }
    }
    Ok(())
}
