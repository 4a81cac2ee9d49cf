//! The branch `refs/convert/parquet`, on which the hub keeps data sets converted to parquet: `CONFIG/SPLIT/0000.parquet`.

use crate::{Hub, HubError, Repo, Snapshot};

/// The branch, where the repository has one.
pub(super) fn branch(hub: &Hub, repo: &Repo) -> Result<Option<Snapshot>, HubError> {
    match hub.snapshot(&repo.clone().at("refs/convert/parquet")?) {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(HubError::NotFound { .. } | HubError::Offline { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Configuration and split of a file; a split too large to be converted whole has a prefix, and isn't one.
fn place(file: &str) -> Option<(&str, &str)> {
    let mut parts = file.split('/');
    let (config, split, name) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && name.ends_with(".parquet") && !split.starts_with("partial-")).then_some((config, split))
}

pub(super) fn configs(files: &[String]) -> Vec<String> {
    distinct(files.iter().filter_map(|file| place(file)).map(|(config, _)| config))
}

pub(super) fn splits(config: &str, files: &[String]) -> Vec<String> {
    distinct(files.iter().filter_map(|file| place(file)).filter(|place| place.0 == config).map(|(_, split)| split))
}

pub(super) fn files(config: &str, split: &str, files: &[String]) -> Vec<String> {
    files.iter().filter(|file| place(file) == Some((config, split))).cloned().collect()
}

/// Without repetitions; the files are sorted.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.dedup();
    names
}
