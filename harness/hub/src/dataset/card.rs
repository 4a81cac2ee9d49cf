//! The front matter of a data set's README: which files make up which configuration.

use super::patterns;
use serde::Deserialize;

/// What the card says of configurations.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Card {
    #[serde(default)]
    configs: Vec<Config>,
}

/// One configuration.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(default = "default_name")]
    config_name: String,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    data_dir: Option<String>,
    #[serde(default)]
    data_files: Option<DataFiles>,
}

/// Patterns of files.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum DataFiles {
    /// One for the split `train`.
    One(String),
    /// By split.
    Splits(Vec<SplitFiles>),
    /// Several for the split `train`.
    Several(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct SplitFiles {
    split: String,
    path: OneOrSeveral,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl OneOrSeveral {
    fn patterns(&self) -> &[String] {
        match self {
            Self::One(pattern) => std::slice::from_ref(pattern),
            Self::Several(patterns) => patterns,
        }
    }
}

fn default_name() -> String {
    "default".to_owned()
}

impl Card {
    /// Reads the YAML between the first two lines of dashes; a text without any says nothing.
    pub fn parse(readme: &str) -> Result<Self, String> {
        let mut lines = readme.trim_start_matches('\u{feff}').lines();
        if lines.next().map(str::trim_end) != Some("---") {
            return Ok(Self::default());
        }
        let yaml: String = lines.take_while(|line| line.trim_end() != "---").flat_map(|line| [line, "\n"]).collect();
        if yaml.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_norway::from_str(&yaml).map_err(|error| format!("its front matter can't be read: {error}"))
    }

    pub fn is_empty(&self) -> bool {
        self.configs.is_empty()
    }

    pub fn names(&self) -> Vec<String> {
        self.configs.iter().map(|config| config.config_name.clone()).collect()
    }

    /// The configuration of this name; without a name the default one, or the only one.
    pub fn config(&self, name: Option<&str>) -> Option<&Config> {
        match name {
            Some(name) => self.configs.iter().find(|config| config.config_name == name),
            None => self
                .configs
                .iter()
                .find(|config| config.default)
                .or_else(|| self.configs.iter().find(|config| config.config_name == "default"))
                .or_else(|| self.configs.first().filter(|_| self.configs.len() == 1)),
        }
    }
}

impl Config {
    /// The files of a split, out of all files of the repository.
    pub fn files(&self, split: &str, all: &[String]) -> Vec<String> {
        let below = self.data_dir.as_deref().map(|dir| format!("{}/", dir.trim_matches('/'))).unwrap_or_default();
        let inside: Vec<String> = all.iter().filter(|file| file.starts_with(&below)).cloned().collect();
        let matching = |globs: &[String]| {
            let globs: Vec<String> =
                globs.iter().map(|glob| format!("{below}{}", glob.trim_start_matches("./"))).collect();
            patterns::matching(&globs, all)
        };
        match &self.data_files {
            None => patterns::by_name(split, &inside),
            Some(DataFiles::Splits(splits)) => splits
                .iter()
                .filter(|files| files.split == split)
                .flat_map(|files| matching(files.path.patterns()))
                .collect(),
            Some(DataFiles::One(glob)) if split == "train" => matching(std::slice::from_ref(glob)),
            Some(DataFiles::Several(globs)) if split == "train" => matching(globs),
            Some(_) => Vec::new(),
        }
    }

    /// Every split that it has.
    pub fn splits(&self, all: &[String]) -> Vec<String> {
        match &self.data_files {
            None => patterns::splits(all),
            Some(DataFiles::Splits(splits)) => splits.iter().map(|files| files.split.clone()).collect(),
            Some(_) => vec!["train".to_owned()],
        }
    }
}
