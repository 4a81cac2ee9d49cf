//! The flags that say where tasks come from besides the built-in ones.

use clap::Args;
use phi_sandbox::default_cache_dir;
use phi_suites::{FunctionHost, SuiteError, TaskLibrary};
use std::path::PathBuf;

/// Where a user's own tasks lie.
#[derive(Debug, Args)]
pub struct TaskFlags {
    /// Folder of your own tasks: lm-evaluation-harness task files (*.yaml), in it and below. May be given several times.
    /// Their Python functions run in the sandbox.
    #[arg(long, value_name = "DIR")]
    include_path: Vec<PathBuf>,
}

impl TaskFlags {
    /// The built-in tasks and those of the folders.
    ///
    /// # Errors
    /// A task file can't be read or taken.
    pub fn library(&self) -> Result<TaskLibrary, SuiteError> {
        TaskLibrary::new(&self.include_path, FunctionHost::new(default_cache_dir()))
    }
}

/// The built-in tasks.
pub fn builtin_library() -> TaskLibrary {
    TaskLibrary::builtin(FunctionHost::new(default_cache_dir()))
}
