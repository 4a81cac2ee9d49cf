//! How a program ended.

use serde::{Deserialize, Serialize};

/// How a program ended, what it wrote, and what it used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// What it wrote to standard output. Text after the last flush is lost if the sandbox ended the program.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// The fuel it used: the same for the same program, whatever else the machine does.
    pub fuel_used: u64,
    /// The most linear memory it had, interpreter included, in bytes.
    pub peak_memory_bytes: u64,
    /// How long it took, in milliseconds: instance, program, clean-up.
    pub wall_ms: f64,
}

/// How a program ended. Only [`Verdict::Passed`] is a right answer; [`Verdict::Fault`] says nothing about the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It ran to its end.
    Passed,
    /// An exception ended it.
    Failed {
        /// The exception's class, such as `AssertionError`.
        exception: String,
        /// `str()` of the exception.
        message: String,
        /// The traceback, with the program's own lines.
        traceback: String,
    },
    /// It isn't Python.
    SyntaxError {
        /// What the compiler said, and where.
        message: String,
    },
    /// It used up its instructions.
    FuelExhausted,
    /// It wanted more memory than its limit.
    OutOfMemory,
    /// It used up the native stack.
    StackOverflow,
    /// It ended itself, by `sys.exit` or `os._exit`, before its test had run to its end.
    Exited {
        /// The exit code.
        code: i32,
    },
    /// It wrote too much.
    OutputLimit,
    /// The backstop by processor time ended it.
    TimedOut,
    /// It wanted a module that the sandbox doesn't have.
    Unsupported {
        /// The module.
        module: String,
    },
    /// The sandbox failed. Never to be scored as a wrong answer.
    Fault {
        /// What failed.
        reason: String,
    },
}

impl Verdict {
    /// The verdict's name in machine-readable output, such as `fuel_exhausted`.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed { .. } => "failed",
            Verdict::SyntaxError { .. } => "syntax_error",
            Verdict::FuelExhausted => "fuel_exhausted",
            Verdict::OutOfMemory => "out_of_memory",
            Verdict::StackOverflow => "stack_overflow",
            Verdict::Exited { .. } => "exited",
            Verdict::OutputLimit => "output_limit",
            Verdict::TimedOut => "timed_out",
            Verdict::Unsupported { .. } => "unsupported",
            Verdict::Fault { .. } => "fault",
        }
    }

    /// Whether the program is right.
    pub fn passed(&self) -> bool {
        matches!(self, Verdict::Passed)
    }

    /// One line for people.
    pub fn detail(&self) -> String {
        let line = match self {
            Verdict::Passed => "passed".to_owned(),
            Verdict::Failed { exception, message, .. } if message.is_empty() => exception.clone(),
            Verdict::Failed { exception, message, .. } => format!("{exception}: {message}"),
            Verdict::SyntaxError { message } => format!("syntax error: {message}"),
            Verdict::FuelExhausted => "used up its instructions".to_owned(),
            Verdict::OutOfMemory => "wanted more memory than its limit".to_owned(),
            Verdict::StackOverflow => "used up the native stack".to_owned(),
            Verdict::Exited { code } => format!("exited with code {code} before its end"),
            Verdict::OutputLimit => "wrote more than its limit".to_owned(),
            Verdict::TimedOut => "stopped by the backstop of processor time".to_owned(),
            Verdict::Unsupported { module } => format!("the sandbox has no module {module:?}"),
            Verdict::Fault { reason } => format!("the sandbox failed: {reason}"),
        };
        line.replace(['\n', '\r'], " ")
    }
}
