//! Which stores a command looks into, and which run a word on its command line means.

use crate::exit::UsageError;
use crate::run_source::STORE;
use phi_reports::{Keep, Store, is_lm_eval, read_lm_eval};
use std::path::{Path, PathBuf};

/// Where `ablate` puts its output folders.
pub const DEFAULT: &str = "phi-bench-out";

/// A run, and the store that it lies in.
pub struct FoundRun {
    pub store: Store,
    pub key: String,
}

/// The stores at a path: a store, an output folder that has one, or the output folders in a folder; sorted.
///
/// # Errors
/// There is none.
pub fn stores(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if path.join(STORE).is_file() {
        return Ok(vec![path.join(STORE)]);
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut stores: Vec<PathBuf> = entries.map(|e| e.path().join(STORE)).filter(|p| p.is_file()).collect();
    anyhow::ensure!(
        !stores.is_empty(),
        "there is no run store in {}: `phi-bench ablate` makes one ({STORE}) in each output folder; name another folder with \
         --store",
        path.display()
    );
    stores.sort();
    Ok(stores)
}

/// The run that a word means: a folder or store (its latest run), results of `eval --output-path`, a folder's name in the
/// place, the beginning of a run's key, or a run's name.
///
/// # Errors
/// It means none, or several.
pub fn find(word: &str, place: &Path) -> anyhow::Result<FoundRun> {
    let path = Path::new(word);
    if path.exists() {
        return at_path(path);
    }
    let own = place.join(word).join(STORE);
    if place.is_dir() && own.is_file() {
        let store = Store::open_existing(&own)?;
        if let Some(key) = store.latest_key()? {
            return Ok(FoundRun { store, key });
        }
    }
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    for path in stores(place)? {
        let keys = Store::open_existing(&path)?.find(word)?;
        found.extend(keys.into_iter().map(|key| (path.clone(), key)));
    }
    match found.as_slice() {
        [] => anyhow::bail!(
            "no run in {} has a key that begins with {word:?}, or that name; `phi-bench runs list` lists them",
            place.display()
        ),
        [(path, key)] => Ok(FoundRun { store: Store::open_existing(path)?, key: key.clone() }),
        several => {
            let list: Vec<String> = several
                .iter()
                .map(|(path, key)| format!("{} in {}", &key[..key.len().min(16)], path.display()))
                .collect();
            let is_one_run = several.iter().all(|(_, key)| *key == several[0].1);
            let remedy = if is_one_run { "name one store with --store" } else { "give more of the key" };
            Err(UsageError(format!("{word:?} means {} runs: {}; {remedy}", several.len(), list.join(", "))).into())
        }
    }
}

fn at_path(path: &Path) -> anyhow::Result<FoundRun> {
    let store = if path.is_dir() { path.join(STORE) } else { path.to_path_buf() };
    if !store.is_file() || (path.is_file() && is_lm_eval(path)) {
        let run = read_lm_eval(path, Keep::Texts)?;
        let mut store = Store::in_memory()?;
        store.save_run(&run)?;
        return Ok(FoundRun { store, key: run.key });
    }
    let opened = Store::open_existing(&store)?;
    match opened.latest_key()? {
        Some(key) => Ok(FoundRun { store: opened, key }),
        None => anyhow::bail!("{} holds no run yet; let `phi-bench ablate` come to its end first", store.display()),
    }
}
