//! The corpus that a subcommand reads, and what it says of it.

use crate::printer;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_corpus::documents::{Input, ReadOptions, Reader, SkipLog};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Which documents are read, and on how many threads.
#[derive(Debug, Args)]
pub struct InputFlags {
    /// The corpus: a .jsonl (.gz, .zst) or .parquet file, a folder, or @stdlib. Files beside it are named after it; those of
    /// @stdlib are called stdlib.* and lie in the working folder.
    input: Input,
    /// Field or column that holds the text [default: text, else content].
    #[arg(long, value_name = "NAME")]
    text_field: Option<String>,
    /// Longest document in KiB; longer ones are passed over and counted.
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = RangedU64ValueParser::<u64>::new().range(1..=1 << 20))]
    max_document_kb: u64,
    /// Threads [default: the number of cores]. Results don't depend on it.
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    jobs: Option<usize>,
}

impl InputFlags {
    /// Opens the corpus; what works on it later runs on `--jobs` threads.
    ///
    /// # Errors
    /// It can't be opened.
    pub fn open(&self) -> anyhow::Result<Reader> {
        // A second corpus of the same run finds the threads there already.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.unwrap_or(0)).build_global();
        let options = ReadOptions { text_field: self.text_field.clone(), max_bytes: self.max_document_kb << 10 };
        Ok(Reader::open(&self.input, options)?)
    }

    /// The corpus.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The name that files beside the corpus begin with: its own, or `stdlib` in the working folder.
    pub fn stem(&self) -> PathBuf {
        match &self.input {
            Input::Stdlib => PathBuf::from("stdlib"),
            Input::Path(path) => path.clone(),
        }
    }
}

/// Says what was passed over, and where it is listed.
pub fn tell_skipped(log: &SkipLog) {
    if let Some(path) = log.path() {
        let reasons: Vec<String> = log.counts.0.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        printer::note(format!("passed over: {} (listed in {})", reasons.join(", "), path.display()));
    }
}

/// A share as text.
pub fn percent(part: u64, whole: u64) -> String {
    format!("{:.2} %", 100.0 * part as f64 / whole.max(1) as f64)
}

/// How fast something went, as text.
pub fn speed(bytes: u64, since: Instant) -> String {
    let seconds = since.elapsed().as_secs_f64();
    format!("{:.1} MB in {seconds:.2} s, {:.1} MB/s", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds.max(1e-9))
}

/// The tokenizer of a file or of a model's folder.
///
/// # Errors
/// It can't be read.
pub fn tokenizer(path: &Path) -> anyhow::Result<phi_corpus::Tokenizer> {
    let file = if path.is_dir() { path.join("tokenizer.json") } else { path.to_path_buf() };
    Ok(phi_corpus::load_tokenizer(&file)?)
}
