//! Which files of a data set's repository make up a split, as the library `datasets` decides it: by the card's `configs`,
//! by the hub's own conversion to parquet, or by the files' names.

mod card;
mod converted;
mod patterns;

use crate::{Hub, HubError, Repo, Snapshot};
use card::Card;
use std::path::PathBuf;

/// A split of a data set on the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetSplit {
    /// The repository.
    pub repo: Repo,
    /// The configuration, where the set has several.
    pub config: Option<String>,
    /// `train`, `validation`, `test` ...
    pub split: String,
}

/// Why a split's files can't be had.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The repository or a file of it can't be had.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The set isn't what was asked for.
    #[error("the {repo} of the hub: {reason}")]
    Set {
        /// The repository.
        repo: Repo,
        /// What is wrong, and what there is.
        reason: String,
    },
}

/// The kinds of file that can be read as records.
const FORMATS: &[&str] = &[".parquet", ".jsonl", ".json", ".csv", ".tsv", ".jsonl.gz", ".json.gz", ".csv.gz"];

impl DatasetSplit {
    /// Fetches its files, in the order of their records.
    ///
    /// # Errors
    /// The set has no such configuration or split, its files are of a kind that can't be read, or can't be fetched.
    pub fn files(&self, hub: &Hub) -> Result<Vec<PathBuf>, DatasetError> {
        let snapshot = hub.snapshot(&self.repo)?;
        let (snapshot, files) = self.find(hub, snapshot)?;
        let unread: Vec<&String> = files.iter().filter(|file| !is_readable(file)).collect();
        if let Some(file) = unread.first() {
            return Err(self.wrong(format!("{file} is of a kind that can't be read; {} can", FORMATS.join(", "))));
        }
        if let Some(missing) = patterns::missing_part(&files) {
            let reason = format!("the split {} isn't whole here: {missing} is missing", self.split);
            return Err(self.wrong(reason));
        }
        files.iter().map(|file| Ok(snapshot.file(file)?)).collect()
    }

    /// The files' names, and the commit that they are in.
    fn find(&self, hub: &Hub, snapshot: Snapshot) -> Result<(Snapshot, Vec<String>), DatasetError> {
        let card = self.card(&snapshot)?;
        if let Some(config) = card.config(self.config.as_deref()) {
            let files = config.files(&self.split, snapshot.files());
            return match files {
                files if files.is_empty() => Err(self.no_split(&config.splits(snapshot.files()))),
                files => Ok((snapshot, files)),
            };
        }
        let has_script = snapshot.files().iter().any(|file| is_script(file, self.repo.id()));
        if self.config.is_some() || has_script || !card.is_empty() {
            if let Some(converted) = converted::branch(hub, &self.repo)? {
                return self.find_converted(converted, &card);
            }
            if !card.is_empty() {
                return Err(self.no_config(&card.names()));
            }
            if has_script {
                let reason = "it is a Python script, which isn't run here, and the hub has no conversion to parquet";
                return Err(self.wrong(reason.to_owned()));
            }
        }
        let files = patterns::by_name(&self.split, snapshot.files());
        if files.is_empty() {
            return Err(self.no_split(&patterns::splits(snapshot.files())));
        }
        Ok((snapshot, files))
    }

    fn find_converted(&self, snapshot: Snapshot, card: &Card) -> Result<(Snapshot, Vec<String>), DatasetError> {
        let configs = converted::configs(snapshot.files());
        let config = match &self.config {
            Some(name) => configs.iter().find(|config| *config == name),
            None => {
                configs.iter().find(|config| *config == "default").or(configs.first().filter(|_| configs.len() == 1))
            }
        };
        let Some(config) = config else {
            let mut names = card.names();
            names.extend(configs.iter().cloned());
            names.sort_unstable();
            names.dedup();
            return Err(self.no_config(&names));
        };
        let files = converted::files(config, &self.split, snapshot.files());
        if files.is_empty() {
            return Err(self.no_split(&converted::splits(config, snapshot.files())));
        }
        Ok((snapshot, files))
    }

    fn card(&self, snapshot: &Snapshot) -> Result<Card, DatasetError> {
        if !snapshot.has("README.md") {
            return Ok(Card::default());
        }
        let path = snapshot.file("README.md")?;
        let text = std::fs::read(&path).map_err(HubError::io("read", &path))?;
        Card::parse(&String::from_utf8_lossy(&text)).map_err(|reason| self.wrong(format!("README.md: {reason}")))
    }

    fn wrong(&self, reason: String) -> DatasetError {
        DatasetError::Set { repo: self.repo.clone(), reason }
    }

    fn no_split(&self, there: &[String]) -> DatasetError {
        self.wrong(format!("it has no split {}{}", self.split, listed(there)))
    }

    fn no_config(&self, there: &[String]) -> DatasetError {
        let what = self.config.as_ref().map_or_else(
            || "it has several configurations, and none is named (dataset_name)".to_owned(),
            |config| format!("it has no configuration {config}"),
        );
        self.wrong(format!("{what}{}", listed(there)))
    }
}

fn listed(there: &[String]) -> String {
    if there.is_empty() { String::new() } else { format!("; there are {}", there.join(", ")) }
}

pub(crate) fn is_readable(file: &str) -> bool {
    FORMATS.iter().any(|end| file.ends_with(end))
}

/// Whether a file is the loading script of a repository: `super_glue.py` in `aps/super_glue`.
fn is_script(file: &str, id: &str) -> bool {
    let name = id.rsplit('/').next().unwrap_or(id);
    file.strip_suffix(".py").is_some_and(|stem| stem.eq_ignore_ascii_case(name))
}
