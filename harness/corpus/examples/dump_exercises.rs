//! Writes the generated splits, textbooks and the embedded code as JSON lines into a folder, unverified: for tuning and
//! for looking at.
//!
//! `cargo run -p phi-corpus --example dump_exercises -- FOLDER [SEED] [TRAIN] [HELDOUT] [TEXTBOOKS]`

use std::path::PathBuf;

use phi_corpus::{generate_exercises, generate_textbooks, stdlib_sources, write_jsonl};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("usage: dump_exercises FOLDER [SEED] [TRAIN] [HELDOUT] [TEXTBOOKS]")?);
    let mut number = |default: u64| args.next().map_or(Ok(default), |text| text.parse::<u64>());
    let (seed, train, heldout, textbooks) = (number(0)?, number(12_000)?, number(400)?, number(6_000)?);
    std::fs::create_dir_all(&folder)?;
    let set = generate_exercises(seed, train as usize, heldout as usize);
    write_jsonl(&folder.join("train.jsonl"), &set.train)?;
    write_jsonl(&folder.join("heldout.jsonl"), &set.heldout)?;
    write_jsonl(&folder.join("textbooks.jsonl"), &generate_textbooks(seed, textbooks as usize))?;
    write_jsonl(&folder.join("code.jsonl"), &stdlib_sources()?)?;
    Ok(())
}
