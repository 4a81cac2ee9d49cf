//! All tasks, groups and tags that can be asked for by name: the built-in ones, and those of a user's folders.

use super::functions::Functions;
use super::source::TaskSource;
use super::{FunctionHost, GroupMetric, Task, TaskGroup, builtin};
use crate::SuiteError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Keys of a group's file that aren't settings of its tasks.
const GROUP_KEYS: [&str; 5] = ["group", "group_alias", "task", "aggregate_metric_list", "metadata"];

/// What can be evaluated by name.
#[derive(Debug, Clone)]
pub struct TaskLibrary {
    host: FunctionHost,
    tasks: BTreeMap<String, Entry>,
    groups: BTreeMap<String, TaskGroup>,
    tags: BTreeMap<String, Vec<String>>,
}

/// A user's task.
#[derive(Debug, Clone)]
struct Entry {
    source: TaskSource,
    folder: Option<PathBuf>,
}

impl TaskLibrary {
    /// The built-in tasks, and those of lm-evaluation-harness task files (`*.yaml`) in and below folders; a later file of the
    /// same name wins over a built-in task. `host` runs their Python functions.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] names the file that can't be read, or taken as a task or a group.
    pub fn new(folders: &[PathBuf], host: FunctionHost) -> Result<Self, SuiteError> {
        let mut library = Self { host, tasks: BTreeMap::new(), groups: BTreeMap::new(), tags: BTreeMap::new() };
        let mut groups = Vec::new();
        for folder in folders {
            let mut files = Vec::new();
            find(folder, &mut files)?;
            for file in files {
                let source = TaskSource::read(&file)?;
                match (source.keys.get("group"), source.keys.get("task")) {
                    (Some(Value::String(name)), _) => groups.push((name.clone(), file.clone(), source)),
                    (_, Some(Value::String(name))) => library.add(&name.clone(), file.parent(), source)?,
                    // What other files include, and no task by itself.
                    (None, None) => {}
                    _ => return Err(source.refuse(&["task"], "must be a name, or a list below a group")),
                }
            }
        }
        for (name, file, source) in groups {
            library.add_group(&name, file.parent(), &source, &source.keys.clone())?;
        }
        Ok(library)
    }

    /// The built-in tasks alone.
    #[must_use]
    pub fn builtin(host: FunctionHost) -> Self {
        Self { host, tasks: BTreeMap::new(), groups: BTreeMap::new(), tags: BTreeMap::new() }
    }

    /// The task of this name.
    ///
    /// # Errors
    /// [`SuiteError::UnknownTask`], or what is wrong with its file.
    pub fn task(&self, name: &str) -> Result<Task, SuiteError> {
        let Some(Entry { source, folder }) = self.tasks.get(name) else {
            return Task::builtin(name).map_err(|error| match error {
                SuiteError::UnknownTask { name, mut known } => {
                    known.extend(self.tasks.keys().chain(self.groups.keys()).chain(self.tags.keys()).cloned());
                    SuiteError::UnknownTask { name, known }
                }
                other => other,
            });
        };
        let folder = folder.as_deref();
        let functions = folder.map(|folder| Functions::of_folder(&self.host, folder)).transpose()?;
        Task::from_source(source.clone(), folder, functions)
    }

    /// The group of this name, if there is one.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<TaskGroup> {
        self.groups.get(name).cloned().or_else(|| TaskGroup::builtin(name))
    }

    /// The tasks that a name stands for: itself, or those of the group or the tag.
    #[must_use]
    pub fn members(&self, name: &str) -> Vec<String> {
        if self.tasks.contains_key(name) {
            return vec![name.to_owned()];
        }
        if let Some(group) = self.groups.get(name) {
            let mut names: Vec<String> = Vec::new();
            for member in group.tasks.iter().flat_map(|member| self.members(member)) {
                if !names.contains(&member) {
                    names.push(member);
                }
            }
            return names;
        }
        if let Some(tagged) = self.tags.get(name) {
            return tagged.clone();
        }
        TaskGroup::builtin(name).map_or_else(|| vec![name.to_owned()], |group| group.task_names())
    }

    /// The user's tasks, by name.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub fn own_tasks(&self) -> Result<Vec<Task>, SuiteError> {
        self.tasks.keys().map(|name| self.task(name)).collect()
    }

    /// The user's groups, by name.
    pub fn own_groups(&self) -> impl Iterator<Item = &TaskGroup> {
        self.groups.values()
    }

    /// The user's tags with the tasks that bear them, by name.
    pub fn own_tags(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.tags.iter()
    }

    fn add(&mut self, name: &str, folder: Option<&Path>, mut source: TaskSource) -> Result<(), SuiteError> {
        if source.keys.contains_key("class") {
            return Err(source.refuse(&["class"], "tasks that are Python classes aren't supported"));
        }
        if let Some(Entry { source: before, .. }) = self.tasks.get(name) {
            let reason = format!("the task {name:?} stands in {} too", before.file());
            return Err(source.refuse(&["task"], &reason));
        }
        // How the harness's own groups nest; it means nothing for a task by itself.
        source.keys.shift_remove("task_list");
        let tags = match source.keys.get("tag") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(several) => serde_json::from_value(several.clone()).unwrap_or_default(),
            None => Vec::new(),
        };
        for tag in tags {
            self.tags.entry(tag).or_default().push(name.to_owned());
        }
        self.tasks.insert(name.to_owned(), Entry { source, folder: folder.map(Path::to_owned) });
        Ok(())
    }

    /// A group of a file, or of the list of another group. Members with settings of their own become tasks named
    /// `group::member`.
    fn add_group(
        &mut self,
        name: &str,
        folder: Option<&Path>,
        source: &TaskSource,
        keys: &Map<String, Value>,
    ) -> Result<(), SuiteError> {
        let settings = |keys: &Map<String, Value>, without: &[&str]| -> Map<String, Value> {
            keys.iter()
                .filter(|(key, _)| !without.contains(&key.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        let of_all = settings(keys, &GROUP_KEYS);
        let members = match keys.get("task") {
            Some(Value::String(one)) => vec![Value::String(one.clone())],
            Some(Value::Array(several)) => several.clone(),
            _ => return Err(source.refuse(&["task"], "must be a list of the group's members")),
        };
        let mut tasks = Vec::new();
        for member in members {
            let (base, mut own) = match &member {
                Value::String(base) => (base.clone(), Map::new()),
                Value::Object(member) => match (member.get("group"), member.get("task")) {
                    (Some(Value::String(inner)), _) => {
                        let inner_name = format!("{name}::{inner}");
                        let mut inner_keys = of_all.clone();
                        inner_keys.extend(member.clone());
                        self.add_group(&inner_name, folder, source, &inner_keys)?;
                        tasks.push(inner_name);
                        continue;
                    }
                    (_, Some(Value::String(base))) => (base.clone(), settings(member, &["task"])),
                    _ => return Err(source.refuse(&["task"], "a member needs task or group")),
                },
                other => return Err(source.refuse(&["task"], &format!("{other} is no member"))),
            };
            let mut changed = of_all.clone();
            changed.append(&mut own);
            if changed.is_empty() {
                tasks.push(base);
                continue;
            }
            for task in self.members(&base) {
                let named = format!("{name}::{task}");
                let (mut entry, folder) = self.entry(&task, folder, source);
                entry.override_with(&changed, source);
                entry.override_with(&Map::from_iter([("task".to_owned(), named.clone().into())]), source);
                self.tasks.insert(named.clone(), Entry { source: entry, folder });
                tasks.push(named);
            }
        }
        let metrics = group_metrics(source, keys.get("aggregate_metric_list"))?;
        let title = keys.get("group_alias").and_then(Value::as_str).unwrap_or(name).to_owned();
        self.groups.insert(name.to_owned(), TaskGroup::of_user(name, title, metrics, tasks));
        Ok(())
    }

    /// What a member of a group is made of: a user's task, a built-in one, or nothing yet.
    fn entry(&self, task: &str, folder: Option<&Path>, group: &TaskSource) -> (TaskSource, Option<PathBuf>) {
        if let Some(Entry { source, folder }) = self.tasks.get(task) {
            return (source.clone(), folder.clone());
        }
        let folder = folder.map(Path::to_owned);
        (builtin::source(task).unwrap_or_else(|| group.without_keys()), folder)
    }
}

/// The metrics that a group puts together; a filter's name stands behind the metric's, as in scores.
fn group_metrics(source: &TaskSource, list: Option<&Value>) -> Result<Vec<GroupMetric>, SuiteError> {
    let list = match list {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
    };
    let refuse = |reason: &str| source.refuse(&["aggregate_metric_list"], reason);
    let mut metrics = Vec::new();
    for item in &list {
        let Some(metric) = item["metric"].as_str() else { return Err(refuse("an entry needs a metric")) };
        if item.get("aggregation").is_some_and(|it| it != "mean") {
            return Err(refuse("aggregation: only mean is supported"));
        }
        let known = ["metric", "aggregation", "weight_by_size", "filter_list"];
        if let Some(key) = item.as_object().into_iter().flat_map(Map::keys).find(|key| !known.contains(&key.as_str())) {
            return Err(refuse(&format!("{key} isn't supported")));
        }
        let filters = match item.get("filter_list") {
            None => vec!["none".to_owned()],
            Some(Value::String(one)) => vec![one.clone()],
            Some(several) => {
                serde_json::from_value(several.clone()).map_err(|_| refuse("filter_list must be a list of names"))?
            }
        };
        let weight_by_size = item.get("weight_by_size").and_then(Value::as_bool).unwrap_or(true);
        for filter in filters {
            let metric = if filter == "none" { metric.to_owned() } else { format!("{metric},{filter}") };
            metrics.push(GroupMetric { metric, weight_by_size });
        }
    }
    Ok(metrics)
}

/// Task files in and below a folder, by path.
fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), SuiteError> {
    let fault = |error: std::io::Error| SuiteError::TaskFile {
        file: folder.display().to_string(),
        reason: format!("can't be read: {error}"),
    };
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(fault)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "__pycache__" && name != ".ipynb_checkpoints" {
            find(&path, files)?;
        } else if path.extension().is_some_and(|it| it == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
