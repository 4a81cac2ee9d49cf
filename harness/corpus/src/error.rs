//! What can go wrong with a corpus, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of a JSON lines file is not such a record.
    #[error("{}, line {line}: not a record of the expected form ({source}); mend or remove the line", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A record has no text.
    #[error("{}, line {line}: no field `text` or `content`; rename the field that holds the source code", path.display())]
    NoText {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// A folder given as a corpus holds no Python.
    #[error(
        "no Python files below {}: give a folder that holds .py files, or a JSON lines file with a field `text` or \
         `content`, or leave the corpus out to use the embedded Python standard library",
        path.display()
    )]
    NoPython {
        /// Which folder or file.
        path: PathBuf,
    },
    /// The text doesn't fill two rows.
    #[error(
        "{} holds too little text: it doesn't fill two rows of {seq_len} tokens, one to train on and one to validate with; \
         give more text or shorter rows",
        path.display()
    )]
    TooLittle {
        /// Which folder or file.
        path: PathBuf,
        /// Tokens of a row.
        seq_len: usize,
    },
    /// A compressed file ends too early or holds something else.
    #[error(
        "{} is damaged at line {line} ({source}): it was cut short or changed; fetch or write it again", path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The line, from 1, that could not be read.
        line: usize,
        /// What the decoder said.
        source: io::Error,
    },
    /// A parquet file can't be read or written.
    #[error("{}: not a parquet file that can be used ({reason})", path.display())]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// A parquet file of another schema.
    #[error("{} has no column `{wanted}`; its columns are {columns}; name the one that holds the text with --text-field", path.display())]
    NoTextColumn {
        /// Which file.
        path: PathBuf,
        /// The columns that were looked for.
        wanted: String,
        /// Those that there are.
        columns: String,
    },
    /// A file whose ending says nothing.
    #[error(
        "{}: documents are kept in files that end in .jsonl, .jsonl.gz, .jsonl.zst or .parquet (to read also .py, or a \
         folder of such files); rename it or name another",
        path.display()
    )]
    UnknownFormat {
        /// Which file.
        path: PathBuf,
    },
    /// A corpus without documents.
    #[error("{input} holds no documents ({skipped} passed over); give a file or folder that holds some")]
    NoDocuments {
        /// What was opened.
        input: String,
        /// Lines or files that weren't documents.
        skipped: u64,
    },
    /// Scores that belong to other documents.
    #[error(
        "none of the {scores} scores in {} belongs to a document of {input}, by id and text; label this corpus, or give its own scores",
        path.display()
    )]
    ForeignScores {
        /// The file of scores.
        path: PathBuf,
        /// The corpus.
        input: String,
        /// How many scores the file holds.
        scores: usize,
    },
    /// A file of scores by somebody else.
    #[error(
        "{} holds scores by {other}, and {labeller} can't go on with them; write to another file with --out, or remove it",
        path.display()
    )]
    OtherLabeller {
        /// The file of scores.
        path: PathBuf,
        /// Who wrote it.
        other: String,
        /// Who wanted to.
        labeller: String,
    },
    /// A language model that labels or writes.
    #[error(transparent)]
    Teacher(#[from] crate::teacher::TeacherError),
    /// Ctrl-C or SIGTERM.
    #[error("stopped; the same command goes on where it was")]
    Interrupted,
    /// Packed tokens can't be read or written.
    #[error(transparent)]
    Tokens(#[from] phi_model::CheckpointError),
    /// Packed rows of another length than wanted.
    #[error(
        "{} holds rows of {found} tokens, not of {wanted}; pass --seq-len {found}, or pack the corpus anew", path.display()
    )]
    OtherRows {
        /// The folder.
        path: PathBuf,
        /// Tokens of its rows.
        found: usize,
        /// Tokens that were asked for.
        wanted: usize,
    },
    /// A classifier could not be trained or used.
    #[error("classifier: {0}")]
    Classifier(String),
    /// The sources embedded in the program could not be unpacked.
    #[error("the embedded Python sources are damaged ({0}); rebuild the program")]
    Embedded(String),
    /// The grammar could not fill a split.
    #[error(
        "only {found} of {wanted} {split} exercises could be generated; ask for fewer or another mix of difficulties"
    )]
    TooFewExercises {
        /// `training` or `held-out`.
        split: &'static str,
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// The tokenizer could not be trained, loaded or used.
    #[error("tokenizer: {0}")]
    Tokenizer(String),
    /// The sandbox failed, which says nothing about the exercise.
    #[error("the sandbox could not run {task_id}: {reason}")]
    Sandbox {
        /// Which exercise.
        task_id: String,
        /// Why.
        reason: String,
    },
}

impl CorpusError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_path_buf(), source }
    }
}
