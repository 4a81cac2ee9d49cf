//! `phi-bench corpus convert`.

use super::input_flags::{InputFlags, speed, tell_skipped};
use crate::exit::Exit;
use crate::printer;
use clap::Args;
use phi_corpus::documents::{SkipLog, Writer, for_each};
use std::path::PathBuf;
use std::time::Instant;

/// Writes a corpus in another format: a folder as one file, JSON lines as parquet, and so on.
///
/// JSON lines keep all their fields from one .jsonl to another; .parquet has the columns id, kind, source and text.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus convert src/ code.jsonl.zst
  phi-bench corpus convert code.jsonl.gz code.parquet
  phi-bench corpus convert @stdlib stdlib.jsonl")]
pub struct Convert {
    #[command(flatten)]
    input: InputFlags,
    /// The file to write; its ending says the format: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.
    output: PathBuf,
}

impl Convert {
    pub fn run(self) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let reader = self.input.open()?;
        let mut out = Writer::create(&self.output)?;
        let mut log = SkipLog::beside(&self.output);
        let (mut documents, mut bytes) = (0u64, 0u64);
        for_each(
            reader,
            |_| (),
            |result| match result {
                Ok((record, ())) => {
                    documents += 1;
                    bytes += record.document.text.len() as u64;
                    out.write(&record)
                }
                Err(skip) => log.add(&skip),
            },
        )?;
        out.finish()?;
        tell_skipped(&log);
        printer::line(format!("{documents} documents in {} ({})", self.output.display(), speed(bytes, start)));
        Ok(Exit::Fine)
    }
}
