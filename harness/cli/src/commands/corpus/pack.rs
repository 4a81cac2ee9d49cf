//! `phi-bench corpus pack`.

use super::input_flags::{InputFlags, speed, tell_skipped, tokenizer};
use crate::count_bar::CountBar;
use crate::exit::Exit;
use crate::{interrupt, printer};
use anyhow::Context;
use clap::Args;
use phi_corpus::documents::{Read, SkipLog};
use phi_corpus::{Tokenizer, pack_into, train_tokenizer};
use std::path::PathBuf;
use std::time::Instant;

/// Tokenises a corpus and packs it into rows, for `train --data OUTPUT`.
///
/// OUTPUT gets tokenizer.json, train.tokens and validation.tokens (mapped when they are used, not read into memory), and
/// pack.json. Work is kept in pieces: stopped or killed, the same command goes on, and a corpus that was changed is noticed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  phi-bench corpus pack kept.jsonl.zst --tokenizer run/model --seq-len 256 --out packed/
  phi-bench corpus pack code.parquet --vocab-size 4096 --out packed/
  phi-bench train --data packed/ --seq-len 256 --preset micro --out run/")]
pub struct Pack {
    #[command(flatten)]
    input: InputFlags,
    /// The folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Use this tokenizer.json, or this model's folder's; otherwise one is trained on the first 64 MB of text.
    #[arg(long, value_name = "PATH", conflicts_with = "vocab_size")]
    tokenizer: Option<PathBuf>,
    /// Entries of the tokenizer that is trained, at most.
    #[arg(long, value_name = "N", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(257..=65_536))]
    vocab_size: u32,
    /// Tokens of a row.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(8..=65_536))]
    seq_len: u32,
    /// Print what was packed as JSON.
    #[arg(long)]
    json: bool,
}

impl Pack {
    pub fn run(self) -> anyhow::Result<Exit> {
        let stop = interrupt::flag()?;
        let start = Instant::now();
        std::fs::create_dir_all(&self.out).with_context(|| format!("can't make {}", self.out.display()))?;
        let tokenizer = self.make_tokenizer()?;
        let mut log = SkipLog::beside(&self.out);
        let bar = CountBar::new();
        let reader = self.input.open()?;
        let packed = pack_into(&self.out, reader, &tokenizer, self.seq_len as usize, &mut log, &stop, &mut |bytes| {
            bar.say(format!("{} MB of text", bytes / 1_000_000));
        });
        bar.finish();
        let manifest = packed?;
        tell_skipped(&log);
        if self.json {
            printer::json(&manifest);
            return Ok(Exit::Fine);
        }
        printer::line(format!(
            "{} documents, {} tokens: {} rows of {} to train on, {} to validate with; {} of {} pieces were there",
            manifest.documents,
            manifest.tokens,
            manifest.train_rows,
            manifest.seq_len,
            manifest.validation_rows,
            manifest.pieces_kept,
            manifest.pieces
        ));
        printer::line(format!("packed {} into {}", speed(manifest.bytes, start), self.out.display()));
        Ok(Exit::Fine)
    }

    /// The tokenizer that was named, or one trained on the corpus: the same for the same text.
    fn make_tokenizer(&self) -> anyhow::Result<Tokenizer> {
        const MOST_BYTES: usize = 64 << 20;
        if let Some(path) = &self.tokenizer {
            return tokenizer(path);
        }
        let mut texts = vec![];
        let mut bytes = 0;
        for read in self.input.open()? {
            if let Read::Record(record) = read? {
                bytes += record.document.text.len();
                texts.push(record.document.text);
            }
            if bytes >= MOST_BYTES {
                break;
            }
        }
        printer::note(format!("training a tokenizer on {:.1} MB of text", bytes as f64 / 1e6));
        Ok(train_tokenizer(texts, self.vocab_size as usize)?)
    }
}
