//! Which files make up a split, for data sets of every shape that the hub has.

use crate::{hub, settings};
use phi_hub::{DatasetSplit, HubSettings, Repo};
use phi_loopback::{FakeHub, Reply};

/// The files of `CONFIG/SPLIT`, or the message.
fn files(repos: FakeHub, config: Option<&str>, split: &str) -> Result<Vec<String>, String> {
    let cache = tempfile::tempdir().unwrap();
    let server = repos.start(|_| None);
    let hub = hub(settings(&server, cache.path()));
    let set = split_of(config, split);
    let paths = set.files(&hub).map_err(|error| error.to_string())?;
    Ok(paths.iter().map(|path| path.to_str().unwrap().split("/snapshots/").nth(1).unwrap()[41..].to_owned()).collect())
}

fn split_of(config: Option<&str>, split: &str) -> DatasetSplit {
    DatasetSplit { repo: Repo::dataset("org/set").unwrap(), config: config.map(str::to_owned), split: split.to_owned() }
}

fn set(files: &[&str]) -> FakeHub {
    files.iter().fold(FakeHub::default(), |hub, file| hub.with("datasets/org/set", file, *file))
}

const CARD: &str = "---
license: mit
configs:
- config_name: easy
  data_files:
  - split: train
    path: easy/train-*
  - split: test
    path: [easy/test.jsonl, 'easy/more/**']
- config_name: hard
  default: true
  data_files: hard/*.csv
- config_name: by_folder
  data_dir: third
---
# A set
";

#[test]
fn the_card_says_which_files_make_up_a_configuration() {
    let set = || {
        set(&[
            "easy/train-00000-of-00002.parquet",
            "easy/train-00001-of-00002.parquet",
            "easy/test.jsonl",
            "easy/more/deep/x.jsonl",
            "hard/a.csv",
            "hard/deep/b.csv",
            "third/dev.jsonl",
            "third/test.jsonl",
        ])
        .with("datasets/org/set", "README.md", CARD)
    };
    let easy = files(set(), Some("easy"), "train").unwrap();
    assert_eq!(easy, ["easy/train-00000-of-00002.parquet", "easy/train-00001-of-00002.parquet"]);
    assert_eq!(files(set(), Some("easy"), "test").unwrap(), ["easy/test.jsonl", "easy/more/deep/x.jsonl"]);
    assert_eq!(files(set(), None, "train").unwrap(), ["hard/a.csv"], "the default one; * doesn't cross folders");
    assert_eq!(files(set(), Some("by_folder"), "validation").unwrap(), ["third/dev.jsonl"]);
    let error = files(set(), Some("easy"), "dev").unwrap_err();
    assert!(error.contains("no split dev; there are train, test"), "{error}");
    let error = files(set(), Some("medium"), "test").unwrap_err();
    assert!(error.contains("no configuration medium; there are easy, hard, by_folder"), "{error}");
}

#[test]
fn without_a_card_the_names_of_files_and_folders_say_it() {
    let sharded = ["data/train-00000-of-00001-abc.parquet", "data/test-00000-of-00001-def.parquet", "data/x.py"];
    assert_eq!(files(set(&sharded), None, "test").unwrap(), ["data/test-00000-of-00001-def.parquet"]);
    let named = ["dev.jsonl", "my-train-file.jsonl", "training_notes.md"];
    assert_eq!(files(set(&named), None, "validation").unwrap(), ["dev.jsonl"]);
    assert_eq!(files(set(&named), None, "train").unwrap(), ["my-train-file.jsonl"]);
    assert_eq!(files(set(&["eval/a.csv", "training/a.csv"]), None, "test").unwrap(), ["eval/a.csv"]);
    assert_eq!(files(set(&["a.json", "b.json"]), None, "train").unwrap(), ["a.json", "b.json"]);
    let error = files(set(&["a.json"]), None, "test").unwrap_err();
    assert!(error.contains("no split test; there are train"), "{error}");
}

#[test]
fn a_set_that_is_a_script_is_read_from_the_hub_s_own_conversion() {
    let script = || {
        set(&["set.py"])
            .with("datasets/org/set@refs/convert/parquet", "boolq/validation/0000.parquet", "b")
            .with("datasets/org/set@refs/convert/parquet", "copa/validation/0000.parquet", "c")
            .with("datasets/org/set@refs/convert/parquet", "copa/partial-train/0000.parquet", "c")
    };
    assert_eq!(files(script(), Some("copa"), "validation").unwrap(), ["copa/validation/0000.parquet"]);
    let error = files(script(), None, "validation").unwrap_err();
    assert!(error.contains("dataset_name") && error.contains("boolq, copa"), "{error}");
    let error = files(script(), Some("copa"), "train").unwrap_err();
    assert!(error.contains("no split train; there are validation"), "{error}");
    let error = files(set(&["set.py"]), None, "train").unwrap_err();
    assert!(error.contains("Python script"), "{error}");
}

#[test]
fn what_can_not_be_read_is_refused_by_name() {
    let card = "---\nconfigs:\n- config_name: default\n  data_files: x.arrow\n---\n";
    let error = files(set(&["x.arrow"]).with("datasets/org/set", "README.md", card), None, "train").unwrap_err();
    assert!(error.contains("x.arrow") && error.contains(".parquet"), "{error}");
    let card = "---\nconfigs: [1, 2\n---\n";
    let error = files(set(&["x.csv"]).with("datasets/org/set", "README.md", card), None, "train").unwrap_err();
    assert!(error.contains("README.md") && error.contains("front matter"), "{error}");
    let error = files(FakeHub::default(), None, "train").unwrap_err();
    assert!(error.contains("data set org/set") && error.contains("404"), "{error}");
}

#[test]
fn a_cache_with_a_part_of_a_split_is_not_taken_for_the_whole() {
    let cache = tempfile::tempdir().unwrap();
    let shards = ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"];
    let lost = |request: &phi_loopback::Request| request.path.contains("train-00001").then(|| Reply::new(418, "lost"));
    let server = set(&shards).start(lost);
    let online = settings(&server, cache.path());
    split_of(None, "train").files(&hub(online.clone())).unwrap_err();
    let offline = HubSettings { offline: true, ..online };
    let error = split_of(None, "train").files(&hub(offline.clone())).unwrap_err().to_string();
    assert!(error.contains("train-00001") && error.contains("HF_HUB_OFFLINE"), "{error}");
    // Another tool's cache has no list of files.
    std::fs::remove_dir_all(cache.path().join("datasets--org--set/phi-bench")).unwrap();
    let error = split_of(None, "train").files(&hub(offline)).unwrap_err().to_string();
    assert!(error.contains("isn't whole") && error.contains("train-00001-of-00002"), "{error}");
}
