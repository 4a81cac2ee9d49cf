//! The Python functions of a user's task file (`!function module.name`). They run in the sandbox's CPython, on JSON: no files,
//! no network, and of modules only the standard library and those beside the task file.

use crate::SuiteError;
use crate::python::{dumps, python_literal};
use phi_sandbox::{FUEL_PER_SECOND, Limits, Outcome, Python, Sandbox, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const DRIVER: &str = include_str!("driver.py");
const DATASETS: &str = include_str!("datasets.py");

/// Stands around the answer in what the driver prints.
const SEPARATOR: char = '\u{1e}';

/// JSON that one program is given at most, in bytes; what is more goes into further programs.
const BATCH_BYTES: usize = 4 << 20;

/// What one program may use: ten minutes' computing, since it handles many documents.
const LIMITS: Limits = Limits {
    fuel: 600 * FUEL_PER_SECOND,
    memory_bytes: 3 << 30,
    stack_bytes: 16 << 20,
    output_bytes: 512 << 20,
    cpu_ms: 900_000,
};

/// The sandbox that functions run in, opened when the first of them is called.
#[derive(Clone)]
pub struct FunctionHost {
    cache_dir: PathBuf,
    sandbox: Arc<OnceLock<Result<Sandbox, String>>>,
}

impl std::fmt::Debug for FunctionHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionHost").field("cache_dir", &self.cache_dir).finish_non_exhaustive()
    }
}

impl FunctionHost {
    /// A host that keeps the interpreter's native code under `cache_dir`.
    #[must_use]
    pub fn new(cache_dir: PathBuf) -> Self {
        Self { cache_dir, sandbox: Arc::default() }
    }

    fn run(&self, program: &str) -> Result<Outcome, String> {
        let open = || Sandbox::new(Python::Cpython, &self.cache_dir).map_err(|error| error.to_string());
        Ok(self.sandbox.get_or_init(open).as_ref().map_err(Clone::clone)?.run(program, &LIMITS))
    }
}

/// The functions that lie beside one task file.
#[derive(Debug, Clone)]
pub struct Functions {
    host: FunctionHost,
    /// Module name to source.
    modules: Arc<BTreeMap<String, String>>,
}

/// What a function is called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// Nothing, once.
    Nothing,
    /// All documents of a split, once.
    Dataset,
    /// Each document.
    Document,
    /// Each document with its results; `pairs` where these are log-probabilities with whether they are greedy.
    Results {
        /// Whether results are tuples.
        pairs: bool,
    },
}

impl Functions {
    /// The modules in a folder.
    ///
    /// # Errors
    /// [`SuiteError::TaskFile`] where a module can't be read.
    pub fn of_folder(host: &FunctionHost, folder: &Path) -> Result<Self, SuiteError> {
        let mut modules = BTreeMap::from([("datasets".to_owned(), DATASETS.to_owned())]);
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "py")) {
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            let source = std::fs::read_to_string(&path).map_err(|error| SuiteError::TaskFile {
                file: path.display().to_string(),
                reason: format!("can't be read: {error}"),
            })?;
            modules.insert(name.to_owned(), source);
        }
        Ok(Self { host: host.clone(), modules: Arc::new(modules) })
    }

    /// Whether there is a module of this function's name. Whether it has the function is only known once it runs.
    #[must_use]
    pub fn has_module_of(&self, function: &str) -> bool {
        function.rsplit_once('.').is_some_and(|(module, _)| self.modules.contains_key(module))
    }

    /// What a function gives for each argument, in order.
    ///
    /// # Errors
    /// What Python says, with the line of the module, or how the sandbox ended it.
    pub(super) fn call(&self, function: &str, call: Call, arguments: &[Value]) -> Result<Vec<Value>, String> {
        if matches!(call, Call::Nothing | Call::Dataset) {
            return self.call_once(function, call, arguments);
        }
        let mut answers = Vec::with_capacity(arguments.len());
        let mut rest = arguments;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |argument: &&Value| {
                bytes += argument.to_string().len();
                bytes <= BATCH_BYTES
            };
            let (batch, after) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            let given = self.call_once(function, call, batch)?;
            if given.len() != batch.len() {
                return Err(format!("{} answers came back for {} documents", given.len(), batch.len()));
            }
            answers.extend(given);
            rest = after;
        }
        Ok(answers)
    }

    fn call_once(&self, function: &str, call: Call, arguments: &[Value]) -> Result<Vec<Value>, String> {
        let (kind, pairs) = match call {
            Call::Nothing => ("none", false),
            Call::Dataset => ("dataset", false),
            Call::Document => ("document", false),
            Call::Results { pairs } => ("results", pairs),
        };
        let request = json!({
            "modules": *self.modules, "function": function, "kind": kind, "pairs": pairs, "arguments": arguments,
        });
        // The request is a text of JSON inside Python's source: numbers of any size and any character come through.
        let text = python_literal(&dumps(&Value::from(request.to_string())));
        let outcome = self.host.run(&format!("{DRIVER}_main(json.loads({text}))\n"))?;
        if let Some(reason) = failure(&outcome) {
            return Err(reason);
        }
        let answer = outcome.stdout.split(SEPARATOR).nth(1).ok_or("it ended before its answer was written")?;
        serde_json::from_str(answer).map_err(|error| format!("its answer isn't JSON: {error}"))
    }
}

/// How a program ended, if not well. The driver has put exception and place together.
fn failure(outcome: &Outcome) -> Option<String> {
    match &outcome.verdict {
        Verdict::Passed => None,
        Verdict::Failed { exception, message, .. } if exception == "FunctionError" => Some(message.clone()),
        Verdict::Unsupported { module } => Some(format!(
            "it imports {module:?}; only the standard library and the modules beside the task file are there"
        )),
        other => Some(other.detail()),
    }
}
